"""What needs people now, one sentence each. Decisions only."""

from __future__ import annotations

from typing import Final

import attrs

from astra.dashboard.grants import THRESHOLDS, Health
from astra.dashboard.payments import Tally
from astra.dashboard.requests import Summary
from astra.dashboard.troubles import Trouble
from astra.tokens.tally import problems

MANY: Final = 0.05
"""Share of failed attempts from which on somebody should look."""

FEW: Final = 5
"""So many failures say nothing yet."""


@attrs.frozen(kw_only=True)
class Item:
    """Something that needs people.

    Attributes:
        level: "bad" when it costs money or customers if nobody acts, else "warn".
        text: a sentence.
        page: where more of it is shown.
        more: what the link says.
    """

    level: str
    text: str
    page: str
    more: str


def of_trouble(trouble: Trouble, *, what: str, page: str, is_set: bool) -> Item:
    """What is said of a store that cannot be read: that nobody knows how things are.

    Args:
        trouble: why.
        what: what is kept there.
        page: its page.
        is_set: whether a setting names it.
    """
    text = f"How it stands with {what} is not known: {trouble.text}"
    return Item(level="bad" if is_set else "warn", text=text, page=page, more="What to do")


def of_grants(health: Health) -> list[Item]:
    """What of the grants needs people, as `astra tokens status` says it.

    Args:
        health: what was counted.
    """
    found = [
        Item(level="bad", text=one if one.endswith("?") else f"{one}.", page="/tokens", more="Tokens")
        for one in problems(health.status, THRESHOLDS)
    ]
    if not health.is_complete:
        told = f"Only {health.looked_at:,} of {health.total:,} grants were read: there may be more that needs people."
        found.append(Item(level="warn", text=told, page="/tokens", more="Tokens"))
    return found


def of_payments(tally: Tally) -> list[Item]:
    """What of the payments needs people.

    Args:
        tally: what was counted.
    """
    found: list[Item] = []
    if waiting := len(tally.waiting):
        many = f"{waiting} or more" if tally.is_cut else f"{waiting}"
        one = many == "1"
        who, them = ("payment", "it") if one else ("payments", "them")
        told = f"{many} {who} may or may not have been made: nobody knows what became of {them}."
        found.append(Item(level="bad", text=told, page="/payments", more="Payments"))
    if tally.damaged:
        records = "record" if tally.damaged == 1 else "records"
        told = f"{tally.damaged} {records} of payments cannot be read: damaged, or written by a newer release."
        found.append(Item(level="bad", text=told, page="/payments", more="Payments"))
    return found


def of_requests(summary: Summary, *, period: str) -> list[Item]:
    """What of the requests needs people.

    Args:
        summary: what was counted.
        period: the time that it is about, as it stands in the address.
    """
    if summary.failed <= FEW or summary.failed < MANY * summary.total:
        return []
    percent = summary.failed / summary.total * 100
    told = f"{percent:.0f} % of the requests of the last hour failed ({summary.failed:,} of {summary.total:,})."
    return [Item(level="warn", text=told, page=f"/requests?period={period}", more="Requests")]
