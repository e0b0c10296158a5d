"""From a payment record to the values of a row and back, for every store that keeps rows. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from astra._json import is_array, is_object
from astra.errors import IdempotencyStoreError
from astra.payments.record import HistoryEntry, PaymentRecord, PaymentState

KEY: Final = ("environment", "client_id", "operation", "key")
"""What a record is found by."""

IDS: Final = ("client_correlation_id", "resource_id", "transfer_id", "call_id", "request_id")
"""Ids by which a payment can be asked for; `request_id` is that of the last answer."""

COLUMNS: Final = (*KEY, "user_key", "state", "version", "created", "updated", "sent", *IDS, "data")
"""What is stored, in order. Times are whole microseconds since the epoch; `data` is JSON of what nobody searches."""

_IN_DATA: Final = (
    "fingerprint",
    "match_fields",
    "holder",
    "lease_until",
    "first_sent",
    "attempts",
    "lost",
    "request_ids",
    "status_code",
    "result",
    "error",
    "error_detail",
)
_AS_THEY_ARE: Final = (*KEY, "user_key", "version", *IDS[:-1])
_TIMES: Final = frozenset({"created", "updated", "sent", "lease_until", "first_sent"})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def values_of(record: PaymentRecord) -> dict[str, Any]:
    """What is stored of a record, by column.

    Args:
        record: the record.
    """
    values: dict[str, Any] = {name: getattr(record, name) for name in _AS_THEY_ARE}
    for name in ("created", "updated", "sent"):
        values[name] = microseconds(getattr(record, name))
    values["state"] = record.state.value
    values["request_id"] = record.request_ids[-1] if record.request_ids else None
    data: dict[str, Any] = {name: getattr(record, name) for name in _IN_DATA}
    data["match_fields"] = dict(record.match_fields)
    for name in ("lease_until", "first_sent"):
        data[name] = microseconds(data[name])
    data["history"] = [_noted(entry) for entry in record.history]
    values["data"] = json.dumps(data, separators=(",", ":"))
    return values


def record_of(values: Sequence[Any]) -> PaymentRecord:
    """Makes a record of what a store holds.

    Args:
        values: in the order of `COLUMNS`.

    Raises:
        IdempotencyStoreError: it is damaged, or a newer release wrote it. Nothing is sent under its key then.
    """
    row: dict[str, Any] = dict(zip(COLUMNS, values, strict=True))
    try:
        data = json.loads(row.pop("data"))
        row.pop("request_id")
        history = [_entry(entry) for entry in data.pop("history")]
        known = {name: data[name] for name in _IN_DATA}
        row |= known
        for name in _TIMES:
            row[name] = _moment(row[name])
        row["state"] = PaymentState(row["state"])
        row["request_ids"] = tuple(row["request_ids"])
        if not _is_sound(row):
            raise ValueError
        return PaymentRecord(**row, history=tuple(history))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        raise IdempotencyStoreError(
            f"The idempotency store holds no record that can be read under the key {row.get('key')!r} "
            f"({row.get('operation')}): it is damaged, or a newer release wrote it. Nothing was sent. Find out at "
            "Astra whether that payment was made before you delete the row."
        ) from None


def microseconds(moment: datetime) -> int:
    """Returns a time as whole microseconds since the epoch.

    Args:
        moment: an aware datetime.
    """
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(value: object) -> datetime | None:
    return None if value is None else _EPOCH + timedelta(microseconds=int(str(value)))


def _noted(entry: HistoryEntry) -> dict[str, Any]:
    values: dict[str, Any] = {"time": microseconds(entry.time), "event": entry.event, "state": entry.state.value}
    for name in ("detail", "by", "call_id", "request_id", "count"):
        if (value := getattr(entry, name)) is not None:
            values[name] = value
    return values


def _entry(values: Mapping[str, Any]) -> HistoryEntry:
    read: dict[str, Any] = {**values, "time": _moment(values["time"]), "state": PaymentState(values["state"])}
    return HistoryEntry(**read)


def _is_sound(row: Mapping[str, Any]) -> bool:
    texts = all(isinstance(row[name], str) for name in (*KEY, "fingerprint", "holder"))
    fields = row["match_fields"]
    known = is_object(fields) and all(isinstance(value, str) for value in fields.values())
    counts = all(isinstance(row[name], int) for name in ("version", "attempts", "lost"))
    times = all(row[name] is not None for name in ("created", "updated", "sent", "first_sent"))
    return texts and known and counts and times and is_array(list(row["request_ids"]))
