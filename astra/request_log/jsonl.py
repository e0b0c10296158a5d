"""The request log as JSON lines: for log shippers, and for reading with jq."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from astra.instrumentation.record import RequestRecord
from astra.request_log.background import BackgroundLog
from astra.request_log.log import REQUESTS
from astra.request_log.query import RequestQuery
from astra.storage.forks import FORK_GUARD
from astra.storage.url import check_file


class JSONLinesRequestLog(BackgroundLog):
    """Keeps one JSON object per line (mode 0600). Many processes of one machine may append to it.

    Without `retention` there is one file. With it there is one file a day (UTC) beside each other, `requests.jsonl`
    becoming `requests-2026-11-24.jsonl` and so on, and files of days that are past it are deleted. Queries read all of
    it from the start: for many records take SQLite.

    Args:
        path: the file.
        retention: how long records are kept, or None forever.
        capacity: how many records may wait in memory.
        interval: seconds between two writes.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        retention: timedelta | None = None,
        capacity: int = 50_000,
        interval: float = 0.5,
    ) -> None:
        self.path = Path(check_file(os.fspath(path), family=REQUESTS))
        self._sink = JSONLinesSink(self.path, daily=retention is not None)
        super().__init__(self._sink, retention=retention, capacity=capacity, interval=interval)

    def select(self, query: RequestQuery) -> Iterator[RequestRecord]:
        """See `RequestLog.select`. Lines that a killed process left half-written are passed over."""
        self.flush()
        with REQUESTS.translating():
            found = [record for file in self._sink.files() for record in _read(file) if query.matches(record)]
        found.sort(key=lambda record: record.time, reverse=True)
        return islice(found, query.limit)


class JSONLinesSink:
    """Appends batches.

    Args:
        path: the file.
        daily: True writes into one file for each day.
    """

    def __init__(self, path: Path, *, daily: bool) -> None:
        self._path = path
        self._daily = daily
        self._dated = re.compile(rf"{re.escape(path.stem)}-(\d{{4}}-\d\d-\d\d){re.escape(path.suffix)}")

    def write(self, batch: list[RequestRecord]) -> None:
        """See `Sink.write`. The file is opened anew each time, so that it may be moved away at any moment."""
        parts: dict[Path, list[str]] = {}
        for record in batch:
            parts.setdefault(self._file_of(record), []).append(json.dumps(record.to_dict()))
        for file, lines in parts.items():
            _append(file, ("\n".join(lines) + "\n").encode("ascii"))

    def purge(self, before: datetime) -> None:
        """See `Sink.purge`: deletes the files of whole days that are past."""
        last = before.astimezone(UTC).date().isoformat()
        for file in self.files():
            day = self._dated.fullmatch(file.name)
            if day is not None and day.group(1) < last:
                file.unlink(missing_ok=True)

    def close(self) -> None:
        """See `Sink.close`; nothing stays open."""

    def files(self) -> list[Path]:
        """Returns the files that exist, the undated one first, then by day."""
        folder = self._path.parent
        dated = sorted(file for file in folder.glob("*") if self._dated.fullmatch(file.name)) if folder.is_dir() else []
        return [self._path, *dated] if self._path.is_file() else dated

    def _file_of(self, record: RequestRecord) -> Path:
        if not self._daily:
            return self._path
        day = record.time.astimezone(UTC).date().isoformat()
        return self._path.with_name(f"{self._path.stem}-{day}{self._path.suffix}")


def _append(file: Path, content: bytes) -> None:
    # What only some systems know: O_CLOEXEC is POSIX's, and Windows changes line ends unless told not to.
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    with FORK_GUARD.inside(), os.fdopen(os.open(file, flags, 0o600), "r+b", buffering=0) as target:
        if target.seek(0, os.SEEK_END):
            target.seek(-1, os.SEEK_END)
            if target.read(1) != b"\n":
                # A killed process left half a line: ours must not be glued to it.
                content = b"\n" + content
        while content:
            content = content[target.write(content) :]


def _read(file: Path) -> Iterator[RequestRecord]:
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                yield RequestRecord.from_dict(json.loads(line))
            except (ValueError, KeyError, TypeError):
                continue
