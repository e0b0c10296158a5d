"""The options that every call takes: what they may be, and how those of a client and of one call come together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final, TypedDict, cast

from astra.errors import ConfigurationError, InvalidRequestError
from astra.http.header_fields import check_headers

if TYPE_CHECKING:
    from astra.config import Timeout


class ClientOptions(TypedDict, total=False):
    """Keyword arguments of `with_options`.

    Keys:
        timeout: seconds for the whole call, or a `Timeout`; None is the client's.
        max_retries: how many times a call may be sent again; None is the client's.
        extra_headers: headers to add, for example a trace id; one that the SDK sends by itself is replaced.

    Example:
        astra.with_options(timeout=5.0, max_retries=0)
    """

    timeout: float | Timeout | None
    max_retries: int | None
    extra_headers: Mapping[str, str] | None


class CallOptions(ClientOptions, total=False):
    """Keyword arguments that every call takes.

    Keys:
        timeout, max_retries, extra_headers: as in `ClientOptions`.
        extra_query: query parameters that the method does not know. One that it does set is replaced; None takes it
            out.
        extra_body: fields of the JSON body that the method does not know. One that it does set is replaced, whole.
            Nothing checks what is given here; for a payment, it is part of what the payment is found again by.

    Example:
        options: CallOptions = {"timeout": 5.0, "extra_query": {"status": "pending"}}
        user.transfers.list(**options)
    """

    extra_query: Mapping[str, Any] | None
    extra_body: Mapping[str, Any] | None


class CheckedOptions(TypedDict, total=False):
    """Options after `check_options`: what is not there is the client's."""

    timeout: float | Timeout
    max_retries: int
    extra_headers: Mapping[str, str]
    extra_query: Mapping[str, Any]
    extra_body: Mapping[str, Any]


CLIENT_OPTIONS: Final = frozenset(ClientOptions.__annotations__)
OPTION_NAMES: Final = frozenset(CallOptions.__annotations__)


def check_options(
    options: Mapping[str, Any], *, beside: Collection[str] = (), known: Collection[str] = OPTION_NAMES
) -> CheckedOptions:
    """Returns the options that were given, those that are None left out, after checking names and values.

    Args:
        options: the keyword arguments that a method does not name itself.
        beside: arguments that the method does name, for the message about a misspelled one.
        known: names of the options that are taken here.

    Raises:
        TypeError: an unknown name, as Python itself would say it.
        InvalidRequestError: a value that cannot be right, or a header that the SDK has to set itself.
    """
    found: dict[str, Any] = {}
    for name, value in options.items():
        if name not in known:
            own = "besides its own arguments it takes" if known is OPTION_NAMES else "it takes"
            takes = f"it takes {', '.join(sorted(beside))}, and" if beside else own
            raise TypeError(f"unexpected keyword argument {name!r}; {takes} the options {', '.join(sorted(known))}")
        if value is not None:
            found[name] = _CHECKS[name](name, value)
    return cast("CheckedOptions", found)


def merge_options(defaults: CheckedOptions, given: CheckedOptions) -> CheckedOptions:
    """Returns the options of a call on a client that has options of its own: the call's win, header by header.

    Args:
        defaults: the client's.
        given: the call's, checked.
    """
    if not defaults:
        return given
    merged: CheckedOptions = {**defaults, **given}
    own, call = defaults.get("extra_headers"), given.get("extra_headers")
    if own and call:
        replaced = {name.lower() for name in call}
        merged["extra_headers"] = {**{n: v for n, v in own.items() if n.lower() not in replaced}, **call}
    return merged


def check_retries(name: str, value: object) -> int:
    """Returns a number of retries.

    Raises:
        InvalidRequestError: no whole number, or negative.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 and value % 1 == 0:
        return int(value)
    raise InvalidRequestError(f"{name} must be a whole number from 0 up, or None, not {value!r}.", argument=name)


def _check_timeout(name: str, value: Any) -> Timeout:
    from astra.config import as_timeout

    try:
        return as_timeout(value)
    except ConfigurationError as error:
        raise InvalidRequestError(str(error), argument=name) from None


def check_mapping(name: str, value: object) -> Mapping[str, Any]:
    """Returns a mapping whose keys are names.

    Raises:
        InvalidRequestError: no mapping, or a key that is no text.
    """
    if not isinstance(value, Mapping):
        raise InvalidRequestError(f"{name} must be a dict, not {type(value).__name__}.", argument=name)
    found = cast("Mapping[object, Any]", value)
    for key in found:
        if not isinstance(key, str) or not key:
            raise InvalidRequestError(f"{name} must have names that are text, not {key!r}.", argument=name)
    return cast("Mapping[str, Any]", found)


def _check_headers(name: str, value: object) -> Mapping[str, str]:
    return check_headers(value, argument=name)


_CHECKS: Final = {
    "timeout": _check_timeout,
    "max_retries": check_retries,
    "extra_headers": _check_headers,
    "extra_query": check_mapping,
    "extra_body": check_mapping,
}
