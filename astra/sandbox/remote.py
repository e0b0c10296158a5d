"""Drives a sandbox that runs in another process, through its control API."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import attrs

from astra._json import is_object
from astra._secret import shown
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
        timeout: seconds to wait for an answer.
    """

    url: str
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
            raise ERRORS.get(told.get("type"), InvalidRequestError)(str(told.get("error")))
        return from_plain(answer, returns)

    def _post(self, path: str, body: bytes) -> tuple[int, bytes]:
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=self.timeout)
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json"})
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
        url: the sandbox's origin.
        timeout: seconds to wait for an answer.

    Raises:
        ConfigurationError: the URL starts neither with http:// nor with https://.

    Example:
        from astra.sandbox import RemoteSandbox

        sandbox = RemoteSandbox("http://127.0.0.1:8787")
        sandbox.faults.add(operation="get_user", status=503)
        sandbox.advance(hours=3)
    """

    def __init__(self, url: str, *, timeout: float = 60.0) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise ConfigurationError(f"{url!r} is not the URL of a sandbox; use one such as http://127.0.0.1:8787.")
        self._url = url.rstrip("/")
        super().__init__(ControlApi(self._url, timeout))

    @shown
    def __repr__(self) -> str:
        """Shows where it is."""
        return f"<RemoteSandbox {self._url}>"

    @property
    def url(self) -> str:
        """The origin of the API and of the hosted pages, as it was given."""
        return self._url

    @property
    def clock(self) -> Callable[[], float]:
        """The sandbox's clock, in epoch seconds; each call asks the sandbox."""
        return self._read_clock

    def _read_clock(self) -> float:
        return self.now().timestamp()
