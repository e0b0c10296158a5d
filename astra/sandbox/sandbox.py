"""The object that a test or a program holds: a local Astra, started, moved in time, and looked into."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlencode, urlsplit

from astra._secret import shown
from astra.errors import ConfigurationError
from astra.sandbox.addresses import checked_host_name, checked_port, reachable
from astra.sandbox.backend import Backend
from astra.sandbox.controls.root import SandboxControls
from astra.sandbox.engine.build import Setup
from astra.sandbox.engine.clock import SandboxClock, way_back
from astra.sandbox.engine.options import Options, as_list
from astra.sandbox.saving import reading
from astra.sandbox.saving.lock import StateLock

if TYPE_CHECKING:
    from astra.sandbox.server import ServerThread

CLIENT_ID: Final = "sandbox-client"
NO_APP: Final = ("javascript", "data", "vbscript", "file", "blob", "about", "ftp")
"""Schemes of browsers that lead to no app."""
CLIENT_SECRET: Final = "sandbox-secret"
REDIRECT_URI: Final = "http://localhost:8000/callback"
LEAST_TOKEN: Final = 16


def checked_token(token: object) -> str:
    """Returns a control token that nobody guesses.

    Raises:
        ConfigurationError: it is no text, too short, or has characters that no header carries.
    """
    if not isinstance(token, str) or len(token) < LEAST_TOKEN or not all("!" <= char <= "~" for char in token):
        raise ConfigurationError(
            f"The control token must be at least {LEAST_TOKEN} visible ASCII characters; leave it out, and the sandbox "
            "makes one."
        )
    return token


def checked_redirect_uri(uri: str) -> str:
    """Returns a redirect URI that a browser may be sent to: of a web site, or of an app's own scheme.

    Raises:
        ConfigurationError: it is none, runs code or reads files where it is opened, or has a fragment.
    """
    parts = urlsplit(uri)
    web = parts.scheme in ("http", "https") and parts.hostname
    app = parts.scheme and parts.scheme not in ("http", "https", *NO_APP) and parts.netloc + parts.path
    if not (web or app) or "#" in uri or not uri.isprintable() or " " in uri:
        raise ConfigurationError(
            f"{uri[:200]!r} cannot be a redirect URI: give one such as {REDIRECT_URI} or myapp://callback, without a "
            "fragment."
        )
    return uri


class Sandbox(SandboxControls):
    """A local Astra on 127.0.0.1, in a thread of this process.

    Use it as a context manager, or call `start` and `close`. Several can run side by side.

    Args:
        host: address to listen on.
        port: port; 0 takes any free one.
        secure_port: port of the secure host, used with `options.strict_secure_host`; 0 takes any free one.
        client_id: the OAuth client's id.
        client_secret: the OAuth client's secret; not a real one.
        redirect_uri: the client's registered redirect URIs, one or several.
        state: path of the file to continue from and to save to, an SQLite database; a JSON file of an older version
            becomes one. None keeps everything in memory.
        seed: makes ids and tokens the same in every run; None makes them unpredictable.
        clock: the clock; by default real time that `advance` can move.
        options: lifetimes, review times and quirks of the real API.
        p2p: whether the client may move money between people.
        keep_requests: how many received requests are remembered, 64 MiB at most; `dropped` tells how many were not.
        keep_events: how many webhook events are remembered.
        webhook_urls: where webhooks are sent to from the start, and again after a reset, one or several.
        webhook_hosts: host names of other machines that webhooks may be sent to, such as those of containers.
        allow_hosts: names by which it may be reached, beside addresses and names of this machine: "astra-sandbox".
        control_token: what other programs have to show to control it, 16 characters or more; None mints one.

    Raises:
        ConfigurationError: the state file is not a state of this version, cannot be saved to, or is in use by another
            sandbox; the token is too short; or a redirect URI, a port or a host name is none.
        InvalidRequestError: a webhook URL is none, or one of another machine.

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
        keep_events: int = 10_000,
        webhook_urls: str | Iterable[str] = (),
        webhook_hosts: Iterable[str] = (),
        allow_hosts: Iterable[str] = (),
        control_token: str | None = None,
    ) -> None:
        self._host = checked_host_name(host, argument="host")
        self._ports = checked_port(port, argument="port"), checked_port(secure_port, argument="secure_port")
        webhook_hosts = [checked_host_name(name, argument="webhook_hosts") for name in as_list(webhook_hosts)]
        allow_hosts = [checked_host_name(name, argument="allow_hosts") for name in as_list(allow_hosts)]
        self._clock = SandboxClock() if clock is None else clock
        self._server: ServerThread | None = None
        self._closed = False
        setup = Setup(
            clock=self._clock,
            seed=seed,
            options=Options() if options is None else options,
            client_id=client_id,
            client_secret=client_secret,
            redirect_uris=[checked_redirect_uri(uri) for uri in as_list(redirect_uri)],
            p2p=p2p,
            keep_events=keep_events,
            turn_back=way_back(self._clock),
        )
        state_path = None if state is None else Path(state)
        self._state_lock: StateLock | None = None
        with contextlib.ExitStack() as undo:
            saved = None
            if state_path is not None:
                reading.check_writable(state_path)
                self._state_lock = StateLock(state_path)
                undo.callback(self._state_lock.release)
                saved = reading.load(state_path)
            if saved is not None:
                self._clock.catch_up(saved.now)
            backend = Backend(
                setup,
                state_lock=self._state_lock,
                keep_requests=keep_requests,
                webhook_urls=as_list(webhook_urls),
                webhook_hosts=webhook_hosts,
                allow_hosts=allow_hosts,
                control_token=None if control_token is None else checked_token(control_token),
                saved=saved,
            )
            super().__init__(backend)
            undo.pop_all()

    def start(self) -> Self:
        """Starts to serve.

        Returns:
            This sandbox.

        Raises:
            ConfigurationError: it has been started before, or the `sandbox` extra is not installed.
            OSError: the port cannot be listened on.

        Example:
            sandbox = Sandbox().start()
        """
        if self._server is not None:
            raise ConfigurationError("This sandbox has been started already; make a new one.")
        try:
            from astra.sandbox.http.app import build_apps
            from astra.sandbox.server import ServerThread
        except ImportError as error:
            raise ConfigurationError(
                f"The sandbox needs {error.name}: pip install 'astra-finance[sandbox]'."
            ) from error
        server = ServerThread(transports={})
        app, secure_app = build_apps(self._backend, self, transports=server.transports)
        port, secure_port = self._ports
        try:
            url = secure_url = self._origin(server.bind(app, host=self._host, port=port))
            if secure_app is not None:
                secure_url = self._origin(server.bind(secure_app, host=self._host, port=secure_port))
            self._backend.url, self._backend.secure_url = url, secure_url
            server.start()
        except BaseException:
            server.stop()
            raise
        self._server = server
        self._backend.resume()
        return self

    def close(self) -> None:
        """Stops serving, and saves the state if it has a file. A second call does nothing.

        Example:
            sandbox.close()
        """
        if self._closed:
            return
        self._closed = True
        if self._server is not None:
            self._server.stop()
        try:
            self._backend.close()
        finally:
            if self._state_lock is not None:
                self._state_lock.release()

    def __enter__(self) -> Self:
        """Starts to serve."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stops serving."""
        self.close()

    @shown
    def __repr__(self) -> str:
        """Shows where it listens."""
        return f"<Sandbox {self.url}>" if self.url else "<Sandbox, not started>"

    @property
    def clock(self) -> SandboxClock:
        """The sandbox's clock; it fits every `clock=` argument of the SDK."""
        return self._clock

    @property
    def control_url(self) -> str:
        """Where other programs control it, with the token: give it to `RemoteSandbox`, or open it in a browser."""
        return f"{self.url}/_sandbox?{urlencode({'token': self._backend.control_token})}"

    def _origin(self, port: int) -> str:
        host = reachable(self._host)
        return f"http://{host}:{port}"
