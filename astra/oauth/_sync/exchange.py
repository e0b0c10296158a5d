# Derived from astra/oauth/_async/exchange.py by scripts/unasync.py: edit that file.
"""Calls to the token endpoints: code to tokens, refresh token to tokens, identity token to tokens."""

from __future__ import annotations

from astra.http._sync.pipeline import Pipeline
from astra.http.calls import Call, CallOptions
from astra.oauth.answers import read_token_answer
from astra.resources.endpoints import Prepared, parse, prepare
from astra.resources.inputs import drop_none
from astra.tokens.grant import TokenAnswer
from astra_api.api.oauth import exchange_token
from astra_api.api.partner_identity import exchange_identity_token
from astra_api.api.users import get_user
from astra_api.models import IdentityTokenRequest, TokenRequest, User


def exchange_code(pipeline: Pipeline, code: str, *, redirect_uri: str | None, options: CallOptions) -> TokenAnswer:
    """Exchanges an authorization code. It works once, so it is sent again only when it certainly never arrived."""
    body = TokenRequest.from_dict(drop_none(grant_type="authorization_code", code=code, redirect_uri=redirect_uri))
    return _tokens(pipeline, prepare(exchange_token, body=body), options=options)


def refresh_tokens(pipeline: Pipeline, refresh_token: str) -> TokenAnswer:
    """Refreshes. A refresh token works until it expires, so a lost answer does no harm and it may be sent again."""
    body = TokenRequest.from_dict(
        drop_none(grant_type="refresh_token", refresh_token=refresh_token, redirect_uri=pipeline.settings.redirect_uri)
    )
    return _tokens(
        pipeline, prepare(exchange_token, body=body), repeatable=True, options={"max_retries": 1, "timeout": 20.0}
    )


def exchange_identity(pipeline: Pipeline, token: str, *, options: CallOptions) -> TokenAnswer:
    """Exchanges the session token of a partner identity verification."""
    body = IdentityTokenRequest.from_dict({"token": token, "user_consent_captured": "true"})
    return _tokens(pipeline, prepare(exchange_identity_token, body=body), options=options)


def ask_user_id(pipeline: Pipeline, access_token: str) -> str:
    """Asks Astra whose token this is."""
    prepared = prepare(get_user)
    call = Call(operation=prepared.operation, path=prepared.path, bearer=access_token)
    return parse(get_user, pipeline.call(call), User).id


def _tokens(pipeline: Pipeline, prepared: Prepared, *, options: CallOptions, repeatable: bool = False) -> TokenAnswer:
    answer = pipeline.call(
        Call(
            operation=prepared.operation,
            path=prepared.path,
            content=prepared.content,
            content_type=prepared.content_type,
            repeatable=repeatable,
            options=options,
        )
    )
    return read_token_answer(answer)
