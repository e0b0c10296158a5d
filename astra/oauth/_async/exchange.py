"""Calls to the token endpoints: code to tokens, refresh token to tokens, identity token to tokens."""

from __future__ import annotations

from astra_api.api.oauth import exchange_token
from astra_api.api.partner_identity import exchange_identity_token
from astra_api.api.users import get_user
from astra_api.models import IdentityTokenRequest, TokenRequest, User

from astra._secret import Secret
from astra.errors import ResponseDecodeError
from astra.http._async.pipeline import AsyncPipeline
from astra.http.operations import build_call, parse
from astra.http.options import CheckedOptions
from astra.http.responses import Response
from astra.oauth.token_response import read_token_response
from astra.tokens.grant import TokenAnswer


async def exchange_code(
    pipeline: AsyncPipeline, code: Secret, *, redirect_uri: str | None, user_key: str | None, options: CheckedOptions
) -> TokenAnswer:
    """Exchanges an authorization code. It works once, so it is sent again only when it certainly never arrived."""
    body = TokenRequest(grant_type="authorization_code", code=code, redirect_uri=redirect_uri)
    call = build_call(exchange_token, body=body, options=options)
    call.user_key = user_key
    return await pipeline.fetch(call, read_token_response)


async def refresh_tokens(pipeline: AsyncPipeline, refresh_token: str, *, user_key: str | None) -> TokenAnswer:
    """Refreshes. A refresh token works until it expires, so a lost answer does no harm and it may be sent again."""
    body = TokenRequest(
        grant_type="refresh_token", refresh_token=refresh_token, redirect_uri=pipeline.settings.redirect_uri
    )
    options: CheckedOptions = {"max_retries": 1, "timeout": 20.0}
    call = build_call(exchange_token, body=body, options=options, repeatable=True)
    call.user_key = user_key
    return await pipeline.fetch(call, read_token_response)


async def exchange_identity(
    pipeline: AsyncPipeline, token: Secret, *, user_key: str | None, options: CheckedOptions
) -> TokenAnswer:
    """Exchanges the session token of a partner identity verification."""
    body = IdentityTokenRequest(token=token, user_consent_captured="true")
    call = build_call(exchange_identity_token, body=body, options=options)
    call.user_key = user_key
    return await pipeline.fetch(call, read_token_response)


async def ask_user_id(pipeline: AsyncPipeline, access_token: str, *, user_key: str | None) -> str:
    """Asks Astra whose token this is."""
    call = build_call(get_user, bearer=access_token)
    call.user_key = user_key
    return await pipeline.fetch(call, _read_id)


def _read_id(response: Response) -> str:
    found = parse(response, User).id
    if not found.strip():
        # All whose id is missing would be taken for one person, and be given each other's tokens.
        context = response.context
        raise ResponseDecodeError(
            f"The user's id is empty. {context.describe()}",
            status_code=response.status_code,
            field="id",
            **context.error_context(),
        )
    return found
