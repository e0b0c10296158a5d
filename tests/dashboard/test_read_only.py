"""Nothing is written to a store, and nothing is made beside it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import attrs
import pytest

from astra.dashboard.grants import GRANTS
from astra.dashboard.requests import LOG
from astra.errors import StorageError
from astra.storage.reading import SQLPlace, look_into_sqlite, read_only_url
from astra.storage.url import read_url
from tests.dashboard.test_nothing_personal import crawl
from tests.dashboard.world import Stores, busy, served, text_of


def fingerprints(folder: Path) -> dict[str, str]:
    return {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in folder.iterdir() if one.suffix == ".db"}


def test_files_are_the_same_after_all_pages_were_seen(tmp_path: Path) -> None:
    stores = busy(Stores.in_files(tmp_path))
    before = fingerprints(tmp_path)
    with served(stores) as browser:
        crawl(browser)
    assert fingerprints(tmp_path) == before
    assert {name.split(".")[0] for name in os.listdir(tmp_path)} == {"tokens", "payments", "requests"}


def test_files_that_may_only_be_read_are_enough(tmp_path: Path) -> None:
    stores = busy(Stores.in_files(tmp_path))
    for one in tmp_path.iterdir():
        one.chmod(0o400)
    with served(stores) as browser:
        assert "customer-dying" in browser.get("/tokens").text


def test_sqlite_itself_refuses_to_write(tmp_path: Path) -> None:
    stores = busy(Stores.in_files(tmp_path))
    with (
        pytest.raises(StorageError, match="readonly"),
        look_into_sqlite((stores.tokens or "").removeprefix("sqlite:///"), kept=GRANTS, limit=2) as look,
    ):
        look.rows("DELETE FROM astra_grants")


def test_postgresql_itself_refuses_to_write(postgres_url: str) -> None:
    stores = busy(Stores(tokens=postgres_url, payments=postgres_url, requests=postgres_url))
    place = SQLPlace(stores.tokens or "", kept=GRANTS)
    try:
        with pytest.raises(StorageError, match="ReadOnlySqlTransaction"), place.look(limit=2) as look:
            look.rows("DELETE FROM astra_grants RETURNING 1")
    finally:
        place.close()
    from astra.request_log import open_request_log

    with open_request_log(read_only_url(postgres_url, seconds=2)) as log:
        assert log.query(limit=1)
    import psycopg

    with (
        psycopg.connect(read_only_url(postgres_url, seconds=2).replace("+", "%20")) as connection,
        pytest.raises(psycopg.Error),
    ):
        connection.execute("DELETE FROM astra_requests")


def test_a_statement_of_postgresql_ends_with_its_time(postgres_url: str) -> None:
    busy(Stores(tokens=postgres_url, payments=postgres_url, requests=postgres_url))
    place = SQLPlace(postgres_url, kept=LOG)
    try:
        with pytest.raises(StorageError) as caught, place.look(limit=0.3) as look:
            look.rows("SELECT pg_sleep(20)")
        assert caught.value.timed_out or "QueryCanceled" in str(caught.value)
    finally:
        place.close()


def test_redis_is_the_same_and_its_grants_are_counted(tmp_path: Path, redis_url: str) -> None:
    import redis

    stores = busy(attrs.evolve(Stores.in_files(tmp_path), tokens=redis_url))
    with redis.Redis.from_url(redis_url) as client:
        before = {name: client.dump(name) for name in sorted(client.keys())}
        with served(stores) as browser:
            crawl(browser)
            text = text_of(browser.get("/tokens"))
            assert "43 active" in text
            assert "2 dead" in text
            listed = text_of(browser.get("/tokens?list=dead"))
            assert "customer-dead" in listed
            assert "1 grants failed 3 times in a row or more" in text
        assert {name: client.dump(name) for name in sorted(client.keys())} == before


def test_redis_is_read_as_long_as_there_is_time_and_the_page_says_so(
    tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from astra.dashboard import grants, sources

    monkeypatch.setattr(sources, "REDIS_BUDGET", 0.0)
    monkeypatch.setattr(grants, "BATCH", 10)
    stores = busy(attrs.evolve(Stores.in_files(tmp_path), tokens=redis_url))
    with served(stores) as browser:
        assert "Of 45 grants the first 10 by key were read." in text_of(browser.get("/tokens"))
        assert "Only 10 of 45 grants were read" in text_of(browser.get("/"))


def test_the_end_of_a_log_in_lines_is_read_and_the_page_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from astra.dashboard import sources
    from astra.dashboard.tail import read_tail

    stores = busy(attrs.evolve(Stores.in_files(tmp_path), requests=f"jsonl:///{tmp_path}/requests.jsonl"))
    with served(stores) as browser:
        assert "200 attempts" in text_of(browser.get("/requests"))
        assert "Payment payout-4 uncertain" in text_of(browser.get("/trace?id=payout-4"))
        assert "were read" not in text_of(browser.get("/requests"))
        monkeypatch.setattr(sources, "read_tail", lambda path: read_tail(path, most=2_000))
        assert "Only the attempts since" in text_of(browser.get("/requests"))
    assert read_url(stores.requests, family=LOG.family).kind == "jsonl"
