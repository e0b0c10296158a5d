"""Arguments with a list of values: refused when the list is complete, sent as they are when it is not."""

from __future__ import annotations

import enum
from typing import Any

import pytest
from astra_api.literals import CLOSED, SENT_VALUES

import astra
from astra.resources.choices import choice
from astra.types import PaymentType, RoutineType


class Mine(enum.StrEnum):
    ONCE = "one-time"


class Old(str, enum.Enum):  # noqa: UP042 (as before Python 3.11)
    ONCE = "one-time"


def refused(value: Any, kind: Any, argument: str = "type") -> str:
    with pytest.raises(astra.InvalidRequestError) as caught:
        choice(value, kind, argument=argument)
    assert caught.value.argument == argument
    return str(caught.value)


@pytest.mark.parametrize("value", ["one-time", RoutineType.ONE_TIME, RoutineType("one-time"), Mine.ONCE, Old.ONCE])
def test_text_and_members_of_enums_are_taken_as_plain_text(value: Any) -> None:
    found = choice(value, "RoutineType", argument="type")
    assert type(found) is str
    assert found == "one-time"


def test_what_is_left_out_stays_none() -> None:
    assert choice(None, "RoutineType", argument="type") is None


@pytest.mark.parametrize(
    ("value", "kind", "why"),
    [
        ("onetime", "RoutineType", '"one-time", "recurring", not \'onetime\'. Did you mean "one-time"?'),
        ("ONE_TIME", "RoutineType", '"one-time", "recurring", not \'ONE_TIME\'. Did you mean "one-time"?'),
        ("ACH", "PaymentType", '"ach", "debit", not \'ACH\'. Did you mean "ach"?'),
        ("wire", "PaymentType", '"ach", "debit", not \'wire\'.'),
        ("realtime", "SettlementSpeed", "not 'realtime'. Did you mean \"real-time\"?"),
        ("verfied", "KycType", "not 'verfied'. Did you mean \"verified\"?"),
        ("", "PaymentType", '"ach", "debit", not \'\'.'),
        ("\ud800", "PaymentType", '"ach", "debit", not \'\\ud800\'.'),
        (" ach", "PaymentType", '"ach", "debit", not \' ach\'. Did you mean "ach"?'),
        (5, "PaymentType", '"ach", "debit", not int.'),
        (b"ach", "PaymentType", '"ach", "debit", not bytes.'),
        (PaymentType.LEDGER, "PaymentType", '"ach", "debit", not \'ledger\'.'),
        (RoutineType("onetime"), "RoutineType", '"one-time", "recurring", not \'onetime\'. Did you mean "one-time"?'),
    ],
)
def test_a_value_outside_a_complete_list_is_refused_with_the_list_and_the_nearest(
    value: Any, kind: str, why: str
) -> None:
    text, _, way_out = refused(value, kind).partition(" A value that is newer")
    assert text.startswith("type must be one of ")
    assert text.endswith(why)
    assert all(f'"{known}"' in text for known in SENT_VALUES[kind])
    is_word = isinstance(value, str) and bool(value) and value.isprintable()
    assert way_out == (' than this version goes into extra_body={"type": ...}.' if is_word else "")


@pytest.mark.parametrize("kind", ["Frequency", "SettlementMode", "BankAccountType"])
@pytest.mark.parametrize("value", ["quarterly", "x" * 64, "a b", Mine.ONCE])
def test_other_text_is_sent_as_it_is_where_the_list_may_lack_values(kind: Any, value: str) -> None:
    assert kind not in CLOSED
    assert choice(value, kind, argument="frequency") == value


@pytest.mark.parametrize("value", ["", "  ", "x" * 65, "a\nb", "\ud800", 5, ["weekly"]])
def test_what_is_no_word_is_refused_there_too(value: Any) -> None:
    assert '"weekly", "bi-weekly", "monthly"' in refused(value, "Frequency", "frequency")


@pytest.mark.timeout(5)
def test_a_very_long_text_is_refused_at_once_and_shown_in_part() -> None:
    assert len(refused("a" * 10_000_000, "PaymentType")) < 200
    assert refused("a" * 65, "PaymentType").endswith(f"not '{'a' * 64}'.")


def test_the_lists_leave_out_what_only_old_documents_know() -> None:
    assert SENT_VALUES["RoutineType"] == ("one-time", "recurring")
    assert SENT_VALUES["PaymentType"] == ("ach", "debit")
    assert {"KycType", "PaymentType", "RoutineType", "SettlementSpeed"} == CLOSED
