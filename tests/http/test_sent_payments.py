"""No two payments of a client may take one routine for their outcome."""

from __future__ import annotations

from astra.http.sent_payments import SentPayments

REFERENCE = ("user", "inv1")


def test_a_payment_alone_has_no_rival() -> None:
    known = SentPayments()
    known.begin(REFERENCE, "a")
    assert (known.taken(REFERENCE, "a"), known.undecided(REFERENCE, "a")) == (frozenset(), 0)
    known.settle(REFERENCE, "a", routine_id="rtn_1")
    assert (known.taken(REFERENCE, "a"), known.undecided(REFERENCE, "a")) == (frozenset(), 0)


def test_a_payment_of_the_same_reference_is_undecided_until_it_has_become_a_routine() -> None:
    known = SentPayments()
    known.begin(REFERENCE, "a")
    known.begin(REFERENCE, "b")
    known.begin("another", "c")
    assert (known.taken(REFERENCE, "a"), known.undecided(REFERENCE, "a")) == (frozenset(), 1)
    known.settle(REFERENCE, "b", routine_id="rtn_1")
    assert (known.taken(REFERENCE, "a"), known.undecided(REFERENCE, "a")) == ({"rtn_1"}, 0)


def test_a_payment_that_was_not_made_is_no_rival() -> None:
    known = SentPayments()
    known.begin(REFERENCE, "b")
    known.drop(REFERENCE, "b")
    known.drop(REFERENCE, "b")
    known.drop("never seen", "b")
    assert (known.taken(REFERENCE, "a"), known.undecided(REFERENCE, "a")) == (frozenset(), 0)


def test_an_uncertain_payment_is_known_by_its_call_id() -> None:
    known = SentPayments()
    known.begin(REFERENCE, "a")
    known.rename(REFERENCE, "a", "call_1")
    assert known.undecided(REFERENCE, "call_1") == 0
    assert known.undecided(REFERENCE, "call_2") == 1
    known.settle(REFERENCE, "call_1", routine_id="rtn_1")
    assert known.taken(REFERENCE, "call_2") == {"rtn_1"}
    known.rename("forgotten", "a", "call_1")
    assert known.undecided("forgotten", "call_2") == 1


def test_a_payment_of_another_process_is_known_once_it_is_found() -> None:
    known = SentPayments()
    known.settle(REFERENCE, "call_1", routine_id="rtn_1")
    assert known.taken(REFERENCE, "call_2") == {"rtn_1"}


def test_the_oldest_are_forgotten() -> None:
    known = SentPayments()
    for number in range(4096):
        known.begin(number, "a")
    assert known.undecided(0, "b") == 1
    known.begin("one more", "a")
    forgotten = [number for number in range(4096) if not known.undecided(number, "b")]
    assert forgotten == list(range(1024))
    assert known.undecided("one more", "b") == 1
