"""`SandboxControls`: what a sandbox in this process and one behind a URL have in common, which is all but the start."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sized
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

import attrs

from astra.errors import InvalidRequestError
from astra.resources.choices import did_you_mean
from astra.sandbox import seeding
from astra.sandbox.backend import Backend
from astra.sandbox.controls.calling import Controls, Remote, action
from astra.sandbox.controls.checks import MOST_SEEDED, check_number, find, kinds_to_link, page_of
from astra.sandbox.controls.money import Accounts, Cards, PaymentInstruments, Transfers
from astra.sandbox.controls.network import Faults, Webhooks
from astra.sandbox.controls.people import UserIntents, Users
from astra.sandbox.engine import authorization, coming
from astra.sandbox.engine.calendar import next_banking_morning
from astra.sandbox.engine.clock import epoch_of, step_of
from astra.sandbox.engine.options import Quirks
from astra.sandbox.engine.problems import Problem
from astra.sandbox.journal import ReceivedRequest
from astra.sandbox.seeding import SeededUser


class SandboxControls(Controls, ABC):
    """The controls of a sandbox. `Sandbox` and `RemoteSandbox` have all of them, so a test can be pointed at either.

    Attributes:
        users: people who have passed through the hosted page.
        user_intents: people who have not.
        accounts: the bank accounts of users.
        cards: the cards of users.
        transfers: the movements of money.
        payment_instruments: the client's own accounts.
        faults: what should go wrong.
        webhooks: the events, and how they are delivered.

    Example:
        from astra.sandbox import SandboxControls

        def suspend_everybody(sandbox: SandboxControls, *user_ids: str) -> None:
            for user_id in user_ids:
                sandbox.users.set_status(user_id, "suspended")
    """

    users: Users
    user_intents: UserIntents
    accounts: Accounts
    cards: Cards
    transfers: Transfers
    payment_instruments: PaymentInstruments
    faults: Faults
    webhooks: Webhooks

    def __init__(self, target: Backend | Remote) -> None:
        super().__init__(target)
        self.users = Users(target)
        self.user_intents = UserIntents(target)
        self.accounts = Accounts(target)
        self.cards = Cards(target)
        self.transfers = Transfers(target)
        self.payment_instruments = PaymentInstruments(target)
        self.faults = Faults(target)
        self.webhooks = Webhooks(target)

    # Where it is, and who may use it

    @property
    @action
    def url(self) -> str:
        """The origin of the API and of the hosted pages, such as `http://127.0.0.1:41234`."""
        return self._backend.url

    @property
    @abstractmethod
    def control_url(self) -> str:
        """Where other programs control it: `RemoteSandbox` takes it, and a browser opens the start page with it.

        Whoever has it can do everything with the sandbox.
        """

    @property
    @action
    def secure_url(self) -> str:
        """The origin of the secure host; the same as `url` unless `Options.strict_secure_host` is on."""
        return self._backend.secure_url

    @property
    @action
    def client_id(self) -> str:
        """The OAuth client's id."""
        return self._backend.client_id

    @property
    @action
    def client_secret(self) -> str:
        """The OAuth client's secret; not a real one."""
        return self._backend.engine.state.clients[self._backend.client_id].secret

    @property
    @action
    def redirect_uri(self) -> str:
        """The first of the client's redirect URIs."""
        return self._backend.redirect_uri

    @property
    @action
    def client_business_profile_id(self) -> str:
        """The business profile of the client itself; its user may make book transfers."""
        return self._backend.engine.state.clients[self._backend.client_id].business_profile_id

    # Time

    @property
    @abstractmethod
    def clock(self) -> Callable[[], float]:
        """The sandbox's clock, in epoch seconds; it fits every `clock=` argument of the SDK."""

    @action
    def now(self) -> datetime:
        """Reads the sandbox's clock.

        Returns:
            The time, aware, in UTC.

        Example:
            sandbox.now().date()
        """
        return datetime.fromtimestamp(self._backend.engine.clock(), UTC)

    @action
    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Moves the clock forward; what becomes due meanwhile happens, in order, before this returns.

        Args:
            seconds: seconds to add.
            minutes: minutes to add.
            hours: hours to add.
            days: days of 24 hours to add.

        Raises:
            InvalidRequestError: the move would go back in time, or further than ten years.

        Example:
            sandbox.advance(days=3)
        """
        self._backend.engine.clock.advance(seconds=seconds, minutes=minutes, hours=hours, days=days)
        self._settle()

    @action
    def advance_to(self, moment: datetime) -> None:
        """Moves the clock forward to a moment; what becomes due meanwhile happens, in order, before this returns.

        Args:
            moment: an aware datetime.

        Raises:
            InvalidRequestError: it is past, more than ten years away, or has no time zone.

        Example:
            sandbox.advance_to(sandbox.now() + timedelta(days=3))
        """
        clock = self._backend.engine.clock
        # A moment that is past is refused by the clock, which knows how to say it.
        step_of(seconds=max(0.0, epoch_of(moment, name="moment") - clock()))
        clock.advance_to(moment)
        self._settle()

    @action
    def advance_to_next_banking_day(self) -> datetime:
        """Moves the clock to 8:30 in the morning, Eastern time, of the next banking day, when ACH transfers settle.

        Returns:
            The time.

        Example:
            sandbox.advance_to_next_banking_day()
        """
        clock = self._backend.engine.clock
        clock.advance_to(next_banking_morning(clock()))
        self._settle()
        return datetime.fromtimestamp(clock(), UTC)

    @action
    def advance_to_next_event(self) -> datetime | None:
        """Moves the clock to when something happens next by itself, and lets it: a transfer settles, a routine runs, a
        webhook is sent again. Expiry of tokens is none.

        Returns:
            The time, or None when nothing is to happen. Then the clock stays.

        Example:
            while sandbox.advance_to_next_event():
                print(sandbox.now(), sandbox.webhooks.events[-1].type)
        """
        engine, webhooks, resets = self._backend.engine, self._backend.webhooks, self._backend.engine.resets
        self._settle()
        webhooks.deliver_pending()
        with engine.lock:
            by_itself = coming.next_due(engine)
        planned = [moment for moment in (by_itself, webhooks.next_due()) if moment is not None]
        if not planned:
            return None
        with engine.lock:
            if engine.resets != resets:
                return None
            engine.clock.catch_up(min(planned))
        self._settle()
        webhooks.deliver_pending()
        return datetime.fromtimestamp(engine.clock(), UTC)

    @action
    def freeze(self) -> None:
        """Stops the clock where it is, until `advance` or `thaw`.

        Example:
            sandbox.freeze()
        """
        self._backend.engine.clock.freeze()

    @action
    def thaw(self) -> None:
        """Lets the clock run again, from where it stood.

        Example:
            sandbox.thaw()
        """
        self._backend.engine.clock.thaw()

    @property
    @action
    def is_frozen(self) -> bool:
        """Whether the clock stands still."""
        return self._backend.engine.clock.is_frozen

    def _settle(self) -> None:
        engine = self._backend.engine
        with engine.lock:
            engine.settle()
        self._backend.webhooks.wake()

    # The person on the hosted page

    @action
    def authorize(
        self,
        *,
        user_intent_id: str | None = None,
        user_id: str | None = None,
        business_profile_id: str | None = None,
        session_token: str | None = None,
        redirect_uri: str | None = None,
        accounts: int = 2,
    ) -> str:
        """Plays the person on the hosted page: agrees, and links bank accounts.

        Args:
            user_intent_id: who it is, when there is no user yet.
            user_id: who it is.
            business_profile_id: which business it is.
            session_token: who it is, by a token of partner identity verification.
            redirect_uri: where the page would go back to; by default the client's first.
            accounts: how many bank accounts they link: 0, 1 (checking) or 2 (savings, too); linked ones stay.

        Returns:
            The authorization code.

        Raises:
            InvalidRequestError: the page would refuse this person.

        Example:
            code = sandbox.authorize(user_id=user.id)
        """
        given = {
            "user_intent_id": user_intent_id,
            "user_id": user_id,
            "business_profile_id": business_profile_id,
            "session_token": session_token,
        }
        parameters = {name: value for name, value in given.items() if value}
        return self._consent(redirect_uri or self.redirect_uri, parameters, accounts=accounts)

    @action
    def visit(self, url: str, *, accept: bool = True, accounts: int = 2) -> str:
        """Plays the person who follows an authorize link.

        Args:
            url: the link, as `astra.oauth.authorize_url` makes it.
            accept: whether they agree; otherwise they decline.
            accounts: how many bank accounts they link: 0, 1 (checking) or 2 (savings, too); linked ones stay.

        Returns:
            The URL that the page redirects to, with `code`, `authorization_code` and `state`, or with `error`.

        Raises:
            InvalidRequestError: the page would refuse this person.

        Example:
            came_back_to = sandbox.visit(link.url)
        """
        parameters = dict(parse_qsl(urlsplit(url).query))
        redirect_uri = parameters.get("redirect_uri", "")
        state = {"state": parameters["state"]} if "state" in parameters else {}
        if not accept:
            answer = {"error": "access_denied", "error_description": "The person declined.", **state}
        else:
            code = self._consent(redirect_uri, parameters, accounts=accounts)
            answer = {"code": code, "authorization_code": code, **state}
        return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(answer)}"

    def _consent(self, redirect_uri: str, parameters: dict[str, str], *, accounts: int) -> str:
        engine, kinds = self._backend.engine, kinds_to_link(accounts)
        with engine.lock:
            engine.settle()
            try:
                client_id = parameters.get("client_id", self._backend.client_id)
                client = authorization.check_client(engine, client_id, redirect_uri)
                if token := parameters.get("session_token"):
                    parameters = authorization.take_session(engine, client, token)
                user = authorization.subject_of(engine, client, parameters)
                return authorization.grant_code(engine, client, user, redirect_uri=redirect_uri, kinds=kinds)
            except Problem as problem:
                said = problem.body.get("error_description") or problem.body.get("description")
                raise InvalidRequestError(str(said)) from None

    # What happened

    @property
    @action
    def requests(self) -> list[ReceivedRequest]:
        """The latest requests to the API, oldest first; `find_requests` has pages."""
        return self._backend.journal.all()

    @action
    def find_requests(
        self,
        *,
        operation: str | None = None,
        user_id: str | None = None,
        status: int | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> list[ReceivedRequest]:
        """Reads a page of the requests that fit, oldest first.

        Args:
            operation: the operation's name, such as "create_routine".
            user_id: Astra's id of the user of the access token.
            status: the status that was answered.
            after: `request_id` of the last request of the page before.
            limit: how many, 1 to 1000.

        Returns:
            The requests.

        Raises:
            InvalidRequestError: the limit cannot be, or the request `after` is not kept any more.

        Example:
            failed = sandbox.find_requests(operation="create_routine", status=400)
        """
        wanted = {"operation": operation, "user_id": user_id, "status": status}
        return page_of(
            self._backend.journal.all(),
            fits=lambda one: all(value in (None, getattr(one, name)) for name, value in wanted.items()),
            id_of=lambda one: one.request_id,
            after=after,
            limit=limit,
        )

    @property
    @action
    def dropped(self) -> dict[str, int]:
        """How many "requests", "events" and "attempts" were so many that they are not kept any more."""
        backend = self._backend
        totals: dict[str, tuple[int, Sized]] = {
            "requests": (backend.journal.total - backend.journal.forgotten, backend.journal.requests),
            "events": (backend.engine.event_total, backend.engine.events),
            "attempts": (backend.webhooks.attempt_total, backend.webhooks.attempts),
        }
        return {name: total - len(kept) for name, (total, kept) in totals.items()}

    @property
    @action
    def counts(self) -> Counter[str]:
        """How often each operation was called."""
        return Counter(self._backend.journal.counts)

    @action
    def clear_requests(self) -> None:
        """Forgets the received requests and their counts.

        Example:
            sandbox.clear_requests()
        """
        self._backend.journal.clear()

    @action
    def refreshes(self, user_id: str) -> int:
        """Tells how many refreshes of tokens have succeeded for a user.

        Args:
            user_id: Astra's user id.

        Returns:
            The number.

        Raises:
            InvalidRequestError: there is no such user.

        Example:
            assert sandbox.refreshes(user.id) == 1
        """
        return find(self._backend.engine.state.users, user_id, "user").refreshes

    # Data

    @action
    def reset(self) -> None:
        """Makes the sandbox as if it were new, without a restart: what it was made with stays, and what happened since
        is gone.

        URL, control token, client, redirect URIs, options and the `webhook_urls` that it was made with stay. Users,
        money, tokens, events, requests, faults, changed quirks and webhook URLs that were registered later are gone.
        The clock goes back to where it began, and ids begin again from the seed. What is under way leaves no trace in
        it: deliveries of webhooks are cut off, and a request that a fault holds is answered with 503. A state file is
        emptied by the next save.

        Raises:
            ConfigurationError: the sandbox is closed.

        Example:
            sandbox.reset()
        """
        self._backend.reset()

    @action
    def seed(self, *, users: int, transfers: int = 0, authorized: bool = False) -> list[SeededUser]:
        """Makes many approved users with an account each, and processed transfers spread over them.

        Args:
            users: how many.
            transfers: how many in all.
            authorized: whether each has tokens already.

        Returns:
            The users, with their tokens if `authorized`.

        Raises:
            InvalidRequestError: more than a million of either, or less than none.

        Example:
            seeded = sandbox.seed(users=100, transfers=1_000, authorized=True)
        """
        backend = self._backend
        for name, number in (("users", users), ("transfers", transfers)):
            check_number(name, number, most=MOST_SEEDED)
        with backend.engine.lock:
            return seeding.seed(
                backend.engine, client_id=backend.client_id, users=users, transfers=transfers, authorized=authorized
            )

    @action
    def set_quirks(self, **changes: bool | str) -> None:
        """Switches habits of the real API.

        Args:
            changes: the attributes of `Quirks` to change.

        Raises:
            InvalidRequestError: there is no such quirk, or it does not take this value.

        Example:
            sandbox.set_quirks(token_in_list=True, canceled="cancelled")
        """
        known = attrs.fields_dict(Quirks)
        for name in sorted(changes.keys() - known):
            raise InvalidRequestError(f"There is no quirk {name}; see `Quirks`.{did_you_mean(name, known)}")
        engine = self._backend.engine
        with engine.lock:
            engine.quirks = attrs.evolve(engine.quirks, **changes)  # type: ignore[arg-type]

    @action
    def save(self) -> None:
        """Writes the state to its file now.

        Raises:
            ConfigurationError: the sandbox has no state file, it cannot be written, or the sandbox is closed.

        Example:
            sandbox.save()
        """
        self._backend.save()

    @action
    def save_as(self, name: str) -> None:
        """Keeps the state under a name, to go on from it with `load` as often as you like.

        With a state file it is kept in the folder `<file>.saved`, else until the sandbox is closed.

        Args:
            name: any line of at most 100 characters; a state that has this name already is replaced.

        Raises:
            InvalidRequestError: it is no name.
            ConfigurationError: it cannot be kept, or the sandbox is closed.

        Example:
            sandbox.save_as("two customers, nothing paid")
        """
        self._backend.save_as(name)

    @action
    def load(self, name: str) -> None:
        """Goes on from a state that `save_as` kept. Else it is as a `reset`: faults and quirks are gone, and what is
        under way leaves no trace.

        The clock goes on from the time at which the state was saved, running or frozen as at the start.

        Args:
            name: the name that it was saved under; `saved_states` has them.

        Raises:
            InvalidRequestError: no state has this name, or it sends webhooks to another machine, which is not allowed.
            ConfigurationError: its file cannot be read, or the sandbox is closed.

        Example:
            sandbox.load("two customers, nothing paid")
        """
        self._backend.load(name)

    @property
    @action
    def saved_states(self) -> list[str]:
        """The names of the states that can be loaded, the latest first."""
        return self._backend.named.names()
