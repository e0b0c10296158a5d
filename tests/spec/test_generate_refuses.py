"""What the generator refuses to guess: whether a write moves money, and into which class an error is read."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from astra_api.operations import Operation

from scripts.generate import body_of, generate
from scripts.spec_document.fast_yaml import safe_dump
from scripts.spec_document.walk import operations
from tests.spec.documents import spec

Edit = Callable[[dict[str, Any]], None]
CANCEL = "/v1/transfers/{id}/cancel"


def without_mark(document: dict[str, Any]) -> None:
    del document["paths"][CANCEL]["post"]["x-money"]


def with_a_word_for_a_mark(document: dict[str, Any]) -> None:
    document["paths"][CANCEL]["post"]["x-money"] = "yes"


def refused(tmp_path: Path, edit: Edit) -> str:
    """What the generator says to an edited spec; it must not write anything."""
    document = copy.deepcopy(spec())
    edit(document)
    edited, output = tmp_path / "edited.yaml", tmp_path / "astra_api"
    edited.write_text(safe_dump(document), encoding="utf-8")
    with pytest.raises(SystemExit) as caught:
        generate(edited, output, scratch=tmp_path)
    assert not output.exists()
    return str(caught.value)


@pytest.mark.parametrize("edit", [without_mark, with_a_word_for_a_mark])
def test_a_write_that_does_not_say_whether_it_moves_money_is_refused_by_name(tmp_path: Path, edit: Edit) -> None:
    said = refused(tmp_path, edit)
    assert "POST /v1/transfers/{id}/cancel (cancel_transfer)" in said
    assert said.count(" /v1/") == 1
    assert "x-money: true" in said
    assert "x-money: false" in said


def test_a_row_of_an_operation_that_nobody_marked_moves_money() -> None:
    assert Operation("refund", "transfers", "POST", "/v1/refunds", "bearer", "api").money is True


def test_an_error_body_without_a_name_is_refused_since_no_class_could_hold_it(tmp_path: Path) -> None:
    def edit(document: dict[str, Any]) -> None:
        inline = {"type": "object", "properties": {"title": {"type": "string"}}}
        document["paths"][CANCEL]["post"]["responses"]["409"] = {
            "description": "x",
            "content": {"application/problem+json": {"schema": inline}},
        }

    said = refused(tmp_path, edit)
    assert "POST /v1/transfers/{id}/cancel, status 409" in said
    assert "components/schemas" in said


def test_a_spec_that_documents_no_error_body_is_refused(tmp_path: Path) -> None:
    def edit(document: dict[str, Any]) -> None:
        for response in document["components"]["responses"].values():
            response["content"] = {}

    assert "body of an error" in refused(tmp_path, edit)


def test_a_request_body_that_is_neither_json_nor_a_form_is_refused_by_name() -> None:
    document = copy.deepcopy(spec())
    document["components"]["requestBodies"] = {"Xml": {"content": {"application/xml": {}}}}
    document["paths"][CANCEL]["post"]["requestBody"] = {"$ref": "#/components/requestBodies/Xml"}
    (cancel,) = (operation for operation in operations(document) if operation.id == "cancel_transfer")
    with pytest.raises(
        SystemExit, match=r"POST /v1/transfers/\{id\}/cancel: the request body is \['application/xml'\]"
    ):
        body_of(document, cancel)


@pytest.mark.parametrize("name", ["list_transfers", "listTransfers", "list-transfers"])
def test_two_operations_of_one_name_are_refused_with_both_their_paths_since_one_would_be_lost(
    tmp_path: Path, name: str
) -> None:
    def edit(document: dict[str, Any]) -> None:
        document["paths"][CANCEL]["post"]["operationId"] = name

    said = refused(tmp_path, edit)
    assert "GET /v1/transfers and POST /v1/transfers/{id}/cancel" in said
    assert "list_transfers" in said
    assert said.count("\n") == 0
