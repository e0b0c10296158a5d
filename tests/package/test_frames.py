"""What error trackers collect of a failed call: no frame below the caller's own shows a secret in its locals.

SECURITY.md promises it. Every public function and method of `docs/public-api.json` is called with secrets that are easy
to find again, and made to fail: by the network, by Astra's answers, by the store, by each argument being wrong.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import pkgutil
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx2
import pytest

import astra
from astra.oauth import AsyncStates, States, StateStore, Ticket
from astra.oauth.states.memory import MemoryStates
from astra.payments import IdempotencyStore, PaymentRecord
from astra.payments.stores.memory import MemoryIdempotencyStore
from astra.testing.idempotency_contract import make_record
from astra.tokens import Grant, Identity, TokenAnswer, TokenStore
from astra.tokens.stores.memory import MemoryStore
from astra.webhooks import Webhooks

ROOT = Path(__file__).resolve().parents[2]
CANARY = "CANARY"

SECRETS: dict[str, Any] = {
    "access_token": "CANARY-access",
    "account_number": "90210555123487",
    "card_number": "CANARY-4012888888881881",
    "card_security_code": "CANARY-cvv",
    "client_secret": "CANARY-client-secret",
    "code": "CANARY-code",
    "cookie": "CANARY-cookie-of-a-browser",
    "processor_token": "CANARY-processor",
    "redirect": "https://app.example.com/back?code=CANARY-code&state=forged",
    "rejected": "CANARY-access",
    "secret": "CANARY-client-secret",
    "session_token": "CANARY-session",
    "ssn": "CANARY-ssn",
    "token": "CANARY-identity",
    "business_info": {"business_name": "Everest", "ein": "CANARY-ein"},
    "business_admin": {"first_name": "Edmund", "ssn": "CANARY-ssn"},
    "business_controller": {"first_name": "Edmund", "ssn": "CANARY-ssn"},
    "beneficial_owners": [{"first_name": "Edmund", "ssn": "CANARY-ssn"}],
    "json": {"card_number": "CANARY-4012888888881881", "ssn": "CANARY-ssn"},
    "token_store": "postgresql://user:CANARY-password@127.0.0.1:1/db",
    "request_log": "postgresql://user:CANARY-password@127.0.0.1:1/db",
    "token_keys": ["CANARY-key"],
    "url": "postgresql://user:CANARY-password@127.0.0.1:1/db?sslmode=CANARY-mode&nonsense=1",
    "engine": "postgresql://user:CANARY-password@127.0.0.1:1/db?nonsense=1",
    "client": "redis://:CANARY-password@127.0.0.1:1/0?nonsense=1",
    "log": "postgresql://user:CANARY-password@127.0.0.1:1/db?nonsense=1",
    "store": "postgresql://user:CANARY-password@127.0.0.1:1/db?nonsense=1",
}
"""Arguments that are secret, wherever one has such a name. A few words stand for other things in a few places."""

OTHER_MEANINGS = {("url", "check_origin"), ("store", "States"), ("store", "AsyncStates")}

PLAIN: dict[str, Any] = {
    "any_id": "rt_1",
    "by": "jane@example.com",
    "older_than": timedelta(days=1),
    "operation": "create_routine",
    "record": make_record(),
    "before": datetime(2026, 1, 1, tzinfo=UTC),
    "states": [],
    "url": "https://proxy.example.com",
    "store": "memory://",
    "account_id": "acc_1",
    "address1": "123 Astra Ave",
    "amount": Decimal("12.50"),
    "answer": TokenAnswer(access_token="CANARY-access", expires_in=7200, refresh_token="CANARY-refresh"),
    "astra_user_id": "usr_1",
    "bank_account_type": "checking",
    "base": MemoryStore(),
    "identity": Identity("sandbox", "client-id"),
    "environment": "sandbox",
    "failures": 1,
    "until": 1.0,
    "work": lambda: None,
    "lost": lambda error: None,
    "batch_transfer_id": "bt_1",
    "bin": "411111",
    "body": b'{"webhook_type": "transfer_updated"}',
    "business_profile_id": "bp_1",
    "card_id": "card_1",
    "city": "Palo Alto",
    "client_correlation_id": "INV00042",
    "client_id": "client-id",
    "destination_id": "acc_2",
    "destination_user_id": "usr_2",
    "email": "edmund@example.com",
    "error": astra.UncertainOutcomeError("lost", match_fields={"amount": "1"}),
    "expiration_date": "12/27",
    "first_name": "Edmund",
    "institution_id": "astra_ins_131",
    "key": "customer-42",
    "kyc_type": "verified",
    "last_name": "Hillary",
    "method": "POST",
    "name": "a name",
    "page": "verify_personal",
    "path": "/v1/cards",
    "payment_instrument_id": "pi_1",
    "payment_type": "ach",
    "phone": "+15557771234",
    "postal_code": "94304",
    "routine_id": "rt_1",
    "routing_number": "222222226",
    "signature": "x" * 44,
    "source_id": "acc_1",
    "state": "CA",
    "street_line_1": "123 Astra Ave",
    "transfer_id": "tr_1",
    "type": "one-time",
    "callback": print,
    "dedupe": "memory://",
    "event": object(),
    "event_id": "e",
    "grant": Grant(
        key="customer-42",
        access_token="CANARY-access",
        access_expires_at=1.0,
        refresh_token="CANARY-refresh",
        refresh_expires_at=1.0,
        version=1,
        refreshed_at=0.0,
    ),
    "host": "127.0.0.1",
    "id": "s",
    "origin": "https://proxy.example.com",
    "replaces": None,
    "now": 0.0,
    "owner": "o",
    "query": None,
    "refreshed_before": 0.0,
    "saves": [],
    "seconds": 1.0,
    "ticket": Ticket(key="c42", browser="b", expires_at=1.0),
    "ttl": 1.0,
    "uri": "https://app.example.com/back",
    "user": "customer-42",
    "value": 1.0,
    "webhooks": Webhooks("CANARY-client-secret"),
    "user_consent_captured": True,
    "user_intent_id": "ui_1",
    "zip_code": "94304",
    "default": "memory://",
}

NOT_CALLED = (
    # Made by the SDK, or with nothing of the caller's but what a person wrote into a program.
    "Error.",
    "Required.",
    "RetryLater.",
    "Grant.",
    "RawResponse.",
    "Pager.",
    "Page.",
    "UserSession.__init__",
    "OAuth.__init__",
    "Tokens.__init__",
    "RequestLog.",
    "DedupeStore.",
    "DriftName.",
    "DriftStore.",
    "single_flight.",
    "astra.http.",
    "astra.request_log.Request",
    # With secrets of a local server alone.
    "astra.sandbox.",
    "astra.testing.",
    "astra.instrumentation.",
)


NEVER_FAIL: frozenset[str] = frozenset()


class Refusing(MemoryStore):
    """Fails once the tokens are issued."""

    full = False

    def save_many(self, saves: Any, *, release: str | None = None) -> list[bool]:
        if self.full and any(not grant.key.startswith("astra-probe") for grant, _ in saves):
            raise OSError("full")
        return super().save_many(saves, release=release)


def refused(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(400, json={"error": "invalid_request", "description": "no"}, request=request)


def unauthorized(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(401, json={"error": "invalid_token"}, request=request)


def garbage(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, content=b"<html>", request=request)


def not_an_object(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, json=["CANARY-access", "CANARY-refresh"], request=request)


def unsendable(request: httpx2.Request) -> httpx2.Response:
    if "token" in request.url.path:
        return httpx2.Response(200, json={"access_token": "CANARY-new\n", "refresh_token": "CANARY-r"}, request=request)
    return httpx2.Response(500, request=request)


def issued(request: httpx2.Request) -> httpx2.Response:
    if "token" in request.url.path:
        return httpx2.Response(200, json={"access_token": "CANARY-new", "refresh_token": "CANARY-r"}, request=request)
    return httpx2.Response(200, json={"id": "usr_other"}, request=request)


def no_connection(request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ConnectError("no way", request=request)


def lost(request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ReadError("lost", request=request)


FAILURES: tuple[Callable[[httpx2.Request], httpx2.Response], ...] = (
    refused,
    unauthorized,
    garbage,
    not_an_object,
    unsendable,
    issued,
    no_connection,
    lost,
)


def entries() -> dict[str, str]:
    """Names of the public functions, each with the class that has it."""
    surface = json.loads((ROOT / "docs" / "public-api.json").read_text(encoding="utf-8"))
    return {
        name: name.rpartition(".")[0]
        for name, entry in surface.items()
        if entry["kind"] == "function"
        and not any(part in name for part in NOT_CALLED)
        and not (".resources." in name and name.endswith(".__init__"))
    }


ENTRIES = entries()


def find(name: str) -> Any:
    """The object of a dotted name."""
    module, rest = name, ""
    while True:
        try:
            found: Any = importlib.import_module(module)
            break
        except ImportError:
            module, _, last = module.rpartition(".")
            rest = f"{last}.{rest}" if rest else last
    for part in filter(None, rest.split(".")):
        found = getattr(found, part)
    return found


def client(flavour: type[Any], answer: Callable[[httpx2.Request], httpx2.Response]) -> Any:
    """A client with a user whose tokens are known, behind a network that fails."""
    store = Refusing()
    transport = httpx2.MockTransport(answer)
    made = flavour(
        "client-id",
        "CANARY-client-secret",
        redirect_uri="https://app.example.com/back",
        token_store=store,
        idempotency_store="memory://",
        http_client=transport,
        max_retries=0,
    )
    with astra.Astra("client-id", "x", token_store=store) as setup:
        answer_ = TokenAnswer(access_token="CANARY-access", expires_in=7200, refresh_token="CANARY-refresh")
        setup.tokens.store_answer("customer-42", answer_, astra_user_id="usr_1")
    store.full = answer is issued
    return made


def instances(made: Any) -> dict[type, Any]:
    """The objects of a client by their classes."""
    user = made.user("customer-42")
    found: dict[type, Any] = {type(made): made, type(user): user, type(made.tokens): made.tokens}
    for owner in (made, user):
        for name in dir(type(owner)):
            if isinstance(inspect.getattr_static(type(owner), name, None), cached_property):
                value = getattr(owner, name)
                found[type(value)] = value
    found[States] = States("memory://")
    found[AsyncStates] = AsyncStates("memory://")
    return found


class Wrong:
    """No value of any kind."""


def arguments(function: Callable[..., Any]) -> dict[str, Any]:
    """Right arguments for a function: all that it needs, and every secret that it takes."""
    found: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        name = parameter.name
        if name == "keys" and "url" in found:
            found[name] = SECRETS["token_keys"]
        elif name in SECRETS and (name, function.__name__) not in OTHER_MEANINGS:
            found[name] = SECRETS[name]
        elif parameter.default is parameter.empty:
            found[name] = PLAIN[name]
    return found


def call(function: Callable[..., Any], given: dict[str, Any]) -> None:
    """Calls a function and uses what it returns."""

    async def awaited(result: Any) -> None:
        if inspect.isawaitable(result):
            await result
        elif hasattr(result, "__aiter__"):
            async for _ in result:
                break

    signature = inspect.signature(function)
    first = [
        given.pop(name)
        for name, parameter in signature.parameters.items()
        if parameter.kind is parameter.POSITIONAL_ONLY and name in given
    ]
    result = function(*first, **given)
    if inspect.isawaitable(result) or hasattr(result, "__aiter__"):
        asyncio.run(awaited(result))
    elif isinstance(result, (astra.Pager, Iterator)):
        next(iter(result), None)
    elif hasattr(result, "close"):
        closed = result.close()
        if inspect.isawaitable(closed):
            asyncio.run(awaited(closed))


def leaks(error: BaseException, *, in_this_file: bool = False) -> list[str]:
    """Frames with a secret in a local's repr, those of the callers in this file aside, and texts that show one."""
    found: list[str] = []
    waiting = [traceback.TracebackException.from_exception(error, capture_locals=True)]
    while waiting:
        shown = waiting.pop()
        waiting += [other for other in (shown.__cause__, shown.__context__) if other is not None]
        if is_secret(str(shown)):
            found.append(f"text of the error: {shown}")
        for frame in shown.stack:
            if (frame.filename == __file__) is in_this_file:
                found += [
                    f"{frame.filename.removeprefix(str(ROOT))}:{frame.lineno} {frame.name}: {name}={value[:120]}"
                    for name, value in (frame.locals or {}).items()
                    if is_secret(value)
                ]
    return found


