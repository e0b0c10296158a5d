"""A small web app: a form, Astra's page, back again, the person's accounts, a payment, and webhooks.

    python examples/fastapi_app.py

starts it beside a local Astra and prints the address to open. Nothing leaves this machine.

As a program of its own it takes its settings from the environment, and `astra sandbox` plays Astra:

    astra sandbox --webhook http://localhost:8000/webhooks/astra      # in another terminal; prints its address

    export ASTRA_CLIENT_ID=sandbox-client ASTRA_CLIENT_SECRET=sandbox-secret
    export ASTRA_BASE_URL=http://127.0.0.1:8787                   # leave it out for Astra's own sandbox
    export ASTRA_REDIRECT_URI=http://localhost:8000/callback      # as registered with Astra
    export ASTRA_TOKEN_STORE=sqlite:///tokens.db                  # postgresql://... for several hosts
    export ASTRA_IDEMPOTENCY_STORE=sqlite:///payments.db          # what was paid; it has to outlive the app
    export ASTRA_REQUEST_LOG=sqlite:///requests.db                # optional
    uvicorn --app-dir examples fastapi_app:app --port 8000        # then open http://localhost:8000

Register `https://your-host/webhooks/astra` as the webhook address in Astra's dashboard. Behind a proxy, start uvicorn
with `--proxy-headers`: Astra wants the person's own IP address.

Needs `pip install 'astra-finance[sandbox,sql]' fastapi`.
"""

from __future__ import annotations

import argparse
import logging
import os
import re
import secrets
import socket
import sys
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final

import attrs
import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from starlette.requests import ClientDisconnect

from astra import (
    APIError,
    AstraError,
    AsyncAstra,
    AuthorizationRedirectError,
    CallError,
    InvalidRequestError,
    PaymentInProgressError,
    ReauthorizationRequired,
    UncertainOutcomeError,
)
from astra.integrations.starlette import respond
from astra.oauth import AsyncStates
from astra.sandbox import Sandbox
from astra.webhooks import AsyncWebhookHandler, UserIntentEvent, WebhookEvent

COOKIE = "visit"
FIELDS = (
    "first_name",
    "last_name",
    "email",
    "phone",
    "date_of_birth",
    "address1",
    "city",
    "state",
    "postal_code",
)
CHECKS: Final[Mapping[str, tuple[str, str]]] = {
    "first_name": (r".+", "Please enter your first name."),
    "last_name": (r".+", "Please enter your last name."),
    "email": (r"[^@\s]+@[^@\s]+\.[^@\s]+", "Please enter an address such as name@example.com."),
    "phone": (r"\+1\d{10}", "Please enter a US number of ten digits."),
    "date_of_birth": (r"\d{4}-\d{2}-\d{2}", "Please enter a day, such as 1990-12-31."),
    "address1": (r".+", "Please enter street and number."),
    "city": (r".+", "Please enter a city."),
    "state": (r"[A-Z]{2}", "Please enter two letters, such as CA."),
    "postal_code": (r"\d{5}", "Please enter five digits."),
    "ssn": (r"\d{4}", "Please enter four digits."),
}
"""What can be seen without Astra, for all fields at once: Astra's own answer may name the first mistake only."""
MOST: Final = Decimal(1000)
"""Dollars that this app lets a person move at once. Yours has a limit, too."""
log = logging.getLogger("fastapi_app")
pages = Jinja2Templates(directory=Path(__file__).with_name("fastapi_pages"))


@attrs.define
class Visit:
    """What the server remembers of one browser. The browser itself holds nothing but an unguessable id.

    That id is also what binds the state of a link to the browser. `offered` are the payments that a form was shown for:
    a form that is sent twice, or again after an error, names the same one, and it is made once.

    Your app has users and a database instead: keep these beside the signed-in user, and take your user's id as `key`.
    """

    key: str
    user_intent_id: str | None = None
    astra_user_id: str | None = None
    connected: bool = False
    offered: list[str] = attrs.Factory(list[str])


