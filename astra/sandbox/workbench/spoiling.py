"""Faults in words. Pure."""

from __future__ import annotations

from typing import Final

import attrs

from astra.sandbox.faults import Fault
from astra.web.wording import number


@attrs.frozen(kw_only=True)
class Row:
    """One fault in words.

    Attributes:
        id: its number.
        when: which requests it hits.
        what: what it does to them.
        hits: how many it has hit.
        operation: the operation that it hits; None hits all.
    """

    id: int
    when: str
    what: str
    hits: int
    operation: str | None


RECIPES: Final = (
    ("Answer with an error", {"status": 503}),
    ("Act, then lose the answer", {"drop": "after"}),
    ("Close the connection before acting", {"drop": "before"}),
    ("Act, then answer 15 seconds late", {"delay": 15}),
    ("Act, then answer with HTML", {"garbage": True}),
    ("Too many requests", {"status": 429}),
)
"""What goes wrong most, as arguments of `faults.add`."""


def words(fault: Fault, *, hits: int) -> Row:
    """Tells what a fault does.

    Args:
        fault: the fault, as it stands now.
        hits: how many requests it has hit.
    """
    return Row(id=fault.id, when=_when(fault, hits), what=_what(fault), hits=hits, operation=fault.operation)


def _when(fault: Fault, hits: int) -> str:
    name = fault.operation or "request of any kind"
    skipped = f", after {number(fault.skip)} more of them" if fault.skip else ""
    if fault.times is None:
        return f"Every {name}{skipped}"
    left = max(fault.times - hits, 0)
    return f"The next {name}{skipped}" if left == 1 else f"The next {number(left)} of {name}{skipped}"


def _what(fault: Fault) -> str:
    told: list[str] = []
    if fault.hold:
        told.append(f"waits {fault.hold:g} s")
    told.append("is done" if fault.acts() else "is not done")
    if fault.delay:
        told.append(f"is answered {fault.delay:g} s late")
    if fault.drop is not None:
        told.append("loses its answer by a reset" if fault.reset else "loses its answer, the connection closes")
    elif fault.after_bytes is not None:
        told.append(f"is cut off after {number(fault.after_bytes)} bytes")
    elif fault.status is not None:
        told.append(f"is answered with {fault.status}")
    if fault.garbage:
        told.append("is answered with what is no JSON")
    elif fault.body is not None:
        told.append("gets a body of its own")
    if fault.headers:
        told.append(f"gets the headers {', '.join(fault.headers)}"[:200])
    if fault.slow:
        told.append(f"gets its body over {fault.slow:g} s")
    return ", ".join(told)
