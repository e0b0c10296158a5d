"""Ten changes that an API like Astra's goes through: what spec-diff says of each is right, complete and short."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

import attrs
import pytest

from scripts.spec_diff.change import Change
from scripts.spec_diff.compare import compare
from scripts.spec_diff.facade import FacadeIndex, read_facade
from scripts.spec_diff.render import as_text
from scripts.spec_diff.trace import Touched, Tracer
from scripts.spec_diff.unsaid import is_unsaid
from scripts.spec_document.walk import operations
from tests.spec.documents import ROOT, spec, travels_as

Spec = dict[str, Any]
TEXT = {"type": "string", "x-evidence": "documented"}


@cache
def facade() -> FacadeIndex:
    return read_facade(ROOT)


def edited(edit: Callable[[Spec], None]) -> Spec:
    changed = copy.deepcopy(spec())
    edit(changed)
    return changed


def schemas(document: Spec) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"]
    return found


def rename(document: Spec, component: str, old: str, new: str) -> None:
    fields = schemas(document)[component]["properties"]
    old = travels_as(fields, old)
    fields[new] = fields.pop(old)
    required = schemas(document)[component].get("required", [])
    required[:] = [new if name == old else name for name in required]


def an_optional_field(document: Spec) -> None:
    schemas(document)["Transfer"]["properties"]["network_reference"] = TEXT


def a_field_renamed_everywhere(document: Spec) -> None:
    for name, schema in schemas(document).items():
        if "client_correlation_id" in schema.get("properties", {}):
            rename(document, name, "client_correlation_id", "reference")


def a_field_renamed_in_requests(document: Spec) -> None:
    rename(document, "RoutineCreate", "preferred_settlement_speed", "settlement_speed")


def an_enum_value_added_and_one_removed(document: Spec) -> None:
    values = schemas(document)["TransferStatus"]["enum"]
    values[values.index("processed")] = "settled"


def a_required_field(document: Spec) -> None:
    schemas(document)["CardCreate"]["properties"]["phone"] = TEXT
    schemas(document)["CardCreate"]["required"].append("phone")


def a_required_header(document: Spec) -> None:
    parameter = {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string"}}
    document["paths"]["/v1/routines"]["post"].setdefault("parameters", []).append(parameter)


def another_path(document: Spec) -> None:
    document["paths"]["/v2/user"] = document["paths"].pop("/v1/user")


def a_new_write(document: Spec) -> None:
    body = {"type": "object", "properties": {"amount": {"type": "number", "format": "decimal"}}}
    document["paths"]["/v1/transfers/{id}/refund"] = {
        "post": {
            "operationId": "refund_transfer",
            "tags": ["transfers"],
            "security": [{"bearer": []}],
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "requestBody": {"content": {"application/json": {"schema": body}}},
            "responses": {"200": {"$ref": "#/components/responses/Transfer"}},
        }
    }


def other_pagination(document: Spec) -> None:
    document["components"]["parameters"]["Cursor"]["name"] = "starting_after"
    rename(document, "Page", "cursor", "page_token")


def problem_details(document: Spec) -> None:
    schemas(document)["Problem"] = {
        "type": "object",
        "properties": {name: TEXT for name in ("type", "title", "detail", "instance")},
    }
    for response in document["components"]["responses"].values():
        for media in [*response.get("content", {}).values()]:
            if "Error" in str(media["schema"]):
                problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
                response["content"] = {"application/problem+json": problem}
    for name in ("GenericError", "ValidationError"):
        del schemas(document)[name]


def a_removed_operation(document: Spec) -> None:
    paths = document["paths"]
    path = next(path for path, item in paths.items() for node in item.values() if "cancel" in str(node)[:60])
    del paths[path]


def a_union(document: Spec) -> None:
    schemas(document)["CardDispute"] = {"type": "object", "properties": {"case_id": TEXT}}
    fields = schemas(document)["Transfer"]["properties"]
    alternatives = [{"$ref": f"#/components/schemas/{name}"} for name in ("Chargeback", "CardDispute")]
    fields["chargeback"] = {"oneOf": [*alternatives, {"type": "null"}], "x-evidence": "documented"}


def correlated() -> list[str]:
    return [name for name, schema in schemas(spec()).items() if "client_correlation_id" in schema.get("properties", {})]


def listing() -> list[str]:
    cursor = {"$ref": "#/components/parameters/Cursor"}
    return [one.label for one in operations(spec()) if cursor in one.node.get("parameters", [])]


@attrs.frozen
class Expected:
    """What must come out: rule and place of each change that matters, and methods that must be named."""

    edit: Callable[[Spec], None]
    changes: dict[str, str]
    methods: set[str] = attrs.field(factory=set)
    hints: set[str] = attrs.field(factory=set)


TEN = {
    "a an optional field": Expected(
        an_optional_field,
        {"response-optional-property-added Transfer.network_reference": "info"},
        {"AsyncTransfers.get", "AsyncTransfers.list"},
    ),
    "b2 a field renamed in requests alone": Expected(
        a_field_renamed_in_requests,
        {
            "request-property-removed RoutineCreate.preferred_settlement_speed": "breaking",
            "new-optional-request-property RoutineCreate.settlement_speed": "info",
        },
        {"AsyncRoutines.create"},
        {"perhaps renamed to `settlement_speed`", "perhaps the new name of `preferred_settlement_speed`"},
    ),
    "c an enum value added and one removed": Expected(
        an_enum_value_added_and_one_removed,
        {
            "response-property-enum-value-removed TransferStatus": "breaking",
            "response-property-enum-value-added TransferStatus": "warning",
        },
        {"AsyncTransfers.get"},
    ),
    "d a required field": Expected(
        a_required_field, {"new-required-request-property CardCreate.phone": "breaking"}, {"AsyncCards.create"}
    ),
    "d2 a required header": Expected(
        a_required_header,
        {"new-required-request-parameter POST /v1/routines.header.Idempotency-Key": "breaking"},
        {"AsyncRoutines.create"},
    ),
    "e another path": Expected(
        another_path, {"api-path-changed GET /v1/user": "breaking"}, {"AsyncProfile.get"}
    ),
    "f a new write": Expected(
        a_new_write,
        {"endpoint-added-that-writes POST /v1/transfers/{id}/refund": "warning"},
        set(),
        {"x-money is missing, so it counts as money: write true or false; give it a facade method in "
         "astra/resources/_async, a sandbox route, a cassette and docs"},
    ),
    "j one schema becomes one of two": Expected(
        a_union,
        {"response-property-any-of-added Transfer.chargeback": "breaking"},
        {"AsyncTransfers.get", "AsyncTransfers.list"},
    ),
}  # fmt: skip


def traced(document: Spec) -> list[tuple[Change, Touched]]:
    tracer = Tracer(spec(), document, facade(), ROOT)
    return [(change, tracer.trace(change)) for change in compare(spec(), document)]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("expected", TEN.values(), ids=list(TEN))
def test_the_change_and_nothing_else_is_told_with_the_methods_that_it_touches(expected: Expected) -> None:
    found = traced(edited(expected.edit))
    assert {f"{change.rule} {change.place}": change.severity.word for change, _ in found} == expected.changes
    assert expected.methods <= {method.name for _, touched in found for method in touched.methods}
    assert expected.hints <= {change.hint for change, _ in found}
    assert len(as_text(found, "old", "new").splitlines()) < 150


@pytest.mark.long
def test_b_a_field_renamed_everywhere_names_the_code_that_looks_for_it() -> None:
    found = traced(edited(a_field_renamed_everywhere))
    removed = [change for change, _ in found if change.rule.endswith("property-removed")]
    assert {change.component for change in removed} == set(correlated())
    assert {change.hint for change in removed} == {"perhaps renamed to `reference`"}
    assert {change.severity.word for change in removed} == {"breaking"}
    named = {method.name for _, touched in found for method in (*touched.other_methods, *touched.methods)}
    assert {"AsyncPaymentFinder.find", "AsyncRoutines.create"} <= named


@pytest.mark.long
def test_g_another_pagination_is_told_for_every_list_and_hinted_as_renamed() -> None:
    found = compare(spec(), edited(other_pagination))
    gone = {change.place for change in found if change.rule == "request-parameter-removed"}
    assert gone == {f"{label}.query.cursor" for label in listing()}
    come = {change.place for change in found if change.rule == "new-optional-request-parameter"}
    assert come == {f"{label}.query.starting_after" for label in listing()}
    fields = [change for change in found if change.rule == "response-optional-property-removed"]
    assert fields
    assert {change.hint for change in fields} == {"perhaps renamed to `page_token`"}


@pytest.mark.long
def test_h_another_error_body_is_told_once_with_its_fields_and_the_code_that_reads_it() -> None:
    found = traced(edited(problem_details))
    assert len(found) < 40
    rules = {f"{change.rule} {change.place}": (change, touched) for change, touched in found}
    renamed, touched = rules["response-media-type-changed answer NotFound"]
    assert (renamed.before, renamed.after) == ("application/json", "application/problem+json")
    assert len(renamed.operations) == len(operations(spec()))
    for field in ("name", "description"):
        assert f"response-optional-property-removed GenericError.{field}" in rules
    for field in ("title", "detail"):
        assert f"response-optional-property-added GenericError.{field}" in rules
    readers = {method.file for method in touched.error_readers}
    (reader,) = readers
    assert reader.startswith("astra/http/")
    assert "error_description" in (ROOT / reader).read_text(encoding="utf-8")
    assert f"reads error bodies: read_error_body ({reader}" in as_text(found, "old", "new")


def test_what_is_no_error_body_names_no_reader_of_them() -> None:
    assert all(touched.error_readers == [] for _, touched in traced(edited(an_optional_field)))


def test_i_a_removed_operation_names_method_sandbox_docs_and_cassettes() -> None:
    found = traced(edited(a_removed_operation))
    ((change, touched),) = [one for one in found if one[0].rule == "api-removed-without-deprecation"]
    assert change.before == "cancel_transfer"
    assert "AsyncTransfers.cancel" in {method.name for method in touched.methods}
    assert touched.documents
    assert touched.sandbox
    assert touched.cassettes


@pytest.mark.long
def test_j_a_union_that_becomes_one_schema_again_takes_only_its_alternative_away() -> None:
    before = edited(a_union)
    rules = {change.rule for change in compare(before, spec()) if change.rule != "api-schema-removed"}
    assert rules == {"response-property-any-of-removed"}


def test_a_document_that_says_less_is_no_change_when_it_is_an_import() -> None:
    def poorer(document: Spec) -> None:
        for item in document["paths"].values():
            for method, node in item.items():
                if method != "parameters":
                    empty = {"application/json": {"schema": {"type": "object", "properties": {}}}}
                    bare = {"description": "x", "content": empty}
                    node["responses"] = {
                        status: bare if status in ("400", "401") else response
                        for status, response in node["responses"].items()
                        if status < "402"
                    }
        for response in document["components"]["responses"].values():
            response.pop("headers", None)
        for schema in schemas(document).values():
            schema.pop("required", None)
        schemas(document)["RoutineCreate"]["properties"]["client_correlation_id"] = {"type": "string"}

    found = compare(spec(), edited(poorer))
    assert len(found) > 60
    assert [change for change in found if not is_unsaid(change)] == []


@pytest.mark.long
def test_what_an_import_says_otherwise_is_a_change_all_the_same() -> None:
    for expected in TEN.values():
        assert any(not is_unsaid(change) for change in compare(spec(), edited(expected.edit)))
