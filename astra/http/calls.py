"""The values of one call: what to send, and what is known of it while it runs and afterwards."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from astra._secret import shown
from astra.errors import AstraError, ResponseDecodeError
from astra.http.options import CallOptions as CallOptions
from astra.http.options import CheckedOptions
from astra.http.options import check_options as check_options

if TYPE_CHECKING:
    from astra_api.operations import Operation


RESPONSE_UNREADABLE: Final = (
    "The status says success, so the operation has most likely happened: find out before you repeat it."
)
"""What a response that cannot be read means for the operation, wherever a `ResponseDecodeError` says so."""


class CallContext:
    """What is known of a call while it runs, and afterwards on its results and errors."""

    __slots__ = (
        "attempts",
        "call_id",
        "client_correlation_id",
        "headers",
        "operation",
        "path",
        "replayed",
        "request_ids",
        "sent_at",
        "status_code",
        "user_key",
    )

    def __init__(self, operation: Operation, path: str, user_key: str | None) -> None:
        self.operation = operation
        self.path = path
        self.user_key = user_key
        self.call_id = new_call_id()
        self.client_correlation_id: str | None = None
        self.request_ids: tuple[str, ...] = ()
        self.attempts = 0
        self.sent_at: float | None = None
        self.status_code: int | None = None
        self.headers: Mapping[str, str] = {}
        self.replayed = False

    @property
    def request_id(self) -> str | None:
        """Astra's request id of the last response, or None."""
        return self.request_ids[-1] if self.request_ids else None

    def error_context(self) -> dict[str, Any]:
        """Returns what every `CallError` carries, as keyword arguments."""
        return {
            "call_id": self.call_id,
            "request_ids": self.request_ids,
            "operation": self.operation.id,
            "method": self.operation.method,
            "path": self.path.partition("?")[0],
            "attempts": self.attempts,
            "user_key": self.user_key,
        }

    def describe(self) -> str:
        """Returns the words that let support and a log reader find the call."""
        where = f"{self.operation.id}, {self.operation.method} {self.operation.path}"
        return f"({where}, request id {self.request_id or 'none'}, call id {self.call_id})"

    def field_error(self, model: str, field: str, why: str) -> ResponseDecodeError:
        """Builds the error for a field that is missing or cannot be read; its value is not shown, its type is."""
        return ResponseDecodeError(
            f"{model}.{field} {why}. {RESPONSE_UNREADABLE} What came is in to_dict(). {self.describe()}",
            status_code=self.status_code,
            field=field,
            **self.error_context(),
        )

    @shown
    def __repr__(self) -> str:
        return f"<call {self.describe()}>"


@attrs.define
class Call:
    """One call, ready to be sent as often as the rules allow.

    Attributes:
        operation: row of the generated operation table.
        path: path with its parameters filled in and quoted, plus the query.
        content: encoded body, or None.
        content_type: media type of the body.
        user_key: whose access token to use; None for client calls.
        bearer: an explicit access token instead of the stored one.
        repeatable: True when sending it twice does no harm.
        options: what the caller asked for.
        headers: header parameters of the operation.
        match_fields: for a payment, the fields by which it can be found again.
        resource_id: Astra's id in the path, which an answer has to be about, or None.
        has_id: True when a success brings an object with an id.
        changes: for a change of an object, what its answer has to confirm.
        in_flight: whether an attempt of a payment is on its way, or was when its caller left.
        on_ended: told of each attempt of a payment when it ends, also when its caller has left: value, error, context.
    """

    operation: Operation
    path: str
    content: bytes | None = attrs.field(default=None, repr=False)
    content_type: str | None = None
    user_key: str | None = None
    bearer: str | None = attrs.field(default=None, repr=False)
    repeatable: bool = False
    options: CheckedOptions = attrs.field(factory=CheckedOptions)
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    match_fields: Mapping[str, str] = attrs.field(factory=dict[str, str])
    resource_id: str | None = None
    has_id: bool = False
    changes: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    in_flight: bool = False
    on_ended: Callable[[Any, AstraError | None, CallContext], Any] | None = attrs.field(default=None, repr=False)


_counter = itertools.count(int.from_bytes(os.urandom(6), "big"))
_process_tag = os.urandom(4).hex()


def new_call_id() -> str:
    """Mints a local id for a call, before anything is sent, so that a call without a response can be named too."""
    return f"call_{_process_tag}{next(_counter):016x}"


def _new_process_tag() -> None:
    global _process_tag
    _process_tag = os.urandom(4).hex()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_new_process_tag)