def is_secret(text: str) -> bool:
    return CANARY in text or SECRETS["account_number"] in text


def failures_of(name: str) -> Iterator[BaseException]:
    """Makes an entry fail in every way, and yields its errors."""
    owner = find(ENTRIES[name])
    is_method = inspect.isclass(owner)
    attribute = name.rpartition(".")[2]
    for answer in FAILURES:
        flavour = astra.AsyncAstra if ".Async" in name or "_async" in name else astra.Astra
        made = client(flavour, answer)
        if not is_method:
            function = find(name)
        elif attribute == "__init__":
            function = owner
        elif isinstance(inspect.getattr_static(owner, attribute), classmethod):
            function = getattr(owner, attribute)
        else:
            function = getattr(instances(made).get(owner) or built(owner), attribute)
        right = arguments(function)
        tries = [right]
        if answer is refused:
            tries += [
                {**right, argument: Wrong()}
                for argument in inspect.signature(function).parameters
                if argument not in ("options", "args", "kwargs")
            ]
            tries += [{**right, argument: 4012888888881881} for argument in right]
            tries += [{**right, "timeout": -1}, {**right, "environment": "nowhere"}]
        for given in tries:
            try:
                call(function, given)
            except Exception as error:
                yield error


def built(owner: type[Any]) -> Any:
    """An object of a class that no client has."""
    stores: dict[type, Any] = {
        TokenStore: MemoryStore,
        StateStore: MemoryStates,
        IdempotencyStore: MemoryIdempotencyStore,
        PaymentRecord: make_record,
    }
    return stores[owner]() if owner in stores else owner(**arguments(owner))


