"""A token endpoint in memory that keeps Astra's rules: one valid access token per user, reusable refresh tokens."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

from astra.errors import OAuthError
from astra.tokens import TokenAnswer


class FakeAstra:
    """Issues tokens and counts how often it was asked."""

    def __init__(self, *, expires_in: float = 7200.0) -> None:
        self.expires_in = expires_in
        self.refreshes = 0
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._valid: dict[str, str] = {}
        self._refresh_tokens: dict[str, str] = {}

    def authorize(self, user: str) -> TokenAnswer:
        with self._lock:
            return self._issue(user)

    def _issue(self, user: str) -> TokenAnswer:
        number = next(self._numbers)
        self._valid[user] = f"access-{user}-{number}"
        self._refresh_tokens[f"refresh-{user}-{number}"] = user
        return TokenAnswer(
            access_token=self._valid[user], expires_in=self.expires_in, refresh_token=f"refresh-{user}-{number}"
        )

    def refresh(self, refresh_token: str) -> TokenAnswer:
        self.before()
        with self._lock:
            self.refreshes += 1
            user = self._refresh_tokens.get(refresh_token)
            if user is None:
                raise OAuthError("refused", status_code=400, code="invalid_grant")
            answer = self._issue(user)
        self.after()
        return answer

    async def async_refresh(self, refresh_token: str) -> TokenAnswer:
        return self.refresh(refresh_token)

    def accepts(self, access_token: str) -> bool:
        with self._lock:
            return access_token in self._valid.values()

    def kill_access_token(self, user: str) -> None:
        with self._lock:
            self._valid[user] = f"unknown-{next(self._numbers)}"

    def kill_refresh_tokens(self, user: str) -> None:
        with self._lock:
            self._refresh_tokens = {token: owner for token, owner in self._refresh_tokens.items() if owner != user}
