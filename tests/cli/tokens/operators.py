"""Grants in a store, and the command line over them, for tests."""

from __future__ import annotations

import json
import time
from typing import Any

import attrs
from cryptography.fernet import Fernet
from typer.testing import CliRunner, Result

from astra.cli.tokens import app
from astra.tokens import Grant, Identity, TokenAnswer, open_store

DAY = 24 * 3600.0
KEY, NEW, WRONG = (Fernet.generate_key().decode() for _ in range(3))
ME = Identity("production", "client-1")
OTHER = Identity("sandbox", "client-1")


def make(key: str, *, days_ago: float = 1.0, identity: Identity = ME, **changes: Any) -> Grant:
    """A grant whose tokens were issued so many days ago."""
    answer = TokenAnswer(access_token=f"SECRET-access-{key}", expires_in=7200, refresh_token=f"SECRET-refresh-{key}")
    grant = Grant.issued(key, answer=answer, now=time.time() - days_ago * DAY, astra_user_id=f"usr_{key}")
    return attrs.evolve(grant, **({"identity": identity} | changes))


def dead(key: str, *, hours_ago: float = 1.0, reason: str = "invalid_grant", **changes: Any) -> Grant:
    """A grant that was marked dead so many hours ago."""
    now = time.time() - hours_ago * 3600
    return make(key, **changes).invalidated(now=now, access_rejected=False, reason=reason)


def put(url: str, *grants: Grant, keys: tuple[str, ...] = (KEY,)) -> None:
    """Keeps grants in a store, each for its identity."""
    with open_store(url) as store:
        for grant in grants:
            assert store.for_identity(grant.identity, keys=keys).save(grant, replaces=None)


def rows(url: str) -> list[Grant]:
    """All rows of a store, as they are stored."""
    with open_store(url) as store:
        return [grant for identity in sorted(store.identities(), key=str) for grant in store.scan(identity).grants]


def astra(*arguments: str, say: str = "") -> Result:
    """Runs `astra tokens`, which ends with an exit code and never with a traceback."""
    result = CliRunner().invoke(app, list(arguments), input=say)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def as_json(result: Result) -> Any:
    """The one object that a command printed."""
    return json.loads(result.stdout)
