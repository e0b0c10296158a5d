"""No value of an answer reaches the file, the log or the export: not a secret, not what is about a person."""

from __future__ import annotations

import json
import logging
import tempfile
from pathlib import Path
from typing import Any

import pytest
from astra_api.answers import ENUMS, OBJECTS
from hypothesis import given, settings
from hypothesis import strategies as st

from astra.drift.export import as_openapi
from astra.drift.names import NOT_SHOWN, harmless
from astra.drift.observer import DriftObserver
from astra.drift.store import DriftStore
from tests.drift.answering import TRANSFER

ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
MARK = "Zq"
PEOPLE = st.sampled_from(
    ["Zqueen Adalgisa", "zq.ada@example.com", "+1 555 Zq 0100", "Zq-Straße 1", "078-05-1120", "4111111111111111"]
)
"""What is recognizable, so that finding it in a file is no accident."""

TOKENS = st.text(ALNUM, min_size=24, max_size=48).map(lambda text: f"{MARK}_{text}9a8b7c6d")
SECRETS = PEOPLE | TOKENS | st.integers(10**12, 10**16).map(lambda number: f"{number}")
JSON = st.recursive(
    SECRETS | st.integers(10**9, 10**15) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SECRETS | st.just("note"), inner, max_size=4),
    max_leaves=8,
)
FIELDS = [
    "id",
    "status",
    "payment_type",
    "routine_name",
    "amount",
    "chargeback",
    "unknown_field",
    "metadata",
    "initiated",
]


def values_of(node: Any) -> set[str]:
    """Every value, and every key that is a secret."""
    if isinstance(node, dict):
        return {key for key in node if key not in (*FIELDS, "note")}.union(*map(values_of, node.values()), set())
    if isinstance(node, list):
        return set[str]().union(*map(values_of, node), set())
    return {str(node)} if node is not None else set()


def written(look: Any) -> str:
    """All that an observer leaves behind."""
    records: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: records.append(f"{record.getMessage()} {record.args}")  # type: ignore[method-assign]
    logger = logging.getLogger("astra.drift")
    logger.addHandler(handler)
    try:
        with tempfile.TemporaryDirectory() as folder:
            store = DriftStore(Path(folder, "drift.db"))
            observer = DriftObserver(store)
            look(observer)
            observer.flush()
            export = json.dumps(as_openapi(store.select()))
            bytes_of_files = b"".join(path.read_bytes() for path in Path(folder).iterdir())
            observer.close(store=True)
            bytes_of_files += b"".join(path.read_bytes() for path in Path(folder).iterdir())
    finally:
        logger.removeHandler(handler)
    return "\n".join([*records, export, bytes_of_files.decode("utf-8", "replace")])


def leaked(answer: Any, left: str) -> set[str]:
    return {value for value in values_of(answer) if len(value) >= 6 and value in left}


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS) | SECRETS, JSON, max_size=9), st.sampled_from([200, 404, 409]), SECRETS)
def test_no_value_and_no_key_of_a_map_is_left_behind(answer: dict[str, Any], status: int, secret: str) -> None:
    body = {**TRANSFER, **answer}
    content = json.dumps(body).encode()
    page = json.dumps({"transfers": [body, {secret: secret}], secret: answer}).encode()

    def look(observer: DriftObserver) -> None:
        observer.look("get_transfer", status, content, secret if status == 404 and not secret[0].isalnum() else "req_1")
        observer.look("list_transfers", status, page, "req_1")

    left = written(look)
    assert "get_transfer" in left
    assert leaked(answer, left) == set()
    assert secret not in left


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(SECRETS | st.sampled_from(["code", "name", "description", "error", "detail"]), JSON, max_size=6))
def test_no_value_of_an_error_is_left_behind(body: dict[str, Any]) -> None:
    left = written(lambda observer: observer.look("create_routine", 400, json.dumps(body).encode(), "req_1"))
    known = {"code", "name", "description", "error", "detail"}
    assert {value for value in values_of(body) - known if len(value) >= 6 and value in left} == set()


@given(st.binary(max_size=200), st.sampled_from([200, 201, 400, 502]))
@settings(max_examples=50, deadline=None)
def test_a_body_that_is_no_json_is_nothing_but_that(content: bytes, status: int) -> None:
    marked = b"Zqsecret1234 " + content
    assert "Zqsecret1234" not in written(lambda observer: observer.look("get_user", status, marked, "req_1"))


@given(SECRETS)
@settings(max_examples=50, deadline=None)
def test_a_place_with_listed_values_keeps_no_secret_that_stands_there(secret: str) -> None:
    content = json.dumps({**TRANSFER, "status": secret, "payment_type": secret}).encode()
    left = written(lambda observer: observer.look("get_transfer", 200, content, "req_1"))
    assert secret not in left
    assert "(not shown)" in left


@pytest.mark.parametrize(
    "key",
    ["jane.smith", "jane.smith.example.com", "john.doe85", "tok_live_abcdefghijkl", "sk_live_abcdef", "pk_test_qwerty",
     "public-sandbox-abcdefgh", "access-sandbox-abcdefgh", "deadbeef", "cafebabedeadbeef", "ghp_abcdefghijk"],
)  # fmt: skip
def test_accounts_of_people_and_tokens_are_no_names_though_they_are_put_together_of_letters(key: str) -> None:
    assert harmless(key) == NOT_SHOWN
    content = json.dumps({**TRANSFER, key: 1}).encode()
    assert key not in written(lambda observer: observer.look("get_transfer", 200, content, "req_1"))


def test_every_field_and_value_of_the_spec_is_a_name() -> None:
    fields = {name for one in OBJECTS.values() for name in one}
    values = {value for listed in ENUMS.values() for value in listed}
    assert {name for name in fields | values if harmless(name) != name} == {"T+0", "T+1", "T+2", "T+4", "Not Disputed"}


def test_words_that_look_like_names_are_still_no_names_where_the_spec_lists_no_values() -> None:
    body = {
        "id": "adalovelace",
        "amount": 1,
        "status": "pending",
        "routine_name": "wedding_of_ada",
        "x_note": "ada_said",
    }
    left = written(lambda observer: observer.look("get_transfer", 200, json.dumps(body).encode(), "req_1"))
    assert "x_note" in left
    assert not any(value in left for value in ("adalovelace", "wedding_of_ada", "ada_said"))
