"""An encrypted store full of grants in the wrong hands: nothing is sent, nothing is marked, and nobody is lost.

Each cell is met by a client of either flavour, made by its constructor and from the environment, and by the command
line; each calls, refreshes and keeps alive. Afterwards the rightful client refreshes all.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from astra.tokens import UNBOUND, Grant
from tests.tokens.wrong_stores import (
    CLIENTS,
    COUNT,
    KEY,
    ME,
    NAMES,
    WRONG,
    CountingAstra,
    Visit,
    by_command,
    by_constructor,
    fill,
    fill_as_release_0_1_0,
    rows_of,
    swap_rows,
    view,
)

HOUR = 3600.0
LOCKED = ("ConfigurationError",) * 3
UNSEEN = ("UnknownUserError", "UnknownUserError", "0 refreshed, 0 failed, 0 dead")
UNREADABLE = ("UnreadableGrantError", "UnreadableGrantError", f"0 refreshed, {COUNT} failed, 0 dead")


@pytest.fixture
def astra() -> Iterator[CountingAstra]:
    with CountingAstra().running() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/tokens.db"
    return str(request.getfixturevalue("postgres_url" if request.param == "postgresql" else "redis_url"))


@pytest.fixture
def right(url: str, astra: CountingAstra) -> Visit:
    """How the rightful client comes."""
    return Visit(
        url, astra, keys=[KEY], environment=ME.environment.partition("@")[0], client_id=ME.client_id, now=time.time()
    )


def without_a_pause(rows: list[Grant]) -> list[Grant]:
    """Rows but for when keep-alive looks at them again."""
    return [attrs.evolve(row, failures=0, next_attempt_at=0.0) for row in rows]


def assert_none_is_lost(right: Visit) -> None:
    """The rightful client refreshes all of them."""
    with view(right.url) as store:
        due = store.count_due(refreshed_before=right.now)
    assert due == COUNT
    refreshed = by_constructor(right, NAMES[0], None)
    # A call refreshes the first of them, and asking for it refreshes it again.
    assert refreshed == ("ok", "ok", f"{COUNT - 1} refreshed, 0 failed, 0 dead")
    with view(right.url) as store:
        found = [store.load(name) for name in NAMES]
    assert [grant.access_token for grant in found if grant] == [f"new-{name}" for name in NAMES]
    assert {(grant.state, grant.identity) for grant in found if grant} == {("active", ME)}


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("changes", "seen", "code"),
    [
        ({"keys": []}, LOCKED, 2),
        ({"keys": [WRONG]}, LOCKED, 2),
        ({"environment": "production"}, UNSEEN, 7),
        ({"client_id": "client-2"}, UNSEEN, 7),
    ],
    ids=["no keys", "wrong keys", "another environment", "another client"],
)
def test_grants_that_somebody_comes_to_who_cannot_have_them(
    right: Visit, changes: dict[str, Any], seen: tuple[str, ...], code: int
) -> None:
    fill(right.url, right.now)
    before, wrong = rows_of(right.url), attrs.evolve(right, **changes)
    assert len(before) == COUNT
    assert [way(wrong.later(second), NAMES[7], None) for second, way in enumerate(CLIENTS)] == [seen] * len(CLIENTS)
    assert by_command(wrong, "refresh", NAMES[7])[0] == code
    assert by_command(wrong, "keep-alive")[0] == 2 or seen is UNSEEN
    assert right.astra.received == []
    assert rows_of(right.url) == before
    assert_none_is_lost(right.later(60))


@pytest.mark.sampled(1)
def test_grants_whose_rows_were_swapped(right: Visit) -> None:
    fill(right.url, right.now)
    original = rows_of(right.url)
    swap_rows(right.url)
    before = rows_of(right.url)
    assert [row.access_token for row in before] != [row.access_token for row in original]
    exit_code, printed = by_command(right, "keep-alive")
    assert (exit_code, f"{COUNT} failed" in printed) == (1, True)
    for number, way in enumerate(CLIENTS, start=1):  # each after the hour for which the former one left them alone
        assert way(right.later(number * 2 * HOUR), NAMES[7], None) == UNREADABLE
    assert right.astra.received == []
    assert without_a_pause(rows_of(right.url)) == before
    swap_rows(right.url)
    assert without_a_pause(rows_of(right.url)) == original
    assert_none_is_lost(right.later(8 * HOUR))


@pytest.mark.sampled(2)
@pytest.mark.parametrize("keys", [[], [WRONG]], ids=["no keys", "wrong keys"])
def test_grants_of_release_0_1_0_without_their_keys(right: Visit, keys: list[str]) -> None:
    fill_as_release_0_1_0(right.url, right.now)
    before, wrong = rows_of(right.url), attrs.evolve(right, keys=keys)
    assert len(before) == COUNT
    assert [way(wrong.later(second), NAMES[7], None) for second, way in enumerate(CLIENTS)] == [LOCKED] * len(CLIENTS)
    assert [by_command(wrong, *command)[0] for command in (["keep-alive"], ["refresh", NAMES[7]])] == [2, 2]
    assert right.astra.received == []
    assert rows_of(right.url) == before
    assert_none_is_lost(right.later(60))


@pytest.mark.long
def test_grants_of_release_0_1_0_whose_tokens_another_environment_refuses(right: Visit) -> None:
    """They do not say whose they are, so a client of another one tries a few, and believes no refusal."""
    fill_as_release_0_1_0(right.url, right.now)
    before = rows_of(right.url)
    right.astra.believes = False
    wrong = attrs.evolve(right, environment="production")
    assert by_command(wrong, "keep-alive")[0] == 1
    seen = by_constructor(wrong.later(2 * HOUR), NAMES[7], None)
    assert seen == ("OAuthError", "OAuthError", "0 refreshed, 0 failed, 0 dead")
    assert len(right.astra.received) < 50
    assert without_a_pause(rows_of(right.url)) == before
    right.astra.believes = True
    assert_none_is_lost(right.later(8 * HOUR))


@pytest.mark.sampled(1)
def test_grants_of_release_0_1_0_are_migrated_by_whoever_uses_them(right: Visit) -> None:
    fill_as_release_0_1_0(right.url, right.now)
    share = COUNT // 5
    for number, way in enumerate(CLIENTS):
        mine = NAMES[number * share : (number + 1) * share]
        assert way(right, mine[0], mine) == ("ok", "ok", f"{share - 1} refreshed, 0 failed, 0 dead")
    exit_code, printed = by_command(right, "keep-alive")
    assert (exit_code, f"{COUNT - 3 * share} refreshed, 0 skipped, 0 failed" in printed) == (0, True)
    rows = rows_of(right.url)
    assert {(row.identity, row.state, row.access_token[:7]) for row in rows} == {(ME, "active", "astra1:")}
    assert len(rows) == COUNT
    with view(right.url) as store:
        assert store.base.identities() == {ME: COUNT}
        assert UNBOUND not in store.base.identities()
        assert [grant.refresh_token for grant in map(store.load, NAMES) if grant] == [f"next-{name}" for name in NAMES]
