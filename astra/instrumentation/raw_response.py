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
    """

    parsed: T
    status_code: int
    headers: Mapping[str, str]
    body: bytes = attrs.field(repr=False)
    request_id: str | None
    call_id: str

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
                request_ids=() if self.request_id is None else (self.request_id,),
            ) from None


_captured: ContextVar[list[RawResponse[None]] | None] = ContextVar("astra_raw_response", default=None)


def active_raw_capture() -> list[RawResponse[None]] | None:
    """Returns the list of the `capture_raw` block that surrounds the caller, or None outside of one."""
    return _captured.get()


@contextmanager
def capture_raw() -> Generator[list[RawResponse[None]]]:
    """Collects the successful responses of the calls made inside the block, in this thread or task."""
    captured: list[RawResponse[None]] = []
    token = _captured.set(captured)
    try:
        yield captured
    finally:
        _captured.reset(token)


def with_parsed(raw: RawResponse[None], parsed: T) -> RawResponse[T]:
    """Joins a response with what the method made of it."""
    return RawResponse(parsed, raw.status_code, raw.headers, raw.body, raw.request_id, raw.call_id)
