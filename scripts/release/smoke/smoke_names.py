"""Every public name can be had, and every module imported."""

from __future__ import annotations

import importlib
import pkgutil

import astra_api

import astra

FRAMEWORKS = {
    "astra.integrations.django": "django",
    "astra.integrations.flask": "flask",
    "astra_api.pydantic_schema": "pydantic_core",
}
"""What belongs to a framework that is no extra of ours, because whoever uses it has it."""


def modules() -> list[str]:
    found = [
        module.name
        for package in (astra, astra_api)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not module.name.endswith("__main__")
    ]
    return [name for name in found if importlib.util.find_spec(FRAMEWORKS.get(name, "astra"))]


def test_every_module_can_be_imported() -> None:
    names = modules()
    assert len(names) > 400
    for name in names:
        importlib.import_module(name)


def test_every_public_name_can_be_had() -> None:
    rooms = [module for name in ["astra", *modules()] if hasattr(module := importlib.import_module(name), "__all__")]
    assert len(rooms) > 10
    for room in rooms:
        for name in room.__all__:
            assert hasattr(room, name), f"{room.__name__}.{name}"
