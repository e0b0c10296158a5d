# Derived from astra/oauth/_async/states.py by scripts/unasync.py: edit that file.
"""States on the server: each is issued for one person and one browser, used once, and expires."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Self

from astra._flavours import Workers
from astra._public import public
from astra._secret import hide
from astra.errors import AstraError, AuthorizationRedirectError, ConfigurationError
from astra.oauth.redirects import read_redirect
from astra.oauth.states.opening import open_state_store
from astra.oauth.states.store import StateStore
from astra.oauth.states.tickets import (
    LONGEST_LIFETIME,
    IssuedState,
    UsedState,
    check_cookie,
    check_ticket,
    fingerprint,
    issue,
)
from astra.tokens.user_keys import check_user_key

LIFETIME = timedelta(hours=1)
"""Linking accounts on Astra's page takes a person minutes, sometimes many."""


@public("astra.oauth")
class States:
    """Remembers on the server for whom a link was made, so that its redirect authorizes that person, once.

    A state is used once, in the browser that it was issued to, and expires. Nothing of it has to be in the person's web
    session: a cookie of its own binds the browser, and the store, which every process of the web app shares, knows the
    rest. A forged redirect, one that is sent again, and one that another browser brings are refused.

    Args:
        store: where they are kept, as an object or a URL; see `open_state_store`. It may be the URL of the token store.
        lifetime: how long a person may take on Astra's pages.
        clock: epoch seconds; for tests.

    Raises:
        ConfigurationError: the store cannot be opened, or the lifetime cannot be right.

    Example:
        states = States("sqlite:///tokens.db")
        issued = states.issue("customer-42")
        link = astra.oauth.authorize_url(user_intent_id=intent.id, state=issued.state)
    """

    def __init__(
        self,
        store: StateStore | str | os.PathLike[str],
        *,
        lifetime: timedelta = LIFETIME,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._lifetime = _seconds(lifetime)
        self._store = open_state_store(store)
        self._owns_store = not isinstance(store, StateStore)
        self._clock = clock
        self._workers = Workers()

    def issue(self, key: str, *, cookie: str | None = None) -> IssuedState:
        """Issues a state for a person.

        Args:
            key: your own key of the user, for the exchange.
            cookie: the secret that this browser has already: the cookie of an earlier link, or the unguessable id of
                its web session. None makes one.

        Returns:
            The state, for the link, and the cookie, for the browser.

        Raises:
            InvalidRequestError: the key is none, or the cookie can be guessed.
            StateStoreError: the store failed.

        Example:
            issued = states.issue("customer-42", cookie=request.cookies.get("astra_state"))
        """
        cookie, now = hide(cookie), self._clock()
        issued, ticket = issue(check_user_key(key), cookie, expires_at=now + self._lifetime)
        self._workers.run(self._store.put, fingerprint(issued.state), ticket, now=now)
        return issued

    def use(self, redirect: str | Mapping[str, str], *, cookie: str | None) -> UsedState:
        """Takes back the state of a redirect. Whatever the redirect brings, it cannot be used again.

        Args:
            redirect: the whole address, its query string, or the query parameters.
            cookie: the browser's secret; None when it has none, which is refused.

        Returns:
            Whose it was, and the state for `parse_redirect`.

        Raises:
            AuthorizationRedirectError: see its `code`: "missing_state", "state_unknown" (not issued here, used before,
                too old), "state_mismatch" (another browser), or "invalid_redirect". Start again with a new link.
            InvalidRequestError: an argument has the wrong type.
            StateStoreError: the store failed.

        Example:
            used = states.use(request.query_params, cookie=request.cookies.get("astra_state"))
        """
        found, cookie = read_redirect(redirect, redirect_uri=None), hide(cookie)
        del redirect  # this frame may be printed with its locals
        check_cookie(cookie)
        if isinstance(found, AstraError):
            raise found
        if not found.state:
            raise AuthorizationRedirectError(
                "The redirect has no state: it answers no link of yours. Start again with a new link.",
                code="missing_state",
            )
        ticket = self._workers.run(self._store.take, fingerprint(found.state))
        return check_ticket(ticket, found.state, cookie, now=self._clock())

    def close(self) -> None:
        """Closes a store that a URL opened.

        Example:
            states.close()
        """
        self._workers.close()
        if self._owns_store:
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _seconds(lifetime: object) -> float:
    seconds = lifetime.total_seconds() if isinstance(lifetime, timedelta) else 0.0
    if not 0 < seconds <= LONGEST_LIFETIME:
        raise ConfigurationError("lifetime must be a timedelta of more than nothing and at most 30 days.")
    return seconds
