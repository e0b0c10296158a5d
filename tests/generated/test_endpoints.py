"""What the facade calls of each generated module, `_get_kwargs`, and what it reads the annotation of: their shapes."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import astra_api.api
import pytest
from astra_api.models import OAuthErrorBody
from astra_api.operations import OPERATIONS
from astra_api.types import Model

from astra.http.operations import success_model

NAMES = sorted(OPERATIONS)
CLIENT = SimpleNamespace(raise_on_unexpected_status=False)


def module_of(name: str) -> ModuleType:
    return import_module(f"astra_api.api.{OPERATIONS[name].tag}.{name}")


class Body:
    """Stands for any request model: the generated modules ask it for nothing but its JSON."""

    def to_dict(self) -> dict[str, Any]:
        return {"sent": "as it is"}


def request_of(name: str) -> dict[str, Any]:
    """The request of an operation, each path parameter filled with characters that have to be quoted."""
    module = module_of(name)
    given: dict[str, Any] = {}
    positional = []
    for parameter in inspect.signature(module._get_kwargs).parameters.values():
        if parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD:
            positional.append("a/b ?ü")
        elif parameter.name == "body":
            given["body"] = Body()
        elif parameter.default is inspect.Parameter.empty:
            given[parameter.name] = "v"
    made: dict[str, Any] = module._get_kwargs(*positional, **given)
    return made


def reply(status: int, data: Any) -> SimpleNamespace:
    return SimpleNamespace(status_code=status, headers={}, content=b"", json=lambda: data)


def test_there_is_a_module_for_each_of_the_operations() -> None:
    folder = Path(astra_api.api.__path__[0])
    modules = {(file.parent.name, file.stem) for file in folder.glob("*/*.py") if file.stem != "__init__"}
    assert modules == {(operation.tag, name) for name, operation in OPERATIONS.items()}
    assert all(inspect.ismodule(module_of(name)) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_module_sends_and_reads_and_has_no_second_way_to_do_so(name: str) -> None:
    module = module_of(name)
    functions = {key for key, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__}
    assert functions == {"_get_kwargs", "_parse_response", "sync_detailed", "asyncio_detailed"}


@pytest.mark.parametrize("name", NAMES)
def test_a_request_has_the_method_and_the_path_of_the_table_with_its_parameters_quoted(name: str) -> None:
    operation = OPERATIONS[name]
    request = request_of(name)
    assert request["method"] == operation.method.lower()
    parts = ["a%2Fb%20%3F%C3%BC" if part.startswith("{") else part for part in operation.path.split("/")]
    assert request["url"] == "/".join(parts)
    assert set(request) <= {"method", "url", "params", "json", "data", "headers"}


@pytest.mark.parametrize("name", NAMES)
def test_a_body_is_handed_on_as_json_or_as_a_form(name: str) -> None:
    request = request_of(name)
    takes_body = "body" in inspect.signature(module_of(name)._get_kwargs).parameters
    bodies = [request[kind] for kind in ("json", "data") if kind in request]
    assert bodies == ([{"sent": "as it is"}] if takes_body else [])
    if OPERATIONS[name].method in ("GET", "DELETE"):
        assert not takes_body


@pytest.mark.parametrize("name", [name for name in NAMES if "params" in request_of(name)])
def test_query_parameters_that_are_not_given_are_not_sent(name: str) -> None:
    required = {
        parameter.name
        for parameter in inspect.signature(module_of(name)._get_kwargs).parameters.values()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and parameter.default is inspect.Parameter.empty
    }
    assert set(request_of(name)["params"]) == required - {"body"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("status", [200, 201, 202, 299])
def test_any_success_is_read_as_the_documented_one(name: str, status: int) -> None:
    module = module_of(name)
    parsed = module._parse_response(client=CLIENT, response=reply(status, {"unheard": "of"}))
    if OPERATIONS[name].method == "DELETE" and not isinstance(parsed, Model):
        assert parsed is None
        assert success_model(module) is None
    else:
        model = success_model(module)
        assert model is not None
        assert isinstance(parsed, model)
        assert parsed["unheard"] == "of"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("status", [302, 418, 429, 500, 502, 599])
def test_no_status_is_refused(name: str, status: int) -> None:
    parsed = module_of(name)._parse_response(client=CLIENT, response=reply(status, {"error": "e"}))
    assert isinstance(parsed, OAuthErrorBody) if status >= 400 else parsed is None
