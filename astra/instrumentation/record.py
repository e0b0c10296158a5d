"""The record of one attempt: what the request log keeps, and what captures and observers get."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import attrs

from astra._public import public

NOT_KEPT: Final = {"kept": False}
"""Marks fields that no log keeps."""

TEXT_LIMIT = 255
"""Characters that every writer can keep of a text that does not come from the SDK."""


def storable(text: str | None) -> str | None:
    """Makes a text that every writer can keep: a single bad one would hold up all that wait behind it.

    Args:
        text: a user key or a request id.

    Returns:
        The text, as it is if it is plain; otherwise without what no database stores, and cut to 255 characters.
    """
    if text is None or (len(text) <= TEXT_LIMIT and text.isascii() and text.isprintable()):
        return text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")[:TEXT_LIMIT]


@public("astra.instrumentation")
@attrs.frozen
class RequestRecord:
    """One attempt of one call. No bodies, no headers, no paths as they were sent: nothing secret, and nothing personal
    but your own user key and reference.

    Attributes:
        call_id: local id of the call, minted before its first attempt; all attempts of a call share it.
        request_id: Astra's request id, or None when no answer came.
        time: when the attempt began (UTC).
        operation: name of the operation, for example "get_transfer".
        method: HTTP method.
        path: path template, for example "/v1/transfers/{id}".
        status: HTTP status, or None when no answer came.
        duration_ms: milliseconds until the answer was read or the attempt failed.
        attempt: 1 for the first attempt of a call, 2 for the first retry, ...
        user_key: your key of the user, or None for calls of the client itself.
        error_name: name of the error that the attempt stands for, as its caller sees it, or None for a success. An
            attempt that was cut short has the name of what did it, for example "CancelledError"; a payment whose
            outcome is not known has "UncertainOutcomeError", whatever the reason.
        resource_id: Astra's id of the object that the call made, changed or asked for by its id; None when no answer
            named one, for lists, and for records of releases before 0.2.
        client_correlation_id: your reference of a payment; None for other calls.
        server_address: host name that it was sent to, or None. For those who watch; no log keeps it.
        server_port: its port.
    """

    call_id: str
    request_id: str | None = attrs.field(converter=storable)
    time: datetime
    operation: str
    method: str
    path: str
    status: int | None
    duration_ms: float
    attempt: int = 1
    user_key: str | None = attrs.field(default=None, converter=storable)
    error_name: str | None = None
    resource_id: str | None = attrs.field(default=None, converter=storable)
    client_correlation_id: str | None = attrs.field(default=None, converter=storable)
    server_address: str | None = attrs.field(default=None, eq=False, metadata=NOT_KEPT)
    server_port: int | None = attrs.field(default=None, eq=False, metadata=NOT_KEPT)

    @property
    def failed(self) -> bool:
        """True when the attempt ended in an error or in a status from 400 up."""
        return self.error_name is not None or self.status is None or self.status >= 400

    def to_dict(self) -> dict[str, Any]:
        """Returns the record as JSON types; `from_dict` reads it back.

        Example:
            json.dumps(record.to_dict())
        """
        values = {name: getattr(self, name) for name in FIELDS}
        values["time"] = self.time.astimezone(UTC).isoformat()
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> RequestRecord:
        """Reads what `to_dict` wrote; unknown keys are ignored, so that older code reads newer files, and what release
        0.1 did not write yet may be missing.

        Args:
            values: the dict.

        Raises:
            KeyError: a field is missing.
            ValueError: the time cannot be read.
        """
        known = {name: values[name] for name in FIELDS if name in values or name not in ADDED}
        known["time"] = datetime.fromisoformat(known["time"])
        return cls(**known)


FIELDS: tuple[str, ...] = tuple(field.name for field in attrs.fields(RequestRecord) if not field.metadata)
"""Names of the fields, in the order in which every writer keeps them."""

ADDED: frozenset[str] = frozenset({"resource_id", "client_correlation_id"})
"""Fields that release 0.1 did not have."""
