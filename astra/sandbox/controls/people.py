"""The controls of people: `sandbox.users` and `sandbox.user_intents`."""

from __future__ import annotations

import copy

from astra.money import Amount, to_amount
from astra.sandbox.controls.calling import Controls, action
from astra.sandbox.controls.checks import check_choice, find, kinds_to_link, make_profile
from astra.sandbox.engine import accounts as linking
from astra.sandbox.engine import changes, oauth, people
from astra.sandbox.engine.records import Intent, User


class Users(Controls):
    """The users, as `sandbox.users`. What its methods return are copies; call `get` again to see what has changed."""

    _group = "users"

    @action
    def create(
        self,
        *,
        status: str = "approved",
        kyc_type: str = "verified",
        accounts: int = 0,
        authorized: bool = False,
        metadata: dict[str, str] | None = None,
        **profile: str,
    ) -> User:
        """Makes a user who has passed through the hosted page.

        Args:
            status: the user's status: `pending`, `approved`, `retry`, `document`, `rejected` or `suspended`.
            kyc_type: `verified`, `unverified` or `receive-only`.
            accounts: how many bank accounts to link: 0, 1 (checking) or 2 (savings, too).
            authorized: whether the client has already exchanged a code for this user.
            metadata: the metadata of the user, as on a UserIntent.
            profile: `email`, `phone` (such as "+15557771234"), `first_name` and so on; made up where not given.

        Returns:
            The user; `.id` is Astra's user id.

        Raises:
            InvalidRequestError: the status, the KYC type or the name of a profile field is unknown, or the number of
                accounts cannot be.

        Example:
            user = sandbox.users.create(accounts=2, first_name="Tenzing")
        """
        engine, kinds = self._backend.engine, kinds_to_link(accounts)
        with engine.lock:
            user = User(
                id=engine.ids.hex("user"),
                owner=self._backend.client_id,
                seq=engine.state.next_seq(),
                created=engine.now(),
                profile=make_profile(engine, profile),
                status=check_choice("status", status, people.STATUSES),
                kyc_type=check_choice("kyc_type", kyc_type, people.KYC_TYPES),
                metadata=metadata,
                authorized=authorized,
            )
            engine.state.users.add(user)
            for kind in kinds:
                linking.link(engine, user, kind)
            return copy.deepcopy(user)

    @action
    def get(self, user_id: str) -> User:
        """Looks a user up.

        Args:
            user_id: Astra's user id.

        Returns:
            The user as of now.

        Raises:
            InvalidRequestError: there is no such user.

        Example:
            sandbox.users.get(user.id).status
        """
        with self._backend.engine.lock:
            return copy.deepcopy(self._find(user_id))

    @action
    def set_status(self, user_id: str, status: str) -> None:
        """Gives a user a status, with everything that follows: webhooks, routines that wake or stop.

        Args:
            user_id: Astra's user id.
            status: `pending`, `approved`, `retry`, `document`, `rejected` or `suspended`.

        Raises:
            InvalidRequestError: there is no such user or no such status.

        Example:
            sandbox.users.set_status(user.id, "suspended")
        """
        with self._backend.engine.lock:
            wanted = check_choice("status", status, people.STATUSES)
            people.set_user_status(self._backend.engine, self._find(user_id), wanted)

    @action
    def set_limits(self, user_id: str, *, per_transfer: Amount | None = None, per_day: Amount | None = None) -> None:
        """Sets how much a user may move. New routines above it are refused; a limit that is not given is lifted.

        Args:
            user_id: Astra's user id.
            per_transfer: US dollars that one transfer may move, as a `Decimal`, an int or text such as "20.00".
            per_day: US dollars that the transfers of 24 hours may move together.

        Raises:
            InvalidRequestError: there is no such user, or an amount is not right.

        Example:
            sandbox.users.set_limits(user.id, per_transfer="500.00")
        """
        limits = [
            None if amount is None else to_amount(amount, argument=name)
            for name, amount in (("per_transfer", per_transfer), ("per_day", per_day))
        ]
        with self._backend.engine.lock:
            user = self._find(user_id)
            user.transfer_limit, user.daily_limit = limits

    @action
    def decide_phone_change(self, user_id: str, *, status: str = "approved") -> None:
        """Ends the review of a new phone number now.

        Args:
            user_id: Astra's user id.
            status: `approved` or `rejected`.

        Raises:
            InvalidRequestError: there is no such user, or the status is another.

        Example:
            sandbox.users.decide_phone_change(user.id, status="rejected")
        """
        with self._backend.engine.lock:
            wanted = check_choice("status", status, ("approved", "rejected"))
            changes.review_phone(self._backend.engine, self._find(user_id).id, status=wanted)

    @action
    def kill_access_token(self, user_id: str) -> None:
        """Makes a user's access token invalid at once.

        Args:
            user_id: Astra's user id.

        Raises:
            InvalidRequestError: there is no such user.

        Example:
            sandbox.users.kill_access_token(user.id)
        """
        with self._backend.engine.lock:
            oauth.kill_access_token(self._backend.engine, self._find(user_id))

    @action
    def kill_refresh_tokens(self, user_id: str) -> None:
        """Makes every refresh token of a user invalid, so that the person has to authorize again.

        Args:
            user_id: Astra's user id.

        Raises:
            InvalidRequestError: there is no such user.

        Example:
            sandbox.users.kill_refresh_tokens(user.id)
        """
        with self._backend.engine.lock:
            oauth.kill_refresh_tokens(self._backend.engine, self._find(user_id))

    def _find(self, user_id: str) -> User:
        return find(self._backend.engine.state.users, user_id, "user")


