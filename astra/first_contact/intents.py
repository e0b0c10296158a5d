"""What a walk changes on the server, written down before it does: so that nothing is done twice, nor called undone."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

import attrs

from astra._json import is_array, is_object

State = Literal["begun", "made", "refused", "undone", "accepted"]
STATES: Final[tuple[State, ...]] = ("begun", "made", "refused", "undone", "accepted")
PROFILE, PAYMENT, PAYOUT = "create_business_profile", "create_routine", "create_account_to_card_routine"
UNKNOWN: Final = {
    PROFILE: "whether a business profile was made is not known",
    PAYMENT: "whether a dollar was paid is not known",
    PAYOUT: "whether a dollar was paid to a card is not known",
}


@attrs.frozen(kw_only=True)
class Intent:
    """One thing that a walk changes.

    Attributes:
        operation: of the spec.
        state: `begun` until an answer says more; then `made`, `refused` or `undone`. `accepted` is a request that no
            server should have taken.
        mark: the correlation id that was sent.
        id: of what was made.
        request_id: of the answer.
    """

    operation: str
    state: State = "begun"
    mark: str = ""
    id: str = ""
    request_id: str = ""

    @property
    def is_settled(self) -> bool:
        """Whether it must not be sent again."""
        return self.state != "refused"


class Journal:
    """The intents of all walks with one folder.

    Args:
        file: where they stand; None keeps them for this walk alone.

    Raises:
        ValueError: what is there are no intents.
        OSError: it cannot be read.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._intents: dict[str, Intent] = {}
        if file is not None and file.exists():
            self._intents = {one.operation: one for one in _read(file.read_text(encoding="utf-8"))}

    def get(self, operation: str) -> Intent | None:
        """Returns the intent of an operation, if there was one."""
        return self._intents.get(operation)

    def put(self, intent: Intent) -> None:
        """Writes an intent down; when it returns, it outlives a power cut.

        Raises:
            OSError: it cannot be written.
        """
        self._intents[intent.operation] = intent
        if self._file is not None:
            write_whole(self._file, json.dumps([attrs.asdict(one) for one in self._intents.values()], indent=2) + "\n")

    def warnings(self) -> list[str]:
        """Returns what was changed and not taken back, and what nobody knows of."""
        return [text for one in self._intents.values() for text in _warnings(one)]


def _warnings(intent: Intent) -> Iterator[str]:
    mark = f", client_correlation_id {intent.mark}" if intent.mark else ""
    where = f"({intent.operation}, request id {intent.request_id or 'none'}{mark})"
    if intent.state == "begun":
        yield f"{UNKNOWN.get(intent.operation, 'what came of it is not known')} {where}. It is not sent again."
    elif intent.state == "made" and intent.operation == PAYMENT:
        yield f"a dollar was paid and NOT taken back {where}. The next walk with --with-payments tries to cancel it."
    elif intent.state == "accepted":
        yield f"something may have been changed: a request that cannot be taken was taken {where}."


def _read(text: str) -> Iterator[Intent]:
    try:
        rows: Any = json.loads(text)
    except RecursionError:
        raise ValueError("no intents") from None
    if not is_array(rows):
        raise ValueError("no intents")
    names = [field.name for field in attrs.fields(Intent)]
    for row in rows:
        if not is_object(row) or sorted(row) != sorted(names) or not all(isinstance(row[name], str) for name in names):
            raise ValueError("no intents")
        if row["state"] not in STATES:
            raise ValueError("no intents")
        yield Intent(**row)


def write_whole(file: Path, text: str) -> None:
    """Writes a file wholly or not at all.

    Raises:
        OSError: it cannot be written.
    """
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with fresh.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)
    # What a name leads to is of the folder. Not every file system can be asked to keep that.
    with contextlib.suppress(OSError):
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
