"""Fixtures for every room."""

from __future__ import annotations

import gc
from collections.abc import Generator

import pytest

pytest_plugins = ["tests.services"]

APART = ("stress", "outage", "browser")
"""Marks of tests that `scripts/run_tests.py` runs apart: it looks for these in the files that name them."""


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
