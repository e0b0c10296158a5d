"""Payments by state, those first of which nobody knows what became of them."""

# ruff: noqa: S608 - only constants and placeholders are put into statements

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import attrs

from astra.dashboard.cursors import Cursor, following
from astra.dashboard.masking import HIDDEN, Masks
from astra.errors import IdempotencyStoreError
from astra.payments.advice import Advice, advise
from astra.payments.record import CLOSED, PaymentRecord, PaymentState
from astra.payments.stores.base import PAYMENTS
from astra.payments.stores.rows import COLUMNS, record_of
from astra.payments.stores.sqlite import MIGRATIONS
from astra.storage.reading import Kept, Reading
from astra.tokens.identity import Identity

PAID: Final = Kept(
    family=PAYMENTS,
    schema="payments_schema",
    version=len(MIGRATIONS),
    table="astra_payments",
    sql_version=1,
    columns=frozenset(COLUMNS),
)
MOST_OPEN: Final = 200
"""Payments of unknown outcome that are looked at, used first longest ago first."""

PAGE: Final = 50
STATES: Final = tuple(sorted(CLOSED, key=list(PaymentState).index))
_MINE: Final = "environment = :environment AND client_id = :client_id"
_OPEN: Final = "state IN ('sending', 'uncertain')"


@attrs.frozen(kw_only=True)
class PaymentView:
    """What is shown of a payment.

    Attributes:
        record: it, masked.
        advice: who has to do what.
        trace: an id of it that may stand in an address, or None.
        is_live: whether its sender may still be at it.
    """

    record: PaymentRecord
    advice: Advice
    trace: str | None
    is_live: bool


@attrs.frozen(kw_only=True)
class Tally:
    """How many payments are in which state.

    Attributes:
        counts: by state.
        others: how many payments others have here; counted only where the client has none.
        open: those whose outcome nobody knows; at most `MOST_OPEN`, used first longest ago first.
        damaged: how many of those rows cannot be read.
    """

    counts: Mapping[PaymentState, int]
    others: int
    open: tuple[PaymentView, ...]
    damaged: int

    @property
    def total(self) -> int:
        """All payments."""
        return sum(self.counts.values())

    @property
    def waiting(self) -> tuple[PaymentView, ...]:
        """Those of the open ones that nobody is sending just now."""
        return tuple(view for view in self.open if not view.is_live)

    @property
    def is_cut(self) -> bool:
        """Whether there are more open ones."""
        shown = len(self.open) + self.damaged
        return sum(self.counts.get(state, 0) for state in PaymentState if state not in CLOSED) > shown


@attrs.frozen(kw_only=True)
class PaymentPage:
    """Some payments, used first most lately first.

    Attributes:
        rows: the payments.
        damaged: how many rows cannot be read.
        after: where the next page begins, or None when this is the last.
    """

    rows: tuple[PaymentView, ...]
    damaged: int = 0
    after: Cursor | None = None


def read_tally(look: Reading, identity: Identity, *, now: datetime, masks: Masks) -> Tally:
    """Counts payments, and reads those of unknown outcome.

    Args:
        look: into the store.
        identity: whose.
        now: the time (aware).
        masks: what may be shown.
    """
    whose = {"environment": identity.environment, "client_id": identity.client_id}
    counted = look.rows(f"SELECT state, count(*) FROM astra_payments WHERE {_MINE} GROUP BY state", **whose)
    known = {state.value: state for state in PaymentState}
    counts = {known[row[0]]: int(row[1]) for row in counted if row[0] in known}
    strange = sum(int(row[1]) for row in counted if row[0] not in known)
    others = 0 if counted else int(look.rows("SELECT count(*) FROM astra_payments")[0][0])
    rows = look.rows(
        f"SELECT {', '.join(COLUMNS)} FROM astra_payments WHERE {_OPEN} AND {_MINE} ORDER BY created LIMIT :size",
        **whose,
        size=MOST_OPEN,
    )
    views, damaged = _views(rows, now=now, masks=masks)
    return Tally(counts=counts, others=others, open=views, damaged=damaged + strange)


def read_page(
    look: Reading,
    identity: Identity,
    *,
    now: datetime,
    masks: Masks,
    state: PaymentState | None,
    after: Cursor | None,
    limit: int = PAGE,
) -> PaymentPage:
    """Lists payments.

    Args:
        look: into the store.
        identity: whose.
        now: the time (aware).
        masks: what may be shown.
        state: only in this state, or None for all whose outcome is known.
        after: where to begin, or None for the first page.
        limit: at most so many.
    """
    only = f"NOT ({_OPEN})" if state is None else "state = :state"
    begin = "" if after is None else " AND created <= :value"
    rows = look.rows(
        f"SELECT {', '.join(COLUMNS)} FROM astra_payments WHERE {_MINE} AND {only}{begin}"
        f" ORDER BY created DESC, {', '.join(COLUMNS[:4])} LIMIT :size OFFSET :skip",
        environment=identity.environment,
        client_id=identity.client_id,
        size=limit + 1,
        skip=0 if after is None else after.skip,
        **({} if state is None else {"state": state.value}),
        **({} if after is None else {"value": after.value}),
    )
    views, damaged = _views(rows[:limit], now=now, masks=masks)
    values = [row[COLUMNS.index("created")] for row in rows[:limit]]
    more = following(values, after=after) if len(rows) > limit else None
    return PaymentPage(rows=views, damaged=damaged, after=more)


def _views(rows: Iterable[Sequence[Any]], *, now: datetime, masks: Masks) -> tuple[tuple[PaymentView, ...], int]:
    views: list[PaymentView] = []
    damaged = 0
    for row in rows:
        try:
            views.append(view_of(record_of(row), now=now, masks=masks))
        except IdempotencyStoreError:
            damaged += 1
    return tuple(views), damaged


def view_of(record: PaymentRecord, *, now: datetime, masks: Masks) -> PaymentView:
    """Returns what is shown of a payment.

    Args:
        record: as it is stored.
        now: the time (aware).
        masks: what may be shown.
    """
    masked = masks.payment(record)
    ids = (masked.key, masked.resource_id, masked.call_id, masked.client_correlation_id)
    trace = next((one for one in ids if one and not one.startswith(HIDDEN)), None)
    advice = advise(masked, now=now)
    if masked.key.startswith(HIDDEN) and advice.commands:
        # The commands name the key, which is not shown; in a terminal they are told in full.
        commands = (f"astra trace {trace}",) if trace else ("astra payments list --state uncertain",)
        advice = attrs.evolve(advice, commands=commands, what=f"{advice.what} (The key is told by the command below.)")
    return PaymentView(record=masked, advice=advice, trace=trace, is_live=record.is_live(now))
