"""Overlays: what a path selects, what an action does, and what is refused instead of misread."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.import_spec.overlay import BadOverlayError, apply, find, words_of

DOCUMENT: dict[str, Any] = {
    "info": {"title": "t"},
    "paths": {
        "/v1/a-b": {"get": {"operationId": "x", "deprecated": True, "tags": ["one"]}, "parameters": [{"name": "p"}]},
        "/v1/c": {"post": {"operationId": "y", "deprecated": False, "n": 3}},
    },
}


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("$", [None]),
        ("$.info", ["info"]),
        ("$.info.title", ["title"]),
        ("$['info']['title']", ["title"]),
        ('$["info"]', ["info"]),
        ("$.paths['/v1/a-b'].get", ["get"]),
        ("$.paths.*", ["/v1/a-b", "/v1/c"]),
        ("$.paths[*].*", ["get", "parameters", "post"]),
        ("$.paths['/v1/a-b'].parameters[0]", [0]),
        ("$.paths['/v1/a-b'].parameters[-1]", [0]),
        ("$..operationId", ["operationId", "operationId"]),
        ("$..['operationId']", ["operationId", "operationId"]),
        ("$.paths.*[?@.operationId == 'y']", ["post"]),
        ("$.paths.*[?(@.operationId=='y')]", ["post"]),
        ("$.paths.*[?@['operationId'] == \"x\"]", ["get"]),
        ("$.paths.*[?@.deprecated == true]", ["get"]),
        ("$.paths.*[?@.n == 3]", ["post"]),
        ("$.paths.*[?@.n]", ["post"]),
        ("$.paths.*[?!@.n && @.operationId]", ["get"]),
        ("$.paths.*[?@.operationId != 'y' && @.tags]", ["get"]),
        ("$..parameters[?@.name == 'p']", [0]),
        ("$.paths.*[?@.n || @.tags]", ["get", "post"]),
        ("$.paths['/v1/a-b'].parameters[0:1]", [0]),
        ("$.paths.*[?length(@.tags) == 1]", ["get"]),
        ("$.nowhere.at.all", []),
        ("$.paths.*[?@.operationId == 'none']", []),
        ("$.paths.*[?@.odd == '[x]']", []),
    ],
)
def test_a_path_selects(path: str, keys: list[Any]) -> None:
    assert [key for _, key in find(path, DOCUMENT)] == keys
    assert [key for _, key in find(path, DOCUMENT, words=words_of([DOCUMENT]))] == keys


def test_an_action_meets_what_one_before_it_has_brought() -> None:
    brings = {"target": "$.paths['/v1/c'].post", "update": {"fresh": {"kind": "new"}}, "description": "it is new"}
    removes = {"target": "$..[?@.kind == 'new'].kind", "remove": True, "description": "it is not needed"}
    changed, applied = apply({"overlay": "1.0.0", "actions": [brings, removes]}, DOCUMENT)
    assert changed["paths"]["/v1/c"]["post"]["fresh"] == {}
    assert [one.count for one in applied] == [1, 1]


@pytest.mark.parametrize(
    "path", ["info", "$.", "$.a[", "$.a[?@.b == ]", "$.a[?nope(@.b)]", "$.a b", "$[?@.a == 'x'", "$.a[01]"]
)
def test_a_path_that_is_none_is_refused_with_the_number_of_its_action(path: str) -> None:
    with pytest.raises(BadOverlayError, match=r"action 1: .* is no JSONPath"):
        apply(overlay({"target": path, "remove": True}), DOCUMENT)


def test_a_node_that_a_path_meets_twice_is_changed_once() -> None:
    changed, applied = apply(overlay({"target": "$.info['title', 'title']", "remove": True}), DOCUMENT)
    assert "title" not in changed["info"]
    assert applied[0].count == 1


def overlay(*actions: dict[str, Any]) -> dict[str, Any]:
    return {"overlay": "1.0.0", "actions": [{"description": "why", **action} for action in actions]}


def test_an_update_merges_objects_and_adds_to_lists() -> None:
    changed, applied = apply(
        overlay(
            {"target": "$.info", "update": {"title": "new", "contact": {"name": "n"}}},
            {"target": "$.paths['/v1/a-b'].get", "update": {"tags": ["two"]}},
            {"target": "$.paths['/v1/a-b'].parameters", "update": {"name": "q"}},
            {"target": "$.nowhere", "update": {"a": 1}},
        ),
        DOCUMENT,
    )
    assert changed["info"] == {"title": "new", "contact": {"name": "n"}}
    assert changed["paths"]["/v1/a-b"]["get"]["tags"] == ["one", "two"]
    assert changed["paths"]["/v1/a-b"]["parameters"] == [{"name": "p"}, {"name": "q"}]
    assert [action.count for action in applied] == [1, 1, 1, 0]
    assert DOCUMENT["info"] == {"title": "t"}


def test_a_removal_takes_keys_and_items_away() -> None:
    document = {"list": [{"x": 1}, {"x": 2}, {"x": 1}], "keep": 1, "go": 2}
    changed, _ = apply(
        overlay({"target": "$.list[?@.x == 1]", "remove": True}, {"target": "$.go", "remove": True}), document
    )
    assert changed == {"list": [{"x": 2}], "keep": 1}


def test_actions_apply_in_order() -> None:
    changed, _ = apply(
        overlay({"target": "$.a", "remove": True}, {"target": "$", "update": {"a": {"b": 2}}}), {"a": {"c": 1}}
    )
    assert changed == {"a": {"b": 2}}


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"actions": []}, "overlay: 1.0.0"),
        ({"overlay": "2.0.0", "actions": []}, "overlay: 1.0.0"),
        ({"overlay": "1.0.0", "actions": [{"target": "$.a", "remove": True}]}, "reason"),
        ({"overlay": "1.0.0", "actions": [{"description": "x", "remove": True}]}, "target"),
        (overlay({"target": "$.info"}), "update or remove"),
        (overlay({"target": "$.info", "update": {}, "remove": True}), "update or remove"),
        (overlay({"target": "$.a[?", "remove": True}), "action 1"),
        (overlay({"target": "$", "remove": True}), "whole document"),
        (overlay({"target": "$.info.title", "update": {"a": 1}}), "plain value"),
    ],
)
def test_a_wrong_overlay_is_refused_with_the_reason(broken: dict[str, Any], message: str) -> None:
    with pytest.raises(BadOverlayError, match=message):
        apply(broken, DOCUMENT)
