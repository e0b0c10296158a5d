"""Every store, over every database, by the contracts that are shipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from cryptography.fernet import Fernet

from astra import Astra
from astra.payments import IdempotencyStore, open_idempotency_store
from astra.request_log import open_request_log
from astra.sandbox import Sandbox
from astra.testing.idempotency_contract import IdempotencyContract
from astra.testing.store_contract import ME, StoreContract
from astra.tokens import BoundStore, TokenStore, open_store
from astra.webhooks import open_dedupe

SQL = ("sqlite:///{folder}/store.db", "sqlite+pysqlite:///{folder}/store.db", "{postgres}")


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path, postgres_url: str, redis_url: str) -> str:
    """One PostgreSQL and one Redis serve every test; each finds them empty."""
    if "{postgres}" in request.param:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    if "{redis}" in request.param:
        with redis.Redis.from_url(redis_url) as server:
            server.flushdb()
    return request.param.format(folder=tmp_path, postgres=postgres_url, redis=redis_url)


@pytest.mark.parametrize("url", ["memory://", *SQL, "{redis}"], indirect=True)
class TestTokens(StoreContract):
    test_a_claim_takes_any_number_of_keys = None  # a matter of size, and no more of versions than the others

    @pytest.fixture
    def store(self, url: str) -> Iterator[TokenStore]:
        with open_store(url) as store:
            yield store


class TestEncryptedTokens(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[TokenStore]:
        with open_store(f"sqlite:///{tmp_path}/tokens.db") as store:
            yield store

    @pytest.fixture
    def grants(self, store: TokenStore) -> BoundStore:
        return store.for_identity(ME, keys=[Fernet.generate_key().decode()])


@pytest.mark.parametrize("url", ["memory://", *SQL], indirect=True)
class TestIdempotency(IdempotencyContract):
    @pytest.fixture
    def store(self, url: str) -> Iterator[IdempotencyStore]:
        with open_idempotency_store(url) as store:
            yield store


@pytest.mark.parametrize("url", ["memory://", *SQL, "{redis}"], indirect=True)
def test_an_event_is_claimed_once(url: str) -> None:
    with open_dedupe(url) as store:
        assert [store.claim("evt", lease=300, now=1e9).state for _ in range(2)] == ["claimed", "in_progress"]


@pytest.mark.parametrize("url", ["memory://", *SQL, "jsonl:///{folder}/requests.jsonl"], indirect=True)
def test_a_call_is_found_in_the_request_log(url: str, sandbox: Sandbox) -> None:
    log = open_request_log(url)
    with Astra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url, request_log=log) as astra:
        assert astra.bins.get("400000").request_id
    try:
        [record] = log.query(limit=10)
        assert record.request_id in {found.request_id for found in log.find(str(record.request_id))}
        assert log.stats()
    finally:
        log.close()
