"""Reading the response of a token endpoint. The tokens go nowhere but into the returned value."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from astra.errors import OAuthError, ResponseDecodeError
from astra.http.error_mapping import read_error_body
from astra.http.header_fields import is_sendable
from astra.http.operations import decode_object
from astra.http.responses import Response
from astra.tokens.grant import TokenAnswer

# The documents give an access token two hours; an old sample shows ten days, which no running integration has seen.
LONGEST_ACCESS_TOKEN = 7200


def read_token_response(response: Response) -> TokenAnswer:
    """Reads access token, lifetime and refresh token.

    Raises:
        OAuthError: a status 200 whose body is an error; such responses have been seen.
        ResponseDecodeError: there is no access token in it, or one that cannot be sent.
    """
    body = decode_object(response)
    context = response.context
    token = body.get("access_token")
    if not isinstance(token, str) or not token:
        if "error" in body:
            said = read_error_body(response.content, withhold_text=True)
            raise OAuthError(
                f"The token endpoint answered with status {response.status_code} and the error {said.code!r}: "
                f"{said.description or 'no description'} {context.describe()}",
                status_code=response.status_code,
                code=said.code,
                description=said.description,
                body=said.raw,
                **context.error_context(),
            )
        raise ResponseDecodeError(
            f"The token endpoint answered without an access_token. {context.describe()}",
            status_code=response.status_code,
            field="access_token",
            **context.error_context(),
        )
    if not is_sendable(f"Bearer {token}"):
        raise ResponseDecodeError(
            f"The access_token of the token endpoint cannot be sent in a header. {context.describe()}",
            status_code=response.status_code,
            field="access_token",
            **context.error_context(),
        )
    refresh = body.get("refresh_token")
    return TokenAnswer(
        access_token=token,
        expires_in=_seconds(body.get("expires_in")),
        refresh_token=refresh if isinstance(refresh, str) and refresh else None,
    )


def _seconds(value: Any) -> int:
    # int() of the Decimal 1e1000000 takes minutes.
    if isinstance(value, Decimal) and value.is_finite() and value.adjusted() > 18:
        return LONGEST_ACCESS_TOKEN
    try:
        seconds = int(value)
    except (TypeError, ValueError, OverflowError):
        return LONGEST_ACCESS_TOKEN
    return min(seconds, LONGEST_ACCESS_TOKEN) if seconds > 0 else LONGEST_ACCESS_TOKEN