class UserIntents(Controls):
    """The UserIntents, as `sandbox.user_intents`. What its methods return are copies."""

    _group = "user_intents"

    @action
    def create(
        self,
        *,
        status: str = "approved",
        kyc_type: str = "verified",
        metadata: dict[str, str] | None = None,
        **profile: str,
    ) -> Intent:
        """Makes a UserIntent with a status of choice.

        Args:
            status: `pending`, `approved`, `retry`, `document`, `rejected` or `suspended`.
            kyc_type: `verified`, `unverified` or `receive-only`.
            metadata: up to 25 pairs of text, which come back in webhooks.
            profile: `email`, `phone` (such as "+15557771234"), `first_name` and so on; made up where not given.

        Returns:
            The intent; `.id` is its id.

        Raises:
            InvalidRequestError: the status, the KYC type or the name of a profile field is unknown.

        Example:
            intent = sandbox.user_intents.create(status="document")
        """
        engine = self._backend.engine
        with engine.lock:
            intent = Intent(
                id=engine.ids.hex("intent"),
                owner=self._backend.client_id,
                seq=engine.state.next_seq(),
                created=engine.now(),
                profile=make_profile(engine, profile),
                kyc_type=check_choice("kyc_type", kyc_type, people.KYC_TYPES),
                metadata=metadata,
                status=check_choice("status", status, people.STATUSES),
            )
            engine.state.add_intent(intent)
            return copy.deepcopy(intent)

    @action
    def get(self, intent_id: str) -> Intent:
        """Looks a UserIntent up.

        Args:
            intent_id: the intent's id.

        Returns:
            The intent as of now; `.user_id` is the user that it became, or None.

        Raises:
            InvalidRequestError: there is no such intent.

        Example:
            sandbox.user_intents.get(intent.id).status
        """
        with self._backend.engine.lock:
            return copy.deepcopy(self._find(intent_id))

    @action
    def set_status(self, intent_id: str, status: str) -> None:
        """Gives an intent a status, and announces it.

        Args:
            intent_id: the intent's id.
            status: `pending`, `approved`, `retry`, `document`, `rejected` or `suspended`.

        Raises:
            InvalidRequestError: there is no such intent or no such status.

        Example:
            sandbox.user_intents.set_status(intent.id, "rejected")
        """
        with self._backend.engine.lock:
            wanted = check_choice("status", status, people.STATUSES)
            people.set_intent_status(self._backend.engine, self._find(intent_id), wanted)

    def _find(self, intent_id: str) -> Intent:
        return find(self._backend.engine.state.intents, intent_id, "user intent")
