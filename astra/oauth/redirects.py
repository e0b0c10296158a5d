"""Reading the redirect that comes back from Astra's page. Nothing here does I/O."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

import attrs

from astra.errors import AuthorizationRedirectError


@attrs.frozen
class Redirect:
    """A redirect that brings a usable code.

    Attributes:
        code: the authorization code: a few minutes to live, good for one exchange. Never shown.
        state: the state that came back, or None.
    """

    code: str = attrs.field(repr=False)
    state: str | None


def parse_redirect(redirect: str | Mapping[str, str], *, state: str | None) -> Redirect:
    """Reads a redirect and checks that it answers the link you made.

    Args:
        redirect: the whole address, its query string, or the query parameters as a mapping.
        state: the `state` of the link, from the person's web session; None skips the check, which lets anyone
            log a person in with somebody else's code.

    Raises:
        AuthorizationRedirectError: the person declined, the state is another, or there is no code.
    """
    parameters = _parameters(redirect)
    returned = parameters.get("state")
    if state is not None and not hmac.compare_digest((returned or "").encode(), state.encode()):
        raise AuthorizationRedirectError(
            "The redirect's state is not the one of your link: it may belong to another person or be forged. "
            "Start again with a new link.",
            code="state_mismatch",
        )
    error = parameters.get("error")
    if error:
        description = parameters.get("error_description")
        raise AuthorizationRedirectError(
            f"Astra's page ended without authorization: {error}" + (f" ({description})." if description else "."),
            code=error,
            description=description,
        )
    # Both names arrive with the same value; the documents name the second, OAuth the first.
    code = parameters.get("code") or parameters.get("authorization_code")
    if not code:
        raise AuthorizationRedirectError(
            "The redirect has neither code nor authorization_code. Pass the whole address that the browser came to.",
            code="missing_code",
        )
    return Redirect(code=code, state=returned)


def _parameters(redirect: str | Mapping[str, str]) -> Mapping[str, str]:
    if not isinstance(redirect, str):
        return redirect
    query = urlsplit(redirect).query if "://" in redirect or "?" in redirect else redirect
    return dict(parse_qsl(query, keep_blank_values=True))
