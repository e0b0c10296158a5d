"""Amounts print with cents, equal what came, and have a size with which one can calculate."""

from __future__ import annotations

import json
import pickle
from decimal import Decimal, Inexact, localcontext

import pytest

from astra.types import FieldDecodeError, Transfer
from astra.webhooks.events import dollars


def transfer(amount: str) -> Transfer:
    """Reads a transfer at once, as the answer of a call."""
    return Transfer.from_json(f'{{"id": "tr_1", "status": "pending", "amount": {amount}}}')


def slowly(amount: str) -> Transfer:
    """Reads it field by field, since another field is not as the spec says."""
    return Transfer.from_json(f'{{"id": 5, "status": "pending", "amount": {amount}}}')


@pytest.mark.parametrize("read", [transfer, slowly])
@pytest.mark.parametrize(
    ("sent", "printed"),
    [
        ("20", "20.00"),
        ("20.0", "20.00"),
        ("20.00", "20.00"),
        ("20.5", "20.50"),
        ('"20.1"', "20.10"),
        ("2e1", "20.00"),
        ("-7.5", "-7.50"),
        ("0", "0.00"),
        ("20.001", "20.001"),
        ("20.000", "20.00"),
        ("1" * 40, "1" * 40 + ".00"),
    ],
)
def test_an_amount_prints_with_cents_and_equals_what_came(read, sent: str, printed: str) -> None:
    found = read(sent)
    assert found.amount == Decimal(sent.strip('"'))
    assert str(found.amount) == printed
    assert f"amount=Decimal('{printed}')" in repr(found)
    assert json.loads(found.to_json())["amount"] == printed
    assert found.to_dict()["amount"] == json.loads(sent, parse_float=Decimal)
    assert str(pickle.loads(pickle.dumps(found)).amount) == printed


@pytest.mark.parametrize("read", [transfer, slowly])
@pytest.mark.parametrize("sent", ["1e1000000", "1e-1000000", "1e101", '"1e1000000"', '"2_0"', '" 20"', '"\\u0661"'])
@pytest.mark.timeout(5)
def test_what_is_no_amount_or_one_of_absurd_size_is_told_when_it_is_read(read, sent: str) -> None:
    with pytest.raises(FieldDecodeError, match="amount"):
        _ = read(sent).amount


def test_the_decimal_settings_of_the_application_change_nothing() -> None:
    with localcontext(prec=2) as context:
        context.traps[Inexact] = True
        assert str(transfer("1234.5").amount) == str(slowly("1234.5").amount) == "1234.50"


@pytest.mark.parametrize("value", ["2_0", " 20", "\u0661", "1e1000000", "", True, None, [], "NaN", Decimal("1e101")])
def test_a_webhook_reads_no_more_as_an_amount_than_an_answer(value: object) -> None:
    assert dollars(value) is None


@pytest.mark.parametrize("value", [20, "20", "20.0", Decimal(20)])
def test_a_webhook_prints_an_amount_with_cents_too(value: object) -> None:
    assert str(dollars(value)) == "20.00"
