"""Payments: from routine to transfer. They move money, a dollar each, between two accounts of the run's user."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import Any, Final

from astra.conformance.checks.lists import DEFAULT
from astra.conformance.outcome import CannotTell, Failed, check
from astra.conformance.wire import Exchange
from astra.conformance.world import DAY, World

ROUTINES = "reference/post_v1-routines"
GUIDE = "docs/routines-1"
NEEDS: Final = ("person", "payments")
CANCELLED: Final = ("canceled", "cancelled")


def body(world: World, **changes: object) -> dict[str, object]:
    """Returns a payment of a dollar."""
    accounts = world.items("accounts")
    if len(accounts) < 2:
        raise CannotTell("the user has not two accounts")
    return {
        "type": "one-time",
        "name": "Conformance",
        "payment_type": "ach",
        "source_id": accounts[-1].get("id"),
        "destination_id": accounts[0].get("id"),
        "amount": 1,
        "client_correlation_id": f"CONF{secrets.token_hex(6)}",
        **changes,
    }


def pay(world: World, **changes: object) -> Exchange:
    """Makes a payment."""
    return world.call("POST", "/v1/routines", json_body=body(world, **changes))


def paid(world: World) -> Exchange:
    """Returns the payment that the checks look at, made once.

    Raises:
        CannotTell: it was refused.
    """
    if world.payment is None:
        world.payment = pay(world)
    if world.payment.status not in (200, 201):
        raise CannotTell(f"the payment was refused: {world.payment.name}")
    return world.payment


def transfers_of(world: World, routine: str) -> list[dict[str, Any]]:
    """Returns the transfers of a routine."""
    return world.items("transfers", id=routine, path="/v1/routines/{id}/transfers")


@check("payment.created", "A one-time routine is answered 200 or 201 with its id, and repeats what was sent.",
       evidence="documented", source=ROUTINES, needs=NEEDS)  # fmt: skip
def created(world: World) -> None:
    """A payment, as answered."""
    sent = body(world)
    world.payment = answer = world.call("POST", "/v1/routines", json_body=sent).expect(200, 201)
    answer.text("id")
    answered = answer.object()
    for name in ("type", "source_id", "destination_id", "client_correlation_id", "amount"):
        if answered.get(name) != sent[name]:
            raise Failed(f"{answer.name} does not repeat `{name}`")


@check("payment.read", "A routine can be read by its id.", evidence="documented", source=ROUTINES, needs=NEEDS)
def read(world: World) -> None:
    """The payment, read."""
    routine = paid(world).text("id")
    answer = world.call("GET", "/v1/routines/{id}", id=routine).expect(200)
    if answer.text("id") != routine:
        raise Failed(f"{answer.name} is another routine")


@check("payment.transfer", "A one-time routine makes one transfer of its amount, which names it.",
       evidence="documented", source=GUIDE, needs=NEEDS)  # fmt: skip
def transfer(world: World) -> None:
    """The transfer of the payment."""
    routine = paid(world)
    transfers = transfers_of(world, routine.text("id"))
    if len(transfers) != 1:
        raise Failed(f"{routine.name} made {len(transfers)} transfers")
    answer = world.call("GET", "/v1/transfers/{id}", id=str(transfers[0].get("id"))).expect(200)
    if answer.text("routine_id") != routine.text("id"):
        raise Failed(f"{answer.name} names another routine")
    if Decimal(str(answer.object().get("amount"))) != 1:
        raise Failed(f"{answer.name} has another amount than its routine")


@check("payment.correlation-id", "The transfer carries the client_correlation_id of its routine.",
       evidence="documented", source=ROUTINES, needs=NEEDS)  # fmt: skip
def correlation_id(world: World) -> None:
    """The correlation id of the payment."""
    routine = paid(world)
    transfers = transfers_of(world, routine.text("id"))
    if not transfers:
        raise CannotTell("the payment made no transfer")
    for found in transfers:
        if found.get("client_correlation_id") != routine.object().get("client_correlation_id"):
            raise Failed("the transfer has another client_correlation_id than its routine")


@check("payment.correlation-alphanumeric", "A client_correlation_id with other than letters and digits is refused.",
       evidence="documented", source=ROUTINES, needs=NEEDS)  # fmt: skip
def correlation_alphanumeric(world: World) -> None:
    """A hyphen."""
    pay(world, client_correlation_id="CONF-1").expect(400)


@check("payment.correlation-length", "A client_correlation_id of more than 80 characters is refused on ACH.",
       evidence="documented", source=ROUTINES, needs=NEEDS)  # fmt: skip
def correlation_length(world: World) -> None:
    """81 characters."""
    pay(world, client_correlation_id="C" * 81).expect(400)


@check("payment.no-idempotency", "The same request twice, with the same Idempotency-Key, makes two payments.",
       evidence="inferred", source="no document has an idempotency key", needs=NEEDS)  # fmt: skip
def no_idempotency(world: World) -> None:
    """The same payment twice."""
    sent, headers = body(world), {"Idempotency-Key": f"conformance-{secrets.token_hex(8)}"}
    first, second = (world.call("POST", "/v1/routines", json_body=sent, headers=headers) for _ in range(2))
    if first.status not in (200, 201):
        raise CannotTell(f"the payment was refused: {first.name}")
    if second.expect(200, 201).text("id") == first.text("id"):
        raise Failed("the second request answered the first payment: there is a protection that nobody documents")


@check("payment.unknown-source", "A payment from an account that is not the user's is refused.",
       evidence="inferred", source=ROUTINES, needs=NEEDS)  # fmt: skip
def unknown_source(world: World) -> None:
    """An account that never was."""
    pay(world, source_id="conformance").expect(400, 403, 404)


@check("payment.unknown-type", "A type of routine that the reference has not is refused with 400.",
       evidence="documented", source=ROUTINES, needs=NEEDS)  # fmt: skip
def unknown_type(world: World) -> None:
    """A type that never was."""
    pay(world, type="conformance").expect(400)


@check("payment.missing-field", "A payment without an amount is refused with 400.", evidence="documented",
       source=ROUTINES, needs=NEEDS)  # fmt: skip
def missing_field(world: World) -> None:
    """No amount."""
    sent = body(world)
    del sent["amount"]
    world.call("POST", "/v1/routines", json_body=sent).expect(400)


@check("payment.cancel", "A pending ACH transfer can be canceled, and then is `canceled`.", evidence="documented",
       source="reference/post_v1-transfers-id-cancel", needs=NEEDS)  # fmt: skip
def cancel(world: World) -> None:
    """A payment that is taken back."""
    answer = pay(world)
    if answer.status not in (200, 201):
        raise CannotTell(f"the payment was refused: {answer.name}")
    transfers = transfers_of(world, answer.text("id"))
    if not transfers or transfers[0].get("status") != "pending":
        raise CannotTell("the transfer is not pending")
    transfer_id = str(transfers[0].get("id"))
    world.call("POST", "/v1/transfers/{id}/cancel", id=transfer_id).expect(200)
    after = world.call("GET", "/v1/transfers/{id}", id=transfer_id).expect(200)
    if after.text("status") not in CANCELLED:
        raise Failed(f"{after.name} is not `canceled`")


@check("payment.many", "Payments of one user one after the other are all made.", evidence="assumed",
       source="no limit on their number is documented", needs=NEEDS)  # fmt: skip
def many(world: World) -> None:
    """More payments than a page shows."""
    sent = body(world)
    ids = [
        world.call("POST", "/v1/routines", json_body=sent).expect(200, 201).text("id")
        for _ in range(max(2, DEFAULT + 1 - len(world.items("transfers"))))
    ]
    if len(set(ids)) < len(ids):
        raise Failed(f"{len(ids)} payments made {len(set(ids))} routines")


@check("payment.settles", "An ACH transfer is `pending`, then `processed`, and its routine `completed`.",
       evidence="documented", source="docs/transfer-statuses, routine-statuses", needs=[*NEEDS, "clock"])  # fmt: skip
def settles(world: World) -> None:
    """A payment, a week later."""
    answer = pay(world)
    if answer.status not in (200, 201):
        raise CannotTell(f"the payment was refused: {answer.name}")
    transfers = transfers_of(world, answer.text("id"))
    if not transfers:
        raise CannotTell("the payment made no transfer")
    if transfers[0].get("status") != "pending":
        raise Failed("a new ACH transfer is not `pending`")
    world.advance(8 * DAY)
    after = world.call("GET", "/v1/transfers/{id}", id=str(transfers[0].get("id"))).expect(200)
    if after.text("status") != "processed":
        raise Failed(f"{after.name} is not `processed` after eight days")
    routine = world.call("GET", "/v1/routines/{id}", id=answer.text("id")).expect(200)
    if routine.text("status") != "completed":
        raise Failed(f"{routine.name} is not `completed`")


PAYMENTS = (
    created,
    read,
    transfer,
    correlation_id,
    correlation_alphanumeric,
    correlation_length,
    no_idempotency,
    unknown_source,
    unknown_type,
    missing_field,
    cancel,
    many,
)
SETTLING = (settles,)
