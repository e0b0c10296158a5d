"""Stores that forget are warned of where real people's grants and payments are."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from astra import Astra, AstraConfigurationWarning, AstraMemoryStoreWarning, AsyncAstra
from astra.payments import open_idempotency_store
from astra.tokens import open_store


def make(**settings: Any) -> None:
    Astra("id", "secret", environment="production", **settings).close()


def make_async(**settings: Any) -> None:
    asyncio.run(AsyncAstra("id", "secret", environment="production", **settings).close())


KINDS: tuple[Callable[..., None], ...] = (make, make_async)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "given", [{}, {"token_store": "memory://"}, {"token_store": " memory://\n"}, {"base_url": "https://proxy.example"}]
)
def test_grants_in_memory_are_warned_of_in_production_with_what_to_do(kind: Any, given: dict[str, str]) -> None:
    with pytest.warns(AstraMemoryStoreWarning) as told:
        kind(**given)
    [warning] = told
    text = str(warning.message)
    assert text.startswith(
        "environment is 'production' and token_store is memory://: every user has to authorize again"
    )
    assert "ASTRA_TOKEN_STORE" in text
    assert text.endswith('If it is meant, pass astra.tokens.open_store("memory://").')
    assert warning.filename == __file__


def test_payments_under_keys_in_memory_are_warned_of_too() -> None:
    with pytest.warns(AstraMemoryStoreWarning) as told:
        make(token_store=open_store("memory://"), idempotency_store="memory://")
    [warning] = told
    assert "idempotency_store is memory://: a key pays once more" in str(warning.message)
    assert "astra.payments.open_idempotency_store" in str(warning.message)


@pytest.mark.parametrize("kind", KINDS)
def test_a_store_that_is_kept_or_passed_as_an_object_is_not_warned_of(tmp_path: Path, kind: Any) -> None:
    kind(token_store=tmp_path / "tokens.db", idempotency_store=tmp_path / "payments.db")
    kind(token_store=open_store("memory://"), idempotency_store=open_idempotency_store("memory://"))


def test_the_sandbox_is_not_warned_of() -> None:
    Astra("id", "secret", idempotency_store="memory://").close()
    Astra("id", "secret", environment="sandbox", base_url="http://127.0.0.1:9", token_store="memory://").close()


def test_it_can_be_filtered_alone_and_is_one_of_settings() -> None:
    assert issubclass(AstraMemoryStoreWarning, AstraConfigurationWarning)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AstraMemoryStoreWarning)
        make()


def test_a_client_of_the_environment_is_warned_of_where_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTRA_CLIENT_ID", "id")
    monkeypatch.setenv("ASTRA_CLIENT_SECRET", "secret")
    monkeypatch.setenv("ASTRA_ENVIRONMENT", "production")
    with pytest.warns(AstraMemoryStoreWarning) as told:
        Astra.from_env().close()
    assert [warning.filename for warning in told] == [__file__]
