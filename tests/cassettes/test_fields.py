"""The spec leaves room for unknown fields; the local sandbox must not use it to make some up."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from astra import ConfigurationError
from astra.testing.canned import check_fields, operation_of
from scripts.spec_document.fast_yaml import safe_load
from tests.cassettes.world import DATA


def unknown_fields(path: Path) -> list[str]:
    found = []
    for interaction in safe_load(path.read_text())["interactions"]:
        request, body = interaction["request"], interaction["response"]["body"]["string"]
        operation = operation_of(request["method"], urlsplit(request["uri"]).path)
        assert operation is not None
        if body and interaction["response"]["status"]["code"] < 300:
            try:
                check_fields(operation, json.loads(body))
            except ConfigurationError as error:
                found.append(f"{operation}: {error}")
    return found


@pytest.mark.parametrize("path", sorted(DATA.glob("*.success.yaml")), ids=lambda path: path.stem)
def test_the_answers_hold_no_field_that_the_spec_does_not_know(path: Path) -> None:
    assert unknown_fields(path) == []


def test_an_invented_field_would_be_noticed(tmp_path: Path) -> None:
    text = (DATA / "get_bin.success.yaml").read_text()
    assert '"card_brand"' in text
    changed = tmp_path / "get_bin.success.yaml"
    changed.write_text(text.replace('"card_brand"', '"card_brandy"', 1))
    assert unknown_fields(changed)[0].startswith("get_bin: Bin has no field 'card_brandy'")
