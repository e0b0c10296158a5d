"""Who has to do what about a payment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest

from astra.payments.advice import (
    FAILED_LOOK,
    Advice,
    advise,
    evidence,
    last_look,
    moment,
    resolve,
    second_payments,
    show,
    trace,
)
from astra.payments.record import HistoryEntry, PaymentRecord, PaymentState
from astra.payments.transitions import MADE_TWICE
from astra.testing.idempotency_contract import NOW, make_record

LATER = NOW + timedelta(hours=1)
UNCERTAIN = PaymentState.UNCERTAIN


def entry(event: str, detail: str = "") -> HistoryEntry:
    return HistoryEntry(time=NOW, event=event, state=UNCERTAIN, detail=detail)


def looked(detail: str, **changes: Any) -> PaymentRecord:
    record = make_record(state=UNCERTAIN, **changes)
    return attrs.evolve(record, history=(*record.history, entry("looked", detail)))


@pytest.mark.parametrize(
    ("state", "who", "what"),
    [
        ("made", "nobody", "It was made. The same key returns its result and sends nothing."),
        (
            "refused",
            "program",
            "Astra refused it, so it was not made. Correct what was refused, and send it under the same key.",
        ),
        ("not_sent", "program", "It was not made. Send it again under the same key."),
    ],
)
def test_a_known_outcome_says_what_the_key_does(state: str, who: str, what: str) -> None:
    advice = advise(make_record(state=PaymentState(state)), now=LATER)
    assert (advice.who, advice.what, advice.commands) == (who, what, ())


def test_what_is_being_sent_is_waited_for() -> None:
    advice = advise(make_record(), now=NOW)
    assert (advice.who, advice.commands) == ("nobody", ())
    assert advice.what == "host:1:1 sends it just now, until 2026-11-26 12:31:30 UTC at the latest."


@pytest.mark.parametrize("state", [PaymentState.SENDING, UNCERTAIN])
def test_what_nobody_looked_for_is_looked_for(state: PaymentState) -> None:
    advice = advise(make_record(state=state), now=LATER)
    assert advice.who == "program"
    assert advice.what == "Nobody has looked for it yet. The next call with the key does, and so does"
    assert advice.commands == ("astra payments reconcile --key=payout-1",)


def test_a_look_before_it_was_sent_again_does_not_count() -> None:
    record = make_record(state=UNCERTAIN)
    again = attrs.evolve(record, history=(entry("sent"), entry("looked", "not there"), entry("sent"), entry("lost")))
    assert last_look(again) is None
    assert advise(again, now=LATER).who == "program"


def test_the_last_look_counts() -> None:
    record = make_record(state=UNCERTAIN)
    record = attrs.evolve(record, history=(entry("sent"), entry("looked", "a"), entry("looked", "b"), entry("webhook")))
    found = last_look(record)
    assert found is not None
    assert found.detail == "b"


def test_what_may_still_be_on_its_way_is_looked_for_later() -> None:
    advice = advise(looked("it was not there"), now=NOW)
    assert (advice.who, advice.commands) == ("program", ("astra payments reconcile --key=payout-1",))
    assert advice.what == (
        "It was not found, and may still be on its way until 2026-11-26 12:31:30 UTC. Look again then:"
    )


def test_a_payment_that_is_not_there_is_a_persons_to_decide() -> None:
    advice = advise(looked("it was not there", request_ids=("r1", "r2")), now=LATER)
    assert advice.who == "person"
    assert advice.what == (
        "Look for it in Astra's dashboard, or ask Astra's support about sent 2026-11-26 12:30:15 UTC, "
        "client_correlation_id AB12CD34, request ids r1, r2. Then say what it was; who says that it was not made lets "
        "the key send it again."
    )
    assert advice.commands == (
        "astra payments resolve --made ROUTINE_ID --by YOU --operation create_routine payout-1",
        "astra payments resolve --not-made --by YOU --operation create_routine payout-1",
    )


def test_without_a_reference_the_time_is_all_the_evidence() -> None:
    assert evidence(make_record(client_correlation_id=None)) == "sent 2026-11-26 12:30:15 UTC"


def test_what_changes_or_stops_something_is_simply_called_again() -> None:
    advice = advise(looked("it was looked for, and was not done", operation="cancel_transfer"), now=LATER)
    assert (advice.who, advice.commands) == ("program", ())
    assert advice.what == (
        "It changes or stops what is there: the next call with the same key finds out, or does it again."
    )


def test_a_look_that_failed_is_tried_again() -> None:
    advice = advise(looked(f"{FAILED_LOOK}: APITimeoutError"), now=LATER)
    assert (advice.who, advice.commands) == ("program", ("astra payments reconcile --key=payout-1",))
    assert advice.what == "The last look failed. The next one tries again; if it goes on failing, this tells why:"


@pytest.mark.parametrize("error", ["ReauthorizationRequired", "UnknownUserError"])
def test_a_look_that_needs_the_user_says_so(error: str) -> None:
    advice = advise(looked(f"{FAILED_LOOK}: {error}"), now=LATER)
    assert (advice.who, advice.commands) == ("person", ("astra payments reconcile --key=payout-1",))
    assert advice.what == "The user 'customer-42' has to authorize again: until then nobody can look. Then"


def test_a_second_payment_under_a_key_is_told_whatever_the_state() -> None:
    record = make_record(state=PaymentState.MADE, resource_id="rt_1")
    record = attrs.evolve(record, history=(*record.history, entry("answered", f"{MADE_TWICE}rt_2")))
    assert second_payments(record) == ["rt_2"]
    advice = advise(record, now=NOW)
    assert (advice.who, advice.commands) == ("person", ())
    assert advice.what == (
        "Several payments were made under this key: rt_1, rt_2. Cancel those that are too many, and report it."
    )
    unknown = attrs.evolve(record, resource_id=None)
    assert advise(unknown, now=NOW).what.startswith("Several payments were made under this key: rt_2.")


@pytest.mark.parametrize(
    ("key", "word"), [("a b", "'a b'"), ("-x", "-- -x"), ("it's", "'it'\"'\"'s'"), ("$HOME", "'$HOME'")]
)
def test_commands_take_any_key(key: str, word: str) -> None:
    record = make_record(key)
    assert show(record) == f"astra payments show {word}"
    assert trace(record) == f"astra trace {word}"
    assert resolve(record, "--not-made").endswith(f" --operation create_routine {word}")


def test_the_key_of_a_look_is_no_option() -> None:
    assert advise(make_record("-x"), now=LATER).commands == ("astra payments reconcile --key=-x",)
    assert advise(make_record("a b"), now=LATER).commands == ("astra payments reconcile '--key=a b'",)


def test_times_are_utc() -> None:
    east = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))
    assert (moment(east), moment(east.astimezone(UTC))) == ("2026-01-02 01:04:05 UTC", "2026-01-02 01:04:05 UTC")


def test_advice_is_json() -> None:
    advice = Advice(who="person", what="Decide.", commands=("a", "b"))
    with pytest.raises(TypeError):
        Advice("person", "Decide.")  # type: ignore[misc]  # pyright: ignore[reportCallIssue]
    assert advice.to_dict() == {"who": "person", "what": "Decide.", "commands": ["a", "b"]}
