"""A user's session: everything that acts with that user's token."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Unpack

from astra._misuse import OfOneProcess
from astra._public import public
from astra._secret import shown
from astra.http._async.pipeline import AsyncPipeline
from astra.http.options import CLIENT_OPTIONS, ClientOptions, check_options
from astra.resources._async.user_ref import AsyncUserRef
from astra.storage.forks import FORK_GUARD

if TYPE_CHECKING:
    from astra.payments._async.ledger import AsyncPaymentLedger
    from astra.resources._async.accounts import AsyncAccounts
    from astra.resources._async.capabilities import AsyncUserCapabilities
    from astra.resources._async.cards import AsyncCards
    from astra.resources._async.profile import AsyncProfile
    from astra.resources._async.routines import AsyncRoutines
    from astra.resources._async.transfers import AsyncTransfers


@FORK_GUARD.with_new_locks
@public("astra")
class AsyncUserSession(OfOneProcess):
    """One user, by your key or by Astra's id. Cheap to make, nothing to close; get it from `astra.user(...)`.

    Example:
        user = astra.user("customer-42")
        async for account in user.accounts.list():
            print(account.id)
    """

    def __init__(
        self, pipeline: AsyncPipeline, owner: AsyncUserRef, *, ledger: AsyncPaymentLedger | None = None
    ) -> None:
        self._pipeline = pipeline
        self._owner = owner
        self._ledger = ledger

    @shown
    def __repr__(self) -> str:
        return f"<session of {self._owner!r}>"

    async def key(self) -> str:
        """Returns your key of the user.

        Raises:
            ConfigurationError: the session was made by Astra's id, and no stored grant belongs to it.

        Example:
            key = await astra.user(astra_user_id=event.user_id).key()
        """
        return await self._owner.key()

    def with_options(self, **options: Unpack[ClientOptions]) -> AsyncUserSession:
        """Returns this session with other options for all of its calls. What is not given stays.

        Args:
            **options: timeout (seconds, or a `Timeout`), max_retries, extra_headers.

        Raises:
            InvalidRequestError: a value cannot be right.

        Example:
            profile = await user.with_options(timeout=5).profile.get()
        """
        checked = check_options(options, known=CLIENT_OPTIONS)
        return AsyncUserSession(self._pipeline.with_options(checked), self._owner, ledger=self._ledger)

    @cached_property
    def profile(self) -> AsyncProfile:
        """The user's own data, and changes to it."""
        from astra.resources._async.profile import AsyncProfile

        return AsyncProfile(self._pipeline, owner=self._owner)

    @cached_property
    def capabilities(self) -> AsyncUserCapabilities:
        """What the user may do at present."""
        from astra.resources._async.capabilities import AsyncUserCapabilities

        return AsyncUserCapabilities(self._pipeline, owner=self._owner)

    @cached_property
    def accounts(self) -> AsyncAccounts:
        """The user's bank accounts."""
        from astra.resources._async.accounts import AsyncAccounts

        return AsyncAccounts(self._pipeline, owner=self._owner, ledger=self._ledger)

    @cached_property
    def cards(self) -> AsyncCards:
        """The user's debit cards."""
        from astra.resources._async.cards import AsyncCards

        return AsyncCards(self._pipeline, owner=self._owner)

    @cached_property
    def routines(self) -> AsyncRoutines:
        """The user's routines: instructions to move money."""
        from astra.resources._async.routines import AsyncRoutines

        return AsyncRoutines(self._pipeline, owner=self._owner, ledger=self._ledger)

    @cached_property
    def transfers(self) -> AsyncTransfers:
        """The user's transfers: movements of money."""
        from astra.resources._async.transfers import AsyncTransfers

        return AsyncTransfers(self._pipeline, owner=self._owner, ledger=self._ledger)
