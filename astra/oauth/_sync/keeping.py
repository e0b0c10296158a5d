# Derived from astra/oauth/_async/keeping.py by scripts/unasync.py: edit that file.
"""From issued tokens to a stored grant: nobody's tokens are lost, and nobody's are taken for another person's."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Generic, TypeVar

import attrs

from astra.errors import AstraDuplicateUserWarning, AstraError, CallError, TokensNotKeptError, UserMismatchError
from astra.http._sync.pipeline import Pipeline
from astra.oauth._sync.exchange import ask_user_id
from astra.tokens import Tokens
from astra.tokens.grant import TokenAnswer
from astra.tokens.user_keys import check_user_key

S = TypeVar("S")
logger = logging.getLogger("astra.oauth")


@attrs.define
class Issued:
    """Tokens in hand.

    Attributes:
        answer: the tokens; its repr shows none.
        asked_at: when they were asked for, in seconds since the epoch.
        astra_user_id: whose they are, once Astra has said so.
    """

    answer: TokenAnswer
    asked_at: float
    astra_user_id: str | None = None


@attrs.frozen
class _Kept:
    """Tokens in the store.

    Attributes:
        key: under which key.
        other: another key that the same Astra user has, or None.
        astra_user_id: whose they are, or None when Astra could not be asked.
    """

    key: str
    other: str | None
    astra_user_id: str | None


def _tell_lost(key: str | None, error: BaseException) -> None:
    logger.error(
        "an exchange for %s, whose caller was cancelled, kept no tokens: send the person through again. %s",
        "a user" if key is None else repr(key),
        error,
    )


class Keeper(Generic[S]):
    """Keeps issued tokens under a key, once it is certain that they may be there."""

    def __init__(self, pipeline: Pipeline, tokens: Tokens, *, session: Callable[[str, str | None], S]) -> None:
        self._pipeline = pipeline
        self._tokens = tokens
        self._session = session

    def prepare(self, key: str | None) -> None:
        """Finds out what would keep tokens from being stored, before a code is spent that is good for one exchange.

        Args:
            key: where they will be kept; None when it will be Astra's id.

        Raises:
            InvalidRequestError: no store keeps such a key.
            ConfigurationError: what is stored there is encrypted with other keys.
            TokenStoreError: the store cannot be reached or written.
        """
        if key is not None:
            check_user_key(key)
            self._tokens.get(key)
        self._tokens.check_store()

    def exchange(self, ask: Callable[[], TokenAnswer], *, key: str | None, replace: bool) -> S:
        """Asks for tokens with what is good for one exchange, keeps them, and returns the user's session.

        Both go on when the caller is cancelled: nobody could ask for these tokens again.

        Args:
            ask: asks for the tokens.
            key: as of `keep`.
            replace: as of `keep`.

        Raises:
            AstraError: what `ask` raises, or as of `keep`.
        """
        asked_at = self._tokens.clock()

        def work() -> _Kept:
            return self._kept(Issued(ask(), asked_at), key=key, replace=replace)

        return self._hand_out(self._tokens.to_its_end(work, lost=partial(_tell_lost, key)))

    def keep(self, issued: Issued, *, key: str | None, replace: bool) -> S:
        """Keeps tokens and returns the user's session.

        Args:
            issued: the tokens.
            key: where to keep them; None for Astra's id of the user.
            replace: whether they may take the place of another Astra user.

        Raises:
            UserMismatchError: another Astra user is under the key. The error holds the tokens.
            TokensNotKeptError: Astra could not say whose they are where that has to be known, or the store failed. The
                error holds the tokens.
            InvalidRequestError: no store keeps such a key.
        """
        if key is not None:
            check_user_key(key)
        work = partial(self._kept, issued, key=key, replace=replace)
        return self._hand_out(self._tokens.to_its_end(work, lost=partial(_tell_lost, key)))

    def _kept(self, issued: Issued, *, key: str | None, replace: bool) -> _Kept:
        try:
            final, other = self._keep(issued, key=key, replace=replace)
        except UserMismatchError as error:
            error.keep_with(partial(self.keep, issued))
            raise
        except Exception as error:
            why = "Astra did not say whose they are" if isinstance(error, CallError) else "they could not be stored"
            failed = TokensNotKeptError(
                f"Astra has issued tokens for {'a user' if key is None else repr(key)}, and they are not kept: {why} "
                f"({type(error).__name__}). The code is spent: do not send it again. This error holds the tokens: when "
                "the cause is gone, call its keep(), or akeep() where calls are awaited.",
                user_key=key,
                astra_user_id=issued.astra_user_id,
            )
            failed.call_id = error.call_id if isinstance(error, AstraError) else None
            failed.keep_with(partial(self.keep, issued))
            raise failed from error
        return _Kept(final, other, issued.astra_user_id)

    def _hand_out(self, kept: _Kept) -> S:
        if kept.other is not None:
            warnings.warn(
                f"The Astra user {kept.astra_user_id!r} is under two of your keys, {kept.other!r} and now "
                f"{kept.key!r}. Both work and share one access token. If they are not two names of one person on "
                f"purpose, one of your customers acts for another: tokens.forget({kept.other!r}), if that is the "
                "former key.",
                AstraDuplicateUserWarning,
                stacklevel=4,
            )
        return self._session(kept.key, kept.astra_user_id)

    def _keep(self, issued: Issued, *, key: str | None, replace: bool) -> tuple[str, str | None]:
        """Returns the key, and another one that the same Astra user has."""
        if issued.answer.refresh_token is None:
            logger.warning(
                "Astra has issued no refresh token for %s: when the access token expires, the person has to authorize "
                "again",
                "a user" if key is None else repr(key),
            )
        is_kept = False
        if key is not None and issued.astra_user_id is None:
            # Before anything else is asked, and without an id: that of the former grant may be another person's.
            with suppress(UserMismatchError):
                # The former user is known: who this one is has to be known, too, before that grant may be replaced.
                self._save(issued, key, replace=replace)
                is_kept = True
        if issued.astra_user_id is None:
            try:
                issued.astra_user_id = ask_user_id(self._pipeline, issued.answer.access_token, user_key=key)
            except AstraError as error:
                if key is None or not is_kept:
                    raise
                logger.warning("%r is kept without Astra's id, which could not be asked: %s", key, error)
                return key, None
        final = key if key is not None else issued.astra_user_id
        other = self._other_key(issued.astra_user_id, beside=final)
        if not is_kept:
            self._save(issued, final, replace=replace)
            return final, other
        try:
            self._tokens.set_user_id(final, astra_user_id=issued.astra_user_id, access_token=issued.answer.access_token)
        except AstraError as error:
            logger.warning("%r is kept without Astra's id, which could not be stored: %s", final, error)
        return final, other

    def _save(self, issued: Issued, key: str, *, replace: bool) -> None:
        self._tokens.store_answer(
            key, issued.answer, astra_user_id=issued.astra_user_id, replace=replace, issued_at=issued.asked_at
        )

    def _other_key(self, astra_user_id: str, *, beside: str) -> str | None:
        """Finds another key with a living grant of the user. It only serves a warning, so no failure ends here."""
        try:
            keys = self._tokens.find_keys(astra_user_id, active=True)
        except AstraError as error:
            logger.warning("it is not known whether the user of %r has another key: %s", beside, error)
            return None
        return next((key for key in keys if key != beside), None)
