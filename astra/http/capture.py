"""Hands whole answers to `with_raw_response`, which has no other way to see them under a typed method."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

import attrs

from astra._public import public
from astra.http.calls import Answer

T = TypeVar("T")

_catcher: ContextVar[list[Answer] | None] = ContextVar("astra_raw_response", default=None)


@public("astra")
@attrs.frozen
class RawResponse(Generic[T]):
    """An answer as it came, next to what the SDK made of it.

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


def offer_answer(answer: Answer) -> None:
    """Gives an answer to whoever is catching in this context."""
    caught = _catcher.get()
    if caught is not None:
        caught.append(answer)


@contextmanager
def catch_answers() -> Generator[list[Answer]]:
    """Collects the answers of the calls made inside the block, in this thread or task."""
    caught: list[Answer] = []
    token = _catcher.set(caught)
    try:
        yield caught
    finally:
        _catcher.reset(token)


def raw_response(parsed: T, answer: Answer) -> RawResponse[T]:
    """Joins a parsed result with the answer that it came from."""
    context = answer.context
    return RawResponse(
        parsed=parsed,
        status_code=answer.status_code,
        headers=context.headers,
        body=answer.content,
        request_id=context.request_id,
        call_id=context.call_id,
    )
