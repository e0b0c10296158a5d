"""The people, accounts and payments that the scenarios act on, made in a sandbox that is the same every time."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import attrs

import astra
from astra.sandbox import Sandbox, SandboxClock

DATA = Path(__file__).parent / "data"
WORLD = DATA / "world.json"
SEED = 42
# A Tuesday morning in New York, beside no holiday.
MOMENT = dt.datetime(2026, 3, 3, 16, 0, tzinfo=dt.UTC)
PERSON, BUSINESS = "person", "business"
REDIRECT_URI = "https://app.example.com/astra"


@attrs.frozen
class World:
    """Ids that the scenarios use. They are kept beside the cassettes, because a replay has no server to ask."""

    user: str
    intent: str
    business_profile: str
    checking: str
    savings: str
    spare_account: str
    card: str
    other_card: str
    spare_card: str
    routine: str
    recurring: str
    transfer: str
    cancellable: str
    batch: str
    fbo: str
    operating: str
    code: str = "code"
    session_token: str = "token"

    @classmethod
    def load(cls) -> World:
        """Reads what the last recording used."""
        return cls(**json.loads(WORLD.read_text()))

    def save(self, folder: Path) -> None:
        """Keeps the ids; the code and the token are good for one use and are not kept."""
        kept = attrs.evolve(self, code="code", session_token="token")
        (folder / WORLD.name).write_text(json.dumps(attrs.asdict(kept), indent=2) + "\n")


def open_sandbox() -> Sandbox:
    """Returns a sandbox whose ids and times are the same every time."""
    return Sandbox(seed=SEED, clock=SandboxClock(frozen_at=MOMENT), redirect_uri=REDIRECT_URI, p2p=True)


def client_of(sandbox: Sandbox) -> astra.Astra:
    """Returns a client of the sandbox."""
    return astra.Astra(
        sandbox.client_id,
        sandbox.client_secret,
        base_url=sandbox.url,
        redirect_uri=REDIRECT_URI,
        max_retries=0,
        clock=sandbox.clock,
    )


def build_world(sandbox: Sandbox, client: astra.Astra) -> World:
    """Fills a sandbox with what the scenarios need."""
    person = sandbox.users.create(status="approved", accounts=2)
    user = client.oauth.exchange(sandbox.authorize(user_id=person.id), key=PERSON)
    business = sandbox.authorize(business_profile_id=sandbox.client_business_profile_id)
    client.oauth.exchange(business, key=BUSINESS)
    intent = sandbox.user_intents.create(status="approved")
    profile = client.business_profiles.create(
        phone="+15557779999",
        business_info={"business_type": "soleProprietorship", "business_name": "Everest"},
        business_admin={"first_name": "Edmund", "last_name": "Hillary"},
    )
    savings, checking = user.accounts.list().to_list()
    spare = user.accounts.create(
        institution_id="astra_ins_131",
        bank_account_type="checking",
        name="Spare",
        account_number="7654321",
        routing_number="222222226",
    )
    cards = [sandbox.cards.create(person.id).id for _ in range(3)]
    payment = {"name": "Top-up", "payment_type": "ach", "source_id": checking.id, "destination_id": savings.id}
    routine = user.routines.create(type="one-time", amount="12.50", client_correlation_id="INV00001", **payment)
    transfer = user.routines.transfers(routine.id).first()
    other = user.routines.create(type="one-time", amount="7", **payment)
    cancellable = user.routines.transfers(other.id).first()
    recurring = user.routines.create(type="recurring", frequency="monthly", amount="5", **payment)
    fbo, operating = sandbox.payment_instruments.list()
    user.routines.account_to_card(
        name="Payout",
        amount="25.50",
        source_id=operating.id,
        destination_id=cards[0],
        destination_user_id=person.id,
        settlement_mode="net_debit",
    )
    batch = next(event for event in sandbox.webhooks.events if event.type == "batch_transfer_created")
    # Somebody else, because an exchange ends the access token that the other scenarios use.
    newcomer = sandbox.users.create(status="approved", accounts=2)
    assert transfer is not None
    assert cancellable is not None
    return World(
        user=person.id,
        intent=intent.id,
        business_profile=profile.id,
        checking=checking.id,
        savings=savings.id,
        spare_account=spare.id,
        card=cards[0],
        other_card=cards[1],
        spare_card=cards[2],
        routine=routine.id,
        recurring=recurring.id,
        transfer=transfer.id,
        cancellable=cancellable.id,
        batch=batch.body["resource_id"],
        fbo=fbo.id,
        operating=operating.id,
        code=sandbox.authorize(user_id=newcomer.id),
        session_token=client.partner_identity.create_verification(user_id=newcomer.id).token,
    )
