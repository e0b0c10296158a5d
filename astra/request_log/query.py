"""What to look for in the ledger. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import attrs

from astra._public import public
from astra.errors import InvalidRequestError
from astra.instrumentation.record import RequestRecord, storable


@public("astra.request_log")
@attrs.frozen(kw_only=True)
class RequestQuery:
    """Filters, all of which have to hold. None means any.

    Attributes:
        request_id: Astra's request id.
        call_id: local id of the call.
        user_key: your key of the user.
        operation: name of the operation, for example "get_transfer".
        resource_id: Astra's id of an object.
        client_correlation_id: your reference of a payment.
        status: an HTTP status such as 404, a class such as "4xx", or "none" for attempts without an answer.
        failed: True for failures only, False for successes only.
        since: earliest time, inclusive; aware.
        until: latest time, exclusive; aware.
        limit: at most so many, the newest; None for all.
    """

    request_id: str | None = attrs.field(default=None, converter=storable)
    call_id: str | None = None
    user_key: str | None = attrs.field(default=None, converter=storable)
    operation: str | None = None
    resource_id: str | None = attrs.field(default=None, converter=storable)
    client_correlation_id: str | None = attrs.field(default=None, converter=storable)
    status: int | str | None = None
    failed: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = 100

    def __attrs_post_init__(self) -> None:
        for name in ("since", "until"):
            moment: object = getattr(self, name)
            if moment is not None and not (isinstance(moment, datetime) and moment.tzinfo is not None):
                raise InvalidRequestError(f"{name} must be an aware datetime, for example with UTC.", argument=name)
        if self.limit is not None and self.limit < 1:
            raise InvalidRequestError("limit must be at least 1, or None for all.", argument="limit")
        if self.status is not None:
            status_bounds(self.status)

    def matches(self, record: RequestRecord) -> bool:
        """Tells whether a record passes all filters but the limit.

        Args:
            record: the record.
        """
        return (
            all(getattr(self, name) in (None, getattr(record, name)) for name in EQUAL)
            and (self.failed is None or record.failed is self.failed)
            and (self.since is None or record.time >= self.since)
            and (self.until is None or record.time < self.until)
            and (self.status is None or _within(record.status, status_bounds(self.status)))
        )


EQUAL: Final = ("request_id", "call_id", "user_key", "operation", "resource_id", "client_correlation_id")
"""The filters that are fields of a record, each with the value that it has to have."""


FAILED_IN_SQL: Final = "(error_name IS NOT NULL OR status IS NULL OR status >= 400)"
"""What a failure is, as the condition of an index: a statement finds the index if it says the same."""


def status_bounds(status: int | str) -> tuple[int, int] | None:
    """Reads a status filter.

    Args:
        status: 404, "404", "4xx" or "none".

    Returns:
        The lowest and the highest status, both inclusive; None for "no answer".

    Raises:
        InvalidRequestError: it is none of these.
    """
    text = str(status).strip().lower()
    if text == "none":
        return None
    if len(text) == 3 and text[0] in "12345" and text[1:] == "xx":
        low = int(text[0]) * 100
        return low, low + 99
    if len(text) == 3 and text.isascii() and text.isdigit():
        return int(text), int(text)
    raise InvalidRequestError(
        f"status must be a number such as 404, a class such as '4xx', or 'none', not {status!r}.", argument="status"
    )


def _within(status: int | None, bounds: tuple[int, int] | None) -> bool:
    if bounds is None:
        return status is None
    return status is not None and bounds[0] <= status <= bounds[1]
