"""What an import does with a grant that the store knows already."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from astra.tokens import UNBOUND, Grant, Identity
from astra.tokens.transfer.merging import Contents, ImportReport, Merge, decide, following


def grant(**values: Any) -> Grant:
    defaults: dict[str, Any] = {
        "key": "k", "access_token": "a", "access_expires_at": 1.0, "refresh_token": "r", "refresh_expires_at": 2.0,
        "version": 10, "refreshed_at": 100.0, "astra_user_id": "usr_1",
    }  # fmt: skip
    return Grant(**(defaults | values))


def test_a_key_that_the_store_does_not_know_is_added() -> None:
    assert decide(grant(), stored=None) is Merge.ADD


def test_the_same_grant_is_there_already() -> None:
    assert decide(grant(), stored=grant()) is Merge.PRESENT
    assert decide(grant(), stored=grant(failures=3, astra_user_id="usr_2")) is Merge.PRESENT


@pytest.mark.parametrize(
    ("version", "refreshed_at"), [(11, 100.0), (10, 101.0), (11, 101.0)], ids=["version", "tokens", "both"]
)
def test_a_newer_grant_of_the_store_stays_and_an_older_one_gives_way(version: int, refreshed_at: float) -> None:
    newer = grant(version=version, refreshed_at=refreshed_at)
    assert decide(grant(), stored=newer) is Merge.KEEP
    assert decide(newer, stored=grant()) is Merge.REPLACE


@pytest.mark.parametrize(("version", "refreshed_at"), [(11, 99.0), (9, 101.0)])
def test_a_grant_that_is_newer_in_one_respect_only_replaces_nothing(version: int, refreshed_at: float) -> None:
    assert decide(grant(version=version, refreshed_at=refreshed_at), stored=grant()) is Merge.KEEP


def test_the_grant_of_another_person_is_never_replaced() -> None:
    newer = grant(version=11, astra_user_id="usr_2")
    assert decide(newer, stored=grant()) is Merge.OTHER_PERSON
    assert decide(grant(), stored=newer) is Merge.KEEP


@pytest.mark.parametrize(("mine", "theirs"), [(None, "usr_1"), ("usr_1", None), (None, None), ("usr_1", "usr_1")])
def test_a_person_who_is_not_known_may_be_the_same(mine: str | None, theirs: str | None) -> None:
    assert decide(grant(version=11, astra_user_id=mine), stored=grant(astra_user_id=theirs)) is Merge.REPLACE


def test_what_replaces_a_grant_has_a_higher_version() -> None:
    assert following(grant(version=10), stored=grant(version=10)).version == 11
    assert following(grant(version=15), stored=grant(version=10)).version == 15
    assert following(grant(refreshed_at=7.0), stored=grant()).refreshed_at == 7.0


def test_a_report_adds_up_and_keeps_few_reasons() -> None:
    report = ImportReport().plus({"added": 2, "replaced": 3, "present": 5, "kept": 7, "left_out": 11})
    assert (report.done, report.ok) == (28, True)
    assert report.plus({"added": 4}).added == 6
    worse = report.plus({"failed": 1}, reasons=("a", "b", "c")).plus({"other_person": 2}, reasons=("d", "e", "f"))
    assert (worse.done, worse.ok, worse.reasons) == (31, False, ("a", "b", "c", "d", "e"))
    assert (worse.added, worse.replaced, worse.failed, worse.other_person) == (2, 3, 1, 2)
    assert not ImportReport(failed=1).ok
    assert not ImportReport(other_person=1).ok


def test_contents_count_by_whose_they_are() -> None:
    one, two = Identity("sandbox", "a"), Identity("production", "a")
    contents = Contents(written_at=1.0, identities={one: 3, two: 4})
    assert (contents.total, contents.wanted(None), contents.wanted(frozenset({one}))) == (7, 7, 3)
    assert contents.wanted(frozenset()) == 0


@pytest.mark.parametrize(
    ("identities", "is_mine"),
    [
        ([], True),
        ([UNBOUND], True),
        ([Identity("sandbox", "a")], True),
        ([Identity("sandbox", "a"), Identity("sandbox", "b")], True),
        ([Identity("sandbox", "b")], False),
        ([Identity("sandbox", "b"), UNBOUND], False),
    ],
)
def test_a_file_is_for_a_client_whose_grants_it_holds_or_for_all(identities: list[Identity], is_mine: bool) -> None:
    contents = Contents(written_at=1.0, identities=dict.fromkeys(identities, 1))
    assert contents.is_for(frozenset({Identity("sandbox", "a"), UNBOUND})) is is_mine


def test_each_outcome_is_counted_under_its_name() -> None:
    assert ImportReport() == ImportReport().plus(dict.fromkeys(("nobodys", *(merge.value for merge in Merge)), 0))
    assert attrs.asdict(ImportReport()) == {
        "added": 0, "replaced": 0, "present": 0, "kept": 0, "other_person": 0, "left_out": 0, "failed": 0,
        "nobodys": 0, "reasons": (),
    }  # fmt: skip


@pytest.mark.parametrize("kind", [ImportReport, Contents])
def test_numbers_are_named(kind: Any) -> None:
    with pytest.raises(TypeError):
        kind(1.0, {})
