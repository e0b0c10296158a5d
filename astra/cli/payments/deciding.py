"""`astra payments resolve` and `prune`: what people decide. Both ask."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from astra.cli.dates import parse_duration
from astra.cli.errors import FAILED, NOT_FOUND, fail
from astra.cli.options import JsonOption, YesOption, ask
from astra.cli.output import print_json
from astra.cli.payments.opening import Opened, client
from astra.cli.payments.options import StoreOption, describe, print_payment
from astra.errors import InvalidRequestError
from astra.payments import PaymentRecord
from astra.payments.advice import moment
from astra.payments.record import CLOSED, OPEN


def resolve(
    key: Annotated[str, typer.Argument(help="The idempotency key.")],
    by: Annotated[str, typer.Option(metavar="WHO", help="Who decides; it is kept in the payment's history.")],
    made: Annotated[
        str | None, typer.Option(metavar="ROUTINE_ID", help="It was made: Astra's id of the routine, which is read.")
    ] = None,
    not_made: Annotated[
        bool, typer.Option("--not-made", help="It was not made: its key may send it again. Nothing is sent now.")
    ] = False,
    operation: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which, when the key was used for several operations.")
    ] = None,
    store: StoreOption = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Note what a person has found out about a payment of unknown outcome.

    Exit codes: 0 done; 1 the key was never used, the routine is another payment, or it cannot be decided yet; 2 it
    could not run, 3 no answer.

    \b
    Examples:
      astra payments resolve payout-17 --made 1a908838d703473ab52e6884c001e447 --by jane
      astra payments resolve payout-17 --not-made --by jane
    """
    if (made is None) is not not_made:
        raise typer.BadParameter("Say exactly one: --made ROUTINE_ID, or --not-made.")
    if not by.strip():
        raise typer.BadParameter("--by must say who decides.")
    with client(store, quiet=as_json, with_grants=made is not None) as (astra, found):
        record = _the_one(found, key, operation)
        if not yes:
            ask(_question(record, made))
        try:
            after = astra.payments.resolve(key, by=by, made=made, not_made=not_made, operation=record.operation)
        except InvalidRequestError as error:
            fail(f"{error} Nothing was changed.", code=FAILED)
        if as_json:
            print_json(describe(after) | found.fields)
            return
        print_payment(after)


def _the_one(found: Opened, key: str, operation: str | None) -> PaymentRecord:
    known = list(found.select(key=key, operation=operation))
    if not known:
        fail(f"the key {key!r} was never used: {found.where(key=key)}", code=NOT_FOUND)
    if len(known) > 1:
        names = ", ".join(one.operation for one in known)
        raise typer.BadParameter(f"The key was used for {names}: say which with --operation.")
    return known[0]


def _question(record: PaymentRecord, made: str | None) -> str:
    amount = record.match_fields.get("amount")
    what = f"{record.operation}{f' of {amount}' if amount else ''} of user {record.user_key!r}"
    about = f"{record.key!r} ({what}, sent {moment(record.sent)}, {record.state})"
    if made is not None:
        return f"Note that {about} was made, and is {made}?"
    return f"Note that {about} was NOT made, so that its key may send it again? If it was made, it is made twice then."


def prune(
    older_than: Annotated[str, typer.Option(metavar="TIME", help="What has not changed for so long, e.g. 400d.")],
    store: StoreOption = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Delete payments of known outcome that have not changed for long. Their keys are forgotten: they pay once more.

    Payments of unknown outcome, and those that may be on their way, stay whatever their age. Exit codes: 0 done, 2
    it could not run, 3 no answer.

    \b
    Examples:
      astra payments prune --older-than 400d
    """
    age = parse_duration(older_than)
    with client(store, quiet=as_json, with_grants=False) as (astra, found):
        before = datetime.now(UTC) - age
        if not yes:
            count = sum(1 for one in found.select(states=CLOSED) if one.updated < before)
            if count:
                ask(
                    f"Delete {count} payment(s) that have not changed since {moment(before)}? Whoever uses one of "
                    "their keys again pays once more."
                )
        deleted = astra.payments.prune(older_than=age)
        kept = sum(1 for _ in found.select(states=OPEN))
        if as_json:
            print_json({"deleted": deleted, "of_unknown_outcome": kept} | found.fields)
        else:
            sys.stdout.write(f"{deleted} deleted; {kept} of unknown outcome stay\n")
