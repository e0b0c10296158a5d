"""Which items of a user's lists can be one of many payments."""

from __future__ import annotations

from typing import Any

from astra.payments import PaymentRecord
from astra.resources.reconcile import Listed
from astra.resources.sought import Sought
from astra.testing.idempotency_contract import make_record


def payment(key: str, correlation: str | None, amount: str = "20.00") -> PaymentRecord:
    fields = {"amount": amount} | ({"client_correlation_id": correlation} if correlation else {})
    return make_record(key, client_correlation_id=correlation, match_fields=fields)


def routine(routine_id: str, **body: Any) -> Listed:
    return Listed({"id": routine_id, **body}, None)


def transfer(routine_id: str | None, **body: Any) -> Listed:
    return Listed({"id": "tr_1", "routine_id": routine_id, **body}, None, is_transfer=True)


def result(record: PaymentRecord, *items: Listed, others: tuple[PaymentRecord, ...] = (), taken: Any = ()) -> Any:
    sought = Sought([record, *others])
    for item in items:
        sought.take(item)
    return sought.result(record, earliest=None, taken=taken)


def test_each_payment_gets_its_own() -> None:
    k, other = payment("k", "AAAA1111"), payment("l", "BBBB2222")
    items = [routine("rt_1", client_correlation_id="aaaa1111", amount=20), routine("rt_2", client_correlation_id="X")]
    assert result(k, *items, others=(other,)).routine_id == "rt_1"
    assert result(other, *items, others=(k,)).routine_id is None


def test_what_gives_no_correlation_id_is_doubtful_when_it_agrees() -> None:
    k = payment("k", "AAAA1111")
    assert [one.routine_id for one in result(k, routine("rt_1", amount=20.0)).candidates] == ["rt_1"]
    assert [one.routine_id for one in result(k, routine("rt_1", amount=20, client_correlation_id="")).candidates]
    assert result(k, routine("rt_1", amount=21)).candidates == ()


def test_a_transfer_tells_whose_its_routine_is() -> None:
    k = payment("k", "AAAA1111")
    items = [routine("rt_1", amount=20), transfer("rt_1", amount=20, client_correlation_id="BBBB2222")]
    assert result(k, *items).candidates == ()
    mine = [routine("rt_1", amount=20), transfer("rt_1", amount=20, client_correlation_id="AAAA1111")]
    assert result(k, *mine).routine_id == "rt_1"


def test_a_payment_without_a_correlation_id_is_never_more_than_doubtful() -> None:
    found = result(payment("k", None), routine("rt_1", amount=20))
    assert (found.routine_id, len(found.candidates)) == (None, 1)


def test_what_another_payment_has_become_is_a_rival() -> None:
    found = result(payment("k", "A1"), routine("rt_1", amount=20, client_correlation_id="A1"), taken={"rt_1"})
    assert (found.routine_id, len(found.candidates)) == (None, 1)


def test_two_with_one_correlation_id_share_it() -> None:
    k, twin, other, none = payment("k", "A1"), payment("l", "a1"), payment("m", "B1"), payment("n", None)
    sought = Sought([k, twin, other, none])
    assert [sought.is_shared(one) for one in (k, twin, other, none)] == [True, True, False, False]
