"""A client whose answers you write: no server, no network, and no answer that Astra could not give."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import attrs

from astra._json import is_array, is_object
from astra._names import names_of_the_spec
from astra._public import public
from astra.errors import ConfigurationError
from astra.testing.errors import encode

if TYPE_CHECKING:
    import httpx
    from astra_api.operations import Operation

    from astra import Astra, AsyncAstra

CLIENT_ID: Final = "canned-client"
CLIENT_SECRET: Final = "canned-secret"
KEY: Final = "customer-42"
USER_ID: Final = "usr_canned"


@attrs.frozen
class CannedRequest:
    """A request that the client sent.

    Attributes:
        operation: the operation's id.
        method: HTTP method.
        path: path, with its parameters filled in.
        query: query parameters.
        body: decoded JSON or form; None without a body.
    """

    operation: str
    method: str
    path: str
    query: Mapping[str, str]
    body: Any = attrs.field(repr=False)


@attrs.frozen
class _Reply:
    status: int
    content: bytes
    headers: Mapping[str, str]


@public("astra.testing")
class CannedAnswers:
    """Answers by operation, and the clients that get them.

    The answers of an operation are given in the order in which they were registered, the last one again and again.

    Args:
        key: your own key of the user whose tokens both clients hold.

    Example:
        canned = CannedAnswers()
        canned.on("get_transfer", {"id": "tr_1", "amount": 20.25, "status": "processed"})
        transfer = canned.client.user("customer-42").transfers.get("tr_1")
        assert canned.requests[0].operation == "get_transfer"
    """

    def __init__(self, *, key: str = KEY) -> None:
        self.key = key
        self.requests: list[CannedRequest] = []
        self._replies: dict[str, list[_Reply]] = {}
        self._client: Astra | None = None
        self._async_client: AsyncAstra | None = None
        self._served = 0

    def on(
        self, operation: str, body: Any = None, *, status: int | None = None, headers: Mapping[str, str] | None = None
    ) -> CannedAnswers:
        """Registers the next answer of an operation.

        Args:
            operation: the operation's id, as in `astra_api.operations`.
            body: the body: JSON values with the field names of Astra's models, or bytes for one that is broken.
                None is an empty answer, or Astra's usual envelope for a failure.
            status: HTTP status; None is 200, or 204 without a body.
            headers: more headers; a request id is always there.

        Returns:
            These answers, so that calls can be chained.

        Raises:
            ConfigurationError: there is no such operation, or a field that Astra's model does not have.
        """
        _operation(operation)
        if status is None:
            status = 200 if body is not None else 204
        if status < 300 and not isinstance(body, bytes):
            if body is None and response_model(operation) is not None:
                raise ConfigurationError(f"{operation} answers with a body; give one.")
            names = names_of_the_spec()
            body = body if names is None else names.answered(operation, body)
            check_fields(operation, body)
        content = b"" if body is None and status < 300 else encode(body, status=status)
        self._replies.setdefault(operation, []).append(_Reply(status, content, dict(headers or {})))
        return self

    @property
    def client(self) -> Astra:
        """A client that gets these answers, with tokens of the user `key`."""
        if self._client is None:
            from astra import Astra

            self._client = Astra(
                CLIENT_ID,
                CLIENT_SECRET,
                redirect_uri="https://app.example.com/callback",
                max_retries=0,
                http_client=self._transport(),
                token_store=self._store(),
            )
        return self._client

    @property
    def async_client(self) -> AsyncAstra:
        """The same for asyncio."""
        if self._async_client is None:
            from astra import AsyncAstra

            self._async_client = AsyncAstra(
                CLIENT_ID,
                CLIENT_SECRET,
                redirect_uri="https://app.example.com/callback",
                max_retries=0,
                http_client=self._transport(),
                token_store=self._store(),
            )
        return self._async_client

    def close(self) -> None:
        """Closes the blocking client. Neither client holds a connection."""
        if self._client is not None:
            self._client.close()

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answers one request; for transports of your own."""
        from astra.http.mock import response

        operation = operation_of(request.method, request.url.path)
        if operation is None:
            raise ConfigurationError(f"{request.method} {request.url.path} is no operation of Astra.")
        names = names_of_the_spec()
        body = _decode(request.content, request.headers.get("content-type", ""))
        self.requests.append(
            CannedRequest(
                operation=operation,
                method=request.method,
                path=request.url.path,
                query=dict(parse_qsl(request.url.query.decode())),
                body=body if names is None else names.received(operation, body),
            )
        )
        waiting = self._replies.get(operation)
        if not waiting:
            raise ConfigurationError(f"No answer is registered: call canned.on({operation!r}, ...) first.")
        reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        self._served += 1
        headers = {"request-id": f"canned-{self._served}", "content-type": "application/json", **reply.headers}
        return response(reply.status, headers=headers, content=reply.content)

    def _transport(self) -> httpx.MockTransport:
        from astra.http.mock import mock_transport

        return mock_transport(self.answer)

    def _store(self) -> Any:
        import time

        from astra.config import build_settings
        from astra.tokens.grant import Grant
        from astra.tokens.identity import Identity
        from astra.tokens.stores.bound import BoundStore
        from astra.tokens.stores.memory import MemoryStore

        known = f"canned answers know only {self.key!r}; CannedAnswers(key=...) takes another key."

        class CannedGrants(BoundStore):
            def why_unknown(self) -> str:
                return known

        class CannedStore(MemoryStore):
            def for_identity(self, identity: Identity, *, keys: Sequence[str] = ()) -> BoundStore:
                return CannedGrants(self, identity, keys=keys)

        now = time.time()
        store = CannedStore()
        grant = Grant(
            key=self.key,
            access_token="canned-access",
            access_expires_at=now + 7200,
            refresh_token="canned-refresh",
            refresh_expires_at=now + 864_000,
            astra_user_id=USER_ID,
            version=1,
            refreshed_at=now,
            identity=Identity.of(build_settings(CLIENT_ID, "unused").destination, CLIENT_ID),
        )
        store.save(grant, replaces=None)
        return store


