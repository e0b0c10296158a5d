"""The facade covers the API: every operation, both flavours, documented and typed."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import typing
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType

import pytest
from astra_api.operations import OPERATIONS

import astra
from astra.http.calls import CallOptions

FACADE = Path(astra.__file__).parent
ROOMS = (
    "astra.resources._async",
    "astra.resources._sync",
    "astra.oauth._async",
    "astra.oauth._sync",
    "astra.pagination._async",
    "astra.pagination._sync",
    "astra._async",
    "astra._sync",
)


def public_methods() -> Iterator[tuple[str, FunctionType]]:
    for room in ROOMS:
        package = importlib.import_module(room)
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{room}.{info.name}")
            for class_name, kind in vars(module).items():
                if not inspect.isclass(kind) or kind.__module__ != module.__name__ or class_name.startswith("_"):
                    continue
                for name, member in vars(kind).items():
                    if isinstance(member, FunctionType) and not name.startswith("_"):
                        yield f"{module.__name__}.{class_name}.{name}", member


METHODS = dict(public_methods())
BEHIND_THEM = (".user_ref.", ".list_walk.", ".once.", ".payment_search.")
"""Modules that no user calls."""

OF_OUR_RECORDS = ".payments."
"""What reads and settles our own records of payments, for which Astra's reference has no page."""


def operations_used_in(flavour: str) -> set[str]:
    used: set[str] = set()
    for folder in (FACADE / "resources" / flavour, FACADE / "oauth" / flavour):
        for file in folder.glob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Name) and node.id in OPERATIONS:
                    used.add(node.id)
    return used


@pytest.mark.parametrize("flavour", ["_async", "_sync"])
def test_every_operation_is_reachable_from_the_facade(flavour: str) -> None:
    assert operations_used_in(flavour) == set(OPERATIONS)


@pytest.mark.parametrize("name", METHODS)
def test_every_public_method_tells_what_it_does_takes_returns_and_raises(name: str) -> None:
    doc = inspect.getdoc(METHODS[name]) or ""
    method = METHODS[name]
    parameters = [p for p in inspect.signature(method).parameters if p != "self"]
    assert doc.split("\n", 1)[0].endswith("."), "the first line is a sentence"
    is_resource = ".resources._" in name and not any(module in name for module in BEHIND_THEM)
    if is_resource:
        assert "Returns:" in doc or "Yields:" in doc
        for section in ("Raises:", "Example:"):
            assert section in doc, section
        for parameter in parameters:
            assert f"{parameter}:" in doc, parameter
    if is_resource and not name.endswith(".reconcile") and OF_OUR_RECORDS not in name:
        assert "Astra's reference:" in doc


@pytest.mark.parametrize("name", METHODS)
def test_every_public_method_is_fully_typed(name: str) -> None:
    method = METHODS[name]
    annotations = method.__annotations__
    for parameter in inspect.signature(method).parameters:
        assert parameter == "self" or parameter in annotations, parameter
    assert "return" in annotations


@pytest.mark.parametrize("name", METHODS)
def test_arguments_after_the_first_are_keyword_only(name: str) -> None:
    kinds = [p.kind for p in inspect.signature(METHODS[name]).parameters.values()]
    positional = [kind for kind in kinds if kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    most = 3 if name.endswith("FreeRequests.request") else 2  # request(method, path), as everywhere
    assert len(positional) <= most, "self and one more"


def calls_of_resources() -> list[str]:
    """The public methods of the facade that send a call."""
    quiet = {"key", "find_key", "reconcile", "authorize_url", "page_url", "parse_redirect"}
    rooms = (".resources._", ".oauth._")
    found = [name for name in METHODS if any(room in name for room in rooms) and name.rsplit(".", 1)[1] not in quiet]
    behind_them = (*BEHIND_THEM, OF_OUR_RECORDS, ".reconciliation.", ".keeping.")
    return [name for name in found if not any(module in name for module in behind_them)]


@pytest.mark.parametrize("name", calls_of_resources())
def test_every_call_takes_the_options_and_says_so(name: str) -> None:
    options = inspect.signature(METHODS[name]).parameters["options"]
    assert options.kind is inspect.Parameter.VAR_KEYWORD
    assert options.annotation == "Unpack[CallOptions]"
    said = re.search(r"\*\*options: (.*)\.", inspect.getdoc(METHODS[name]) or "")
    assert said is not None
    words = set(said[1].replace(" (seconds)", "").split(", "))
    assert words == set(CallOptions.__annotations__)


@pytest.mark.parametrize("name", METHODS)
def test_every_example_is_valid_python(name: str) -> None:
    doc = inspect.getdoc(METHODS[name]) or ""
    if "Example:" not in doc:
        return
    example = inspect.cleandoc("\n" + doc.split("Example:", 1)[1])
    wrapped = "async def example():\n" + "\n".join(f"    {line}" for line in example.splitlines())
    ast.parse(wrapped)
    assert ("await " in example) <= ("_async" in name)


def test_both_flavours_have_the_same_methods_with_the_same_arguments() -> None:
    sync = {name: method for name, method in METHODS.items() if "._sync" in name}
    other = {name: method for name, method in METHODS.items() if "._async" in name}
    twins = {name.replace("._async", "._sync").replace(".Async", "."): method for name, method in other.items()}
    assert set(sync) == set(twins)
    for name, method in sync.items():
        assert list(inspect.signature(method).parameters) == list(inspect.signature(twins[name]).parameters), name


def test_every_public_name_of_the_package_can_be_imported() -> None:
    for name in astra.__all__:
        assert getattr(astra, name) is not None
    assert set(astra.__all__) <= set(dir(astra))
    with pytest.raises(AttributeError, match="no attribute 'Nope'"):
        _ = astra.Nope  # type: ignore[attr-defined]


def test_type_hints_of_the_facade_resolve() -> None:
    from astra._async.client import AsyncAstra
    from astra._sync.client import Astra

    for kind in (Astra, AsyncAstra):
        assert typing.get_type_hints(kind.user)["return"].__name__.endswith("UserSession")
