"""An error body is read into the class it has the shape of, whatever its status; anything else is no error body."""

from __future__ import annotations

import ast
import asyncio
import json
from pathlib import Path
from typing import Any

import astra_api
import httpx
import pytest
from astra_api.api.accounts import delete_account
from astra_api.api.transfers import get_transfer
from astra_api.client import AuthenticatedClient
from astra_api.errors import UnexpectedStatus
from astra_api.models import GenericError, OAuthErrorBody, Transfer, ValidationError
from astra_api.responses import read_error

GENERIC = {"code": 404, "name": "Not Found", "description": "No such resource."}
FIELDS = {"code": 400, "name": "Bad Request", "description": {"postal_code": ["Must be five digits."]}}
VALIDATION = {"status_code": 400, "name": "Bad Request", "description": "The request is not valid."}
OAUTH = {"error": "invalid_token", "error_description": "The access token expired."}
STATUSES = [400, 401, 403, 404, 418, 429, 499, 500, 503, 599]


def client(status: int, content: bytes, *, strict: bool = False) -> AuthenticatedClient:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, content=content)

    made = AuthenticatedClient("https://astra.example", token="t", raise_on_unexpected_status=strict)
    made.set_httpx_client(httpx.Client(transport=httpx.MockTransport(answer), base_url="https://astra.example"))
    made.set_async_httpx_client(
        httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="https://astra.example")
    )
    return made


def read(status: int, body: Any, *, strict: bool = False) -> object:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_error(client=client(status, b"", strict=strict), response=httpx.Response(status, content=content))


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (GENERIC, GenericError),
        (FIELDS, GenericError),
        ({"description": "Closed."}, GenericError),
        ({"code": 500}, GenericError),
        (VALIDATION, ValidationError),
        ({"status_code": 400, "name": "Bad Request", "description": {"ssn": ["No."]}}, ValidationError),
        (OAUTH, OAuthErrorBody),
        ({"error": "invalid_grant"}, OAuthErrorBody),
        ({"error": "invalid_grant", "trace": "unheard of"}, OAuthErrorBody),
    ],
)
def test_the_shape_of_the_body_decides_and_not_the_status(status: int, body: dict[str, Any], kind: type) -> None:
    parsed = read(status, body)
    assert type(parsed) is kind
    assert parsed.to_dict() == body


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"<html>Bad Gateway</html>", b"{", b"\xff\xfe", b"null", b"[]", b"{}", b"7", b"[" * 100_000),
        *(
            json.dumps(OAUTH | {"error": {"code": 1}, "error_description": None}).encode(),
            b'{"title": "x", "code": "x"}',
        ),
    ],
)
def test_any_other_body_is_nothing_or_unexpected_as_the_client_wants_it(status: int, body: bytes) -> None:
    assert read(status, body) is None
    with pytest.raises(UnexpectedStatus) as caught:
        read(status, body, strict=True)
    assert (caught.value.status_code, caught.value.content) == (status, body)


def test_a_redirect_is_no_error_whatever_it_carries() -> None:
    assert read(302, GENERIC) is None
    with pytest.raises(UnexpectedStatus):
        read(302, GENERIC, strict=True)


def test_both_ways_to_send_hand_back_the_same_answer() -> None:
    for status, body, kind in (
        (200, {"id": "tr_1"}, Transfer),
        (401, GENERIC, GenericError),
        (400, OAUTH, OAuthErrorBody),
    ):
        sender = client(status, json.dumps(body).encode())
        blocking = get_transfer.sync_detailed("tr_1", client=sender)
        awaited = asyncio.run(get_transfer.asyncio_detailed("tr_1", client=sender))
        for answer in (blocking, awaited):
            assert answer.status_code == status
            assert json.loads(answer.content) == body
            assert isinstance(answer.parsed, kind)


def test_a_success_without_a_body_has_nothing_to_read_and_its_failure_has() -> None:
    assert delete_account.sync_detailed("acc_1", client=client(204, b"")).parsed is None
    assert isinstance(
        delete_account.sync_detailed("acc_1", client=client(404, json.dumps(GENERIC).encode())).parsed, GenericError
    )


def members(node: ast.expr) -> list[str]:
    """The members of a union as written."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*members(node.left), *members(node.right)]
    return [ast.unparse(node)]


@pytest.mark.parametrize("file", sorted(Path(astra_api.__path__[0]).rglob("*.py")), ids=lambda file: file.name)
def test_no_union_names_a_class_twice(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            found = members(node)
            assert len(found) == len(set(found)), ast.unparse(node)
