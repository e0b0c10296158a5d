"""Drives a sandbox that runs in another process, through its control API."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import attrs

from astra._json import is_object
from astra._secret import shown
from astra.config import sandbox_token
from astra.errors import AstraError, ConfigurationError, InvalidRequestError
from astra.sandbox.codec import from_plain, to_plain
from astra.sandbox.controls.root import SandboxControls
from astra.sandbox.engine.encoding import dumps, loads

ERRORS: Final[dict[object, type[AstraError]]] = {"ConfigurationError": ConfigurationError}


@attrs.frozen
class ControlApi:
    """The control API of a sandbox; a connection is opened for each call.

    Args:
        url: the sandbox's origin.
        token: what the sandbox wants to see.
        timeout: seconds to wait for an answer.
    """

    url: str
    token: str = attrs.field(repr=False)
    timeout: float

    def __call__(self, action: str, arguments: dict[str, Any], returns: Any) -> Any:
        """Runs an action and returns what it gives, as the type `returns`.

        Raises:
            InvalidRequestError: the sandbox refused an argument.
            ConfigurationError: no sandbox answers at the URL, or it cannot do this as it was set up.
        """
        status, content = self._post(f"/_sandbox/{action}", dumps(to_plain(arguments)).encode())
        try:
            answer = loads(content)
        except ValueError:
            raise ConfigurationError(f"What answers at {self.url} is not a sandbox (status {status}).") from None
        if status != 200:
            told: dict[str, Any] = answer if is_object(answer) else {}
            kind = ConfigurationError if status in (401, 403) else ERRORS.get(told.get("type"), InvalidRequestError)
            raise kind(str(told.get("error")))
        return from_plain(answer, returns)

    def _post(self, path: str, body: bytes) -> tuple[int, bytes]:
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=self.timeout)
        try:
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise ConfigurationError(f"No sandbox answers at {self.url}: {error}") from error
        finally:
            connection.close()


class RemoteSandbox(SandboxControls):
    """The controls of a sandbox behind a URL, such as one that `astra sandbox` serves.

    It has the same controls as `Sandbox`. It holds no connection, so it can be handed to threads and child processes.

    Args:
        url: the control URL, which `astra sandbox` prints and `sandbox.control_url` is; or the sandbox's origin, with
            the token apart.
        token: the token of the sandbox, where the URL has none; by default `ASTRA_SANDBOX_TOKEN`.
        timeout: seconds to wait for an answer.

    Raises:
        ConfigurationError: the URL starts neither with http:// nor with https://, or no token was given.

    Example:
        from astra.sandbox import RemoteSandbox

        sandbox = RemoteSandbox("http://127.0.0.1:8787/_sandbox?token=...")
        sandbox.faults.add(operation="get_user", status=503)
        sandbox.advance(hours=3)
    """

    def __init__(self, url: str, *, token: str | None = None, timeout: float = 60.0) -> None:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if parts.scheme not in ("http", "https"):
            raise ConfigurationError("That is not the URL of a sandbox; use one such as http://127.0.0.1:8787.")
        shown_token = token or next(iter(parse_qs(parts.query).get("token", [])), None) or sandbox_token()
        if shown_token is None:
            raise ConfigurationError(
                f"Controlling the sandbox at {origin} needs its token: give RemoteSandbox the control URL that `astra "
                "sandbox` printed (`sandbox.control_url`), token=..., or set ASTRA_SANDBOX_TOKEN."
            )
        self._url, self._token = origin, shown_token
        super().__init__(ControlApi(origin, shown_token, timeout))

    @shown
    def __repr__(self) -> str:
        """Shows where it is."""
        return f"<RemoteSandbox {self._url}>"

    @property
    def url(self) -> str:
        """The origin of the API and of the hosted pages, as it was given."""
        return self._url

    @property
    def control_url(self) -> str:
        """The origin with the token, as `RemoteSandbox` takes it."""
        return f"{self._url}/_sandbox?{urlencode({'token': self._token})}"

    @property
    def clock(self) -> Callable[[], float]:
        """The sandbox's clock, in epoch seconds; each call asks the sandbox."""
        return self._read_clock

    def _read_clock(self) -> float:
        return self.now().timestamp()
