"""Over an encrypted store, client and command line use the keys of the environment; without keys nothing is sent."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from typer.testing import CliRunner

import astra
from astra.cli.tokens import app
from astra.tokens import Grant, Identity, TokenAnswer, open_store
from scripts.bench.sandbox_process import SandboxProcess

IDENTITY = Identity.of("sandbox@loopback", "sandbox-client")
KEY = Fernet.generate_key().decode()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess() as running:
        yield running


@pytest.fixture
def url(sandbox: SandboxProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store in which one user's grant is encrypted, six days old, its access token near its end."""
    import json

    sandbox.do("seed", users=1, path=str(tmp_path / "users.jsonl"))
    user_id, access, refresh = json.loads((tmp_path / "users.jsonl").read_text())
    url = f"sqlite:///{tmp_path}/tokens.db"
    for name, value in (sandbox.environment | {"ASTRA_TOKEN_STORE": url}).items():
        monkeypatch.setenv(name, value)
    answer = TokenAnswer(access_token=access, expires_in=7200, refresh_token=refresh)
    grant = Grant.issued("k", answer=answer, now=time.time() - 6 * 24 * 3600, astra_user_id=user_id)
    with open_store(url).for_identity(IDENTITY, keys=[KEY]) as store:
        store.save(grant, replaces=None)
    return url


def stored(url: str) -> Grant | None:
    """The grant as it is in the store."""
    with open_store(url) as store:
        return store.load(IDENTITY, "k")


def test_from_env_reads_and_writes_with_the_keys_of_the_environment(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTRA_TOKEN_KEYS", KEY)
    with astra.Astra.from_env() as client:
        assert client.user("k").profile.get().id
        token = client.tokens.access_token("k")
    found = stored(url)
    assert found is not None
    assert found.refreshed_at > time.time() - 600
    assert found.access_token.startswith("astra1:")
    with open_store(url).for_identity(IDENTITY, keys=[KEY]) as store:
        opened = store.load("k")
        assert opened is not None
        assert opened.access_token == token


@pytest.mark.parametrize("command", [["refresh", "k"], ["keep-alive"]])
def test_the_command_line_without_keys_exits_with_2_and_marks_nothing(
    url: str, sandbox: SandboxProcess, command: list[str]
) -> None:
    before, sent = stored(url), sandbox.do("counts")
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 2
    assert (sandbox.do("counts"), stored(url)) == (sent, before)
