"""A local Astra in a process of its own, with one authorized user whose grant is in a store that processes share."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from astra.tokens import Grant, TokenAnswer, open_store
from scripts.bench.sandbox_process import ROOT, SandboxProcess
from tests.forks import KEY


@pytest.fixture
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess() as running:
        yield running


@pytest.fixture
def environment(sandbox: SandboxProcess, tmp_path: Path) -> dict[str, str]:
    """The variables of a program whose token store and request log are SQLite files."""
    sandbox.do("seed", users=1, path=str(tmp_path / "users.jsonl"))
    user_id, access, refresh = json.loads((tmp_path / "users.jsonl").read_text())
    answer = TokenAnswer(access_token=access, expires_in=7200, refresh_token=refresh)
    found = sandbox.environment | {
        "ASTRA_TOKEN_STORE": f"sqlite:///{tmp_path}/tokens.db",
        "ASTRA_REQUEST_LOG": f"sqlite:///{tmp_path}/requests.db",
        "ASTRA_USER_ID": user_id,
        "PYTHONPATH": f"{ROOT}:{ROOT / 'generated'}",
    }
    with open_store(found["ASTRA_TOKEN_STORE"]) as store:
        store.save(Grant.issued(KEY, answer=answer, now=time.time(), astra_user_id=user_id), replaces=None)
    return found
