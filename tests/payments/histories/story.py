"""What may happen to payments under keys, as data, and how hypothesis makes it up."""

from __future__ import annotations

from typing import Any, Final

import attrs
from hypothesis import strategies as st

PAYERS: Final = ("blocking", "asyncio", "other")
"""Processes that pay: a blocking client, an asyncio client, and another blocking one."""

FAULTS: Final[dict[str, dict[str, Any]]] = {
    "lost": {"operation": "create_routine", "drop": "after"},
    "lost before": {"operation": "create_routine", "drop": "before"},
    "reset": {"operation": "create_routine", "drop": "after", "reset": True},
    "cut short": {"operation": "create_routine", "after_bytes": 60},
    "garbage": {"operation": "create_routine", "garbage": True},
    "503": {"operation": "create_routine", "status": 503},
    "503 and made": {"operation": "create_routine", "status": 503, "act": True},
    "429": {"operation": "create_routine", "status": 429},
    "400": {"operation": "create_routine", "status": 400},
    "401": {"operation": "create_routine", "status": 401},
    "slow": {"operation": "create_routine", "delay": 0.2},
    "late": {"operation": "create_routine", "hold": 0.2},
    "blind": {"operation": "list_routines", "status": 500, "times": 3},
    "half blind": {"operation": "list_transfers", "drop": "before", "times": 3},
}
"""What may go wrong at Astra or on the way, as faults of the sandbox."""

OVERDUE: Final = frozenset({"slow", "late"})
"""Faults by which the answer comes when its caller has gone."""

RESEND_AFTER: Final = 3600.0
"""Seconds after which a history with `resend_after` sends again."""


@attrs.frozen
class Cut:
    """Where the process that does something ends, or leaves it: at its n-th step.

    Attributes:
        step: the step, from 1; past the last one nothing happens.
        how: "kill" (SIGKILL) or "cancel" (a cancelled task, or a KeyboardInterrupt).
    """

    step: int
    how: str = "kill"


@attrs.frozen(kw_only=True)
class Pay:
    """A process pays under a key."""

    by: str
    key: int = 0
    amount: str = "20.00"
    fault: str | None = None
    cut: Cut | None = None


@attrs.frozen(kw_only=True)
class Reconcile:
    """A process looks for all that is uncertain."""

    by: str
    fault: str | None = None
    cut: Cut | None = None


@attrs.frozen(kw_only=True)
class Settle:
    """A process receives a webhook about the newest routine under a key."""

    by: str
    key: int = 0
    cut: Cut | None = None


@attrs.frozen(kw_only=True)
class Resolve:
    """A person who knows what Astra has done says so; or, when `lies`, names the routine of another key."""

    by: str
    key: int = 0
    lies: bool = False
    cut: Cut | None = None


@attrs.frozen(kw_only=True)
class Prune:
    """What has not changed for a day is forgotten."""

    by: str


@attrs.frozen
class Pass:
    """Time goes by, for everybody, and what was on its way has arrived."""

    seconds: float


@attrs.frozen
class Skew:
    """The clock of one process jumps."""

    by: str
    seconds: float


Deed = Pay | Reconcile | Settle | Resolve
"""What a process does; two of them may do so at once."""

Scene = tuple[Deed, ...] | Prune | Pass | Skew


@attrs.frozen(kw_only=True)
class History:
    """One history.

    Attributes:
        scenes: what happens, one after the other; the deeds of one scene at once.
        resends: whether the clients have `resend_after`.
    """

    scenes: tuple[Scene, ...]
    resends: bool = False


def weighted(*choices: tuple[int, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """One of some strategies, each as often as its weight says; `one_of` takes each once."""
    return st.sampled_from([one for weight, one in choices for _ in range(weight)]).flatmap(lambda one: one)


BY: Final = st.sampled_from(PAYERS)
KEY: Final = st.sampled_from([0, 0, 0, 0, 1, 2])
CUT: Final = weighted(
    (1, st.none()), (1, st.builds(Cut, st.integers(1, 16), st.sampled_from(["kill", "kill", "kill", "cancel"])))
)
PAYS: Final = st.builds(
    Pay,
    by=BY,
    key=KEY,
    amount=st.sampled_from(["20.00"] * 6 + ["21.00"]),
    fault=weighted((1, st.none()), (2, st.sampled_from(sorted(FAULTS)))),
    cut=CUT,
)
LOOKS: Final = st.builds(Reconcile, by=BY, fault=st.sampled_from([None, None, None, "blind", "half blind"]), cut=CUT)
SETTLES: Final = st.builds(Settle, by=BY, key=KEY, cut=CUT)
RESOLVES: Final = st.builds(Resolve, by=BY, key=KEY, lies=st.booleans(), cut=CUT)
DEEDS: Final = st.lists(
    weighted((6, PAYS), (2, LOOKS), (1, SETTLES), (1, RESOLVES)), min_size=1, max_size=2, unique_by=lambda one: one.by
).map(tuple)
PASSES: Final = st.builds(Pass, st.sampled_from([30.0, 30.0, 2 * RESEND_AFTER, 2 * RESEND_AFTER, 30 * 3600.0]))
SKEWS: Final = st.builds(Skew, BY, st.sampled_from([-10_000.0, -30.0, 30.0, 10_000.0]))
PRUNES: Final = st.builds(Prune, by=BY)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Makes up a history."""
    resends = draw(st.booleans())
    # With `resend_after` a wrong clock is the risk that its documentation names.
    scene = weighted((7, DEEDS), (3, PASSES), (1, PRUNES), *([] if resends else [(1, SKEWS)]))
    first = draw(st.lists(PAYS, min_size=1, max_size=2, unique_by=lambda one: one.by).map(tuple))
    return History(scenes=(first, *draw(st.lists(scene, min_size=1, max_size=7))), resends=resends)
