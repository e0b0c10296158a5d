"""Puts an engine together, and lets it begin again: its schedule's actions and its first client."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import attrs

from astra.sandbox.engine import changes, failures, instruments, people, routine_runs
from astra.sandbox.engine.clock import SandboxClock, set_back
from astra.sandbox.engine.core import Action, Engine
from astra.sandbox.engine.ids import Ids
from astra.sandbox.engine.options import SANDBOX_BINS, Options
from astra.sandbox.engine.records import BusinessProfile, Client
from astra.sandbox.engine.state import State
from astra.sandbox.magic import fates

ACTIONS: dict[str, Action] = {
    "review_intent": people.review_intent,
    "review_user": people.review_user,
    "review_phone": changes.review_phone,
    "run_routine": routine_runs.run,
    "give_up_routine": routine_runs.give_up,
    "process_transfer": fates.clear,
    "return_transfer": fates.give_back,
    "dispute_transfer": fates.dispute,
    "refund_transfer": failures.refund,
    "add_to_batch": instruments.add_to_batch,
    "close_batch": instruments.close_batch,
}


@attrs.frozen(kw_only=True)
class Setup:
    """What an engine is made with, and what a reset leaves as it is.

    Attributes:
        clock: the sandbox's clock.
        seed: makes ids the same in every run; None makes them unpredictable.
        options: the rules.
        client_id: the OAuth client's id.
        client_secret: its secret.
        redirect_uris: where its pages may go back to.
        p2p: whether it may move money between people.
        keep_events: how many events are remembered.
        turn_back: turns the clock back to how it stood at the start.
    """

    clock: SandboxClock
    seed: int | str | None
    options: Options
    client_id: str
    client_secret: str = attrs.field(repr=False)
    redirect_uris: Sequence[str]
    p2p: bool
    keep_events: int
    turn_back: Callable[[], None] = attrs.field(repr=False)


def build_engine(setup: Setup, *, state: State | None = None, random: object = None) -> Engine:
    """Returns an engine with one client, the client's own business profile and two payment instruments.

    Args:
        setup: what it is made with.
        state: a state to continue from.
        random: the state of its streams of ids, to continue from if there is a seed.
    """
    engine = Engine(
        clock=setup.clock,
        ids=ids_of(setup, random),
        options=setup.options,
        actions=ACTIONS,
        state=state,
        keep_events=setup.keep_events,
    )
    found_client(engine, setup)
    return engine


def begin_again(
    engine: Engine, setup: Setup, *, state: State | None = None, random: object = None, now: float | None = None
) -> None:
    """Makes an engine as `build_engine` would; the caller holds its lock.

    Args:
        engine: the engine.
        setup: what it was made with.
        state: a state to continue from.
        random: the state of its streams of ids, to continue from if there is a seed.
        now: the time of that state, in epoch seconds.
    """
    setup.turn_back()
    if now is not None:
        set_back(setup.clock, now)
    engine.resets += 1
    engine.begin(ids_of(setup, random), State() if state is None else state)
    found_client(engine, setup)


def ids_of(setup: Setup, random: object) -> Ids:
    """Returns where ids come from: from their state if there is a seed, else from chance."""
    ids = Ids(seed=setup.seed)
    if setup.seed is not None:
        ids.setstate(random)
    return ids


def found_client(engine: Engine, setup: Setup) -> None:
    """Registers the client, if there is none yet, and gives it what it was set up with."""
    client = engine.state.clients.get(setup.client_id)
    if client is None:
        client = Client(id=setup.client_id, secret="", redirect_uris=(), bins=SANDBOX_BINS)
        engine.state.clients[client.id] = client
        profile = BusinessProfile(
            id=engine.ids.hex("business profile"),
            owner=client.id,
            seq=engine.state.next_seq(),
            created=engine.now(),
            values={
                "phone": "+15550000001",
                "kyb_type": "verified",
                "business_info": {"business_name": "Your Program"},
            },
        )
        engine.state.business_profiles.add(profile)
        client.business_profile_id = profile.id
        for name, balance in (("FBO settlement account", Decimal(1_000_000)), ("Operating account", Decimal(250_000))):
            instruments.add_instrument(engine, client, name=name, balance=balance)
    client.secret, client.p2p = setup.client_secret, setup.p2p
    client.redirect_uris = list(dict.fromkeys([*client.redirect_uris, *setup.redirect_uris]))
