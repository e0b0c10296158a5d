"""Reading the redirect that comes back from Astra's page. Nothing here does I/O.

Anybody can send a browser to a redirect URI, with any parameters. What is not exactly what Astra's page sends is
refused, and nothing of it is shown but the error that the page itself reports.
"""

from __future__ import annotations

import enum
import hmac
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

import attrs

from astra._secret import Secret
from astra.errors import AstraError, AuthorizationRedirectError, InvalidRequestError

LONGEST_REDIRECT: Final = 16_384
LONGEST_VALUE: Final = 2_048
"""Characters of a code or a state; Astra's codes have 48."""

LONGEST_TEXT: Final = 500

_CODE: Final = re.compile(rf"[!-~]{{1,{LONGEST_VALUE}}}")
_ERROR: Final = re.compile("[!-~]{1,100}")  # RFC 6749, section 4.1.2.1, without blanks
_PORTS: Final = {"http": 80, "https": 443}


class StateCheck(enum.Enum):
    """What `parse_redirect` takes in place of a state."""

    NOT_CHECKED = "the state is not checked"


STATE_NOT_CHECKED: Final = StateCheck.NOT_CHECKED
"""Given as `state`, it lets a redirect pass whatever state it brings. Whoever uses it checks the state elsewhere:
without a check, anybody can finish an authorization of their own in another person's session."""


@attrs.frozen
class Redirect:
    """A redirect that brings a usable code.

    Attributes:
        code: the authorization code: a few minutes to live, good for one exchange. Never shown.
        state: the state that came back, or None when there was none and it was not checked.

    Example:
        redirect = astra.oauth.parse_redirect(url, state=session.pop("astra_state", None))
        user = astra.oauth.exchange(redirect.code, key="customer-42")
    """

    code: str = attrs.field(converter=Secret)
    state: str | None


@attrs.frozen(repr=False)
class Parameters:
    """What a redirect says, as far as it matters here; None for what it does not mention. Its repr shows no value."""

    code: str | None = None
    authorization_code: str | None = None
    state: str | None = None
    error: str | None = None
    error_description: str | None = None


NAMES: Final = frozenset(field.name for field in attrs.fields(Parameters))


def read_redirect(redirect: str | Mapping[str, str], *, redirect_uri: str | None) -> Parameters | AstraError:
    """Reads a redirect. What is wrong with it is returned: raised here, the error would show the frame that has it.

    Args:
        redirect: the whole address, its query string, or the query parameters as a mapping.
        redirect_uri: the redirect URI of the link. A whole address has to be that one; None does not compare them.
    """
    if not _is_text_or_none(redirect_uri):
        return InvalidRequestError("redirect_uri must be text.", argument="redirect_uri")
    if not isinstance(redirect, str):
        return _read_parameters(redirect)
    return _refusal("it is longer than any") if len(redirect) > LONGEST_REDIRECT else _read_text(redirect, redirect_uri)


def accept_redirect(found: Parameters | AstraError, *, state: str | StateCheck | None) -> Redirect:
    """Checks that a redirect answers the link you made.

    Args:
        found: what `read_redirect` returned.
        state: the `state` of the link, from the person's web session; or `STATE_NOT_CHECKED`.

    Raises:
        AuthorizationRedirectError: the person declined, there is no state to compare with or it is another, the
            redirect is none of Astra's page, or it has no usable code.
        InvalidRequestError: an argument has the wrong type.
    """
    if isinstance(found, AstraError):
        raise found
    if state is not STATE_NOT_CHECKED:
        _check_state(found.state, state)
    return _decide(found)


def _read_text(redirect: str, redirect_uri: str | None) -> Parameters | AstraError:
    query = redirect
    if "?" in redirect or "://" in redirect:
        try:
            parts = urlsplit(redirect)
            is_foreign = parts.scheme and redirect_uri is not None and _place(parts) != _place(urlsplit(redirect_uri))
        except ValueError:
            return _refusal("its address cannot be read")
        if is_foreign:
            return AuthorizationRedirectError(
                "The redirect came to another address than the redirect URI of the link. Behind a proxy, have your "
                "framework trust the forwarded scheme and host, or pass the query parameters alone.",
                code="foreign_redirect",
            )
        query = parts.query
    try:
        return _collect(parse_qsl(query, keep_blank_values=True, errors="strict"))
    except ValueError:
        return _refusal("its parameters cannot be decoded")