def _operation(operation: str) -> Operation:
    from astra_api.operations import OPERATIONS

    known = OPERATIONS.get(operation)
    if known is None:
        from astra.resources.choices import did_you_mean

        meant = did_you_mean(operation, OPERATIONS)
        raise ConfigurationError(f"There is no operation {operation!r}; see astra_api.operations.OPERATIONS.{meant}")
    return known


@cache
def _routes() -> list[tuple[str, re.Pattern[str], str]]:
    from astra_api.operations import OPERATIONS

    # Plain paths first: /v1/routines/preview is no routine whose id is "preview".
    ordered = sorted(OPERATIONS.values(), key=lambda operation: operation.path.count("{"))
    return [
        (operation.method, re.compile(re.sub(r"\{\w+\}", r"[^/]+", operation.path)), operation.id)
        for operation in ordered
    ]


def operation_of(method: str, path: str) -> str | None:
    """The id of the operation that a request calls, or None."""
    return next((name for verb, route, name in _routes() if verb == method and route.fullmatch(path)), None)


def _decode(content: bytes, content_type: str) -> Any:
    if not content:
        return None
    if "form-urlencoded" in content_type:
        return dict(parse_qsl(content.decode(), keep_blank_values=True))
    return json.loads(content)


def check_fields(operation: str, body: Any) -> None:
    """Refuses a success body with fields that the operation's model does not have, at any depth.

    Args:
        operation: the operation's id.
        body: decoded JSON.

    Raises:
        ConfigurationError: naming the field and those that there are.
    """
    if body is None:
        return
    model = response_model(operation)
    if model is not None:
        _check(model, body, where=model.__name__)


@cache
def response_model(operation: str) -> type[Any] | None:
    """The model of an operation's successful answer, or None when it has no body."""
    from astra.http.operations import success_model

    module = import_module(f"astra_api.api.{_operation(operation).tag}.{operation}")
    return success_model(module)


def _check(model: type[Any], value: Any, *, where: str) -> None:
    from astra_api.plans import plan_of

    if not is_object(value):
        raise ConfigurationError(f"{where} is a JSON object, not {type(value).__name__}.")
    plan = plan_of(model)
    unknown = sorted(set(value) - plan.known)
    if unknown and plan.known:
        raise ConfigurationError(f"{where} has no field {unknown[0]!r}. It has: {', '.join(sorted(plan.known))}.")
    for child in plan.children:
        name = plan.json_names[child.name]
        item = value.get(name)
        for at, element in enumerate(item if is_array(item) else [item]):
            if element is not None:
                _check(child.kind, element, where=f"{where}.{name}[{at}]" if is_array(item) else f"{where}.{name}")
