"""The object that a test or a program holds: a local Astra, started, moved in time, and looked into."""

import datetime as dt
import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import attrs

from astra.errors import ConfigurationError
from astra.sandbox import storage
from astra.sandbox.controls import (
    AccountControl,
    CardControl,
    InstrumentControl,
    TransferControl,
    UserControl,
    UserIntentControl,
)
from astra.sandbox.engine import authorization, oauth
from astra.sandbox.engine.build import build_engine
from astra.sandbox.engine.clock import SandboxClock
from astra.sandbox.engine.ids import Ids
from astra.sandbox.engine.options import Options, as_list
from astra.sandbox.engine.problems import Problem
from astra.sandbox.faults import Faults
from astra.sandbox.journal import Journal, ReceivedRequest
from astra.sandbox.seeding import SeededUser, seed
from astra.sandbox.webhooks import Webhooks

CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"
REDIRECT_URI = "http://localhost:8000/callback"
SAVE_SECONDS = 1.0


class Sandbox:
    """A local Astra on 127.0.0.1, in a thread of this process.

    Use it as a context manager, or call `start` and `close`. Several can run side by side.

    Args:
        host: Address to listen on.
        port: Port; 0 takes any free one.
        secure_port: Port of the secure host, used with `options.strict_secure_host`.
        client_id: The OAuth client's id.
        client_secret: The OAuth client's secret; not a real one.
        redirect_uri: The client's registered redirect URIs, one or several.
        state: Path of a JSON file to continue from and to save to; None keeps everything in memory.
        seed: Makes ids and tokens the same in every run; None makes them unpredictable.
        clock: The clock; by default real time that `advance` can move.
        options: Lifetimes, review times and quirks of the real API.
        p2p: Whether the client may move money between people.
        keep_requests: How many received requests are remembered.

    Raises:
        ConfigurationError: The `sandbox` extra is not installed.

    Example:
        from astra.sandbox import Sandbox

        with Sandbox() as sandbox:
            user = sandbox.users.create(accounts=2)
            code = sandbox.authorize(user_id=user.id)
            sandbox.advance(hours=3)            # every access token has now expired
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        secure_port: int = 0,
        client_id: str = CLIENT_ID,
        client_secret: str = CLIENT_SECRET,
        redirect_uri: str | Iterable[str] = REDIRECT_URI,
        state: str | Path | None = None,
        seed: int | str | None = None,
        clock: SandboxClock | None = None,
        options: Options | None = None,
        p2p: bool = False,
        keep_requests: int = 10_000,
    ) -> None:
        self.host = host
        self.port = port
        self.secure_port = secure_port
        self.client_id = client_id
        self.client_secret = client_secret
        self.redirect_uri = as_list(redirect_uri)[0]
        self.state_path = None if state is None else Path(state)
        self.clock = SandboxClock() if clock is None else clock
        self.options = Options() if options is None else options
        ids = Ids(seed=seed)
        loaded = storage.load(self.state_path) if self.state_path is not None else None
        if loaded is not None:
            self.clock.jump_to(loaded[1]["now"])
            if seed is not None:
                ids.setstate(loaded[1]["random"])
        self.engine = build_engine(
            clock=self.clock,
            ids=ids,
            options=self.options,
            client_id=client_id,
            client_secret=client_secret,
            redirect_uris=as_list(redirect_uri),
            p2p=p2p,
            state=loaded[0] if loaded is not None else None,
        )
        self.faults = Faults()
        self.journal = Journal(keep=keep_requests)
        self.webhooks = Webhooks(self.engine)
        self.saved_webhook_urls: list[str] = loaded[1]["webhook_urls"] if loaded is not None else []
        self.users = UserControl(self.engine, client_id=client_id)
        self.user_intents = UserIntentControl(self.engine, client_id=client_id)
        self.accounts = AccountControl(self.engine, client_id=client_id)
        self.cards = CardControl(self.engine, client_id=client_id)
        self.transfers = TransferControl(self.engine, client_id=client_id)
        self.payment_instruments = InstrumentControl(self.engine, client_id=client_id)
        self.server: Any = None
        self.saver: threading.Thread | None = None
        self.closing = threading.Event()
        self.saving = threading.Lock()

    def start(self) -> Self:
        """Starts to serve.

        Returns:
            This sandbox.
        """
        if self.server is not None:
            raise ConfigurationError("this sandbox has been started already; make a new one")
        try:
            from astra.sandbox.http.app import build_apps
            from astra.sandbox.server import ServerThread
        except ImportError as error:
            raise ConfigurationError(f"the sandbox needs {error.name}: pip install 'astra-finance[sandbox]'") from error
        server = ServerThread(transports={})
        app, secure_app = build_apps(self, transports=server.transports)
        self.port = server.bind(app, host=self.host, port=self.port)
        if secure_app is not None:
            self.secure_port = server.bind(secure_app, host=self.host, port=self.secure_port)
        server.start()
        self.server = server
        for url in self.saved_webhook_urls:
            self.webhooks.register(url)
        if self.state_path is not None:
            self.saver = threading.Thread(target=self.save_now_and_then, name="astra-sandbox-saver", daemon=True)
            self.saver.start()
        return self

    def close(self) -> None:
        """Stops serving, and saves the state if it has a file. A second call does nothing."""
        if self.closing.is_set():
            return
        self.closing.set()
        self.webhooks.close()
        if self.server is not None:
            self.server.stop()
        if self.saver is not None:
            self.saver.join(timeout=5)
        if self.state_path is not None:
            self.save()

    def __enter__(self) -> Self:
        """Starts to serve."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stops serving."""
        self.close()

    def __repr__(self) -> str:
        """Where it listens."""
        return f"<Sandbox {self.url}>" if self.port else "<Sandbox, not started>"

    @property
    def url(self) -> str:
        """The origin of the API and of the hosted pages, such as `http://127.0.0.1:41234`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def secure_url(self) -> str:
        """The origin of the secure host; the same as `url` unless `options.strict_secure_host` is on."""
        if not self.options.strict_secure_host:
            return self.url
        return self.url.rpartition(":")[0] + f":{self.secure_port}"

    # Time

    def now(self) -> dt.datetime:
        """The time on the sandbox's clock, aware, in UTC."""
        return dt.datetime.fromtimestamp(self.clock(), dt.UTC)

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Moves the clock forward; what becomes due meanwhile happens, in order, before this returns."""
        self.clock.advance(seconds=seconds, minutes=minutes, hours=hours, days=days)
        with self.engine.lock:
            self.engine.settle()
        self.webhooks.wake()

    # The person on the hosted page

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
            user_intent_id: Who it is, when there is no user yet.
            user_id: Who it is.
            business_profile_id: Which business it is.
            session_token: Who it is, by a token of partner identity verification.
            redirect_uri: Where the page would go back to; by default the client's first.
            accounts: How many bank accounts the person links, if they have none: 0, 1 or 2.

        Returns:
            The authorization code.

        Raises:
            ValueError: The page would refuse this person.
        """
        given = {
            "user_intent_id": user_intent_id,
            "user_id": user_id,
            "business_profile_id": business_profile_id,
            "session_token": session_token,
        }
        parameters = {name: value for name, value in given.items() if value}
        return self.consent(redirect_uri or self.redirect_uri, parameters, accounts=accounts)

    def consent(self, redirect_uri: str, parameters: dict[str, str], *, accounts: int) -> str:
        """Agrees on the hosted page and gives the code."""
        engine = self.engine
        with engine.lock:
            engine.settle()
            try:
                client = authorization.check_client(engine, parameters.get("client_id", self.client_id), redirect_uri)
                if token := parameters.get("session_token"):
                    parameters = authorization.take_session(engine, client, token)
                user = authorization.subject_of(engine, client, parameters)
                kinds = ("checking", "savings")[:accounts]
                return authorization.grant_code(engine, client, user, redirect_uri=redirect_uri, kinds=kinds)
            except Problem as problem:
                body = problem.body
                raise ValueError(str(body.get("error_description") or body.get("description"))) from None

    def visit(self, url: str, *, accept: bool = True, accounts: int = 2) -> str:
        """Plays the person who follows an authorize link.

        Args:
            url: The link, as `astra.oauth.authorize_url` makes it.
            accept: Whether they agree; otherwise they decline.
            accounts: How many bank accounts they link.

        Returns:
            The URL that the page redirects to, with `code`, `authorization_code` and `state`, or with `error`.
        """
        parameters = dict(parse_qsl(urlsplit(url).query))
        redirect_uri = parameters.get("redirect_uri", "")
        state = {"state": parameters["state"]} if "state" in parameters else {}
        if not accept:
            answer = {"error": "access_denied", "error_description": "The person declined.", **state}
        else:
            code = self.consent(redirect_uri, parameters, accounts=accounts)
            answer = {"code": code, "authorization_code": code, **state}
        return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(answer)}"

    # Tokens

    def kill_access_token(self, user_id: str) -> None:
        """Makes a user's access token invalid at once."""
        with self.engine.lock:
            oauth.kill_access_token(self.engine, self.users.get(user_id))

    def refreshes(self, user_id: str) -> int:
        """How many refreshes have succeeded for a user."""
        return self.users.get(user_id).refreshes

    # What happened

    @property
    def requests(self) -> list[ReceivedRequest]:
        """The latest requests to the API, oldest first."""
        return self.journal.all()

    @property
    def counts(self) -> Counter[str]:
        """How often each operation was called."""
        return self.journal.counts

    # Data

    def seed(self, *, users: int, transfers: int = 0, authorized: bool = False) -> list[SeededUser]:
        """Makes many approved users with an account each, and processed transfers spread over them.

        Args:
            users: How many.
            transfers: How many in all.
            authorized: Whether each has tokens already.

        Returns:
            The users, with their tokens if `authorized`.
        """
        with self.engine.lock:
            return seed(self.engine, client_id=self.client_id, users=users, transfers=transfers, authorized=authorized)

    @property
    def client_business_profile_id(self) -> str:
        """The business profile of the client itself; its user may make book transfers."""
        return self.engine.state.clients[self.client_id].business_profile_id

    def set_quirks(self, **changes: bool | str) -> None:
        """Switches habits of the real API; the names are those of `Quirks`."""
        with self.engine.lock:
            self.engine.quirks = attrs.evolve(self.engine.quirks, **changes)  # type: ignore[arg-type]

    def save(self) -> None:
        """Writes the state to its file now."""
        if self.state_path is None:
            raise ConfigurationError("this sandbox has no state file")
        with self.saving:
            storage.save(self.engine, self.state_path, webhook_urls=list(self.webhooks.urls))

    def save_now_and_then(self) -> None:
        """The thread that saves after changes."""
        seen = None
        while not self.closing.wait(SAVE_SECONDS):
            mark = (self.journal.total, self.engine.state.seq, len(self.engine.events))
            if mark != seen:
                seen = mark
                self.save()
