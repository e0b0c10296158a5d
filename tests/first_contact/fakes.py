"""An Astra on loopback that does as a test says, and remembers what it was asked."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import attrs
import pytest

from tests.conformance.servers import Answer, Asked, scripted

Rule = Callable[[Asked], Answer]
ACCESS, REFRESH = "access-token-of-the-user", "refresh-token-of-the-user"
REFUSED: Answer = (400, {"code": 400, "name": "Bad Request", "description": "No."})
MISSING: Answer = (404, {"code": 404, "name": "Not Found", "description": "No such URL."})
ACCOUNTS = [{"id": "account-1"}, {"id": "account-2"}]


@attrs.frozen
class Fake:
    """What it was asked so far."""

    base: str
    asked: list[Asked] = attrs.field(factory=list[Asked])

    def sent(self, method: str, path: str) -> list[Asked]:
        """Requests that meant what they said; those that cannot be taken have an object for a text."""
        found = [one for one in self.asked if (one.method, one.path) == (method, path)]
        return [one for one in found if b'"contact"' not in one.body]


def usual(asked: Asked) -> Answer:
    """A user with two accounts and a card, tokens, and refusals for all else."""
    if asked.path == "/v1/oauth/token":
        if f"refresh_token={REFRESH}".encode() in asked.body:
            return 200, {"access_token": ACCESS, "refresh_token": REFRESH, "expires_in": 7200}
        return 400, {"error": "invalid_grant"}
    if asked.path == "/v1/first-contact-nowhere":
        return MISSING
    if asked.method == "GET":
        listed = {
            "/v1/payment_instruments": {"count": 0, "payment_instruments": []},
            "/v1/user": {"id": "user-1", "status": "approved"},
            "/v1/accounts": {"count": 2, "accounts": ACCOUNTS},
            "/v1/cards": {"count": 1, "cards": [{"id": "card-1"}]},
        }
        return (200, listed[asked.path]) if asked.path in listed else MISSING
    return REFUSED


@contextlib.contextmanager
def faking(monkeypatch: pytest.MonkeyPatch, rules: dict[str, Rule | Answer]) -> Iterator[Fake]:
    """Runs one, with the settings that lead to it.

    Args:
        monkeypatch: sets them.
        rules: by method and path, what is not as usual.
    """

    def rule(asked: Asked) -> Answer:
        fake.asked.append(asked)
        found = rules.get(f"{asked.method} {asked.path}", rules.get("*", usual))
        return found(asked) if callable(found) else found

    with scripted(rule) as base:
        fake = Fake(base)
        monkeypatch.setenv("ASTRA_BASE_URL", base)
        monkeypatch.setenv("ASTRA_CLIENT_ID", "client-of-a-test")
        monkeypatch.setenv("ASTRA_CLIENT_SECRET", "secret-of-a-test")
        monkeypatch.setenv("ASTRA_REDIRECT_URI", "https://example.com/callback")
        monkeypatch.setenv("ASTRA_REFRESH_TOKEN", REFRESH)
        yield fake
