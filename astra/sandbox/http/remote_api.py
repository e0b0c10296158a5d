"""The control API, `/_sandbox/...`: what other processes use to drive a sandbox. Not part of Astra."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from astra._json import is_object
from astra.errors import ConfigurationError
from astra.sandbox.codec import from_plain, to_plain
from astra.sandbox.controls.calling import Action, actions_of
from astra.sandbox.controls.root import SandboxControls
from astra.sandbox.engine.encoding import dumps, loads

log = logging.getLogger("astra.sandbox")
GROUPS = (
    "users",
    "user_intents",
    "accounts",
    "cards",
    "transfers",
    "payment_instruments",
    "faults",
    "webhooks",
)


def all_actions(controls: SandboxControls) -> dict[str, Action]:
    """Returns every action of a sandbox by name, such as "users/create"."""
    groups = [controls, *(getattr(controls, name) for name in GROUPS)]
    return {name: action for group in groups for name, action in actions_of(group)}


def answer(value: Any, *, status: int = 200) -> Response:
    """Returns a value as a response."""
    return Response(dumps(to_plain(value)), status, media_type="application/json")


def control_routes(actions: dict[str, Action]) -> list[Route]:
    """Returns the routes: `POST /_sandbox/<action>` with JSON arguments, and `GET /_sandbox/<view>`."""
    views = sorted(name for name, action in actions.items() if action.view)

    def told(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """Returns an endpoint that says so when it fails."""

        async def answering(request: Request) -> Response:
            try:
                return await endpoint(request)
            except HTTPException:
                raise
            except Exception:
                log.exception("the control API failed at %s", request.url.path)
                text = "The sandbox failed at this: the log of the sandbox says more."
                return answer({"error": text, "type": "ConfigurationError"}, status=500)

        return answering

    async def act(request: Request) -> Response:
        action = actions.get(request.path_params["name"])
        if action is None:
            return answer({"error": "there is no such action", "actions": sorted(actions)}, status=404)
        raw = await request.body()
        try:
            arguments: Any = from_plain(loads(raw or b"{}"))
            if not is_object(arguments):
                raise ValueError("the arguments are a JSON object")
            inspect.signature(action.run).bind(**arguments)
            result = await run_in_threadpool(action.run, **action.read(arguments))
        except (ConfigurationError, TypeError, ValueError) as error:
            return answer({"error": str(error), "type": type(error).__name__}, status=400)
        return answer(result)

    async def view(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in views:
            why = "there is no such view" if name not in actions else "it is an action, and no view: POST it"
            return answer({"error": why, "views": views}, status=404)
        return answer(await run_in_threadpool(actions[name].run))

    return [
        Route("/_sandbox/{name:path}", told(act), methods=["POST"]),
        Route("/_sandbox/{name:path}", told(view), methods=["GET"]),
    ]
