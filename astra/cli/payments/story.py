"""Finds a payment by any id, and what the request log has of it. Reads only."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal, Self

from astra.cli.opening import name_store
from astra.cli.output import say
from astra.cli.payments.opening import Opened, opened
from astra.config import read_environment
from astra.errors import ConfigurationError, StorageError
from astra.instrumentation.record import RequestRecord
from astra.payments.story import Story, find_story
from astra.request_log.log import REQUESTS, RequestLog
from astra.request_log.opening import open_request_log
from astra.storage.url import read_url

Needs = Literal["store", "log", "either"]


class Sources:
    """The idempotency store and the request log of the environment, or one of them.

    Args:
        store: URL of the idempotency store, instead of the environment's.
        log: URL of the request log, instead of the environment's.
        quiet: do not say where is looked.
        needs: which of them is a must: the "store", the "log", or "either". A store that is named has to be there,
            unless the log is what is needed: then it is told that the store cannot be used.

    Raises:
        ConfigurationError: what is needed is not named, or not there.
        StorageError: it cannot be reached.
    """

    def __init__(self, *, store: str | None, log: str | None, quiet: bool = False, needs: Needs = "either") -> None:
        named = read_environment()
        self._stack = ExitStack()
        self.log: RequestLog | None = None
        self.log_place: str | None = None
        address = (log or "").strip() or named.request_log
        if address and address != "memory://":
            self.log_place = f"request log: {name_store(address, family=REQUESTS)}{_absence(address)}"
            self.log = open_request_log(address)
            self._stack.callback(self.log.close)
        elif needs == "log":
            raise ConfigurationError(
                "Which request log? Set ASTRA_REQUEST_LOG or pass --log, e.g. sqlite:///requests.db"
            )
        is_named = store or needs == "store" or named.idempotency_store not in (None, "memory://")
        self.payments = self._open_payments(store, quiet=quiet, needs=needs) if is_named else None
        if self.payments is None and self.log is None:
            raise ConfigurationError(
                "Where to look? Set ASTRA_IDEMPOTENCY_STORE and ASTRA_REQUEST_LOG as your programs have them, or pass "
                "--store and --log."
            )
        if not quiet:
            if self.payments is None:
                say("no idempotency store is named (ASTRA_IDEMPOTENCY_STORE): payments are known from the log alone")
            say(self.log_place or "no request log is named (ASTRA_REQUEST_LOG): requests are not shown")

    def _open_payments(self, store: str | None, *, quiet: bool, needs: Needs) -> Opened | None:
        try:
            return self._stack.enter_context(opened(store, quiet=quiet or needs == "log"))
        except (ConfigurationError, StorageError) as error:
            if needs != "log":
                self._stack.close()
                raise
            say(f"the payments cannot be looked at: {error}")
            return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def fields(self) -> dict[str, Any]:
        """Where was looked, for programs."""
        known = {"store": None} if self.payments is None else self.payments.fields
        return known | {"request_log": self.log_place}

    def where(self, any_id: str) -> str:
        """Says where was looked, for when nothing was found.

        Args:
            any_id: what was looked for.
        """
        told = [] if self.payments is None else [self.payments.where(any_id=any_id)]
        return "; ".join([*told, *([] if self.log_place is None else [f"looked at {self.log_place}"])])

    def attempts(self, any_id: str) -> list[RequestRecord]:
        """The attempts of one call, by the id of the call or of one of its answers.

        Args:
            any_id: the id.
        """
        return [] if self.log is None else self.log.find(any_id)

    def find(self, any_id: str) -> Story:
        """Finds the story of an id; see `find_story`.

        Args:
            any_id: the id.
        """
        known = self.payments
        if known is None:
            return find_story(any_id, payments=None, log=self.log)
        return find_story(any_id, payments=lambda one: known.select(any_id=one), log=self.log)


def _absence(log: str) -> str:
    place = read_url(log, family=REQUESTS)
    # A log that writes a file a day has none of its own name.
    is_missing = place.kind == "sqlite" and not Path(place.path).exists()
    return ", WHICH IS NOT THERE: no request was ever kept, or the path is wrong" if is_missing else ""
