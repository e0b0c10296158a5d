"""Who has to do what about a payment? Decisions only."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from typing import Any, Final, Literal

import attrs

from astra.payments.record import HistoryEntry, PaymentRecord, PaymentState
from astra.payments.transitions import FAILED_LOOK, MADE_TWICE

AUTHORIZATIONS: Final = ("ReauthorizationRequired", "UnknownUserError")
"""Errors of a look that the user alone can cure."""


@attrs.frozen(kw_only=True)
class Advice:
    """What to do next.

    Attributes:
        who: "nobody", your "program", or a "person".
        what: sentences.
        commands: for the command line, of which one fits.
    """

    who: Literal["nobody", "program", "person"]
    what: str
    commands: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON types."""
        return attrs.asdict(self) | {"commands": list(self.commands)}


def advise(record: PaymentRecord, *, now: datetime) -> Advice:
    """Says what to do about a payment.

    Args:
        record: what is known of it.
        now: the time (aware).
    """
    second = second_payments(record)
    if second:
        both = ", ".join(one for one in (record.resource_id, *second) if one)
        return Advice(
            who="person",
            what=f"Several payments were made under this key: {both}. Cancel those that are too many, and report it.",
        )
    if record.state is PaymentState.MADE:
        return Advice(who="nobody", what="It was made. The same key returns its result and sends nothing.")
    if record.state is PaymentState.REFUSED:
        return Advice(
            who="program",
            what="Astra refused it, so it was not made. Correct what was refused, and send it under the same key.",
        )
    if record.state is PaymentState.NOT_SENT:
        return Advice(who="program", what="It was not made. Send it again under the same key.")
    return _open(record, now=now)


def _open(record: PaymentRecord, *, now: datetime) -> Advice:
    look = f"astra payments reconcile {shlex.quote(f'--key={record.key}')}"
    if record.is_live(now):
        return Advice(
            who="nobody", what=f"{record.holder} sends it just now, until {moment(record.lease_until)} at the latest."
        )
    looked = last_look(record)
    if looked is None:
        return Advice(
            who="program",
            what="Nobody has looked for it yet. The next call with the key does, and so does",
            commands=(look,),
        )
    if record.may_be_on_its_way(now):
        return Advice(
            who="program",
            what=f"It was not found, and may still be on its way until {moment(record.lease_until)}. Look again then:",
            commands=(look,),
        )
    if looked.detail.startswith(FAILED_LOOK):
        return _not_looked(record, looked.detail, look)
    if not record.is_creation:
        return Advice(
            who="program",
            what="It changes or stops what is there: the next call with the same key finds out, or does it again.",
        )
    return Advice(
        who="person",
        what=f"Look for it in Astra's dashboard, or ask Astra's support about {evidence(record)}. Then say what it "
        "was; who says that it was not made lets the key send it again.",
        commands=(
            resolve(record, "--made", "ROUTINE_ID"),
            resolve(record, "--not-made"),
        ),
    )


def _not_looked(record: PaymentRecord, detail: str, look: str) -> Advice:
    if detail.endswith(AUTHORIZATIONS):
        return Advice(
            who="person",
            what=f"The user {record.user_key!r} has to authorize again: until then nobody can look. Then",
            commands=(look,),
        )
    return Advice(
        who="program",
        what="The last look failed. The next one tries again; if it goes on failing, this tells why:",
        commands=(look,),
    )


def second_payments(record: PaymentRecord) -> list[str]:
    """Returns Astra's ids of payments that were made under the key beside the record's.

    Args:
        record: the record.
    """
    return [one.detail.removeprefix(MADE_TWICE) for one in record.history if one.detail.startswith(MADE_TWICE)]


def last_look(record: PaymentRecord) -> HistoryEntry | None:
    """Returns the last look since the payment was sent last, or None.

    Args:
        record: the record.
    """
    for entry in reversed(record.history):
        if entry.event == "looked":
            return entry
        if entry.event == "sent":
            break
    return None


def evidence(record: PaymentRecord) -> str:
    """Says by what Astra can find a payment.

    Args:
        record: the record.
    """
    known = [f"sent {moment(record.sent)}"]
    if record.client_correlation_id is not None:
        known.append(f"client_correlation_id {record.client_correlation_id}")
    if record.request_ids:
        known.append(f"request ids {', '.join(record.request_ids)}")
    return ", ".join(known)


def resolve(record: PaymentRecord, *options: str) -> str:
    """Returns the command that notes a decision, as a shell takes it.

    Args:
        record: which payment.
        options: the decision.
    """
    return _command("astra payments resolve", *options, "--by", "YOU", "--operation", record.operation, of=record)


def show(record: PaymentRecord) -> str:
    """Returns the command that shows a payment, as a shell takes it.

    Args:
        record: which payment.
    """
    return _command("astra payments show", of=record)


def trace(record: PaymentRecord) -> str:
    """Returns the command that tells the whole story, as a shell takes it.

    Args:
        record: of which payment.
    """
    return _command("astra trace", of=record)


def _command(name: str, *options: str, of: PaymentRecord) -> str:
    # A key may have any characters.
    key = ["--", of.key] if of.key.startswith("-") else [of.key]
    return f"{name} {shlex.join([*options, *key])}"


def moment(time: datetime) -> str:
    """Returns a time for people, in UTC.

    Args:
        time: an aware datetime.
    """
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
