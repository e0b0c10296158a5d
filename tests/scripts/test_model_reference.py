"""The reference of models and statuses names what the package has, and says how sure each entry is."""

from __future__ import annotations

import re
from pathlib import Path

import astra_api.models
import pytest

from scripts.model_reference import build_spec_pages
from scripts.spec_document.guesses import find_guesses
from scripts.spec_document.load import DEFAULT_PATH, load

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = load(DEFAULT_PATH, root=ROOT)["components"]["schemas"]


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return build_spec_pages(ROOT)


def test_every_value_of_every_enum_can_be_read_by_the_name_that_the_page_gives(pages: dict[str, str]) -> None:
    shown = re.findall(r"^\| `([^`]+)` \| `(\w+)\.(\w+)`", pages["statuses.md"], re.MULTILINE)
    enums = {name: kind for name, kind in SCHEMAS.items() if "enum" in kind}
    assert len(shown) == sum(len(kind["enum"]) - len(kind.get("x-enum-aliases", {})) for kind in enums.values())
    assert all(getattr(astra_api.models, kind)[member].value == value for value, kind, member in shown)


def test_every_field_of_every_model_has_a_row_and_no_row_is_made_up(pages: dict[str, str]) -> None:
    sections = re.split(r"^## (\w+)$", pages["models.md"], flags=re.MULTILINE)[1:]
    shown = {
        (name, field)
        for name, text in zip(sections[::2], sections[1::2], strict=True)
        for field in re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    }
    kinds = {name: getattr(astra_api.models, name) for name in sections[::2]}
    assert {(name, field) for name, field in shown if not hasattr(kinds[name], field)} == set()
    assert len(shown) > 400


@pytest.mark.guesses
def test_every_guess_about_a_field_or_value_is_marked_as_one(pages: dict[str, str]) -> None:
    guesses = [guess for guess in find_guesses(load(DEFAULT_PATH, root=ROOT)) if guess.kind in ("property", "value")]
    assert len(guesses) > 50
    for guess in guesses:
        why = " ".join(guess.why.split()).replace("|", "\\|")
        rows = [line for text in pages.values() for line in text.splitlines() if line.startswith(f"| `{guess.name}` |")]
        assert any(row.endswith(f"guess: {why} |") for row in rows), guess.place
