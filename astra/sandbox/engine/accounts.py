"""Bank accounts of a user."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from astra.sandbox.engine import ledger
from astra.sandbox.engine.core import Answer, Call, Engine
from astra.sandbox.engine.paging import page
from astra.sandbox.engine.problems import missing, refused
from astra.sandbox.engine.reader import Reader
from astra.sandbox.engine.records import Account, User
from astra.sandbox.magic.table import rows

# Plaid's own sandbox accounts have 100,000 dollars less; these can pay the largest transfer.
PLAID_NAMES = {
    "checking": (
        "Plaid Checking",
        "Plaid Gold Standard 0% Interest Checking",
        "0000",
        Decimal(100_110),
        Decimal(100_100),
    ),
    "savings": (
        "Plaid Saving",
        "Plaid Silver Standard 0.1% Interest Saving",
        "1111",
        Decimal(100_210),
        Decimal(100_200),
    ),
}
EXISTS = "Account Already Exists"
ROUTING_MESSAGE = "Not a valid routing number."


def show_account(engine: Engine, account: Account) -> dict[str, Any]:
    """Returns an account as Astra sends it."""
    return {
        "id": account.id,
        "official_name": account.official_name,
        "name": account.name,
        "nickname": account.nickname,
        "mask": account.mask,
        "institution_name": account.institution_name,
        "institution_logo": None,
        "type": account.type,
        "subtype": account.subtype,
        "current_balance": engine.money(account.current_balance),
        "available_balance": engine.money(ledger.available(engine.state, account.id)),
        "last_balance_update_on": engine.stamp(account.created) if account.current_balance is not None else None,
        "connection_status": account.connection_status,
    }


def list_accounts(engine: Engine, call: Call) -> Answer:
    """Serves `GET /v1/accounts`."""
    records = engine.state.accounts.of(call.person().id)
    return page(engine, call.query, plural="accounts", records=records, show=show_account)


def owned_account(engine: Engine, call: Call) -> Account:
    """Returns the account that the path names, when it is the user's."""
    account = engine.state.accounts.owned_by(call.person().id, call.path["id"])
    if account is None:
        raise missing()
    return account


def get_account(engine: Engine, call: Call) -> Answer:
    """Serves `GET /v1/accounts/{id}`."""
    return Answer(200, show_account(engine, owned_account(engine, call)))


def delete_account(engine: Engine, call: Call) -> Answer:
    """Serves `DELETE /v1/accounts/{id}`: answers with a status only."""
    account = owned_account(engine, call)
    ledger.closed(engine.state, account)
    engine.state.accounts.remove(account)
    return engine.done()


def create_account(engine: Engine, call: Call) -> Answer:
    """Serves `POST /v1/accounts/create`, on the secure host: an account by account and routing number."""
    user = call.person()
    body = Reader(call.body)
    institution = body.text("institution_id", pattern=r"astra_ins_\w+", message="Not a valid institution id.")
    kind = body.text("bank_account_type", choices=("checking", "savings"))
    name = body.text("name")
    number = body.text("account_number", pattern=r"\d{7,17}", message="Must be 7 to 17 digits.")
    routing = body.text("routing_number", pattern=r"\d{9}", message=ROUTING_MESSAGE)
    if len(routing) == 9 and routing.isascii() and routing.isdigit() and not is_routing_number(routing):
        body.complain("routing_number", ROUTING_MESSAGE)
    body.finish()
    origin = f"{routing}:{number}"
    if any(account.origin == origin for account in engine.state.accounts.of(user.id)):
        raise refused(EXISTS)
    account = Account(
        id=engine.ids.direct_account(institution),
        owner=user.id,
        seq=engine.state.next_seq(),
        created=engine.now(),
        name=name,
        mask=number[-4:],
        institution_name=f"Institution {institution.removeprefix('astra_ins_')}",
        subtype=kind,
        client_issued=True,
        origin=origin,
    )
    engine.state.accounts.add(account)
    return Answer(201, show_account(engine, account))


def is_routing_number(digits: str) -> bool:
    """Tells whether nine digits carry the check digit of a US routing number (222222226 does)."""
    return sum(int(digit) * weight for digit, weight in zip(digits, (3, 7, 1) * 3, strict=True)) % 10 == 0


def create_account_from_processor_token(engine: Engine, call: Call) -> Answer:
    """Serves `POST /v1/accounts/processor_token`.

    All Plaid sandbox tokens stand for the same account and routing numbers, so a user can have one checking and one
    savings account from them; after that, and for a token used before, it is "Account Already Exists".
    """
    user = call.person()
    body = Reader(call.body)
    token = body.text("processor_token")
    body.finish()
    if any(account.origin == token for account in engine.state.accounts.of(user.id)):
        raise refused(EXISTS)
    kinds = ("savings",) if any(row.value in token for row in rows("processor_token")) else ("checking", "savings")
    for kind in kinds:
        if plaid_account(engine, user, kind) is None:
            return Answer(201, show_account(engine, link(engine, user, kind, origin=token)))
    raise refused(EXISTS)


def plaid_account(engine: Engine, user: User, kind: str) -> Account | None:
    """Returns the user's account of a kind that came through Plaid."""
    held = engine.state.accounts.of(user.id)
    return next((account for account in held if account.subtype == kind and not account.client_issued), None)


def link(engine: Engine, user: User, kind: str, *, origin: str = "") -> Account:
    """Links one of Plaid's sandbox accounts to a user."""
    name, official, mask, current, available = PLAID_NAMES[kind]
    account = Account(
        id=engine.ids.plaid_account(),
        owner=user.id,
        seq=engine.state.next_seq(),
        created=engine.now(),
        name=name,
        official_name=official,
        mask=mask,
        institution_name="Chase",
        subtype=kind,
        current_balance=current,
        available_balance=available,
        origin=origin,
    )
    ledger.opened(engine.state, current)
    return engine.state.accounts.add(account)
