"""Each thing that a user can meet has its place in the reference."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs
import pytest
from typer.main import get_command

import astra
import astra.types
from astra.cli.main import GROUPS
from astra.config import EnvironmentSettings
from astra.webhooks import events
from scripts.environment_reference import build_environment_page
from scripts.error_pages import slug
from scripts.name_reference import MODULES, build_names_page

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"


def page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def sections(name: str) -> dict[str, str]:
    found = re.split(r"^## (\w+)$", page(name), flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


def rooms() -> Iterator[str]:
    """Every room with an `__all__`, found without the list that the page is made of."""
    for file in sorted((ROOT / "astra").glob("*/__init__.py")):
        name = f"astra.{file.parent.name}"
        if "__all__" in file.read_text(encoding="utf-8"):
            yield name


INNER = {"astra.storage", "astra.http", "astra.resources", "astra.pagination", "astra.cli", "astra.web"}
"""Rooms that users do not import from."""


def test_every_room_that_users_import_from_is_on_the_page_of_names() -> None:
    assert {name for name in rooms() if name not in INNER} <= set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_is_listed_and_leads_to_what_describes_it(module: str) -> None:
    text = page("names.md").partition(f"\n## {module}\n")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", text, re.MULTILINE))
    assert rows.keys() == set(import_module(module).__all__)
    for name, told in rows.items():
        if link := re.search(r"\]\(([^)#]+)(?:#(\w+))?\)", told):
            assert re.search(rf"^#+ {link[2] or name}\b", page(link[1]), re.MULTILINE | re.IGNORECASE), name


def test_a_public_name_that_no_page_describes_is_refused() -> None:
    with pytest.raises(ValueError, match=r"astra\.Astra\b"):
        build_names_page({"models.md": page("models.md")})


def test_every_method_of_the_clients_has_a_heading() -> None:
    text = page("client.md")
    for kind in (astra.Astra, astra.UserSession):
        named = {name for name in vars(kind) if not name.startswith("_") and callable(getattr(kind, name))}
        assert {name for name in named if f"### {kind.__name__}.{name}" not in text} == set()


def test_every_field_of_every_model_has_a_row() -> None:
    shown = sections("models.md")
    missing: list[str] = []
    looked_at = 0
    for name in astra.types.__all__:
        kind = getattr(astra.types, name)
        if isinstance(kind, type) and attrs.has(kind):
            fields = {field.name.rstrip("_") for field in attrs.fields(kind) if not field.name.startswith("_")}
            rows = {row.rstrip("_") for row in re.findall(r"^\| `([\w-]+)` \|", shown.get(name, ""), re.MULTILINE)}
            looked_at += len(fields)
            missing += [f"{name}.{field}" for field in fields - rows - {"additional_properties"}]
    assert missing == []
    assert looked_at > 400


def test_every_value_of_every_enum_has_a_row() -> None:
    shown = sections("statuses.md")
    enums = [kind for kind in map(partial(getattr, astra.types), astra.types.__all__) if hasattr(kind, "__members__")]
    assert len(enums) > 15
    for kind in enums:
        assert [value.value for value in kind if f"`{value.value}`" not in shown[kind.__name__]] == [], kind.__name__


def errors() -> list[type[Any]]:
    kinds = (value for name in astra.__all__ if isinstance(value := getattr(astra, name), type))
    return [kind for kind in kinds if issubclass(kind, (astra.AstraError, Warning))]


@pytest.mark.parametrize("kind", errors(), ids=lambda kind: kind.__name__)
def test_every_error_has_a_page_with_its_causes_and_what_to_do(kind: type[Any]) -> None:
    text = page(f"errors/{slug(kind.__name__)}.md")
    causes, cure = text.partition("## Causes\n\n")[2].split("## What to do\n\n", 1)
    assert causes.startswith("- ")
    assert cure.startswith("1. ")
    above = [base.__name__ for base in kind.__mro__[1:] if base.__module__ == "astra"]
    assert all(f"[{name}]({slug(name)}.md)" in text.splitlines()[4] for name in above)


@pytest.mark.parametrize("kind", [kind for kind in errors() if issubclass(kind, astra.AstraError)])
def test_an_error_names_its_page_and_its_traceback_does(kind: type[astra.AstraError]) -> None:
    error = kind.__new__(kind)
    assert (ROOT / error.docs).is_file()
    assert page(f"errors/{Path(error.docs).name}").startswith(f"# {kind.__name__}\n")
    quiet = kind in (astra.InvalidRequestError, astra.RetryLater)
    assert getattr(error, "__notes__", []) == ([] if quiet else [f"Causes, and what to do: {error.docs}"])


def test_an_error_of_somebody_else_names_the_page_of_the_one_that_it_extends() -> None:
    class Mine(astra.UncertainOutcomeError):
        """A subclass in a program."""

    assert Mine("lost").docs == "docs/reference/errors/uncertain-outcome-error.md"


def commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", {})
    if not inner:
        yield name, command
    for word, one in inner.items():
        yield from commands(f"{name} {word}", one)


def test_every_command_has_a_section_with_every_option() -> None:
    found = re.split(r"^## (astra .+)$", page("cli.md"), flags=re.MULTILINE)[1:]
    shown = dict(zip(found[::2], found[1::2], strict=True))
    for group, (module, _) in GROUPS.items():
        for name, command in commands(f"astra {group}", get_command(import_module(module).app)):
            if command.hidden:
                continue
            options = [word for one in command.params if one.param_type_name == "option" for word in one.opts]
            told = [word for word in options if "completion" not in word and word != "--help"]
            assert [word for word in told if f"`{word}`" not in shown[name]] == [], name


def test_every_variable_of_the_environment_has_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    text = page("environment.md")
    assert [name for name in EnvironmentSettings.__annotations__ if f"`ASTRA_{name.upper()}`" not in text] == []
    monkeypatch.setattr("scripts.environment_reference.TOOLS", frozenset({"ASTRA_NEW"}))
    with pytest.raises(ValueError, match="ASTRA_NEW"):
        build_environment_page()


def test_every_type_of_webhook_is_in_the_guide() -> None:
    guide = (ROOT / "docs" / "guides" / "webhooks.md").read_text(encoding="utf-8")
    text = (ROOT / "astra" / "webhooks" / "parser.py").read_text(encoding="utf-8")
    types = set(re.findall(r'"(\w+_(?:created|updated|received))"', text))
    assert len(types) >= 10
    assert [name for name in types if f"`{name}`" not in guide] == []
    kinds = [name for name in vars(events) if name.endswith("Event") and name != "WebhookEvent"]
    assert [name for name in kinds if f"`{name}`" not in guide] == []
