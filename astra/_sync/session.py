# Derived from astra/_async/session.py by scripts/unasync.py: edit that file.
"""A user's session: everything that acts with that user's token."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Unpack

from astra._misuse import OfOneProcess
from astra._public import public
from astra._secret import shown
from astra.http._sync.pipeline import Pipeline
from astra.http.options import CLIENT_OPTIONS, ClientOptions, check_options
from astra.resources._sync.user_ref import UserRef
from astra.storage.forks import FORK_GUARD

if TYPE_CHECKING:
    from astra.payments._sync.ledger import PaymentLedger
    from astra.resources._sync.accounts import Accounts
    from astra.resources._sync.capabilities import UserCapabilities
    from astra.resources._sync.cards import Cards
    from astra.resources._sync.profile import Profile
    from astra.resources._sync.routines import Routines
    from astra.resources._sync.transfers import Transfers


@FORK_GUARD.with_new_locks
@public("astra")
class UserSession(OfOneProcess):
    """One user, by your key or by Astra's id. Cheap to make, nothing to close; get it from `astra.user(...)`.

    Example:
        user = astra.user("customer-42")
        for account in user.accounts.list():
            print(account.id)
    """

    def __init__(self, pipeline: Pipeline, owner: UserRef, *, ledger: PaymentLedger | None = None) -> None:
        self._pipeline = pipeline
        self._owner = owner
        self._ledger = ledger

    @shown
    def __repr__(self) -> str:
        return f"<session of {self._owner!r}>"

    def key(self) -> str:
        """Returns your key of the user.

        Raises:
            ConfigurationError: the session was made by Astra's id, and no stored grant belongs to it.

        Example:
            key = astra.user(astra_user_id=event.user_id).key()
        """
        return self._owner.key()

    def with_options(self, **options: Unpack[ClientOptions]) -> UserSession:
        """Returns this session with other options for all of its calls. What is not given stays.

        Args:
            **options: timeout (seconds, or a `Timeout`), max_retries, extra_headers.

        Raises:
            InvalidRequestError: a value cannot be right.

        Example:
            profile = user.with_options(timeout=5).profile.get()
        """
        checked = check_options(options, known=CLIENT_OPTIONS)
        return UserSession(self._pipeline.with_options(checked), self._owner, ledger=self._ledger)

    @cached_property
    def profile(self) -> Profile:
        """The user's own data, and changes to it."""
        from astra.resources._sync.profile import Profile

        return Profile(self._pipeline, owner=self._owner)

    @cached_property
    def capabilities(self) -> UserCapabilities:
        """What the user may do at present."""
        from astra.resources._sync.capabilities import UserCapabilities

        return UserCapabilities(self._pipeline, owner=self._owner)

    @cached_property
    def accounts(self) -> Accounts:
        """The user's bank accounts."""
        from astra.resources._sync.accounts import Accounts

        return Accounts(self._pipeline, owner=self._owner, ledger=self._ledger)

    @cached_property
    def cards(self) -> Cards:
        """The user's debit cards."""
        from astra.resources._sync.cards import Cards

        return Cards(self._pipeline, owner=self._owner)

    @cached_property
    def routines(self) -> Routines:
        """The user's routines: instructions to move money."""
        from astra.resources._sync.routines import Routines

        return Routines(self._pipeline, owner=self._owner, ledger=self._ledger)

    @cached_property
    def transfers(self) -> Transfers:
        """The user's transfers: movements of money."""
        from astra.resources._sync.transfers import Transfers

        return Transfers(self._pipeline, owner=self._owner, ledger=self._ledger)
