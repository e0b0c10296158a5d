"""Puts an engine together: its schedule's actions and its first client."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from astra.sandbox.engine import changes, failures, instruments, people, routine_runs
from astra.sandbox.engine.clock import SandboxClock
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


def build_engine(
    *,
    clock: SandboxClock,
    ids: Ids,
    options: Options,
    client_id: str,
    client_secret: str,
    redirect_uris: Sequence[str],
    p2p: bool = False,
    state: State | None = None,
    keep_events: int = 10_000,
) -> Engine:
    """Returns an engine with one client, the client's own business profile and two payment instruments."""
    engine = Engine(clock=clock, ids=ids, options=options, actions=ACTIONS, state=state, keep_events=keep_events)
    client = engine.state.clients.get(client_id)
    if client is None:
        client = Client(id=client_id, secret="", redirect_uris=(), bins=SANDBOX_BINS)
        engine.state.clients[client_id] = client
        profile = BusinessProfile(
            id=ids.hex("business profile"),
            owner=client_id,
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
    client.secret, client.p2p = client_secret, p2p
    client.redirect_uris = list(dict.fromkeys([*client.redirect_uris, *redirect_uris]))
    return engine
