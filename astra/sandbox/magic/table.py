"""The one table of magic values. The guide's table is written from it by `scripts/magic_table.py`.

Names follow those that integrators know: Dwolla's first names and `R01-late`, Stripe's card and account numbers.
"""

from __future__ import annotations

from typing import Literal

import attrs

Then = Literal["status", "fail", "return", "dispute", "refuse", "review", "one_way", "reroute", "savings", "eligible"]
BORN = ("routine_updated", "transfer_created")
ENDED = (*BORN, "transfer_updated", "routine_updated")
RETURNED = (*ENDED, "transfer_updated", "routine_updated")
REROUTED = (*BORN, "transfer_updated", "transfer_updated", "routine_updated")
DISPUTED = (*ENDED, "chargeback_created")
PULLS, CARDS = ("card",), ("card", "push")


@attrs.frozen
class Magic:
    """One value of a request that chooses an outcome.

    Attributes:
        field: the field that carries it.
        value: what the field has to be, exactly.
        then: the kind of outcome.
        result: the status, return code, decline text or bank that comes of it.
        meaning: for people.
        rails: the payments that it can apply to: `ach`, `real-time`, `card` (from a card), `push` (account to card).
        correlation: the `client_correlation_id` that says the same.
        webhooks: what is sent; they may arrive in another order.
        evidence: `documented` by Astra, or `assumed` by this sandbox.
    """

    field: str
    value: str
    then: Then
    result: str
    meaning: str
    rails: tuple[str, ...] = ()
    correlation: str = ""
    webhooks: tuple[str, ...] = ()
    evidence: Literal["documented", "assumed"] = "assumed"


RETURN_CODES = {
    "R01": "insufficient funds",
    "R02": "account closed",
    "R03": "no account, or unable to locate it",
    "R04": "invalid account number",
    "R08": "payment stopped",
    "R10": "the customer says it was not authorized",
    "R16": "account frozen",
    "R29": "a company says it was not authorized",
}
DECLINES = {
    "decline": ("astraD05", "do not honor"),
    "insufficient_funds": ("astraD51", "insufficient funds"),
    "expired_card": ("astraD54", "expired card"),
    "lost_card": ("astraD41", "lost card"),
}
UNREACHABLE = ("R02", "R03")
ACH, CREATED = ("ach",), ("card_created",)


def account_meaning(code: str) -> str:
    """Says which way of the money a return code of an account stops."""
    ways = "a debit of it or a credit to it" if code in UNREACHABLE else "a debit of it"
    return f"{ways} fails: {RETURN_CODES[code]}"


def people() -> list[Magic]:
    """Returns the magic of identity reviews."""
    statuses = ("pending", "retry", "document", "rejected", "suspended")
    rows = [
        Magic(
            "first_name",
            name,
            "status",
            name,
            f"the user intent stays or becomes `{name}`",
            webhooks=() if name == "pending" else ("user_intent_updated",),
        )
        for name in statuses
    ]
    hosted = (("0000", "rejected", "fails for good"), ("1111", "document", "needs a photo ID"))
    return rows + [
        Magic("ssn (hosted page)", end, "status", status, f"ends in it: {text}", webhooks=("user_intent_updated",))
        for end, status, text in hosted
    ]


def names() -> list[Magic]:
    """Returns the routine names that end a payment."""
    rows: list[Magic] = []
    for code, text in RETURN_CODES.items():
        rows.append(Magic("name", code, "fail", code, f"fails at settlement: {text}", ACH, f"astra{code}", ENDED))
        late = f"is processed, and returned two banking days later: {text}"
        rows.append(Magic("name", f"{code}-late", "return", code, late, ACH, f"astra{code}late", RETURNED))
    for word, (correlation, text) in DECLINES.items():
        rows.append(Magic("name", word, "fail", text, "declined by the card's bank", CARDS, correlation, ENDED))
    disputed = "is processed, and charged back a day later"
    rows.append(Magic("name", "dispute", "dispute", "10.4", disputed, PULLS, "astraCBK", DISPUTED))
    rejected = "rejected by the receiving bank"
    meaning = f"{rejected}: goes by same-day ACH, or fails with `disable_alternative_routing`"
    return [*rows, Magic("name", "reject", "reroute", rejected, meaning, ("real-time",), "astraRJT", REROUTED)]


def numbers() -> list[Magic]:
    """Returns the account and card numbers that end in an outcome."""
    accounts = {"000222222227": "R01", "000111111113": "R02", "000111111116": "R03", "000333333335": "R10"}
    cards = {
        "4000000000000341": "decline",
        "4000000000009995": "insufficient_funds",
        "4000000000000069": "expired_card",
        "4000000000009987": "lost_card",
    }
    return [
        *(
            Magic("account_number", number, "fail", code, account_meaning(code), ACH, "", ENDED)
            for number, code in accounts.items()
        ),
        *(
            Magic("card_number", number, "fail", DECLINES[word][1], "declined at payment time", CARDS, "", ENDED)
            for number, word in cards.items()
        ),
        Magic("card_number", "4000000000000259", "dispute", "10.4", "pulls are charged back", PULLS, "", DISPUTED),
        Magic("card_number", "4000000000003055", "one_way", "pull only", "cannot be pushed to", webhooks=CREATED),
        Magic("card_number", "4000000000003063", "one_way", "push only", "cannot be pulled from", webhooks=CREATED),
        Magic("card_number", "4000000000009235", "review", "flagged", "flagged when added", webhooks=CREATED),
    ]


def banks() -> list[Magic]:
    """Returns the routing numbers that the eligibility list knows by name: real ones, with networks assumed."""
    held = (
        ("021000021", "JPMorgan Chase Bank", "rtp fednow"),
        ("121000248", "Wells Fargo Bank", "rtp fednow"),
        ("026009593", "Bank of America", "rtp"),
        ("021001208", "Federal Reserve Bank of New York", ""),
        ("222222226", "Sandbox test number", ""),
    )
    return [
        Magic("routing_number", number, "eligible", networks, f"{name}: {networks or 'no instant network'}")
        for number, name, networks in held
    ]


TABLE: tuple[Magic, ...] = (
    *people(),
    *names(),
    *numbers(),
    *banks(),
    Magic("amount", "9999.61", "refuse", "The amount is above the user's limit.", "refused: above the user's limit"),
    Magic("processor_token", "saving", "savings", "savings", "contains it: Plaid's savings account"),
)


def rows(field: str) -> list[Magic]:
    """Returns the magic values of a field."""
    return [row for row in TABLE if row.field == field]


def find(field: str, value: str) -> Magic | None:
    """Returns the magic of a field's value, if it has any."""
    return next((row for row in rows(field) if row.value == value), None)
