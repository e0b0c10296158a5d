"""What becomes of a payment under a key: one test for each cell of the table in `astra.payments.transitions`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from astra.errors import InvalidRequestError
from astra.payments.record import MOST_ENTRIES, PaymentRecord, PaymentState
from astra.payments.transitions import (
    NOT_DONE,
    NOT_THERE,
    Conflict,
    Look,
    Outcome,
    Replay,
    Send,
    Wait,
    Wanted,
    arrive,
    expire,
    found,
    not_found,
    resolve_not_made,
    send_again,
    settle,
)

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
LEASE = timedelta(seconds=75)
SENDING, MADE = PaymentState.SENDING, PaymentState.MADE
REFUSED, NOT_SENT, UNCERTAIN = PaymentState.REFUSED, PaymentState.NOT_SENT, PaymentState.UNCERTAIN
ALL = list(PaymentState)


def wanted(**changes: Any) -> Wanted:
    plain = Wanted(
        environment="sandbox",
        client_id="client-1",
        operation="create_routine",
        key="payout-17",
        user_key="customer-42",
        fingerprint="1:abc",
        match_fields={"amount": "20.00", "client_correlation_id": "AB12CD34"},
        client_correlation_id="AB12CD34",
        is_minted=True,
        holder="host:1:1",
        lease=LEASE,
        now=NOW,
    )
    return attrs.evolve(plain, **changes)


def a_record(state: PaymentState = SENDING, **changes: Any) -> PaymentRecord:
    step = arrive(None, wanted())
    assert isinstance(step, Send)
    made: dict[str, Any] = {"resource_id": "rt_1", "result": "{}"} if state is MADE else {}
    return attrs.evolve(step.record, state=state, **(made | changes))


def outcome(state: PaymentState, **changes: Any) -> Outcome:
    made: dict[str, Any] = {"resource_id": "rt_1", "result": "{}"} if state is MADE else {}
    plain: dict[str, Any] = {"state": state, "holder": "host:1:1", "now": NOW}
    return Outcome(**(plain | made | changes))


# -- a call arrives ------------------------------------------------------------------------------------------------


def test_a_new_key_is_written_down_and_sent() -> None:
    step = arrive(None, wanted())
    assert isinstance(step, Send)
    assert step.replaces is None
    record = step.record
    assert (record.state, record.version, record.attempts) == (SENDING, 1, 1)
    assert (record.first_sent, record.sent, record.lease_until) == (NOW, NOW, NOW + LEASE)
    assert [entry.event for entry in record.history] == ["sent"]


def test_what_was_made_is_replayed() -> None:
    assert isinstance(arrive(a_record(MADE), wanted()), Replay)


@pytest.mark.parametrize("state", [REFUSED, NOT_SENT])
def test_what_was_certainly_not_made_is_sent_again_also_corrected(state: PaymentState) -> None:
    record = a_record(state, error="BadRequestError", status_code=400)
    step = arrive(record, wanted(fingerprint="1:other", user_key="customer-43", holder="host:2:1"))
    assert isinstance(step, Send)
    assert step.replaces is record
    assert (step.record.state, step.record.fingerprint, step.record.user_key) == (SENDING, "1:other", "customer-43")
    assert (step.record.version, step.record.attempts, step.record.error) == (2, 2, None)


def test_what_is_being_sent_is_waited_for() -> None:
    assert isinstance(arrive(a_record(), wanted(now=NOW + LEASE - timedelta(seconds=1))), Wait)


def test_what_a_dead_process_has_sent_is_looked_for() -> None:
    assert isinstance(arrive(a_record(), wanted(now=NOW + LEASE)), Look)


def test_a_sender_whose_clock_is_ahead_bars_nobody() -> None:
    ahead = a_record(sent=NOW + timedelta(days=3), lease_until=NOW + timedelta(days=3) + LEASE)
    assert isinstance(arrive(ahead, wanted()), Look)


def test_what_is_uncertain_is_looked_for() -> None:
    assert isinstance(arrive(a_record(UNCERTAIN), wanted()), Look)


@pytest.mark.parametrize("state", [SENDING, UNCERTAIN])
def test_what_does_no_harm_twice_is_sent_again_instead_of_looked_for(state: PaymentState) -> None:
    step = arrive(a_record(state), wanted(is_repeatable=True, now=NOW + LEASE))
    assert isinstance(step, Send)
    assert step.record.attempts == 2


@pytest.mark.parametrize("state", [SENDING, MADE, UNCERTAIN])
@pytest.mark.parametrize("change", [{"fingerprint": "1:other"}, {"user_key": "customer-43"}, {"user_key": None}])
def test_another_payment_under_the_key_is_a_conflict(state: PaymentState, change: dict[str, Any]) -> None:
    for now in (NOW, NOW + LEASE):
        assert isinstance(arrive(a_record(state), wanted(now=now, **change)), Conflict)


def test_the_minted_correlation_id_of_a_key_stays_when_it_is_sent_again() -> None:
    step = arrive(a_record(NOT_SENT), wanted(client_correlation_id="ZZZZZZZZ"))
    assert isinstance(step, Send)
    assert step.record.client_correlation_id == "AB12CD34"
    assert step.record.match_fields["client_correlation_id"] == "AB12CD34"


def test_a_correlation_id_of_the_callers_own_replaces_that_of_a_payment_that_was_not_made() -> None:
    step = arrive(a_record(REFUSED), wanted(client_correlation_id="INV00042", is_minted=False))
    assert isinstance(step, Send)
    assert step.record.client_correlation_id == "INV00042"
    assert step.record.match_fields["client_correlation_id"] == "INV00042"


# -- sending once more ---------------------------------------------------------------------------------------------

LATER = NOW + timedelta(hours=6)


def test_nothing_uncertain_is_sent_again_unless_the_client_says_when() -> None:
    assert send_again(a_record(UNCERTAIN), wanted(now=LATER), resend_after=None) is None


def test_what_is_uncertain_is_sent_again_after_the_time_that_the_client_names() -> None:
    record = a_record(UNCERTAIN)
    hours = timedelta(hours=6)
    assert send_again(record, wanted(now=LATER - timedelta(seconds=1)), resend_after=hours) is None
    again = send_again(record, wanted(now=LATER, holder="host:2:1"), resend_after=hours)
    assert again is not None
    assert (again.record.state, again.record.sent, again.record.first_sent) == (SENDING, LATER, NOW)
    assert again.record.client_correlation_id == "AB12CD34"


def test_a_short_time_to_resend_waits_for_the_call_that_may_be_under_way() -> None:
    soon = timedelta(seconds=1)
    assert send_again(a_record(UNCERTAIN), wanted(now=NOW + LEASE - soon), resend_after=soon) is None
    assert send_again(a_record(UNCERTAIN), wanted(now=NOW + LEASE), resend_after=soon) is not None


def test_the_clock_of_a_sender_that_was_ahead_makes_nothing_be_sent_again_early() -> None:
    ahead = a_record(UNCERTAIN, sent=NOW + timedelta(days=3))
    assert send_again(ahead, wanted(now=LATER), resend_after=timedelta(hours=6)) is None


@pytest.mark.parametrize("state", [SENDING, MADE, REFUSED, NOT_SENT])
def test_only_what_is_uncertain_is_sent_once_more(state: PaymentState) -> None:
    assert send_again(a_record(state), wanted(now=LATER), resend_after=timedelta(hours=1)) is None


# -- the sender's outcome ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [SENDING, UNCERTAIN, REFUSED, NOT_SENT])
@pytest.mark.parametrize("holder", ["host:1:1", "host:9:9"])
def test_what_was_made_is_made_whoever_learns_it(state: PaymentState, holder: str) -> None:
    changed = settle(a_record(state), outcome(MADE, holder=holder, request_ids=("r1",), status_code=201))
    assert changed is not None
    assert (changed.state, changed.resource_id, changed.result) == (MADE, "rt_1", "{}")
    assert (changed.request_ids, changed.status_code, changed.version) == (("r1",), 201, 2)


def test_the_same_answer_twice_changes_nothing() -> None:
    assert settle(a_record(MADE), outcome(MADE)) is None


def test_a_second_payment_under_a_key_is_noted_beside_the_first() -> None:
    changed = settle(a_record(MADE), outcome(MADE, resource_id="rt_2"))
    assert changed is not None
    assert (changed.state, changed.resource_id) == (MADE, "rt_1")
    assert "rt_2" in changed.history[-1].detail


@pytest.mark.parametrize("state", [SENDING, UNCERTAIN])
@pytest.mark.parametrize("learned", [REFUSED, NOT_SENT])
def test_the_last_sender_knows_that_it_was_not_made(state: PaymentState, learned: PaymentState) -> None:
    changed = settle(a_record(state), outcome(learned, error="BadRequestError", detail="no funds"))
    assert changed is not None
    assert (changed.state, changed.error, changed.error_detail) == (learned, "BadRequestError", "no funds")


@pytest.mark.parametrize("state", ALL)
@pytest.mark.parametrize("learned", [REFUSED, NOT_SENT, UNCERTAIN])
def test_a_former_sender_that_did_not_make_it_says_nothing_about_the_last(
    state: PaymentState, learned: PaymentState
) -> None:
    assert settle(a_record(state), outcome(learned, holder="host:9:9")) is None


def test_a_lost_answer_makes_it_uncertain() -> None:
    changed = settle(a_record(), outcome(UNCERTAIN, error="UncertainOutcomeError"))
    assert changed is not None
    assert changed.state is UNCERTAIN


@pytest.mark.parametrize("state", [MADE, REFUSED, NOT_SENT, UNCERTAIN])
def test_a_lost_answer_takes_nothing_back_that_is_known(state: PaymentState) -> None:
    assert settle(a_record(state), outcome(UNCERTAIN)) is None


@pytest.mark.parametrize("state", [MADE, REFUSED, NOT_SENT])
@pytest.mark.parametrize("learned", [REFUSED, NOT_SENT])
def test_what_is_known_is_not_changed_by_a_refusal(state: PaymentState, learned: PaymentState) -> None:
    assert settle(a_record(state), outcome(learned)) is None


@pytest.mark.parametrize("learned", [REFUSED, NOT_SENT])
def test_a_refusal_of_the_second_sending_says_nothing_about_the_first(learned: PaymentState) -> None:
    again = send_again(a_record(UNCERTAIN), wanted(now=LATER, holder="host:2:1"), resend_after=timedelta(hours=6))
    assert again is not None
    changed = settle(again.record, outcome(learned, holder="host:2:1", error="BadRequestError"))
    assert changed is not None
    assert (changed.state, changed.error, changed.history[-1].event) == (UNCERTAIN, "BadRequestError", "answered")
    anew = resolve_not_made(changed, by="jane", now=LATER + LEASE)
    assert anew is not None
    step = arrive(anew, wanted(now=LATER + LEASE, holder="host:3:1"))
    assert isinstance(step, Send)
    final = settle(step.record, outcome(learned, holder="host:3:1"))
    assert final is not None
    assert final.state is learned


# -- dead senders --------------------------------------------------------------------------------------------------


def test_a_sender_whose_lease_is_over_leaves_an_uncertain_payment() -> None:
    assert expire(a_record(), now=NOW + LEASE - timedelta(seconds=1)) is None
    changed = expire(a_record(), now=NOW + LEASE)
    assert changed is not None
    assert (changed.state, changed.history[-1].event) == (UNCERTAIN, "expired")


@pytest.mark.parametrize("state", [MADE, REFUSED, NOT_SENT, UNCERTAIN])
def test_only_what_is_being_sent_expires(state: PaymentState) -> None:
    assert expire(a_record(state), now=NOW + timedelta(days=9)) is None


# -- looks, webhooks, persons --------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [SENDING, UNCERTAIN, REFUSED, NOT_SENT])
def test_what_is_found_is_made(state: PaymentState) -> None:
    changed = found(a_record(state), resource_id="rt_1", result="{}", event="webhook", now=NOW, transfer_id="tr_1")
    assert changed is not None
    assert (changed.state, changed.resource_id, changed.transfer_id) == (MADE, "rt_1", "tr_1")


def test_a_webhook_about_a_payment_that_is_known_adds_its_transfer_once() -> None:
    changed = found(a_record(MADE), resource_id="rt_1", result="{}", event="webhook", now=NOW, transfer_id="tr_1")
    assert changed is not None
    assert changed.transfer_id == "tr_1"
    assert found(changed, resource_id="rt_1", result="{}", event="webhook", now=NOW, transfer_id="tr_2") is None
    assert found(changed, resource_id="rt_1", result="{}", event="looked", now=NOW) is None


def test_another_payment_cannot_be_the_one_of_a_key_that_is_made() -> None:
    with pytest.raises(InvalidRequestError, match="one key makes one payment"):
        found(a_record(MADE), resource_id="rt_2", result="{}", event="resolved", now=NOW, by="jane")


def test_looks_that_find_nothing_are_counted_in_one_line() -> None:
    record = a_record(UNCERTAIN)
    for minute in range(1000):
        changed = not_found(record, now=NOW + timedelta(minutes=minute), detail="it was not there")
        assert changed is not None
        record = changed
    assert [(entry.event, entry.count) for entry in record.history] == [("sent", 1), ("looked", 1000)]
    assert record.history[-1].time == NOW + timedelta(minutes=999)


HOUR = timedelta(hours=1)
REFUSED_AT_LAST = [(400, REFUSED), (401, NOT_SENT), (429, NOT_SENT), (None, NOT_SENT)]


def sent_twice(learned: PaymentState, status: int | None) -> PaymentRecord:
    again = send_again(a_record(UNCERTAIN), wanted(now=LATER, holder="host:2:1"), resend_after=HOUR)
    assert again is not None
    changed = settle(again.record, outcome(learned, holder="host:2:1", error="AnyError", status_code=status))
    assert changed is not None
    return changed


@pytest.mark.parametrize("detail", [NOT_THERE, NOT_DONE])
@pytest.mark.parametrize(("status", "state"), REFUSED_AT_LAST)
def test_what_was_sent_again_and_refused_is_refused_once_a_later_look_finds_nothing(
    status: int | None, state: PaymentState, detail: str
) -> None:
    uncertain = not_found(sent_twice(state, status), now=LATER, detail="it could not be looked for: APIError")
    assert uncertain is not None
    known = not_found(uncertain, now=LATER + HOUR, detail=detail, resend_after=HOUR)
    assert known is not None
    assert (known.state, known.lost, known.history[-1].state) == (state, 0, state)


@pytest.mark.parametrize(
    ("wait", "detail", "resend_after"),
    [
        (HOUR - timedelta(seconds=1), NOT_THERE, HOUR),
        (HOUR, "it could not be looked for: APIError", HOUR),
        (HOUR, NOT_THERE, None),
        (LEASE - timedelta(seconds=1), NOT_THERE, timedelta(0)),
    ],
    ids=["too early", "not complete", "never", "on its way"],
)
def test_else_what_was_sent_again_and_refused_stays_uncertain(
    wait: timedelta, detail: str, resend_after: timedelta | None
) -> None:
    changed = not_found(sent_twice(REFUSED, 400), now=LATER + wait, detail=detail, resend_after=resend_after)
    assert changed is not None
    assert (changed.state, changed.lost) == (UNCERTAIN, 1)


@pytest.mark.parametrize("end", ["lost", "expired"])
def test_what_was_sent_again_and_not_answered_stays_uncertain(end: str) -> None:
    again = send_again(a_record(UNCERTAIN), wanted(now=LATER, holder="host:2:1"), resend_after=HOUR)
    assert again is not None
    lost = outcome(UNCERTAIN, holder="host:2:1", status_code=400)
    open_ = settle(again.record, lost) if end == "lost" else expire(again.record, now=LATER + HOUR)
    assert open_ is not None
    changed = not_found(open_, now=LATER + 2 * HOUR, detail=NOT_THERE, resend_after=HOUR)
    assert changed is not None
    assert changed.state is UNCERTAIN


@pytest.mark.parametrize("state", [SENDING, MADE, REFUSED, NOT_SENT])
def test_a_look_that_finds_nothing_changes_only_what_is_uncertain(state: PaymentState) -> None:
    assert not_found(a_record(state), now=NOW, detail="it was not there") is None


@pytest.mark.parametrize("state", [SENDING, UNCERTAIN, REFUSED])
def test_a_person_may_decide_that_it_was_not_made_once_nothing_is_on_its_way(state: PaymentState) -> None:
    record = a_record(state)
    changed = resolve_not_made(record, by="jane", now=NOW + LEASE)
    assert changed is not None
    assert (changed.state, changed.history[-1].by) == (NOT_SENT, "jane")


@pytest.mark.parametrize("state", [SENDING, UNCERTAIN])
def test_nobody_decides_about_a_payment_that_may_be_on_its_way(state: PaymentState) -> None:
    with pytest.raises(
        InvalidRequestError, match=r"may still be on its way from host:1:1\. Decide after 2026-11-26 12:01"
    ):
        resolve_not_made(a_record(state), by="jane", now=NOW)


def test_a_payment_that_was_made_is_not_made_undone() -> None:
    with pytest.raises(InvalidRequestError, match="it is rt_1"):
        resolve_not_made(a_record(MADE), by="jane", now=LATER)


def test_what_is_known_as_not_sent_needs_no_person() -> None:
    assert resolve_not_made(a_record(NOT_SENT), by="jane", now=LATER) is None


def test_a_history_keeps_its_beginning_and_its_end() -> None:
    record = a_record(NOT_SENT)
    for number in range(300):
        step = arrive(record, wanted(holder=f"host:1:{number}"))
        assert isinstance(step, Send)
        record = attrs.evolve(step.record, state=NOT_SENT)
    assert len(record.history) == MOST_ENTRIES
    assert (record.history[0].by, record.history[-1].by) == ("host:1:1", "host:1:299")
    assert record.version == 301
