"""Whoever asks the ledger about a user finds the refreshes of that user's tokens, the failed ones first of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import astra
from astra.request_log import open_request_log
from astra.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as started:
        yield started


def options(sandbox: Sandbox, folder: Path) -> dict[str, Any]:
    return {
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "base_url": sandbox.url,
        "redirect_uri": sandbox.redirect_uri,
        "token_store": folder / "tokens.db",
        "request_log": folder / "requests.db",
        "max_retries": 0,
    }


def refreshes(folder: Path) -> Counter[tuple[str | None, int | None]]:
    """Users and statuses of what the token endpoint was asked."""
    with open_request_log(folder / "requests.db") as log:
        return Counter((record.user_key, record.status) for record in log.query(operation="exchange_token"))


def authorize(client: astra.Astra, sandbox: Sandbox, *keys: str) -> None:
    for key in keys:
        client.oauth.exchange(sandbox.authorize(user_id=sandbox.users.create(status="approved").id), key=key)


def test_refreshes_are_their_users_in_the_ledger(sandbox: Sandbox, tmp_path: Path) -> None:
    with astra.Astra(**options(sandbox, tmp_path)) as client:
        authorize(client, sandbox, "c42", "c43")
        client.tokens.refresh("c42")
        sandbox.faults.add(operation="exchange_token", status=503, times=2)
        with pytest.raises(astra.ServiceUnavailableError):
            client.tokens.refresh("c42")
    assert refreshes(tmp_path) == {("c42", 200): 2, ("c43", 200): 1, ("c42", 503): 2}


def test_those_of_keep_alive_too(sandbox: Sandbox, tmp_path: Path) -> None:
    with astra.Astra(**options(sandbox, tmp_path)) as client:
        authorize(client, sandbox, "c42", "c43")
        assert client.tokens.keep_alive(older_than=timedelta()).refreshed == 2
    assert refreshes(tmp_path) == {("c42", 200): 2, ("c43", 200): 2}


async def test_and_those_of_tasks(sandbox: Sandbox, tmp_path: Path) -> None:
    with astra.Astra(**options(sandbox, tmp_path)) as client:
        authorize(client, sandbox, "c42", "c43")
    async with astra.AsyncAstra(**options(sandbox, tmp_path)) as client:
        await client.tokens.refresh("c42")
        await client.tokens.keep_alive(older_than=timedelta(), keys=["c43"])
    assert refreshes(tmp_path) == {("c42", 200): 2, ("c43", 200): 2}
