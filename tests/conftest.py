"""Fixtures for every room."""

from __future__ import annotations

import pytest

pytest_plugins = ["tests.services"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Starts the long tests first, so that at the end no worker waits for one that began late."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
