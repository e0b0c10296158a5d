"""Opens the request log of a command, which has to be there, and says where was looked when nothing was found."""

from __future__ import annotations

import glob
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import attrs

from astra.cli.opening import name_store
from astra.cli.output import say
from astra.config import read_environment
from astra.errors import ConfigurationError
from astra.request_log.log import REQUESTS, RequestLog
from astra.request_log.opening import open_request_log
from astra.request_log.query import RequestQuery
from astra.resources.choices import did_you_mean
from astra.storage.url import read_url


def find_url(url: str | None) -> str:
    """Returns the URL of the log of the option or the environment."""
    found = (url or "").strip() or read_environment().request_log
    if not found or found == "memory://":
        raise ConfigurationError("Which request log? Set ASTRA_REQUEST_LOG or pass --log, e.g. sqlite:///requests.db")
    return found


def where(url: str | None) -> str:
    """Names the log to people, without a password."""
    return f"the {name_store(find_url(url), family=REQUESTS)}"


def described(query: RequestQuery) -> str:
    """Says what was asked for."""
    asked = attrs.asdict(query, filter=lambda field, value: value is not None and field.name != "limit")
    return f"for {', '.join(f'{name} {value}' for name, value in asked.items())}" if asked else ""


def say_empty(requests: RequestLog, query: RequestQuery, place: str) -> None:
    """Says where was looked for what, and whether there is anything at all; an operation may be mistyped."""
    if next(iter(requests.select(RequestQuery(limit=1))), None) is None:
        say(f"no requests: {place} has none at all")
        return
    from astra_api.operations import OPERATIONS

    known = did_you_mean(query.operation, OPERATIONS) if query.operation and query.operation not in OPERATIONS else ""
    say(f"no requests: looked at {place} {described(query)}.{known}")


def refuse_missing(url: str) -> None:
    """Goes on only with a file that is there: a mistyped path would look like a quiet day.

    Raises:
        ConfigurationError: there is none.
    """
    place = read_url(url, family=REQUESTS)
    path = Path(place.path or ".").absolute()
    # A log with a retention writes a file for each day, with the day in its name.
    is_there = place.kind not in ("sqlite", "jsonl") or path.exists()
    if not is_there and not (place.kind == "jsonl" and any(path.parent.glob(f"{glob.escape(path.stem)}-*"))):
        raise ConfigurationError(
            f"There is no request log in the {name_store(url, family=REQUESTS)}, and none was made. Is the path right? "
            "A client with this request_log makes it with its first call."
        )


@contextmanager
def opened(url: str | None) -> Generator[RequestLog]:
    """Opens the log of the option or the environment, which has to be there."""
    found = find_url(url)
    refuse_missing(found)
    requests = open_request_log(found)
    try:
        yield requests
    finally:
        requests.close()
