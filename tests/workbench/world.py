"""A sandbox in which much has happened: people, payments that ended each way, webhooks that failed, faults."""

from __future__ import annotations

from astra.sandbox import Sandbox
from tests.sandbox.conftest import CARD, INTENT, Person, Program

SECRETS = {
    "name": "Zyzzyvason",
    "email": "jane.zyzzyvason@example.com",
    "phone": "+14155550123",
    "street": "Elm Street 77",
    "birth": "1990-05-04",
    "ssn": "123456789",
    "card": "4000000000000077",
    "account": "000123456789",
    "ip": "198.51.100.77",
}
"""What is marked in the spec as secret or personal, and given to the sandbox wherever it takes it."""

HOSTILE = '<script>alert("1")</script>\x1b[31m'


def busy(sandbox: Sandbox, program: Program, *, users: int = 3, transfers: int = 30) -> dict[str, str]:
    """Fills a sandbox, and returns the id of one thing of each kind."""
    sandbox.seed(users=users, transfers=transfers, authorized=True)
    intent = program.intent(
        **{
            "email": SECRETS["email"],
            "phone": SECRETS["phone"],
            "first_name": "Jane",
            "last_name": SECRETS["name"],
            "address1": SECRETS["street"],
            "date_of_birth": SECRETS["birth"],
            "ssn": SECRETS["ssn"],
            "ip_address": SECRETS["ip"],
        }
    )
    sandbox.user_intents.create(status="document")
    person = program.signed_in(user_intent_id=intent, accounts=2)
    ids = {"user": person.id, "intent": intent}
    ids |= _payments(sandbox, person)
    _refusals(sandbox, program, person)
    sandbox.users.create(status="suspended")
    sandbox.users.create(status="document")
    sandbox.faults.add(operation="get_user", status=503)
    person.http.get("/v1/user")
    sandbox.faults.add(operation="create_routine", drop="after", skip=2)
    ids["event"] = sandbox.webhooks.events[-1].id
    ids["request"] = next(one.request_id for one in sandbox.requests if one.operation == "create_routine")
    return ids


def _payments(sandbox: Sandbox, person: Person) -> dict[str, str]:
    account = person.accounts()[0]["id"]
    person.http.post("/v1/accounts/create", json={
        "institution_id": "astra_ins_131", "bank_account_type": "checking", "name": "Main",
        "account_number": SECRETS["account"], "routing_number": "222222226",
    })  # fmt: skip
    card = person.post("/v1/cards", **{**CARD, "card_number": SECRETS["card"], "last_name": SECRETS["name"]})
    sandbox.cards.set_status(card["id"], "approved")
    kept: dict[str, str] = {"account": account, "card": card["id"]}
    for number, name in enumerate(("Rent", "Phone", "Gym", HOSTILE, "Late fee")):
        routine = person.pay(name=name, amount=10 + number, client_correlation_id=f"INV{number:05d}")
        kept[f"routine-{number}"] = routine["id"]
        kept[f"transfer-{number}"] = person.transfer_of(routine)["id"]
    sandbox.transfers.process(kept["transfer-0"])
    sandbox.transfers.fail(kept["transfer-1"], reason="R03")
    sandbox.transfers.process(kept["transfer-2"])
    sandbox.transfers.return_(kept["transfer-2"], code="R10")
    kept["routine"], kept["transfer"] = kept["routine-3"], kept["transfer-0"]
    return kept


def _refusals(sandbox: Sandbox, program: Program, person: Person) -> None:
    person.http.post("/v1/routines", json={**person.payment(), "amount": -1, "name": SECRETS["email"]})
    person.http.get("/v1/transfers/nobody")
    person.http.get("/v1/nothing", params={"phone": SECRETS["phone"], "q": HOSTILE})
    person.http.post("/v1/routines", content=b'{"card_number": "4242', headers={"content-type": "application/json"})
    person.http.post("/v1/routines", json={"name": HOSTILE * 3000})
    program.http.post("/v1/user_intent", json={**INTENT, "email": "not one"})
