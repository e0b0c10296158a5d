"""Fills a sandbox with many users and transfers, fast."""

from __future__ import annotations

from decimal import Decimal

import attrs

from astra.sandbox.controls.checks import make_profile
from astra.sandbox.engine import accounts, oauth
from astra.sandbox.engine.bulk import making_many
from astra.sandbox.engine.calendar import pacific_date
from astra.sandbox.engine.core import Engine
from astra.sandbox.engine.records import Routine, Transfer, User

DAY = 24 * 3600.0


@attrs.frozen
class SeededUser:
    """A user made by `sandbox.seed`.

    Attributes:
        id: Astra's user id.
        access_token: the user's access token, when tokens were asked for.
        refresh_token: the user's refresh token, when tokens were asked for.
    """

    id: str
    access_token: str | None = attrs.field(default=None, repr=False)
    refresh_token: str | None = attrs.field(default=None, repr=False)


def seed(engine: Engine, *, client_id: str, users: int, transfers: int, authorized: bool) -> list[SeededUser]:
    """Makes users with an account each, and spreads processed transfers over them, older ones first."""
    with making_many():
        made = [make_user(engine, client_id, authorized=authorized) for _ in range(users)]
        if transfers and made:
            routines = [make_routine(engine, user) for user, _ in made]
            make_transfers(engine, routines, transfers)
        return [seeded for _, seeded in made]


def make_user(engine: Engine, client_id: str, *, authorized: bool) -> tuple[User, SeededUser]:
    """Makes an approved user with a checking account."""
    seq = engine.state.next_seq()
    profile = make_profile(engine, {})
    user = User(id=engine.ids.hex("user"), owner=client_id, seq=seq, created=engine.now(), profile=profile)
    engine.state.users.add(user)
    accounts.link(engine, user, "checking")
    if not authorized:
        return user, SeededUser(user.id)
    user.authorized = True
    tokens = oauth.token_pair(engine, engine.state.clients[client_id], user)
    return user, SeededUser(user.id, tokens["access_token"], tokens["refresh_token"])


def make_routine(engine: Engine, user: User) -> Routine:
    """Makes a recurring routine to hang transfers on; it is paused, so that it makes none by itself."""
    source = engine.state.accounts.of(user.id)[0]
    routine = Routine(
        id=engine.ids.hex("routine"),
        owner=user.id,
        seq=engine.state.next_seq(),
        created=engine.now(),
        shape="classic",
        type="recurring",
        name="Savings plan",
        payment_type="ach",
        source_id=source.id,
        destination_id=engine.ids.plaid_account(),
        amount=Decimal(20),
        start_date=pacific_date(engine.now()).isoformat(),
        speed="T+2",
        status="inactive",
        frequency="weekly",
        started=True,
    )
    return engine.state.routines.add(routine)


def make_transfers(engine: Engine, routines: list[Routine], count: int) -> None:
    """Makes processed transfers, round robin over the routines; the latest of them has just cleared."""
    state, now = engine.state, engine.now()
    for number in range(count):
        routine = routines[number % len(routines)]
        created = now - 2 * DAY - (count - number) * 60.0
        state.add_transfer(
            Transfer(
                id=engine.ids.hex("transfer"),
                owner=routine.owner,
                seq=state.next_seq(),
                created=created,
                routine_id=routine.id,
                updated=created + 2 * DAY,
                clearing=created + 2 * DAY,
                amount=number % 500 + 1 + Decimal(number % 100) / 100,
                status="processed",
            )
        )