@pytest.mark.sampled(60)
@pytest.mark.parametrize("name", ENTRIES)
@pytest.mark.filterwarnings("ignore")
def test_no_frame_of_a_failed_call_shows_a_secret(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTRA_CLIENT_SECRET", "CANARY-client-secret")
    monkeypatch.setenv("ASTRA_TOKEN_STORE", "postgresql://user:CANARY-password@127.0.0.1:1/db")
    errors = list(failures_of(name))
    assert errors or name in NEVER_FAIL
    assert sorted({leak for error in errors for leak in leaks(error)}) == []


def test_a_frame_that_does_show_one_is_found() -> None:
    client = astra.Astra("client-id", "CANARY-client-secret")

    def failing(password: str) -> None:
        client.user(password * 0)

    with pytest.raises(astra.InvalidRequestError) as caught:
        failing("CANARY-password")
    assert leaks(caught.value) == []
    everything = leaks(caught.value, in_this_file=True)
    assert [leak.rpartition(" ")[2] for leak in everything] == ["password='CANARY-password'"]


def classes() -> Iterator[type]:
    """The classes of the package with a repr that somebody wrote."""
    for module in pkgutil.walk_packages(astra.__path__, "astra."):
        for value in vars(importlib.import_module(module.name)).values():
            written = getattr(vars(value).get("__repr__"), "__code__", None) if isinstance(value, type) else None
            if written is not None and written.co_filename.startswith(f"{ROOT}/astra/"):
                yield value


@pytest.mark.parametrize("kind", sorted(set(classes()), key=str), ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_an_object_whose_init_failed_can_be_shown(kind: Any) -> None:
    """A tracker that shows the frame of a failed `__init__` asks for the repr of a half-built `self`."""
    if kind.__module__ != "astra._secret":
        assert repr(kind.__new__(kind))
