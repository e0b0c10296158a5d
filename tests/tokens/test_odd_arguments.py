"""What cannot be meant is refused in so many words: it neither finds nobody in silence nor damages a grant."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from astra.errors import InvalidRequestError
from astra.testing.store_contract import ME, NOW, make_grant
from astra.tokens import TokenAnswer, Tokens, open_store


class Whose(str, enum.Enum):  # noqa: UP042 - this kind is meant
    """One text, which is written as another."""

    ANN = "usr_1"


NO_IDS = [None, b"usr_1", 5, True, ["usr_1"], Whose.ANN]


@pytest.fixture(params=["memory", "sqlite"])
def tokens(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tokens]:
    url = "memory://" if request.param == "memory" else f"sqlite:///{tmp_path}/tokens.db"
    with open_store(url) as store:
        view = store.for_identity(ME)
        assert view.save(attrs.evolve(make_grant("unnamed"), astra_user_id=None), replaces=None)

        def refuse(_token: str) -> TokenAnswer:
            raise AssertionError("nothing is due")

        with Tokens(view, refresh=refuse, clock=lambda: NOW) as opened:
            yield opened


@pytest.mark.parametrize("odd", NO_IDS)
def test_an_id_of_astra_that_is_no_text_is_refused_and_finds_not_everybody_without_one(
    tokens: Tokens, odd: Any
) -> None:
    for find in (tokens.find_key, tokens.find_keys):
        with pytest.raises(InvalidRequestError, match="astra_user_id must be text, not"):
            find(odd)


@pytest.mark.parametrize("odd", NO_IDS)
def test_an_id_of_astra_that_is_no_text_damages_no_grant(tokens: Tokens, odd: Any) -> None:
    grant = tokens.get("unnamed")
    assert grant is not None
    with pytest.raises(InvalidRequestError, match="astra_user_id must be text, not"):
        tokens.set_user_id("unnamed", astra_user_id=odd, access_token=grant.access_token)
    if odd is not None:
        answer = TokenAnswer(access_token="a", expires_in=7200, refresh_token="r")
        with pytest.raises(InvalidRequestError, match="astra_user_id must be text, not"):
            tokens.store_answer("unnamed", answer, astra_user_id=odd)
    assert tokens.get("unnamed") == grant


@pytest.mark.parametrize("odd", [5, 432_000.0, "5d", True, date(2026, 1, 1), datetime.now(UTC), timedelta(days=-1)])
def test_an_age_that_is_none_is_refused(tokens: Tokens, odd: Any) -> None:
    calls: list[Callable[[], object]] = [
        lambda: list(tokens.list(older_than=odd)),
        lambda: list(tokens.due_keys(older_than=odd)),
        lambda: tokens.keep_alive(older_than=odd),
    ]
    for call in calls:
        with pytest.raises(InvalidRequestError, match="older_than must be a timedelta"):
            call()


@pytest.mark.parametrize("odd", ["daed", "", b"dead", True, ["dead"]])
def test_a_state_that_no_grant_has_is_refused_rather_than_found_nowhere(tokens: Tokens, odd: Any) -> None:
    with pytest.raises(InvalidRequestError, match='state must be "active", "dead" or None'):
        list(tokens.list(state=odd))


@pytest.mark.parametrize("since", [timedelta(hours=-1), datetime.fromtimestamp(NOW, UTC) + timedelta(days=1)])
def test_grants_that_will_have_died_are_not_brought_back(tokens: Tokens, since: Any) -> None:
    with pytest.raises(InvalidRequestError, match="since is in the future"):
        tokens.revive(since=since)


@pytest.mark.parametrize("odd", [5, True, [42], ["a", None], [b"a"], [["a"]]])
def test_keys_that_are_none_are_refused_rather_than_kept_alive_nowhere(tokens: Tokens, odd: Any) -> None:
    with pytest.raises(InvalidRequestError, match="keys must be"):
        tokens.keep_alive(keys=odd)


def test_keys_may_come_from_a_generator(tokens: Tokens) -> None:
    keys: Any = (key for key in ["unnamed", "nobody"])
    assert tokens.keep_alive(keys=keys, older_than=timedelta(days=300)).ok


@pytest.mark.parametrize("name", ["progress", "stop"])
def test_what_is_to_be_called_has_to_be_a_function(tokens: Tokens, name: str) -> None:
    odd: Any = {name: True}
    with pytest.raises(InvalidRequestError, match=f"{name} must be a function"):
        tokens.keep_alive(**odd)