@attrs.define
class Shop:
    """What the app holds while it runs."""

    astra: AsyncAstra
    states: AsyncStates
    webhooks: AsyncWebhookHandler
    visits: dict[str, Visit] = attrs.Factory(dict[str, Visit])
    news: defaultdict[str, deque[str]] = attrs.Factory(lambda: defaultdict[str, deque[str]](lambda: deque(maxlen=5)))

    async def on_event(self, event: WebhookEvent) -> None:
        """Called once for each webhook, however often Astra delivers it.

        A webhook says that something changed, not what it became, so the object is read again.
        """
        text = event.type.replace("_", " ").capitalize()
        if isinstance(event, UserIntentEvent) and event.user_intent_id:
            intent = await self.astra.user_intents.get(event.user_intent_id)
            self.news[event.user_intent_id].appendleft(f"{text}: {readable(intent.status)}")
        elif event.user_id is not None:
            self.news[event.user_id].appendleft(text)

    def news_of(self, *ids: str | None) -> list[str]:
        """Returns what Astra told of these users and user intents."""
        return [text for known in ids if known is not None for text in self.news.get(known, ())]


def create_app(
    make_client: Callable[[], AsyncAstra] = AsyncAstra.from_env, *, states: str = "memory://", dedupe: str = "memory://"
) -> FastAPI:
    """Makes the app. With more than one process, both URLs name a database: that of the tokens will do.

    Args:
        make_client: called when the app starts.
        states: where the states of links are kept until the person comes back.
        dedupe: where handled webhooks are remembered.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with make_client() as astra, AsyncStates(states) as kept:
            webhooks = AsyncWebhookHandler(astra.webhooks, dedupe=dedupe)
            app.state.shop = Shop(astra, kept, webhooks)
            yield
            await webhooks.close()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_api_route("/", form_page, methods=["GET"])
    app.add_api_route("/", submit, methods=["POST"])
    app.add_api_route("/connect", connect_page, methods=["GET"])
    app.add_api_route("/callback", callback, methods=["GET"])
    app.add_api_route("/accounts", accounts_page, methods=["GET"])
    app.add_api_route("/payments", pay, methods=["POST"])
    app.add_api_route("/payments/{routine_id}", payment_page, methods=["GET"])
    app.add_api_route("/webhooks/astra", webhook, methods=["POST"])
    app.add_exception_handler(AstraError, explain)
    app.add_exception_handler(404, not_found)
    app.add_exception_handler(ClientDisconnect, nobody_waits)
    return app


def the_shop(request: Request) -> Shop:
    """Returns what the app holds."""
    shop: Shop = request.app.state.shop
    return shop


def the_visit(request: Request) -> Visit | None:
    """Returns what is known of this browser."""
    return the_shop(request).visits.get(request.cookies.get(COOKIE, ""))


ShopOf = Annotated[Shop, Depends(the_shop)]
VisitOf = Annotated[Visit | None, Depends(the_visit)]


def page(request: Request, name: str, *, status_code: int = 200, **facts: object) -> Response:
    """Renders a page that no cache keeps."""
    return pages.TemplateResponse(request, name, facts, status_code=status_code, headers={"Cache-Control": "no-store"})


def go_to(path: str) -> RedirectResponse:
    """Sends the browser on, with GET."""
    return RedirectResponse(path, status_code=303)


async def form_page(request: Request, visit: VisitOf) -> Response:
    """The form, or where the visit stands."""
    if visit is not None and visit.connected:
        return go_to("/accounts")
    return page(request, "form.html", values={}, errors={})


async def submit(request: Request, shop: ShopOf) -> Response:
    """Hands what the person typed to Astra, and begins a visit."""
    typed = {name: str(value).strip() for name, value in (await request.form()).items()}
    # The social security number is not sent back to the browser: it is typed again.
    values = {name: typed.get(name, "") for name in FIELDS}
    person = {name: typed.get(name, "") for name in CHECKS}
    person |= {"phone": e164(person["phone"]), "state": person["state"].upper()}
    errors = {name: text for name, (form, text) in CHECKS.items() if not re.fullmatch(form, person[name])}
    if errors:
        return page(request, "form.html", status_code=422, values=values, errors=errors)
    try:
        intent = await shop.astra.user_intents.create(
            first_name=person["first_name"],
            last_name=person["last_name"],
            email=person["email"],
            phone=person["phone"],
            date_of_birth=person["date_of_birth"],
            address1=person["address1"],
            city=person["city"],
            state=person["state"],
            postal_code=person["postal_code"],
            ssn=person["ssn"],
            ip_address=request.client.host if request.client else None,
        )
    except (InvalidRequestError, APIError) as error:
        found = complaints(error)
        if not found:
            raise
        return page(request, "form.html", status_code=422, values=values, errors=found)
    token = secrets.token_urlsafe(32)
    shop.visits[token] = Visit(key=f"customer-{secrets.token_hex(6)}", user_intent_id=intent.id)
    answer = go_to("/connect")
    # Lax, not strict: the redirect from Astra's page has to bring the cookie along.
    answer.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=request.url.scheme == "https")
    return answer


async def connect_page(request: Request, shop: ShopOf, visit: VisitOf) -> Response:
    """The link to Astra's page. Its state stays on the server."""
    if visit is None:
        return go_to("/")
    issued = await shop.states.issue(visit.key, cookie=request.cookies[COOKIE])
    if visit.astra_user_id is not None:
        link = shop.astra.oauth.authorize_url(user_id=visit.astra_user_id, state=issued.state)
    else:
        link = shop.astra.oauth.authorize_url(user_intent_id=visit.user_intent_id, state=issued.state)
    return page(request, "connect.html", link=link.url, again=visit.astra_user_id is not None)


