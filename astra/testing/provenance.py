"""What a cassette says it was recorded against, and whether its content agrees."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from astra._json import is_array
from astra.errors import AstraConfigurationWarning, ConfigurationError
from astra.testing.scrub import LOOPBACK
from astra.version import __version__

HEADER: Final = "recorded-against"
"""A header that no request has, in which each recorded one says where it was sent."""

LOCAL, SANDBOX, PRODUCTION = "a local Astra", "Astra's sandbox", "Astra's production"
_HOSTS: Final = {
    **dict.fromkeys(LOOPBACK, LOCAL),
    "api-sandbox.astra.finance": SANDBOX,
    "secure.api-sandbox.astra.finance": SANDBOX,
    "api.astra.finance": PRODUCTION,
    "secure.api.astra.finance": PRODUCTION,
}
Interaction = tuple[Any, dict[str, Any]]


def source_of(uri: str) -> str:
    """Returns who answers at an address."""
    host = urlsplit(uri).hostname or ""
    return _HOSTS.get(host, host)


def claim_of(uri: str, *, on: date | None) -> str:
    """Returns what a request that is sent now says of itself: who answers, this version, the day."""
    day = datetime.now(UTC).date() if on is None else on
    return f"{source_of(uri)}, astra-finance {__version__}, {day.isoformat()}"


def check_claim(uri: str, claim: str, *, first: str) -> None:
    """Checks what a recorded request says of itself.

    Args:
        uri: its address as recorded; that of a local Astra may have become that of Astra's sandbox.
        claim: what it says.
        first: what the first request of its cassette says.

    Raises:
        ConfigurationError: it does not come from there, or the cassette is a mixture.
    """
    told, found = claim.partition(",")[0], source_of(uri)
    if told != found and (told, found) != (LOCAL, SANDBOX):
        raise ConfigurationError(f"it says that it was recorded against {told}, and its address is that of {found}")
    if told != first.partition(",")[0]:
        other = first.partition(",")[0]
        raise ConfigurationError(f"one request was recorded against {other}, another against {told}")


def check_loaded(
    ask: Callable[[Any], Any], answer: Callable[[dict[str, Any]], dict[str, Any]]
) -> Callable[[Any, dict[str, Any], Any], Interaction]:
    """Returns what looks at each exchange of a cassette as it is loaded.

    Args:
        ask: scrubs a request.
        answer: scrubs an answer.
    """

    def check(request: Any, response: dict[str, Any], cassette: Any) -> Interaction:
        claim = _claim(request)
        path = str(cassette.path)
        if not claim:
            _warn(f"{path} does not say what it was recorded against. Record it again.")
        else:
            try:
                check_claim(request.uri, claim, first=_claim(cassette.requests[0]) if cassette.requests else claim)
            except ConfigurationError as error:
                raise ConfigurationError(f"{path} cannot be believed: {error}. Record it again.") from None
        again, reply = ask(deepcopy(request)), answer(deepcopy(response))
        changed = [
            place
            for place, old, new in (
                ("the address", request.uri, again.uri),
                ("the body of the request", request.body or b"", again.body or b""),
                ("the answer", response["body"]["string"] or b"", reply["body"]["string"]),
            )
            if old != new
        ]
        if changed:
            where = f"{request.method} {urlsplit(str(again.uri)).path}"
            _warn(
                f"{path} holds what a recording replaces, in {' and '.join(changed)} of {where}: it was changed by"
                " hand, or recorded with other settings or an older version. Record it again before you publish it."
            )
        return request, response

    return check


def _claim(request: Any) -> str:
    value = request.headers.get(HEADER, "")
    return str(value[0]) if is_array(value) else str(value)


def _warn(text: str) -> None:
    warnings.warn(text, AstraConfigurationWarning, stacklevel=2)