def _read_parameters(given: object) -> Parameters | AstraError:
    if not isinstance(given, Mapping):
        return InvalidRequestError(
            f"redirect must be an address, a query string or a mapping of parameters, not {type(given).__name__}.",
            argument="redirect",
        )
    parameters: Any = given  # pyright: ignore[reportUnknownVariableType]  (whatever the framework has in it)
    # What can hold a name twice is asked for all of it: Starlette, Werkzeug and Django; aiohttp.
    ask = next((getattr(parameters, name) for name in ("getlist", "getall") if hasattr(parameters, name)), None)
    pairs: list[tuple[str, Any]] = []
    for name in NAMES:
        if name in parameters:
            values = [parameters[name]] if ask is None else ask(name)
            if any(not isinstance(value, str) for value in values):
                return InvalidRequestError(f"The parameter {name!r} of the redirect is no text.", argument="redirect")
            pairs += [(name, value) for value in values]
    return _collect(pairs)


def _is_text_or_none(value: object) -> bool:
    return value is None or isinstance(value, str)


def _collect(pairs: list[tuple[str, str]]) -> Parameters | AstraError:
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            return _refusal(f"it has the parameter {name} twice")
        if name in NAMES:
            found[name] = value
    return Parameters(**found)


def _place(parts: SplitResult) -> tuple[object, ...]:
    port = parts.port if parts.port is not None else _PORTS.get(parts.scheme)
    return parts.scheme, parts.username, parts.hostname, port, parts.path or "/"


def _check_state(returned: str | None, state: object) -> None:
    if state is not None and not isinstance(state, str):
        raise InvalidRequestError(
            f"state must be the text that the link had, not {type(state).__name__}.", argument="state"
        )
    if not state:
        raise AuthorizationRedirectError(
            "There is no state to compare the redirect with: the person's web session was lost, or another browser "
            "brought the redirect. Start again with a new link. (astra.oauth.STATE_NOT_CHECKED, as state, would skip "
            "the check.)",
            code="missing_state",
        )
    if returned is None or not hmac.compare_digest(_bytes(returned), _bytes(state)):
        raise AuthorizationRedirectError(
            "The redirect's state is not the one of your link: it may belong to another person or be forged. "
            "Start again with a new link.",
            code="state_mismatch",
        )


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _decide(found: Parameters) -> Redirect:
    # Both names arrive with the same value; the documents name the second, OAuth the first.
    code = found.code if found.code is not None else found.authorization_code
    code = None if code is None else Secret(code)
    if found.error is not None:
        raise (
            _refusal("it has a code and an error")
            if code is not None
            else _reported(found.error, found.error_description)
        )
    if code is None:
        raise AuthorizationRedirectError(
            "The redirect has neither code nor authorization_code. Pass the whole address that the browser came to.",
            code="missing_code",
        )
    if found.authorization_code not in (None, code):
        raise _refusal("code and authorization_code differ")
    if _CODE.fullmatch(code) is None:
        raise _refusal(f"its code is blank, longer than {LONGEST_VALUE} characters, or has characters that no code has")
    return Redirect(code=code, state=found.state)


def _reported(error: str, description: str | None) -> AuthorizationRedirectError:
    if _ERROR.fullmatch(error) is None:
        return _refusal("its error is blank, too long, or has characters that no error code has")
    if description is not None:
        if not description.isprintable():
            return _refusal("its error_description has control characters")
        description = description[:LONGEST_TEXT]
    return AuthorizationRedirectError(
        f"Astra's page ended without authorization: {error}" + (f" ({description})." if description else "."),
        code=error,
        description=description,
    )


def _refusal(why: str) -> AuthorizationRedirectError:
    return AuthorizationRedirectError(
        f"The redirect is none that Astra's page sends: {why}. It may be forged. Start again with a new link.",
        code="invalid_redirect",
    )
