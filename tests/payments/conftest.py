"""A world for each kind of store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from astra.sandbox import Sandbox
from tests.payments.world import World


@pytest.fixture
def running_sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def world(running_sandbox: Sandbox, tmp_path: Path) -> World:
    """Clients over one SQLite file."""
    return World(running_sandbox, tmp_path, f"sqlite:///{tmp_path}/payments.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def each_world(request: pytest.FixtureRequest, running_sandbox: Sandbox, tmp_path: Path) -> World:
    """Clients over one store of each kind."""
    url = f"sqlite:///{tmp_path}/payments.db"
    return World(
        running_sandbox, tmp_path, url if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    )
