"""Changes of schemas are found and judged by direction: what narrows requests or widens answers breaks."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.spec_diff.compare import compare
from tests.spec.minimal import document, thing

TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "number", "format": "decimal"}


def rules(old: dict[str, Any], new: dict[str, Any]) -> dict[str, str]:
    return {change.rule: change.severity.word for change in compare(old, new)}


# kind, before, after, verdict for a request, verdict for a response
PROPERTY_CHANGES = [
    ("type-changed", TEXT, {"type": "boolean"}, "breaking", "breaking"),
    ("type-generalized", TEXT, {"type": ["string", "integer"]}, "breaking", "breaking"),
    ("type-specialized", {"type": ["string", "integer"]}, TEXT, "breaking", "info"),
    ("type-generalized", {"type": "integer"}, {"type": "number"}, "breaking", "breaking"),
    ("type-specialized", {"type": "number"}, {"type": "integer"}, "breaking", "info"),
    ("format-changed", NUMBER, {"type": "number"}, "breaking", "breaking"),
    ("format-changed", TEXT, {"type": "string", "format": "email"}, "warning", "warning"),
    ("became-nullable", TEXT, {"type": ["string", "null"]}, "info", "breaking"),
    ("became-nullable", TEXT, {"anyOf": [TEXT, {"type": "null"}]}, "info", "breaking"),
    ("became-nullable", TEXT, {"type": "string", "nullable": True}, "info", "breaking"),
    ("became-not-nullable", {"type": ["string", "null"]}, TEXT, "breaking", "info"),
    ("became-enum", TEXT, {"type": "string", "enum": ["a"]}, "breaking", "info"),
    ("became-not-enum", {"type": "string", "enum": ["a"]}, TEXT, "breaking", "breaking"),
    ("enum-value-added", {"type": "string", "enum": ["a"]}, {"type": "string", "enum": ["a", "b"]}, "info", "warning"),
    ("enum-value-removed", {"enum": ["a", "b"]}, {"enum": ["a"]}, "breaking", "breaking"),
    ("enum-value-added", {"const": "a"}, {"enum": ["a", "b"]}, "info", "warning"),
    ("pattern-added", TEXT, {"type": "string", "pattern": "^a"}, "breaking", "info"),
    ("pattern-removed", {"type": "string", "pattern": "^a"}, TEXT, "info", "breaking"),
    ("pattern-changed", {"type": "string", "pattern": "^a"}, {"type": "string", "pattern": "^b"}, "warning", "warning"),
    ("max-length-set", TEXT, {"type": "string", "maxLength": 5}, "breaking", "info"),
    ("max-length-unset", {"type": "string", "maxLength": 5}, TEXT, "info", "breaking"),
    ("max-length-decreased", {"maxLength": 5}, {"maxLength": 4}, "breaking", "info"),
    ("max-length-increased", {"maxLength": 4}, {"maxLength": 5}, "info", "breaking"),
    ("min-increased", {"type": "number", "minimum": 1}, {"type": "number", "minimum": 2}, "breaking", "info"),
    ("min-decreased", {"type": "number", "minimum": 2}, {"type": "number", "minimum": 1}, "info", "breaking"),
    ("min-items-set", {"type": "array"}, {"type": "array", "minItems": 1}, "breaking", "info"),
    ("unique-items-added", {"type": "array"}, {"type": "array", "uniqueItems": True}, "breaking", "info"),
    ("default-value-changed", {"type": "string", "default": "a"}, {"type": "string", "default": "b"}, "info", "info"),
    ("any-of-added", {"anyOf": [NUMBER, TEXT]}, {"anyOf": [NUMBER, TEXT, thing(a=TEXT)]}, "breaking", "breaking"),
    ("any-of-removed", {"oneOf": [NUMBER, thing(a=TEXT)]}, {"oneOf": [NUMBER]}, "breaking", "breaking"),
    ("deprecated", TEXT, {"type": "string", "deprecated": True}, "info", "info"),
    ("secret-changed", TEXT, {"type": "string", "x-secret": True}, "warning", "warning"),
]


@pytest.mark.parametrize(("kind", "before", "after", "request_verdict", "response_verdict"), PROPERTY_CHANGES)
def test_a_changed_field_is_judged_by_direction(kind, before, after, request_verdict, response_verdict) -> None:
    old, new = thing(field=before), thing(field=after)
    assert rules(document(request=old), document(request=new)).get(f"request-property-{kind}") == request_verdict
    assert rules(document(response=old), document(response=new)).get(f"response-property-{kind}") == response_verdict
    assert rules(document(request=old, response=old), document(request=old, response=old)) == {}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (thing(a=TEXT), thing(("b",), a=TEXT, b=TEXT), {"new-required-request-property": "breaking"}),
        (thing(a=TEXT), thing(a=TEXT, b=TEXT), {"new-optional-request-property": "info"}),
        (thing(a=TEXT), thing(("a",), a=TEXT), {"request-property-became-required": "breaking"}),
        (thing(("a",), a=TEXT), thing(a=TEXT), {"request-property-became-optional": "info"}),
        (thing(a=TEXT, b=NUMBER), thing(a=TEXT), {"request-property-removed": "breaking"}),
    ],
)
def test_fields_of_a_request_come_and_go(old, new, expected) -> None:
    assert rules(document(request=old), document(request=new)) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (thing(a=TEXT), thing(("b",), a=TEXT, b=TEXT), {"response-required-property-added": "info"}),
        (thing(a=TEXT), thing(a=TEXT, b=TEXT), {"response-optional-property-added": "info"}),
        (thing(a=TEXT), thing(("a",), a=TEXT), {"response-property-became-required": "info"}),
        (thing(("a",), a=TEXT), thing(a=TEXT), {"response-property-became-optional": "breaking"}),
        (thing(("b",), a=TEXT, b=NUMBER), thing(a=TEXT), {"response-required-property-removed": "breaking"}),
        (thing(a=TEXT, b=NUMBER), thing(a=TEXT), {"response-optional-property-removed": "breaking"}),
    ],
)
def test_fields_of_an_answer_come_and_go(old, new, expected) -> None:
    assert rules(document(response=old), document(response=new)) == expected


def test_a_response_field_that_goes_is_worse_for_python_than_on_the_wire() -> None:
    (change,) = compare(document(response=thing(a=TEXT)), document(response=thing()))
    assert (change.wire.word, change.severity.word) == ("info", "breaking")
    assert "attribute" in change.why


def test_a_rename_is_hinted_at_when_only_one_pair_fits() -> None:
    old, new = document(response=thing(fee=NUMBER, name=TEXT)), document(response=thing(fee_percent=NUMBER, name=TEXT))
    hints = {change.place.rsplit(".", 1)[-1]: change.hint for change in compare(old, new)}
    assert hints == {"fee": "perhaps renamed to `fee_percent`", "fee_percent": "perhaps the new name of `fee`"}
    ambiguous = document(response=thing(x=NUMBER, y=NUMBER, name=TEXT))
    assert all(change.hint == "" for change in compare(old, ambiguous))


def test_a_change_below_lists_and_objects_is_found() -> None:
    old = thing(items={"type": "array", "items": thing(inner=thing(leaf=TEXT))})
    new = thing(items={"type": "array", "items": thing(inner=thing(leaf={"type": "integer"}))})
    (change,) = compare(document(response=old), document(response=new))
    assert change.place.endswith("items[].inner.leaf")


def test_a_change_of_a_component_is_one_change_with_all_its_operations() -> None:
    part = {"$ref": "#/components/schemas/Part"}
    old = document(
        request=thing(p=part), response=thing(p=part, q={"type": "array", "items": part}), Part=thing(a=TEXT)
    )
    new = document(
        request=thing(p=part), response=thing(p=part, q={"type": "array", "items": part}), Part=thing(a=NUMBER)
    )
    found = compare(old, new)
    assert [(change.direction, change.place, change.component) for change in found] == [
        ("request", "Part.a", "Part"),
        ("response", "Part.a", "Part"),
    ]
    assert all(change.operations == ["make_thing"] for change in found)


def test_the_same_schema_written_differently_is_no_change() -> None:
    inline = document(response=thing(("a",), a=TEXT, b={"type": ["string", "null"]}, c={"const": "x"}))
    base, ref = thing(("a",), a=TEXT), {"$ref": "#/components/schemas/Base"}
    split = document(
        response={
            "allOf": [ref, {"properties": {"b": {"anyOf": [TEXT, {"type": "null"}]}, "c": {"enum": ["x"]}}}],
        },
        Base=base,
    )
    assert compare(inline, split) == []


def test_schemas_that_refer_to_themselves_come_to_an_end() -> None:
    def tree(leaf: dict[str, Any]) -> dict[str, Any]:
        node = {"$ref": "#/components/schemas/Node"}
        return document(response=node, Node=thing(leaf=leaf, children={"type": "array", "items": node}))

    (change,) = compare(tree(TEXT), tree(NUMBER))
    assert change.place == "Node.leaf"


def test_a_read_only_field_cannot_break_a_request() -> None:
    read_only = {"type": "string", "readOnly": True}
    old, new = thing(a=read_only), thing(a={**read_only, "maxLength": 3})
    assert rules(document(request=old), document(request=new)) == {"request-property-max-length-set": "info"}


def test_closing_an_object_breaks_requests_only() -> None:
    old, new = thing(a=TEXT), {**thing(a=TEXT), "additionalProperties": False}
    assert rules(document(request=old), document(request=new)) == {
        "request-body-additional-properties-removed": "breaking"
    }
    assert rules(document(response=old), document(response=new)) == {
        "response-body-additional-properties-removed": "info"
    }
