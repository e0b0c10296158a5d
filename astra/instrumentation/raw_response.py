"""Hands whole responses to `with_raw_response`, which has no other way to see them behind a typed method."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Generic, TypeVar

import attrs
from astra_api.origin import loads

from astra._public import public
from astra.errors import ResponseDecodeError

T = TypeVar("T")


@public("astra")
@attrs.frozen
class RawResponse(Generic[T]):
    """A response as it came, next to what the SDK made of it.

    Attributes:
        parsed: what the method returned.
        status_code: HTTP status.
        headers: by lower-case name.
        body: the body, decompressed.
        request_id: Astra's request id, or None.
        call_id: local id of the call.
        operation: name of the operation. For a payment that `on_uncertain="reconcile"` found it is "get_routine".
    """

    parsed: T
    status_code: int
    headers: Mapping[str, str]
    body: bytes = attrs.field(repr=False)
    request_id: str | None
    call_id: str
    operation: str

    def json(self) -> Any:
        """Decodes the body; numbers with a fraction become `Decimal`.

        Raises:
            ResponseDecodeError: it is not JSON, or nested too deeply.

        Example:
            answer = astra.request("GET", "/v1/transfers", user="customer-42")
            print(answer.json()["count"])
        """
        try:
            return loads(self.body)
        except (ValueError, RecursionError):
            raise ResponseDecodeError(
                f"The response has status {self.status_code} and its body is not JSON: it is in .body. "
                f"(request id {self.request_id or 'none'}, call id {self.call_id})",
                status_code=self.status_code,
                call_id=self.call_id,
                operation=self.operation,
                request_ids=() if self.request_id is None else (self.request_id,),
            ) from None


_captured: ContextVar[tuple[list[RawResponse[None]], ...]] = ContextVar("astra_raw_response", default=())


def active_raw_captures() -> tuple[list[RawResponse[None]], ...]:
    """Returns the lists of the `capture_raw` blocks that surround the caller, the outermost first."""
    return _captured.get()


@contextmanager
def capture_raw() -> Generator[list[RawResponse[None]]]:
    """Collects the responses of the calls made inside the block, of every status, in this thread or task."""
    captured: list[RawResponse[None]] = []
    token = _captured.set((*_captured.get(), captured))
    try:
        yield captured
    finally:
        _captured.reset(token)


@contextmanager
def not_captured() -> Generator[None]:
    """Hides the calls made inside the block from a surrounding `capture_raw`, whose caller did not ask for them."""
    token = _captured.set(())
    try:
        yield
    finally:
        _captured.reset(token)


def with_parsed(raw: RawResponse[None], parsed: T) -> RawResponse[T]:
    """Joins a response with what the method made of it."""
    return RawResponse(parsed, raw.status_code, raw.headers, raw.body, raw.request_id, raw.call_id, raw.operation)


def last_of_call(captured: list[RawResponse[None]], call_id: str | None) -> RawResponse[None] | None:
    """Returns the last response of one call: what came before may be the answer to a refresh, with tokens in it.

    Args:
        captured: what was collected.
        call_id: the call.
    """
    return next((raw for raw in reversed(captured) if raw.call_id == call_id), None)
