"""The ledger as Astra's support needs it: ids, times, operations and statuses, and nothing about persons. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

from astra.instrumentation.record import RequestRecord

HEADERS = ("time (UTC)", "request id", "operation", "method", "path", "status", "ms", "attempt", "error", "call id")
"""Columns of an export; "user" comes last when asked for."""


def ticket_rows(records: Iterable[RequestRecord], *, salt: bytes | None = None) -> list[list[str]]:
    """Returns records as rows under `HEADERS`, in the order of time.

    Paths are templates, so no id of a user, account or card is in them. User keys are left out unless a salt is given;
    then a short hash of each says which rows belong to the same user, and only within this export.

    Args:
        records: the records.
        salt: random bytes, made anew for each export, or None to leave users out.
    """
    return [_row(record, salt) for record in sorted(records, key=lambda record: (record.time, record.attempt))]


def hash_user(user_key: str, *, salt: bytes) -> str:
    """Returns a name for a user that does not give away the key.

    Args:
        user_key: your key of the user.
        salt: random bytes; without them a key that can be guessed could be found by trying.
    """
    import hashlib  # only here, because the command line has to start fast

    return "user-" + hashlib.blake2b(user_key.encode("utf-8", "surrogatepass"), key=salt, digest_size=5).hexdigest()


def _row(record: RequestRecord, salt: bytes | None) -> list[str]:
    row = [
        record.time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        record.request_id or "-",
        record.operation,
        record.method,
        record.path,
        "no answer" if record.status is None else str(record.status),
        f"{record.duration_ms:.0f}",
        str(record.attempt),
        record.error_name or "-",
        record.call_id,
    ]
    if salt is not None:
        row.append("-" if record.user_key is None else hash_user(record.user_key, salt=salt))
    return row
