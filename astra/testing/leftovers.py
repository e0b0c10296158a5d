"""What a test leaves behind in its sandbox: faults that never struck, webhooks that were not delivered."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from astra.sandbox import Sandbox
    from astra.sandbox.faults import Fault
    from astra.sandbox.webhooks import Attempt, Delivery

SETTING: Final = "astra_may_leave"
"""Name of the ini option and of the marker."""

KINDS: Final = ("faults", "webhooks")
NAMED: Final = 10
"""How many leftovers are named."""


class Watch:
    """Looks for what one test leaves behind in one sandbox.

    Args:
        sandbox: the sandbox.
        may_leave: the kinds that are meant to be left.

    Attributes:
        left: what is wrong, or an empty text.
    """

    def __init__(self, sandbox: Sandbox, *, may_leave: set[str]) -> None:
        self.left = ""
        self._sandbox = sandbox
        self._may_leave = may_leave
        self._lines: list[str] = []

    def before_reset(self) -> None:
        """Notes which faults have not struck, as the reset forgets them. What it does to webhooks is meant."""
        self._note_faults(when=" before the reset")

    def look(self) -> None:
        """Looks into the sandbox at the end of a test that passed."""
        webhooks = self._sandbox.webhooks
        if "webhooks" not in self._may_leave and webhooks.urls:
            webhooks.deliver_pending()
        self._note_faults()
        if "webhooks" not in self._may_leave and (left := webhooks.undelivered):
            attempts = webhooks.attempts
            self._lines += [told_delivery(delivery, attempts=attempts) for delivery in left]
        self.left = told(self._lines)

    def _note_faults(self, *, when: str = "") -> None:
        if "faults" not in self._may_leave:
            counts = self._sandbox.counts
            self._lines += [told_fault(fault, counts=counts, when=when) for fault in self._sandbox.faults.unstruck]


WATCHES: Final = pytest.StashKey[list[Watch]]()
PASSED: Final = pytest.StashKey[bool]()


def check_setting(config: pytest.Config) -> None:
    """Checks the ini option.

    Raises:
        UsageError: it names something that no test leaves behind.
    """
    list(checked(config.getini(SETTING), place="the ini option"))


@contextlib.contextmanager
def watched(item: pytest.Item, sandbox: Sandbox) -> Generator[Watch]:
    """Watches the sandbox of a test for what the test leaves behind in it.

    Raises:
        UsageError: the marker names something that no test leaves behind.
    """
    may_leave = set(checked(item.config.getini(SETTING), place="the ini option"))
    for marker in item.iter_markers(SETTING):
        if marker.kwargs:
            raise pytest.UsageError(f"the marker {SETTING} takes no {next(iter(marker.kwargs))}=")
        may_leave |= set(checked(marker.args or KINDS, place="the marker"))
    watch = Watch(sandbox, may_leave=may_leave)
    backend = sandbox._backend  # pyright: ignore[reportPrivateUsage]
    backend.before_reset = watch.before_reset
    item.stash.setdefault(WATCHES, []).append(watch)
    try:
        yield watch
    finally:
        backend.before_reset = None


def look(item: pytest.Item) -> None:
    """Looks into the sandboxes of a test that passed; their fixtures report what is wrong.

    It is done before any fixture ends: later, a receiver that could still take its webhooks would be closed.
    """
    if PASSED in item.stash:
        for watch in item.stash.setdefault(WATCHES, []):
            watch.look()


def checked(kinds: Iterable[object], *, place: str) -> Iterator[str]:
    """Yields kinds of leftovers.

    Raises:
        UsageError: there is no such kind.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise pytest.UsageError(f"{place} {SETTING} takes {' and '.join(KINDS)}, not {kind!r}")
        yield str(kind)


def told(lines: list[str]) -> str:
    """Returns what is wrong, or an empty text."""
    if not lines:
        return ""
    more = [f"and {len(lines) - NAMED} more"] if len(lines) > NAMED else []
    return "\n  - ".join(("This test leaves behind in its sandbox:", *lines[:NAMED], *more)) + (
        "\nRemove what is not needed, or say that it is meant: "
        f"@pytest.mark.{SETTING}({', '.join(repr(kind) for kind in KINDS)}), or the ini option {SETTING}."
    )


def told_fault(fault: Fault, *, counts: Mapping[str, int], when: str = "") -> str:
    """Says of a fault that it never struck, and what was called instead."""
    called = ", ".join(f"{name} ({count})" for name, count in sorted(counts.items())) or "nothing"
    waits = f" It would let {fault.skip} more pass first." if fault.skip else ""
    return f"{fault} never struck{when}.{waits} Called was: {called}."


def told_delivery(delivery: Delivery, *, attempts: Iterable[Attempt]) -> str:
    """Says of a webhook that nobody confirmed it, and what came of it."""
    event = delivery.event
    tried = [one for one in attempts if (one.event.id, one.url) == (event.id, delivery.url)]
    came = (
        f"after {len(tried)} attempts, the last with {tried[-1].status or tried[-1].error}" if tried else "never tried"
    )
    return (
        f"webhook {event.type} {event.id} was not delivered to {delivery.url}: {came}."
        " Call sandbox.webhooks.release() or deliver_pending(), or move the clock to its next attempt."
    )
