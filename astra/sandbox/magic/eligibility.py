"""Which banks can receive instant payments: invented ones, and a few real routing numbers from the table."""

from __future__ import annotations

from typing import Any

import attrs

from astra.sandbox.engine.accounts import ROUTING_MESSAGE, is_routing_number
from astra.sandbox.engine.core import Answer, Call, Engine
from astra.sandbox.engine.paging import page
from astra.sandbox.engine.problems import invalid
from astra.sandbox.magic import table

INVENTED = 120
UNKNOWN = (
    "The sandbox does not know this one, so it cannot say whether it is eligible. Routing numbers that it knows: {}."
)


@attrs.define
class Bank:
    """A bank of the eligibility list."""

    id: str
    seq: int
    name: str
    rtp: bool
    fednow: bool
    owner: str = "network"

    @property
    def participant_id(self) -> str:
        """The bank's number in the networks."""
        return f"P{self.seq:06d}"


def invented(seq: int) -> Bank:
    """Returns a bank that does not exist."""
    base = f"{11_000_000 + seq * 137:08d}"
    total = sum(int(digit) * weight for digit, weight in zip(base, (3, 7, 1) * 3, strict=False))
    return Bank(base + str(-total % 10), seq, f"Sandbox Bank {seq}", seq % 3 != 0, seq % 2 == 0)


def banks() -> list[Bank]:
    """Returns all banks; there are more than one page holds."""
    real = [
        Bank(row.value, seq, row.meaning.partition(":")[0], "rtp" in row.result, "fednow" in row.result)
        for seq, row in enumerate(table.rows("routing_number"), INVENTED + 1)
    ]
    return [invented(seq) for seq in range(1, INVENTED + 1)] + real


def show_bank(_: Engine, bank: Bank) -> dict[str, Any]:
    """Returns an entry of the eligibility list."""
    return {
        "routing_number": bank.id,
        "institution_name": bank.name,
        "participant_id": bank.participant_id,
        "rtp": bank.rtp,
        "fednow": bank.fednow,
    }


def list_instant_payment_eligibility(engine: Engine, call: Call) -> Answer:
    """Serves `GET /v1/instant_payment_eligibility`: which banks can receive RTP and FedNow.

    Raises:
        Problem: a filter names a bank that the sandbox does not know; an empty list would say "not eligible".
    """
    kept = banks()
    known = UNKNOWN.format(", ".join(row.value for row in table.rows("routing_number")))
    for name in ("routing_number", "institution_routing_number"):
        if wanted := call.query.get(name):
            if not (len(wanted) == 9 and wanted.isascii() and wanted.isdigit() and is_routing_number(wanted)):
                raise invalid({name: [ROUTING_MESSAGE]})
            if all(bank.id != wanted for bank in banks()):
                raise invalid({name: [known]})
            kept = [bank for bank in kept if bank.id == wanted]
    if wanted := call.query.get("participant_id"):
        if all(bank.participant_id != wanted for bank in banks()):
            raise invalid({"participant_id": [known]})
        kept = [bank for bank in kept if bank.participant_id == wanted]
    return page(engine, call.query, plural="instant_payment_eligibility", records=kept, show=show_bank)
