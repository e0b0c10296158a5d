"""A field that travels under another name than the SDK gives it: programs keep theirs, and Astra gets its own."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from astra._names import Names
from astra._spec import Spec
from scripts.spec_document.names import NamesakeError, in_our_names, travels
from tests.spec.documents import spec
from tests.spec.other_names import rename, told_by

PROGRAM = """
import json
from astra_api.api.routines import create_routine, list_routines
from astra_api.facts import SECRET_FIELDS, TRAVELS
from astra_api.models import KycUpgrade, RoutineList
page = RoutineList.from_json(b'{"cursors": "c1", "more": true, "data": [{"id": "r"}]}')
sent = KycUpgrade(kyc_type="verified", ssn="9999", date_of_birth="1919-07-20")
try:
    RoutineList(cursors="c1")
except TypeError:
    unknown = True
print(json.dumps({
    "read": [page.cursor, page.more, [routine.id for routine in page], page.additional_properties, page._items_name],
    "again": RoutineList.from_dict(page.to_dict()) == page,
    "sent": sent.to_dict(), "shown": repr(sent), "unknown": unknown, "travels": TRAVELS,
    "secret": sorted(SECRET_FIELDS & {"ssn", "socialNumber"}),
    "query": list_routines._get_kwargs(page_size=10, cursor="c")["params"],
}))
"""


def renamed() -> dict[str, Any]:
    """Our spec with another name for fields of an envelope, of a list, of a secret, and for a parameter."""
    document = copy.deepcopy(spec())
    schemas = document["components"]["schemas"]

    rename(schemas["Page"], "cursor", "cursors")
    rename(schemas["RoutineList"]["allOf"][1], "routines", "data")
    rename(schemas["KycUpgrade"], "ssn", "socialNumber")
    document["paths"]["/v1/routines"]["get"]["x-items"] = "data"
    document["components"]["parameters"]["PageSize"] |= {"name": "limit", "x-sdk-name": "page_size"}
    return document


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a program sees that uses the client which is generated of `renamed`."""
    return told_by(PROGRAM, renamed(), tmp_path_factory.mktemp("named"))


def test_a_program_reads_and_sets_a_field_under_the_name_that_it_knows(told: dict[str, Any]) -> None:
    assert told["read"] == ["c1", True, ["r"], {}, "data"]
    assert told["sent"] == {"kyc_type": "verified", "socialNumber": "9999", "date_of_birth": "1919-07-20"}
    assert told["again"]
    assert told["unknown"]
    given = {"cursor": "cursors", "page_size": "limit", "routines": "data", "ssn": "socialNumber"}
    before = travels(spec())
    assert set(told["travels"]) == {*given, *before}
    for ours, theirs in given.items():
        assert theirs in told["travels"][ours]
        assert told["travels"][ours] == [theirs] or ours in before


def test_a_parameter_is_sent_under_astra_s_name(told: dict[str, Any]) -> None:
    assert told["query"] == {"limit": 10, "cursor": "c"}


def test_what_is_secret_is_hidden_under_both_names(told: dict[str, Any]) -> None:
    assert told["secret"] == ["socialNumber", "ssn"]
    assert "9999" not in told["shown"]


def test_two_fields_of_one_name_and_a_name_that_is_none_are_refused() -> None:
    for name in ("more", "no name", "class-x"):
        document = renamed()
        document["components"]["schemas"]["Page"]["properties"]["cursors"]["x-sdk-name"] = name
        with pytest.raises(NamesakeError):
            in_our_names(document)


# What speaks JSON by hand.

NAMES = Names(Spec(renamed()))


def test_bodies_are_translated_at_every_depth_both_ways() -> None:
    ours = {"count": 1, "cursor": "c", "routines": [{"id": "cursor", "name": "routines"}], "new": {"cursor": 1}}
    theirs = {"count": 1, "cursors": "c", "data": [{"id": "cursor", "name": "routines"}], "new": {"cursor": 1}}
    assert NAMES.answered("list_routines", ours) == theirs
    assert NAMES.read("list_routines", theirs) == ours
    assert NAMES.sent("upgrade_kyc_type", {"ssn": "9999"}) == {"socialNumber": "9999"}
    assert NAMES.answered("list_cards", {"cursor": None, "cards": []}) == {"cursors": None, "cards": []}


def test_what_comes_under_a_name_that_does_not_travel_is_not_known() -> None:
    assert NAMES.received("upgrade_kyc_type", {"ssn": "9999", "kyc_type": "verified"}) == {"kyc_type": "verified"}
    assert NAMES.heard("list_routines", {"page_size": "10", "cursor": "c"}) == {"cursor": "c"}
    assert NAMES.heard("list_routines", {"limit": "10"}) == {"page_size": "10"}


def test_a_refusal_names_what_travels_and_other_errors_stay_as_they_are() -> None:
    told = {"description": {"ssn": ["Missing data."], "_schema": ["x"]}, "name": "Bad Request"}
    assert NAMES.refused("upgrade_kyc_type", told)["description"] == {
        "socialNumber": ["Missing data."],
        "_schema": ["x"],
    }
    assert NAMES.refused("list_routines", {"description": {"page_size": ["x"]}}) == {"description": {"limit": ["x"]}}
    for other in ({"error": "invalid_grant"}, {"description": "No."}, None):
        assert NAMES.refused("upgrade_kyc_type", other) == other
