"""What the forms of the hosted module do."""

from __future__ import annotations

import re
from typing import Any

from astra.sandbox.engine import accounts, authorization, bank_search, cards, people
from astra.sandbox.engine.applicants import Applicant, ten_digits, user_applicant
from astra.sandbox.engine.core import Engine
from astra.sandbox.engine.problems import Problem, refused
from astra.sandbox.engine.records import BusinessProfile, Card, Client, User
from astra.sandbox.magic.table import find

Values = dict[str, str]


def unknown_phone() -> Problem:
    """Returns the refusal of a phone number that nobody has."""
    return refused("We do not know this phone number.", field="phone")


def known(applicant: Applicant | None) -> Applicant:
    """Returns the applicant, who must be known here."""
    if applicant is None:
        raise unknown_phone()
    return applicant


def set_status(engine: Engine, applicant: Applicant, status: str) -> None:
    """Gives the applicant's user, or the intent, a new status."""
    if id := applicant.given.get("user_id"):
        people.set_user_status(engine, engine.state.users.rows[id], status)
    elif id := applicant.given.get("user_intent_id"):
        people.set_intent_status(engine, engine.state.intents.rows[id], status)


def verify_personal(engine: Engine, _: Client, applicant: Applicant | None, values: Values) -> None:
    """Takes birth date and SSN of a person in `retry`. It happens once: a second failure is final."""
    applicant = known(applicant)
    digits = values.get("ssn", "").replace("-", "")
    if not re.fullmatch(r"\d{4}|\d{9}", digits, re.ASCII):
        raise refused("Enter the last four or all nine digits of the social security number.", field="ssn")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", values.get("date_of_birth", ""), re.ASCII):
        raise refused("Enter the date of birth.", field="date_of_birth")
    if applicant.status != "retry":
        raise refused(f"There is nothing to check again: the status is {applicant.status}.")
    chosen = find("ssn (hosted page)", digits[-4:])
    set_status(engine, applicant, chosen.result if chosen is not None else "approved")


def verify_document(engine: Engine, _: Client, applicant: Applicant | None, values: Values) -> None:
    """Takes the photo ID of a person in `document`."""
    applicant = known(applicant)
    if values.get("document_type") not in ("license", "id_card", "passport"):
        raise refused("Choose the kind of document.")
    if applicant.status != "document":
        raise refused(f"No document is needed: the status is {applicant.status}.")
    set_status(engine, applicant, "approved")


def verify_business(engine: Engine, client: Client, applicant: Applicant | None, values: Values) -> None:
    """Takes what a business says of itself, and starts its review over."""
    if applicant is None:
        start_business(engine, client, values)
        return
    if not values.get("business_name", "").strip():
        raise refused("Enter the name of the business.", field="business_name")
    user = authorization.subject_of(engine, client, applicant.given)
    if user.status in ("retry", "document"):
        people.set_user_status(engine, user, "pending")
        engine.after(people.BUSINESS_REVIEW_SECONDS, "review_user", user.id)


def start_business(engine: Engine, client: Client, values: Values) -> Applicant:
    """Makes a business that the client has not announced, and returns it as the applicant."""
    phone = ten_digits(values.get("phone"))
    if not phone or not values.get("business_name", "").strip():
        wrong = "business_name" if phone else "phone"
        raise refused("Enter the name of the business and a ten-digit phone number.", field=wrong)
    submitted: dict[str, Any] = {
        "phone": f"+1{phone}",
        "email": values.get("email") or None,
        "first_name": values.get("first_name") or None,
        "last_name": values.get("last_name") or None,
        "kyb_type": "verified",
        "business_info": {"business_name": values["business_name"], "ein": values.get("ein", "")},
        "business_admin": {"first_name": values.get("first_name", ""), "last_name": values.get("last_name", "")},
    }
    profile = BusinessProfile(
        id=engine.ids.hex("business profile"),
        owner=client.id,
        seq=engine.state.next_seq(),
        created=engine.now(),
        values=submitted,
    )
    engine.state.business_profiles.add(profile)
    return user_applicant(engine, people.business_user(engine, profile))


def connect_institution(engine: Engine, client: Client, applicant: Applicant | None, values: Values) -> None:
    """Links an account of the bank that the person has signed in to."""
    user = authorization.subject_of(engine, client, known(applicant).given)
    kind = values.get("kind", "checking")
    if kind not in accounts.PLAID_NAMES:
        raise refused("Choose an account.")
    if accounts.plaid_account(engine, user, kind) is not None:
        raise refused(accounts.EXISTS)
    account = accounts.link(engine, user, kind)
    account.institution_name = bank_search.BANKS[values["bank"]]


def connect_card(engine: Engine, client: Client, applicant: Applicant | None, values: Values) -> None:
    """Adds a debit card."""
    add_card(engine, authorization.subject_of(engine, client, known(applicant).given), values)


def add_card(engine: Engine, user: User, values: Values) -> Card:
    """Adds the card of a form as an external card."""
    number = re.sub(r"[ -]", "", values.get("card_number", ""))
    if not re.fullmatch(r"\d{12,19}", number, re.ASCII):
        raise refused("Enter the card number.", field="card_number")
    if not re.fullmatch(r"(0[1-9]|1[0-2])/\d{2}", values.get("expiration_date", ""), re.ASCII):
        raise refused("Enter the expiration date as MM/YY.", field="expiration_date")
    if not re.fullmatch(r"\d{3,4}", values.get("card_security_code", ""), re.ASCII):
        raise refused("Enter the security code of three or four digits.", field="card_security_code")
    if not re.fullmatch(r"\d{5}", values.get("zip_code", ""), re.ASCII):
        raise refused("Enter the five digits of the zip code.", field="zip_code")
    profile = user.profile
    return cards.add_card(
        engine,
        user,
        number=number,
        expires=values["expiration_date"],
        first=values.get("first_name") or str(profile.get("first_name")),
        last=values.get("last_name") or str(profile.get("last_name")),
        address={
            "street_line_1": profile.get("address1"),
            "street_line_2": profile.get("address2"),
            "city": profile.get("city"),
            "state": profile.get("state"),
            "zip_code": values["zip_code"],
        },
        external=True,
    )
