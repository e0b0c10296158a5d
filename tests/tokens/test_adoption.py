"""Who may take the place of a grant that belongs to nobody."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from astra.testing.store_contract import NOW, make_grant
from astra.tokens.adoption import Decision, decide, is_same_person
from astra.tokens.grant import Grant, TokenAnswer
from astra.tokens.identity import UNBOUND

ANSWER = TokenAnswer(access_token="new", expires_in=7200, refresh_token="next")
NOBODYS = make_grant(identity=UNBOUND, generation=0)


def issued(*, authorized: bool, astra_user_id: str | None = None) -> Grant:
    return Grant.issued(
        "customer-1", answer=ANSWER, now=NOW, former=NOBODYS, astra_user_id=astra_user_id, authorized=authorized
    )


def test_new_tokens_that_follow_from_the_old_ones_take_their_place() -> None:
    assert decide(issued(authorized=False), nobodys=NOBODYS) is Decision.ADOPT
    nameless = attrs.evolve(NOBODYS, astra_user_id=None)
    assert decide(attrs.evolve(issued(authorized=False), astra_user_id=None), nobodys=nameless) is Decision.ADOPT


def test_the_same_person_who_authorizes_anew_takes_the_place() -> None:
    assert decide(issued(authorized=True, astra_user_id="usr-of-customer-1"), nobodys=NOBODYS) is Decision.ADOPT


def test_another_person_who_authorizes_under_the_key_is_saved_beside_it() -> None:
    assert decide(issued(authorized=True, astra_user_id="usr-other"), nobodys=NOBODYS) is Decision.BESIDE


def test_a_refusal_marks_nothing() -> None:
    dead = NOBODYS.invalidated(now=NOW, access_rejected=True)
    assert decide(dead, nobodys=NOBODYS) is Decision.REFUSE


def test_a_change_that_proves_nothing_leaves_it_nobodys() -> None:
    assert decide(NOBODYS.revived(), nobodys=NOBODYS) is Decision.KEEP


@pytest.mark.parametrize(
    ("mine", "other", "same"),
    [("usr_1", "usr_1", True), ("usr_1", "usr_2", False), ("usr_1", None, False), (None, None, False)],
)
def test_two_grants_are_of_one_person_only_if_both_say_so(mine: Any, other: Any, same: bool) -> None:
    assert is_same_person(make_grant(astra_user_id=mine), make_grant(astra_user_id=other)) is same
