"""The exception tree, as it is drawn, exported and documented."""

from __future__ import annotations

import copy
import pickle
import re
from pathlib import Path

import pytest

import astra
from astra import errors

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "errors.md"
TREE = {
    name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.AstraError)
}


def drawn() -> dict[str, str]:
    """Parent of each error in the drawing at the head of `astra.errors`, by indentation."""
    parents: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        names = re.findall(r"\b[A-Z]\w+(?:Error|Required|Later)\b", line)
        mark = re.match(r"    ([│ ]*[├└]── )", line)
        if line.strip() == "AstraError":
            above = [(0, "AstraError")]
        elif mark and names:
            depth = len(mark.group(1))
            above = [entry for entry in above if entry[0] < depth]
            for name in names if "·" in line else names[:1]:
                parents[name] = above[-1][1]
            above.append((depth, names[0]))
    return parents


def test_the_drawing_of_the_tree_is_the_tree() -> None:
    real = {name: kind.__bases__[0].__name__ for name, kind in TREE.items() if name != "AstraError"}
    assert drawn() == real


@pytest.mark.parametrize("name", TREE)
def test_every_error_is_exported_by_astra_and_explained_in_the_guide(name: str) -> None:
    assert getattr(astra, name) is TREE[name]
    assert f"`{name}`" in GUIDE.read_text(encoding="utf-8")


def test_every_error_that_any_room_raises_is_in_the_tree() -> None:
    import astra.tokens
    import astra.webhooks

    assert astra.tokens.TokenStoreError is astra.TokenStoreError
    assert astra.webhooks.RetryLater is astra.RetryLater


def test_a_connection_error_claims_nothing_that_is_not_known() -> None:
    """A default of False would say: certainly not processed, send it again."""
    assert astra.APIConnectionError("lost").sent
    assert astra.APITimeoutError("late").sent


MINIMAL: dict[str, dict[str, object]] = {
    "AuthorizationRedirectError": {"code": "access_denied"},
    "IdempotencyConflictError": {"idempotency_key": "payout-17", "operation": "create_routine", "state": "made"},
    "PaymentInProgressError": {"idempotency_key": "payout-17", "operation": "create_routine", "retry_after": 1.0},
    "ReauthorizationRequired": {"user_key": "customer-42"},
    "TokensNotKeptError": {"user_key": "customer-42"},
    "UserMismatchError": {"user_key": "customer-42", "former_astra_user_id": "usr_1"},
    "TokenUnavailableError": {"user_key": "customer-42"},
    "UnknownUserError": {"user_key": "customer-42"},
    "UnreadableGrantError": {"user_key": "customer-42"},
}


@pytest.mark.parametrize("name", TREE)
def test_a_handler_of_any_error_can_log_its_hint_and_its_ids(name: str) -> None:
    kind = TREE[name]
    needed = {"status_code": 404} if issubclass(kind, errors.APIError) else MINIMAL.get(name, {})
    error = kind("x", **needed)
    for one in (error, copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (one.hint, one.request_id, one.call_id) == (None, None, None)


@pytest.mark.parametrize("name", [name for name, kind in TREE.items() if issubclass(kind, errors.CallError)])
def test_the_error_of_a_call_names_its_user_and_knows_what_helps(name: str) -> None:
    kind = TREE[name]
    needed = {"status_code": 404} if issubclass(kind, errors.APIError) else {}
    error = kind("x", user_key="customer-42", hint="look", request_ids=("a", "b"), call_id="call_1", **needed)
    for one in (error, copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
        assert (one.user_key, one.hint, one.request_id, one.call_id) == ("customer-42", "look", "b", "call_1")
