"""The file in which names are kept, and what comes out of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import attrs

from astra._closing import Closing
from astra._public import public
from astra._secret import hide_text
from astra.drift.look import DIFFERENT, Name
from astra.errors import StorageError
from astra.storage.family import Family
from astra.storage.sqlite import Connection, SQLiteFile, Statement
from astra.storage.url import read_url

DRIFT: Final = Family(name="drift store", example="sqlite:///drift.db", error=StorageError, kinds=frozenset({"sqlite"}))

MOST_NAMES: Final = 200
"""Unknown names that are kept of one operation; those beyond are only counted."""

MORE: Final = "more"
"""The kind under which they are counted."""

LOOKED: Final = "looked at"
"""The kind under which the answers that were looked at are counted."""

MIGRATIONS: Final = (
    "CREATE TABLE drift_names (operation TEXT NOT NULL, kind TEXT NOT NULL, place TEXT NOT NULL, name TEXT NOT NULL, "
    "type TEXT NOT NULL, count INTEGER NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, "
    "first_request_id TEXT, PRIMARY KEY (operation, kind, place, name)) WITHOUT ROWID",
)
_ADD: Final = (
    "INSERT INTO drift_names VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
    "count = count + excluded.count, last_seen = max(last_seen, excluded.last_seen)"
)
_COUNT: Final = "SELECT count(*) FROM drift_names WHERE operation = ? AND kind IN (?, ?, ?, ?, ?)"
_IS_THERE: Final = "SELECT 1 FROM drift_names WHERE operation = ? AND kind = ? AND place = ? AND name = ?"
_SELECT: Final = "SELECT * FROM drift_names ORDER BY operation, kind, place, name"


class Sighting(NamedTuple):
    """A name in one answer.

    Attributes:
        operation: whose answer.
        name: the name.
        time: epoch microseconds.
        request_id: of the answer.
    """

    operation: str
    name: Name
    time: int
    request_id: str | None


@public("astra.drift")
@attrs.frozen
class DriftName:
    """One name, and how often it was seen.

    Attributes:
        operation: name of the operation, for example "get_transfer".
        kind: "field", "value", "status", "missing", "error shape"; "more" counts what was too much; the kinds that
            begin with "known" are what the spec says and was seen; "looked at" counts answers.
        place: where in the answer, in names of the spec; "" is the answer itself.
        name: the name.
        type: the JSON type of a field.
        count: in how many of the answers that were looked at.
        first_seen: when first (UTC).
        last_seen: when last (UTC).
        first_request_id: Astra's request id of the first answer that had it.
    """

    operation: str
    kind: str
    place: str
    name: str
    type: str
    count: int
    first_seen: datetime
    last_seen: datetime
    first_request_id: str | None

    @property
    def is_different(self) -> bool:
        """Whether the spec says otherwise."""
        return self.kind in (*DIFFERENT, MORE)

    def to_dict(self) -> dict[str, Any]:
        """Returns it as JSON types.

        Example:
            json.dumps(name.to_dict())
        """
        values = attrs.asdict(self)
        return values | {"first_seen": self.first_seen.isoformat(), "last_seen": self.last_seen.isoformat()}


@public("astra.drift")
class DriftStore(Closing):
    """A SQLite file (mode 0600, write-ahead log), which many processes of one machine may share.

    Args:
        path: the file; it is created with its first name.
        busy_timeout: seconds to wait for another process that writes.

    Example:
        for name in open_drift_store("sqlite:///drift.db").select():
            print(name.operation, name.kind, name.place, name.name)
    """

    def __init__(self, path: str | os.PathLike[str], *, busy_timeout: float = 2.0) -> None:
        self.path = Path(path)
        self._file = SQLiteFile(
            path, family=DRIFT, schema="drift_schema", migrations=MIGRATIONS, busy_timeout=busy_timeout
        )

    def select(self) -> Iterator[DriftName]:
        """Yields all names, by operation; nothing when there is no file.

        Raises:
            StorageError: it cannot be read.
        """
        for operation, kind, place, name, of_type, count, first, last, request_id in self._file.read(_all):
            yield DriftName(operation, kind, place, name, of_type, count, _time(first), _time(last), request_id)

    def exists(self) -> bool:
        """Whether the file is there and holds names. Nothing is made."""
        return self._file.exists()

    def clear(self) -> int:
        """Forgets all names.

        Returns:
            How many there were.
        """
        with self._file.transaction() as connection:
            return connection.execute("DELETE FROM drift_names").rowcount

    def close(self) -> None:
        """Gives up what is open; a later use opens it again."""
        self._file.close()


class DriftSink:
    """Writes what observers saw.

    Args:
        file: the store's file.
    """

    def __init__(self, file: SQLiteFile) -> None:
        self._file = file

    def write(self, batch: list[Sighting]) -> None:
        """See `Sink.write`: names are counted, and each is one row."""
        rows: dict[tuple[str, str, str, str], list[Any]] = {}
        for operation, name, time, request_id in batch:
            row = rows.setdefault((operation, *name[:3]), [name.type, 0, time, time, request_id])
            row[1] += 1
            row[3] = max(row[3], time)
        with self._file.transaction() as connection:
            for key, row in rows.items():
                _add(connection, key, row)

    def purge(self, before: datetime) -> None:
        """See `Sink.purge`: nothing grows old here."""

    def close(self) -> None:
        """See `Sink.close`."""
        self._file.close()


def sink_of(store: DriftStore) -> DriftSink:
    """Returns what an observer writes into.

    Args:
        store: the store.
    """
    return DriftSink(store._file)  # pyright: ignore[reportPrivateUsage]


def _all(_: Connection) -> list[Statement]:
    return [(_SELECT, ())]


def _add(connection: Connection, key: tuple[str, str, str, str], row: list[Any]) -> None:
    operation, kind, _, _ = key
    if kind in DIFFERENT and not connection.execute(_IS_THERE, key).fetchone():
        (known,) = connection.execute(_COUNT, (operation, *DIFFERENT)).fetchone()
        if known >= MOST_NAMES:
            key, row = (operation, MORE, "", ""), ["", *row[1:]]
    connection.execute(_ADD, (*key, *row))


def open_drift_store(store: DriftStore | str | os.PathLike[str]) -> DriftStore:
    """Opens a drift store. Nothing is created before the first name.

    Args:
        store: a store, which is returned as it is, or "sqlite:///drift.db" (four slashes for an absolute path), or a
            `pathlib.Path`.

    Returns:
        The store.

    Raises:
        ConfigurationError: it names none.

    Example:
        store = open_drift_store("sqlite:///drift.db")
    """
    store = hide_text(store)
    return store if isinstance(store, DriftStore) else DriftStore(read_url(store, family=DRIFT).path)


def _time(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)