async def callback(request: Request, shop: ShopOf, visit: VisitOf) -> Response:
    """Where Astra's page sends the person back to."""
    if visit is None:
        return go_to("/")
    try:
        used = await shop.states.use(request.query_params, cookie=request.cookies.get(COOKIE))
        redirect = shop.astra.oauth.parse_redirect(request.query_params, state=used.state)
    except AuthorizationRedirectError as error:
        if error.code == "access_denied":
            return page(request, "declined.html")
        if visit.connected:
            return go_to("/accounts")  # the person reloaded the page
        raise
    user = await shop.astra.oauth.exchange(redirect.code, key=used.key)
    visit.connected = True
    visit.astra_user_id = (await user.profile.get()).id
    return go_to("/accounts")


async def accounts_page(request: Request, shop: ShopOf, visit: VisitOf) -> Response:
    """The person's accounts, as Astra knows them now, and a form that moves money between them."""
    if visit is None or not visit.connected:
        return go_to("/")
    return await show_accounts(request, shop, visit)


async def show_accounts(
    request: Request, shop: Shop, visit: Visit, *, typed: Mapping[str, str] | None = None, complaint: str | None = None
) -> Response:
    """Renders the accounts; after a mistake with what was typed, under the same name of the payment."""
    user = shop.astra.user(visit.key)
    try:
        profile = await user.profile.get()
        accounts = await user.accounts.list().to_list()
    except ReauthorizationRequired:
        visit.connected = False
        return go_to("/connect")
    if typed is None:
        typed = {"payment": secrets.token_hex(8)}
        visit.offered.append(typed["payment"])
    return page(
        request,
        "accounts.html",
        status_code=422 if complaint else 200,
        profile=profile,
        status=readable(profile.status),
        accounts=accounts,
        typed=typed,
        complaint=complaint,
        news=shop.news_of(visit.astra_user_id, visit.user_intent_id),
    )


async def pay(request: Request, shop: ShopOf, visit: VisitOf) -> Response:
    """Moves money between two accounts of the person. The name of the payment, minted with the form, makes it once."""
    if visit is None or not visit.connected:
        return go_to("/")
    typed = {name: str(value).strip() for name, value in (await request.form()).items()}
    if typed.get("payment") not in visit.offered:
        return page(request, "again.html", status_code=400)
    amount = dollars(typed.get("amount", ""))
    if amount is None:
        text = f"Please enter an amount between $0.01 and ${MOST:,.2f}, such as 20.00."
        return await show_accounts(request, shop, visit, typed=typed, complaint=text)
    if typed.get("source") == typed.get("destination"):
        text = "Please choose two different accounts."
        return await show_accounts(request, shop, visit, typed=typed, complaint=text)
    try:
        routine = await shop.astra.user(visit.key).routines.create(
            type="one-time",
            name="Transfer between own accounts",
            payment_type="ach",
            source_id=typed.get("source", ""),
            destination_id=typed.get("destination", ""),
            amount=amount,
            idempotency_key=f"{visit.key}-{typed['payment']}",
        )
    except (UncertainOutcomeError, PaymentInProgressError) as error:
        # The same form, sent again, looks for the payment and does not make a second one.
        tell(request, error)
        return page(request, "uncertain.html", status_code=503, typed=typed, request_id=error.request_id)
    except ReauthorizationRequired:
        visit.connected = False
        return go_to("/connect")
    return go_to(f"/payments/{routine.id}")


