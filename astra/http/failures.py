"""What an exception says about the request that met it: did it leave, did time run out, did an answer come? No I/O.

The exceptions are those of four libraries, of which one may not be installed and none need be loaded: httpx, httpx2 and
what each is built on. So they are known by their names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from astra.errors import ClientClosedError, ConfigurationError
from astra.http.responses import AttemptOutcome, TransportFailure, TransportResponse, without_frames

LIBRARIES: Final = ("httpx", "httpx2", "httpcore", "httpcore2")

NOT_SENT: Final = ("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol")
"""Errors of these libraries that prove that nothing was sent. Any other exception may come after the request left."""


class DeadlinePassed(Exception):
    """Our own streams: the time of the call is up."""


class ExchangeEnded(Exception):
    """Our own streams: the exchange was given up, by a cancelled caller or by `close()`."""


class BodyTooLarge(Exception):
    """The body of an answer is larger than the client accepts."""


def never_left(error: BaseException) -> bool:
    """Tells whether the request certainly was not sent."""
    # A lost connection of aiohttp comes as a ConnectTimeout of httpx, even after the request was sent. Only the error
    # that aiohttp has for opening connections proves that nothing was.
    if is_of(error.__cause__, "aiohttp"):
        return any(kind.__name__ == "ClientConnectorError" for kind in type(error.__cause__).__mro__)
    return any(name in NOT_SENT for name in _names(error))


def ran_out_of_time(error: BaseException) -> bool:
    """Tells whether the exception is about time."""
    return isinstance(error, (TimeoutError, DeadlinePassed)) or "TimeoutException" in _names(error)


def outcome_of(error: Exception, *, wrote: bool) -> AttemptOutcome:
    """Returns the outcome of an attempt that met an exception before its answer was handed over.

    Args:
        error: the exception, of whatever class: a library's, a user's hook's, an adapter's.
        wrote: whether our own streams have begun to send; only their own exceptions are judged by it.
    """
    if isinstance(error, (DeadlinePassed, ExchangeEnded)):
        return transport_failure(error, sent=wrote)
    response, status = _response_in(error)
    if status is None:
        return transport_failure(error)
    headers = flat_headers(getattr(response, "headers", None))
    if status >= 400 and "HTTPStatusError" in _names(error):
        # A hook has called raise_for_status(). The answer is in order; at worst its body was thrown away unread.
        try:
            content: bytes = response.content
        except Exception:  # noqa: BLE001 - each library has its own for "was not read"
            content = b""
        return TransportResponse(status, headers, content)
    return transport_failure(error, status=status, headers=headers)


def flat_headers(headers: Any) -> Mapping[str, str]:
    """Returns headers by lower-case name; several of one name are joined.

    Args:
        headers: those of httpx or httpx2; of anything else nothing is read.
    """
    raw: Any = getattr(headers, "raw", None)
    if not isinstance(raw, list):
        return {}
    return by_name(cast("list[tuple[bytes, bytes]]", raw))


def by_name(pairs: list[tuple[bytes, bytes]]) -> Mapping[str, str]:
    """Returns headers as they came on the wire by lower-case name; several of one name are joined.

    Args:
        pairs: names and values.
    """
    found: dict[str, str] = {}
    for raw_name, raw_value in pairs:
        name, value = raw_name.decode("latin-1").lower(), _text(raw_value)
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def transport_failure(
    error: Exception, *, status: int | None = None, headers: Mapping[str, str] | None = None, sent: bool | None = None
) -> TransportFailure:
    """Returns the outcome of an attempt that met an exception.

    Args:
        error: the exception, of whatever class.
        status: status, when the head of an answer came before.
        headers: headers of that head.
        sent: what is known of it from elsewhere; None judges by the exception.
    """
    return TransportFailure(
        reason=f"{type(error).__name__}: {error}".rstrip(": "),
        sent=sent if sent is not None else status is not None or not never_left(error),
        timed_out=ran_out_of_time(error),
        status=status,
        headers=headers or {},
        cause=without_frames(error),
        too_large=isinstance(error, BodyTooLarge),
    )


def is_ours(error: BaseException) -> bool:
    """Tells whether it is about the use of the SDK and no outcome: canned answers that lack one, a closed client."""
    return isinstance(error, (ConfigurationError, ClientClosedError))


def is_of(thing: object, package: str) -> bool:
    """Tells whether the class of something is from a package."""
    return root_package(type(thing)) == package


def root_package(kind: type[Any]) -> str:
    """Returns the top package that a class is from."""
    return kind.__module__.partition(".")[0]


def _response_in(error: Exception) -> tuple[Any, int | None]:
    holder: Any = error
    try:
        response = holder.response
        status = response.status_code
    except Exception:  # noqa: BLE001 - a property of anybody's
        return None, None
    return (response, status) if isinstance(status, int) else (None, None)


def _names(error: BaseException) -> Iterator[str]:
    return (kind.__name__ for kind in type(error).__mro__ if root_package(kind) in LIBRARIES)
