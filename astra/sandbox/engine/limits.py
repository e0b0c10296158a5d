"""What a user may move, by transfer and by 24 hours. That there are limits is documented-old; how high, is not."""

from __future__ import annotations

from decimal import Decimal

from astra.sandbox.engine.core import Engine
from astra.sandbox.engine.problems import refused
from astra.sandbox.engine.records import Routine, User

DAY = 24 * 3600.0
ABOVE = "The amount is above the user's limit."
ABOVE_DAILY = "The amount is above what is left of the user's daily limit."


def check(engine: Engine, user: User, routine: Routine) -> None:
    """Refuses a routine that moves more than its user may.

    Raises:
        Problem: 400, with the limit that is passed.
    """
    if user.transfer_limit is not None and routine.amount > user.transfer_limit:
        raise refused(ABOVE)
    if user.daily_limit is not None and moved(engine, user) + routine.amount > user.daily_limit:
        raise refused(ABOVE_DAILY)


def moved(engine: Engine, user: User) -> Decimal:
    """Returns what a user's transfers of the last 24 hours move, without those that failed or were cancelled."""
    since, total = engine.now() - DAY, Decimal(0)
    for transfer in reversed(engine.state.transfers.of(user.id)):
        if transfer.created <= since:
            break
        if transfer.status in ("pending", "processed"):
            total += transfer.amount
    return total
