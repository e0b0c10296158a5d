"""What a test leaves behind in its sandbox: faults that never struck, webhooks that were not delivered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from astra.sandbox import Sandbox
    from astra.sandbox.faults import Fault
    from astra.sandbox.webhooks import Attempt, Delivery

SETTING: Final = "astra_may_leave"
"""Name of the ini option and of the marker."""

KINDS: Final = ("faults", "webhooks")
WATCHED: Final = pytest.StashKey["tuple[Sandbox, set[str]]"]()
PASSED: Final = pytest.StashKey[bool]()
LEFT: Final = pytest.StashKey[str]()
NAMED: Final = 10
"""How many leftovers are named."""


def check_setting(config: pytest.Config) -> None:
    """Checks the ini option.

    Raises:
        UsageError: it names something that no test leaves behind.
    """
    list(checked(config.getini(SETTING), place="the ini option"))


def watch(item: pytest.Item, sandbox: Sandbox) -> None:
    """Notes the sandbox of a test, and what the test may leave behind in it.

    Raises:
        UsageError: the marker names something that no test leaves behind.
    """
    may_leave = set(checked(item.config.getini(SETTING), place="the ini option"))
    for marker in item.iter_markers(SETTING):
        if marker.kwargs:
            raise pytest.UsageError(f"the marker {SETTING} takes no {next(iter(marker.kwargs))}=")
        may_leave |= set(checked(marker.args or KINDS, place="the marker"))
    item.stash[WATCHED] = sandbox, may_leave


def look(item: pytest.Item) -> None:
    """Looks into the sandbox of a test that passed, and keeps what is wrong for the fixture to report.

    It is done before any fixture ends: later, a receiver that could still take its webhooks would be closed.
    """
    if WATCHED not in item.stash or PASSED not in item.stash:
        return
    sandbox, may_leave = item.stash[WATCHED]
    if "webhooks" not in may_leave and sandbox.webhooks.urls:
        sandbox.webhooks.deliver_pending()
    item.stash[LEFT] = told(sandbox, may_leave=may_leave)


def checked(kinds: Iterable[object], *, place: str) -> Iterator[str]:
    """Yields kinds of leftovers.

    Raises:
        UsageError: there is no such kind.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise pytest.UsageError(f"{place} {SETTING} takes {' and '.join(KINDS)}, not {kind!r}")
        yield str(kind)


def told(sandbox: Sandbox, *, may_leave: set[str]) -> str:
    """Returns what is wrong, or an empty text."""
    lines: list[str] = []
    if "faults" not in may_leave:
        counts = sandbox.counts
        lines += [told_fault(fault, counts=counts) for fault in sandbox.faults.unstruck]
    if "webhooks" not in may_leave and (left := sandbox.webhooks.undelivered):
        attempts = sandbox.webhooks.attempts
        lines += [told_delivery(delivery, attempts=attempts) for delivery in left]
    if not lines:
        return ""
    more = [f"and {len(lines) - NAMED} more"] if len(lines) > NAMED else []
    return "\n  - ".join(("This test leaves behind in its sandbox:", *lines[:NAMED], *more)) + (
        "\nRemove what is not needed, or say that it is meant: "
        f"@pytest.mark.{SETTING}({', '.join(repr(kind) for kind in KINDS)}), or the ini option {SETTING}."
    )


def told_fault(fault: Fault, *, counts: Mapping[str, int]) -> str:
    """Says of a fault that it never struck, and what was called instead."""
    called = ", ".join(f"{name} ({count})" for name, count in sorted(counts.items())) or "nothing"
    waits = f" It would let {fault.skip} more pass first." if fault.skip else ""
    return f"{fault} never struck.{waits} Called was: {called}."


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
