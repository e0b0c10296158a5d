"""Fixtures for every room."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator

import pytest

pytest_plugins = ["tests.services"]

APART = ("stress", "outage", "browser")
"""Marks of tests that `scripts/run_tests.py` runs apart: it looks for these in the files that name them."""


OF_RUNS = ("ASTRA_HTTP", "ASTRA_FAULTS", "ASTRA_FAULTS_SEED")
"""Variables that choose how tests run; every other one of Astra's is a setting of somebody's client."""


def settings() -> dict[str, str]:
    """Settings of a client that are in the environment."""
    return {name: value for name, value in os.environ.items() if name.startswith("ASTRA_") and name not in OF_RUNS}


def pytest_configure() -> None:
    """Takes the settings of whoever runs the tests out of their way."""
    for name in settings():
        del os.environ[name]


@pytest.fixture(autouse=True)
def _no_setting_stays() -> Iterator[None]:
    """A test that leaves settings behind fails itself, and not the ones that run after it in the same process."""
    before = settings()
    yield
    assert settings() == before, "this test leaves settings of a client in the environment"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collects without the collector of garbage, and lets it look at nothing that was collected: all that stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Starts the long tests first, so that at the end no worker waits for one that began late."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    for item in items:
        for mark in APART:
            named = item.get_closest_marker(mark) is None or f"pytest.mark.{mark}" in item.path.read_text("utf-8")
            if not named:
                raise pytest.UsageError(f"{item.nodeid}: write pytest.mark.{mark} in the file itself")
