"""Ten changes that an API like Astra's goes through: in each of them something fails or asks, and names the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.spec_diff.compare import compare
from scripts.spec_document.fast_yaml import safe_dump
from scripts.spec_document.walk import operations
from scripts.stand_in.flow import FlowFailedError, regenerated, run_in, type_errors
from tests.cassettes.checks import DATA, open_validator, violations
from tests.cassettes.recorder import spec_digest
from tests.spec import test_ten_changes as ten
from tests.spec.documents import spec

SEEN_BY_CASSETTES = {
    "a an optional field": ten.an_optional_field,
    "b a field renamed everywhere": ten.a_field_renamed_everywhere,
    "b2 a field renamed in requests": ten.a_field_renamed_in_requests,
    "c an enum value added and one removed": ten.an_enum_value_added_and_one_removed,
    "d a required field": ten.a_required_field,
    "d2 a required header": ten.a_required_header,
    "g another pagination": ten.other_pagination,
    "h another error body": ten.problem_details,
    "j one schema becomes one of two": ten.a_union,
}


@pytest.mark.sampled(1)
@pytest.mark.parametrize("edit", SEEN_BY_CASSETTES.values(), ids=list(SEEN_BY_CASSETTES))
def test_the_cassettes_of_each_operation_that_changed_are_stale(edit: ten.Callable[[ten.Spec], None]) -> None:
    changed = ten.edited(edit)
    names = [one.id for one in operations(changed)]
    stale = {name for name in names if spec_digest(changed, name) != spec_digest(spec(), name)}
    told = {name for change in compare(spec(), changed) for name in change.operations}
    assert stale
    assert told & set(names) <= stale


@pytest.mark.long
def test_e_of_another_path_the_cassettes_hold_a_call_that_the_spec_does_not_have() -> None:
    validator = open_validator(ten.edited(ten.another_path))
    assert list(violations(DATA / "get_user.success.yaml", open_validator(spec()))) == []
    assert list(violations(DATA / "get_user.success.yaml", validator)) != []


def test_f_a_new_write_asks_whether_it_moves_money(tmp_path: Path) -> None:
    with pytest.raises(FlowFailedError, match=r"POST /v1/transfers/\{id\}/refund \(refund_transfer\)") as refused:
        regenerated(safe_dump(ten.edited(ten.a_new_write), sort_keys=False), tmp_path)
    assert "x-money: false" in str(refused.value)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_type_checker_names_each_line_that_sends_what_is_no_more_and_an_import_what_is_gone(tmp_path: Path) -> None:
    def everything(document: ten.Spec) -> None:
        ten.a_field_renamed_in_requests(document)
        ten.a_required_field(document)
        ten.a_removed_operation(document)

    regenerated(safe_dump(ten.edited(everything), sort_keys=False), tmp_path)
    said = type_errors(tmp_path)
    for file, word in (("routines.py", '"preferred_settlement_speed"'), ("cards.py", '"phone"')):
        lines = [line for line in said.splitlines() if line.startswith(f"astra/resources/_async/{file}:")]
        assert any(word in line for line in lines), said
    with pytest.raises(FlowFailedError, match="cannot import name 'cancel_transfer'"):
        run_in(tmp_path, "-c", "import astra.resources._sync.transfers")
