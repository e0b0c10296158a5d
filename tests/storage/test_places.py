"""How a store is named to people."""

from __future__ import annotations

import pytest

from astra.storage.places import STORE_KINDS, name_server


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("redis://cache:6379/0", "redis://cache:6379/0"),
        ("redis://:SECRET@cache:6379/0", "redis://cache:6379/0"),
        ("redis://user:SECRET@cache/1?timeout=3", "redis://cache/1"),
        ("redis://cache?db=2", "redis://cache?db=2"),
        ("redis://cache?timeout=3&db=2", "redis://cache?db=2"),
        ("redis://cache?db=SECRET", "redis://cache"),
        ("redis://cache?xy=5", "redis://cache"),
        ("redis://cache?password=SECRET", "redis://cache"),
        ("unix:///run/redis.sock?db=3", "unix:///run/redis.sock?db=3"),
        ("postgresql://app:SECRET@db/app", "postgresql://db/app"),
        ("postgresql://app:SEC@RET/?#@db/app", "postgresql://db/app"),
        ("postgresql://app@db/app?password=SECRET", "postgresql://db/app"),
        ("postgresql+psycopg://db/app", "postgresql+psycopg://db/app"),
    ],
)
def test_the_name_of_a_server_shows_no_secret(address: str, name: str) -> None:
    assert name_server(address) == name


def test_every_kind_of_durable_store_has_a_name() -> None:
    names = {"sqlite": "SQLite file", "jsonl": "JSON lines file", "redis": "Redis", "sql": "database"}
    assert names == STORE_KINDS
