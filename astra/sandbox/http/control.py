"""The control API, `/_sandbox/...`: what other processes use to drive a sandbox. Not part of Astra."""

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from astra.sandbox.sandbox import Sandbox

Action = Callable[..., Any]


def actions_of(sandbox: "Sandbox") -> dict[str, Action]:
    """What can be asked for: each takes keyword arguments and gives JSON values."""

    def add_fault(**arguments: Any) -> dict[str, Any]:
        sandbox.faults.add(**arguments)
        return {"faults": len(sandbox.faults.held)}

    def create_user(**arguments: Any) -> dict[str, Any]:
        return {"id": sandbox.users.create(**arguments).id}

    def create_card(**arguments: Any) -> dict[str, Any]:
        return {"id": sandbox.cards.create(**arguments).id}

    def authorize(**arguments: Any) -> dict[str, Any]:
        return {"code": sandbox.authorize(**arguments)}

    def visit(**arguments: Any) -> dict[str, Any]:
        return {"url": sandbox.visit(**arguments)}

    def seed(**arguments: Any) -> dict[str, Any]:
        return {"users": [attrs.asdict(user) for user in sandbox.seed(**arguments)]}

    def advance(**arguments: float) -> dict[str, Any]:
        sandbox.advance(**arguments)
        return {"now": sandbox.clock()}

    def deliver_pending() -> dict[str, Any]:
        return {"attempts": len(sandbox.webhooks.deliver_pending())}

    return {
        "advance": advance,
        "authorize": authorize,
        "visit": visit,
        "seed": seed,
        "save": sandbox.save,
        "faults/add": add_fault,
        "faults/clear": sandbox.faults.clear,
        "requests/clear": sandbox.journal.clear,
        "users/create": create_user,
        "users/set_status": sandbox.users.set_status,
        "users/kill_access_token": sandbox.kill_access_token,
        "users/kill_refresh_tokens": sandbox.users.kill_refresh_tokens,
        "users/decide_phone_change": sandbox.users.decide_phone_change,
        "user_intents/set_status": sandbox.user_intents.set_status,
        "accounts/set_connection_status": sandbox.accounts.set_connection_status,
        "cards/create": create_card,
        "cards/set_status": sandbox.cards.set_status,
        "transfers/process": sandbox.transfers.process,
        "transfers/fail": sandbox.transfers.fail,
        "transfers/return": sandbox.transfers.return_,
        "transfers/charge_back": sandbox.transfers.charge_back,
        "transfers/update_chargeback": sandbox.transfers.update_chargeback,
        "payment_instruments/receive": sandbox.payment_instruments.receive,
        "quirks/set": sandbox.set_quirks,
        "webhooks/register": sandbox.webhooks.register,
        "webhooks/unregister": sandbox.webhooks.unregister,
        "webhooks/hold": sandbox.webhooks.hold,
        "webhooks/release": sandbox.webhooks.release,
        "webhooks/redeliver": sandbox.webhooks.redeliver,
        "webhooks/deliver_pending": deliver_pending,
    }


def views_of(sandbox: "Sandbox") -> dict[str, Callable[[], Any]]:
    """What can be looked at."""

    def info() -> dict[str, Any]:
        return {
            "url": sandbox.url,
            "secure_url": sandbox.secure_url,
            "client_id": sandbox.client_id,
            "client_secret": sandbox.client_secret,
            "redirect_uri": sandbox.redirect_uri,
            "client_business_profile_id": sandbox.client_business_profile_id,
            "now": sandbox.clock(),
        }

    def requests() -> list[dict[str, Any]]:
        names = ("time", "method", "path", "query", "operation", "status", "request_id", "user_id", "headers")
        return [{name: getattr(request, name) for name in names} for request in sandbox.requests]

    def refreshes() -> dict[str, int]:
        with sandbox.engine.lock:
            return {user.id: user.refreshes for user in sandbox.engine.state.users if user.refreshes}

    def events() -> list[dict[str, Any]]:
        return [{"time": event.time, **event.body} for event in sandbox.webhooks.events]

    return {
        "info": info,
        "counts": lambda: dict(sandbox.counts),
        "requests": requests,
        "refreshes": refreshes,
        "webhooks/events": events,
    }


def control_routes(sandbox: "Sandbox") -> list[Route]:
    """`POST /_sandbox/<action>` with JSON arguments, and `GET /_sandbox/<view>`."""
    actions, views = actions_of(sandbox), views_of(sandbox)

    async def act(request: Request) -> Response:
        action = actions.get(request.path_params["name"])
        if action is None:
            return JSONResponse({"error": "there is no such action", "actions": sorted(actions)}, status_code=404)
        raw = await request.body()
        try:
            arguments: dict[str, Any] = await request.json() if raw else {}
            inspect.signature(action).bind(**arguments)
            result = await run_in_threadpool(action, **arguments)
        except (TypeError, ValueError, KeyError, StopIteration) as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse({} if result is None else result)

    async def view(request: Request) -> Response:
        show = views.get(request.path_params["name"])
        if show is None:
            return JSONResponse({"error": "there is no such view", "views": sorted(views)}, status_code=404)
        return JSONResponse(await run_in_threadpool(show))

    return [
        Route("/_sandbox/{name:path}", act, methods=["POST"]),
        Route("/_sandbox/{name:path}", view, methods=["GET"]),
    ]
