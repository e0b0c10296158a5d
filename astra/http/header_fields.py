"""What may be sent as a header, a method and a target (RFC 9110, RFC 9112). Decisions only.

Values are never shown: a header may hold a credential, a path somebody's number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from astra.errors import InvalidRequestError
from astra.http.responses import Headers

RESERVED_HEADERS: Final = ("authorization", "host", "content-length", "transfer-encoding")
"""Headers that the SDK has to set itself."""

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"(?:[!-~\x80-\xff](?:[ \t!-~\x80-\xff]*[!-~\x80-\xff])?)?")
_TARGET: Final = re.compile(r"/[!\"$-~]*")


def is_sendable(value: str) -> bool:
    """Tells whether a text can be the value of a header as it is: printable, in Latin-1, without spaces around it."""
    return _VALUE.fullmatch(value) is not None


def check_headers(given: object, *, argument: str) -> Mapping[str, str]:
    """Checks headers that a caller gave.

    Args:
        given: the headers; None for none.
        argument: name of the argument that they came in.

    Raises:
        InvalidRequestError: they are no mapping of text to text, cannot be sent, or are set by the SDK itself.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InvalidRequestError(
            f"{argument} must be a mapping of names to values, not {type(given).__name__}.", argument=argument
        )
    headers: Mapping[Any, Any] = given  # pyright: ignore[reportUnknownVariableType]  (whatever the caller has in it)
    checked: dict[str, str] = {}
    for name, value in headers.items():
        if not isinstance(name, str) or _TOKEN.fullmatch(name) is None:
            raise InvalidRequestError(
                f"{argument} has a name that is no header name: letters, digits and hyphens, as text.",
                argument=argument,
            )
        if name.lower() in RESERVED_HEADERS:
            raise InvalidRequestError(f"{argument} must not set {name!r}.", argument=argument)
        if not isinstance(value, str):
            raise InvalidRequestError(
                f"{argument}: the value of {name!r} must be text, not {type(value).__name__}.", argument=argument
            )
        if not is_sendable(value):
            raise InvalidRequestError(
                f"{argument}: the value of {name!r} cannot be sent. It may hold printable characters of Latin-1, no "
                "line breaks, and no spaces at its ends.",
                argument=argument,
            )
        checked[name] = value
    return checked


def request_headers(defaults: Mapping[str, str], *given: Mapping[str, str]) -> Headers:
    """Returns the headers to send: a name that is given twice, in whatever case, is sent once, as given last.

    Args:
        defaults: what the SDK sends by itself.
        *given: what `check_headers` returned.
    """
    found = {name.lower(): (name, value) for headers in (defaults, *given) for name, value in headers.items()}
    return Headers((name.encode("ascii"), value.encode("latin-1")) for name, value in found.values())


def check_request_line(method: str, target: str) -> None:
    """Checks what stands in the first line of a request.

    Args:
        method: HTTP method.
        target: path and query, quoted.

    Raises:
        InvalidRequestError: it cannot be sent as it is.
    """
    if _TOKEN.fullmatch(method) is None:
        raise InvalidRequestError("The HTTP method must be one word, for example GET.", argument="method")
    if _TARGET.fullmatch(target) is None:
        raise InvalidRequestError(
            "The path must begin with / and be quoted: visible ASCII characters, without # (urllib.parse.quote).",
            argument="path",
        )
