"""Changes of operations, parameters, bodies, statuses, headers, credentials, hosts and events are found and judged."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from scripts.spec_diff.compare import compare
from scripts.spec_diff.rules import EXISTENCE_RULES, SCHEMA_RULES, Severity, on_the_wire
from tests.spec.documents import spec
from tests.spec.minimal import document, operation_of, thing

TEXT: dict[str, Any] = {"type": "string"}


def changed(**edits: Any) -> dict[str, str]:
    """What is found when keys of the operation become others; None takes a key away."""
    old = document(request=thing(a=TEXT), response=thing(a=TEXT))
    new = copy.deepcopy(old)
    for key, value in edits.items():
        name = key.replace("__", "-")
        operation_of(new).pop(name, None)
        if value is not None:
            operation_of(new)[name] = value
    return {change.rule: change.severity.word for change in compare(old, new)}


def query(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": TEXT, **more}


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ({"parameters": [query("q", required=True)]}, {"new-required-request-parameter": "breaking"}),
        ({"parameters": [query("q")]}, {"new-optional-request-parameter": "info"}),
        ({"operationId": "build_thing"}, {"api-operation-id-removed": "breaking"}),
        ({"tags": ["stuff"]}, {"api-tag-changed": "breaking"}),
        ({"deprecated": True}, {"endpoint-deprecated": "info"}),
        ({"security": [{"basic": []}]}, {"api-security-removed": "breaking", "api-security-added": "info"}),
        ({"security": [{"bearer": []}, {"basic": []}]}, {"api-security-added": "info"}),
        ({"x__host": "secure"}, {"api-host-changed": "breaking"}),
        ({"x__money": True}, {"api-money-changed": "warning"}),
        ({"requestBody": None}, {"request-body-removed": "breaking"}),
    ],
)
def test_an_edited_operation(edits, expected) -> None:
    assert changed(**edits) == expected


def test_a_parameter_that_goes_or_becomes_required_breaks() -> None:
    old, new = document(), document()
    operation_of(old)["parameters"] = [query("gone"), query("needed"), query("free", required=True)]
    operation_of(new)["parameters"] = [query("needed", required=True), query("free")]
    assert {change.rule: change.severity.word for change in compare(old, new)} == {
        "request-parameter-removed": "breaking",
        "request-parameter-became-required": "breaking",
        "request-parameter-became-optional": "info",
    }


def test_a_parameter_s_schema_is_compared() -> None:
    old, new = document(), document()
    operation_of(old)["parameters"] = [query("q", schema={"type": "integer", "maximum": 100})]
    operation_of(new)["parameters"] = [query("q", schema={"type": "integer", "maximum": 50})]
    (change,) = compare(old, new)
    assert (change.rule, change.severity.word) == ("request-parameter-max-decreased", "breaking")


def test_a_renamed_path_parameter_is_not_a_new_operation() -> None:
    old = document()
    new = copy.deepcopy(old)
    new["paths"]["/v1/things/{thing_id}"] = new["paths"].pop("/v1/things/{id}")
    assert [change.rule for change in compare(old, new)] == ["request-path-parameter-renamed"]


def test_an_operation_that_moves_is_told_from_one_that_goes() -> None:
    old = document()
    new = copy.deepcopy(old)
    new["paths"]["/v2/things/{id}"] = new["paths"].pop("/v1/things/{id}")
    (change,) = compare(old, new)
    assert (change.rule, change.before, change.after) == (
        "api-path-changed",
        "POST /v1/things/{id}",
        "POST /v2/things/{id}",
    )


def test_operations_come_and_go() -> None:
    old, new = document(), document()
    new["paths"]["/v1/others"] = {"get": {"operationId": "list_others", "responses": {}}}
    del new["paths"]["/v1/things/{id}"]
    assert {change.rule: change.severity.word for change in compare(old, new)} == {
        "api-removed-without-deprecation": "breaking",
        "endpoint-added": "info",
    }
    operation_of(old)["deprecated"] = True
    assert "api-removed-with-deprecation" in {change.rule for change in compare(old, new)}


@pytest.mark.parametrize(
    ("mark", "hint"),
    [({}, "x-money is missing"), ({"x-money": False}, "x-money is false"), ({"x-money": True}, "x-money is true")],
)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_new_operation_that_writes_is_asked_whether_it_moves_money(method: str, mark: Any, hint: str) -> None:
    old, new = document(), document()
    new["paths"]["/v1/refunds"] = {method: {"operationId": "refund", "responses": {}, **mark}}
    (change,) = compare(old, new)
    assert (change.severity, change.after, change.place) == (
        Severity.WARNING,
        "refund",
        f"{method.upper()} /v1/refunds",
    )
    assert "Does it move money?" in change.text
    assert hint in change.hint


def test_a_write_without_a_mark_counts_as_money() -> None:
    assert changed(x__money=None) == {"api-money-changed": "warning"}


def test_bodies_statuses_content_types_and_headers() -> None:
    old = document(response=thing(a=TEXT))
    new = document(request=thing(a=TEXT), response=thing(a=TEXT))
    operation_of(old)["responses"]["200"]["headers"] = {"Request-Id": {"schema": TEXT}}
    operation_of(old)["responses"]["404"] = {"description": "gone"}
    operation_of(new)["responses"]["202"] = {"description": "later"}
    content = operation_of(new)["responses"]["200"]["content"]
    content["application/xml"] = content["application/json"]
    assert {change.rule: change.severity.word for change in compare(old, new)} == {
        "request-body-added-required": "breaking",
        "response-success-status-added": "info",
        "response-non-success-status-removed": "info",
        "response-media-type-added": "info",
        "optional-response-header-removed": "warning",
    }
    back = {change.rule: change.severity.word for change in compare(new, old)}
    assert back["response-success-status-removed"] == "breaking"
    assert back["response-media-type-removed"] == "breaking"
    assert back["response-header-added"] == "info"


def test_an_event_of_the_spec_that_goes_or_loses_a_field_is_found() -> None:
    new = copy.deepcopy(spec())
    del new["webhooks"]["card_created"]
    new["components"]["schemas"]["WebhookEvent"]["properties"].pop("user_id")
    found = compare(spec(), new)
    assert [change.before for change in found if change.rule == "webhook-removed"] == ["card_created"]
    lost = {change.place: change.operations for change in found if change.rule == "response-optional-property-removed"}
    assert lost["TransferWebhookEvent.user_id"] == ["webhook transfer_created", "webhook transfer_updated"]


def test_the_spec_does_not_differ_from_itself() -> None:
    assert compare(spec(), copy.deepcopy(spec())) == []


def test_every_rule_of_ours_has_a_verdict_for_both_directions() -> None:
    for rule in [*SCHEMA_RULES.values(), *EXISTENCE_RULES.values()]:
        for direction in ("request", "response", "none"):
            assert on_the_wire(rule, direction) in Severity
        assert on_the_wire(rule, "request", silent=True) is Severity.INFO


def test_headers_that_may_be_missing_or_change_their_type_break() -> None:
    old, new = document(), document()
    operation_of(old)["responses"]["200"]["headers"] = {
        "Request-Id": {"required": True, "schema": TEXT},
        "Retry-After": {"schema": TEXT},
    }
    operation_of(new)["responses"]["200"]["headers"] = {
        "request-id": {"schema": TEXT},
        "Retry-After": {"schema": {"type": "object"}},
    }
    assert {change.rule: change.severity.word for change in compare(old, new)} == {
        "response-header-became-optional": "breaking",
        "response-header-type-changed": "breaking",
    }


def test_a_deprecated_parameter_and_a_changed_credential_are_told() -> None:
    old, new = document(), document()
    operation_of(old)["parameters"] = [query("q")]
    operation_of(new)["parameters"] = [query("q", deprecated=True)]
    old["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    new["components"]["securitySchemes"] = {"bearer": {"type": "apiKey", "in": "header", "name": "X-Key"}}
    assert {change.rule: change.severity.word for change in compare(old, new)} == {
        "request-parameter-deprecated": "info",
        "api-security-component-type-changed": "breaking",
    }


def test_a_schema_that_goes_takes_its_class_along_even_if_the_wire_is_the_same() -> None:
    old = document(response={"$ref": "#/components/schemas/Part"}, Part=thing(a=TEXT))
    new = document(response={"$ref": "#/components/schemas/Piece"}, Piece=thing(a=TEXT))
    (change,) = compare(old, new)
    assert (change.rule, change.wire.word, change.severity.word) == ("api-schema-removed", "info", "breaking")
    assert change.hint == "perhaps renamed to `Piece`"
    assert change.operations == ["make_thing"]