async def payment_page(request: Request, shop: ShopOf, visit: VisitOf, routine_id: str) -> Response:
    """What has become of a payment."""
    if visit is None or not visit.connected:
        return go_to("/")
    user = shop.astra.user(visit.key)
    routine = await user.routines.get(routine_id)
    transfers = await user.routines.transfers(routine_id).to_list()
    statuses = [readable(transfer.status) for transfer in transfers]
    standing = how_it_stands(routine.status, [transfer.status for transfer in transfers])
    return page(request, "payment.html", routine=routine, standing=standing, statuses=statuses)


async def webhook(request: Request, shop: ShopOf) -> Response:
    """Takes Astra's webhooks: verified, each handled once, answered."""
    return await respond(request, shop.webhooks, shop.on_event)


async def explain(request: Request, error: Exception) -> Response:
    """The page for everything that Astra, or the way to it, did not let happen; and a line in the log."""
    tell(request, error)
    if isinstance(error, AuthorizationRedirectError):
        # A link that is too old, was used, or belongs to another browser. Nothing is wrong with Astra.
        return page(request, "again.html", status_code=400)
    request_id = error.request_id if isinstance(error, CallError) else None
    return page(request, "sorry.html", status_code=502, request_id=request_id)


def tell(request: Request, error: Exception) -> None:
    """Writes what happened into the log, with the ids that Astra's support asks for. No error's text holds a secret."""
    ids = ", ".join(error.request_ids) if isinstance(error, CallError) else ""
    path = request.url.path  # without the query: that of the callback holds a code
    log.error("%s %s: %s: %s [request ids: %s]", request.method, path, type(error).__name__, error, ids or "none")


async def nobody_waits(_request: Request, _error: Exception) -> Response:
    """Answers a browser that left before it had sent all of a form: nothing was done, and nobody reads this."""
    return Response(status_code=400)


async def not_found(request: Request, _: Exception) -> Response:
    """The page for an address that is none of this app's."""
    return page(request, "again.html", status_code=404)


def dollars(typed: str) -> Decimal | None:
    """Returns an amount in dollars and cents, or None for what is none."""
    if not re.fullmatch(r"\$?\d{1,6}(\.\d{1,2})?", typed.replace(",", "")):
        return None
    amount = Decimal(typed.lstrip("$").replace(",", ""))
    return amount if 0 < amount <= MOST else None


def how_it_stands(routine: str | None, transfers: Sequence[str | None]) -> str:
    """Returns what may be said of a payment. Astra answers 201 also for one that it holds back."""
    if "failed" in (routine, *transfers) or "cancelled" in (routine, *transfers):
        return "was not moved"
    if transfers and set(transfers) == {"processed"}:
        return "has arrived"
    return "is on its way" if routine in ("active", "completed") else "is held back"


def readable(status: str | None) -> str:
    """Returns a status in words; Astra may add others at any time."""
    return (status or "unknown").replace("_", " ")


def e164(typed: str) -> str:
    """Returns a US number as Astra wants it, "+15557771234"; anything else as it was typed, for Astra to refuse."""
    digits = "".join(character for character in typed if character.isdecimal())
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    return f"+1{digits}" if len(digits) == 10 else typed


def complaints(error: InvalidRequestError | APIError) -> Mapping[str, str]:
    """Returns what is wrong with which field, as far as the error says."""
    if isinstance(error, InvalidRequestError):
        return {error.argument: "Please check this."} if error.argument else {}
    return {field: " ".join(texts) for field, texts in error.field_errors.items()}


app = create_app()


def main() -> None:
    """Serves the app beside a local Astra."""
    parser = argparse.ArgumentParser(description="A web app and a local Astra.")
    parser.add_argument("--port", type=int, default=8000, help="port of the app; 0 takes any free one")
    port: int = parser.parse_args().port
    try:
        listener = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        why = os.strerror(error.errno or 0)
        sys.exit(f"Port {port} cannot be used ({why}): pass another with --port, or --port 0.")
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    with listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with Sandbox(redirect_uri=f"{address}/callback") as sandbox:
            sandbox.webhooks.register(f"{address}/webhooks/astra")
            served = create_app(
                lambda: AsyncAstra(
                    sandbox.client_id,
                    sandbox.client_secret,
                    base_url=sandbox.url,
                    redirect_uri=sandbox.redirect_uri,
                    idempotency_store="memory://",
                )
            )
            print(f"Open {address} (the local Astra is {sandbox.url}). Ctrl-C ends both.", flush=True)
            with suppress(KeyboardInterrupt):
                uvicorn.Server(uvicorn.Config(served, log_level="warning")).run(sockets=[listener])


if __name__ == "__main__":
    main()
