# Derived from astra/oauth/_async/oauth.py by scripts/unasync.py: edit that file.
"""Authorization of users: the link, the redirect, the exchange."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar, Unpack

from astra.errors import AstraError, InvalidRequestError
from astra.http._sync.pipeline import Pipeline
from astra.http.calls import CallOptions, check_options
from astra.oauth._sync.exchange import ask_user_id, exchange_code, exchange_identity
from astra.oauth.links import Link, LinkOptions, Page, build_link
from astra.oauth.redirects import Redirect, parse_redirect
from astra.tokens import Tokens
from astra.tokens.grant import TokenAnswer

S = TypeVar("S")


class OAuth(Generic[S]):
    """OAuth with Astra's hosted pages. `S` is the session that an exchange returns."""

    def __init__(self, pipeline: Pipeline, tokens: Tokens, *, session: Callable[[str, str | None], S]) -> None:
        self._pipeline = pipeline
        self._tokens = tokens
        self._session = session

    def authorize_url(
        self,
        *,
        user_intent_id: str | None = None,
        user_id: str | None = None,
        business: bool = False,
        business_profile_id: str | None = None,
        phone: str | None = None,
        phone_read_only: bool = False,
        session_token: str | None = None,
        debit_direct: bool = False,
        bypass_connect: bool = False,
        state: str | None = None,
        redirect_uri: str | None = None,
    ) -> Link:
        """Builds the link on which a person authorizes your client.

        Args:
            user_intent_id: the person's intent, as long as there is no user yet.
            user_id: Astra's id of an existing user: after a phone number change, and for business users.
            business: True for a business.
            business_profile_id: the business profile to prefill.
            phone: ten-digit US number to prefill; "+1" and punctuation are taken off.
            phone_read_only: True locks the phone field.
            session_token: from `partner_identity.create_verification`; skips the SMS step.
            debit_direct: True asks for one debit card only.
            bypass_connect: True skips the connect-accounts screen; the parameter's name is inferred.
            state: your own state; None makes an unguessable one.
            redirect_uri: None takes the client's.

        Returns:
            The link: `link.url` to send the person to, `link.state` to keep in the person's web session.

        Raises:
            ConfigurationError: no redirect URI is known.
            InvalidRequestError: both a user and an intent are named, or the phone is no US number.

        Astra's reference: "OAuth links and parameters".

        Example:
            link = astra.oauth.authorize_url(user_intent_id=intent.id)
            session["astra_state"] = link.state
            redirect_to(link.url)
        """
        options = LinkOptions(
            user_intent_id=user_intent_id,
            user_id=user_id,
            business=business or business_profile_id is not None,
            business_profile_id=business_profile_id,
            phone=phone,
            phone_read_only=phone_read_only,
            session_token=session_token,
            debit_direct=debit_direct,
            bypass_connect=bypass_connect,
        )
        return self._link("authorize", options, state=state, redirect_uri=redirect_uri)

    def page_url(
        self,
        page: Page,
        *,
        user_intent_id: str | None = None,
        user_id: str | None = None,
        debit_direct: bool = False,
        state: str | None = None,
        redirect_uri: str | None = None,
    ) -> Link:
        """Builds a link to one of Astra's other pages: to verify, to hand in a document, to connect a bank or a card.

        Args:
            page: "verify_personal" for status retry, "verify_document" for status document, "verify_business",
                "connect_institution", "connect_card", or "authorize".
            user_intent_id: the person's intent, as long as there is no user yet.
            user_id: Astra's id of an existing user.
            debit_direct: True asks for one debit card only.
            state: your own state; None makes one.
            redirect_uri: None takes the client's.

        Returns:
            The link.

        Raises:
            ConfigurationError: no redirect URI is known.
            InvalidRequestError: both a user and an intent are named.

        Astra's reference: "OAuth links and parameters".

        Example:
            link = astra.oauth.page_url("connect_card", user_id=profile.id)
        """
        options = LinkOptions(user_intent_id=user_intent_id, user_id=user_id, debit_direct=debit_direct)
        return self._link(page, options, state=state, redirect_uri=redirect_uri)

    def parse_redirect(self, redirect: str | Mapping[str, str], *, state: str | None) -> Redirect:
        """Reads the redirect that comes back from Astra's page, with either spelling of the code.

        Args:
            redirect: the whole address, its query string, or the query parameters.
            state: `link.state` from the person's web session. None skips the check, which lets anyone log a person
                in with somebody else's code; pass it.

        Returns:
            The redirect; give `redirect.code` to `exchange`.

        Raises:
            AuthorizationRedirectError: the person declined, the state is another, or there is no code.

        Astra's reference: "OAuth links and parameters".

        Example:
            code = astra.oauth.parse_redirect(str(request.url), state=session["astra_state"]).code
        """
        return parse_redirect(redirect, state=state)

    def exchange(
        self, code: str, *, key: str | None = None, redirect_uri: str | None = None, **options: Unpack[CallOptions]
    ) -> S:
        """Exchanges a code for tokens, keeps them, and returns the user's session.

        Args:
            code: from the redirect; a few minutes to live, good for one exchange.
            key: your own key of the user; None uses Astra's id of the user, which it asks Astra for.
            redirect_uri: the one of the link; None takes the client's.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The user's session.

        Raises:
            ConfigurationError, TokenStoreError: the tokens could not be kept; the code was not used.
            OAuthError: Astra refused the code (`code` is "invalid_grant" when it is old or used).
            APIConnectionError: no answer; if it was sent, the code may be used up: send the person through again.
            AstraError: as every call.

        Astra's reference: post_v1-oauth-token.

        Example:
            user = astra.oauth.exchange(code, key="customer-42")
        """
        if not code:
            raise InvalidRequestError("code is empty.", argument="code")
        self._check_store(key)
        answer = exchange_code(
            self._pipeline,
            code,
            redirect_uri=redirect_uri or self._pipeline.settings.redirect_uri,
            options=check_options(options),
        )
        return self._keep(answer, key)

    def exchange_identity_token(
        self, token: str, *, user_consent_captured: bool, key: str | None = None, **options: Unpack[CallOptions]
    ) -> S:
        """Exchanges a session token of trusted authentication for tokens, without any page.

        Args:
            token: from `partner_identity.create_verification`; one minute, one use.
            user_consent_captured: True states that you have the user's consent; anything else is refused here.
            key: your own key of the user; None uses Astra's id of the user.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The user's session.

        Raises:
            InvalidRequestError: consent was not captured.
            OAuthError: Astra refused the token.
            AstraError: as every call.

        Astra's reference: post_v1-partner-identity-token.

        Example:
            user = astra.oauth.exchange_identity_token(
                verification.token, user_consent_captured=True, key="customer-42")
        """
        if not user_consent_captured:
            raise InvalidRequestError(
                "Astra issues tokens this way only when you have captured the user's consent.",
                argument="user_consent_captured",
            )
        self._check_store(key)
        return self._keep(exchange_identity(self._pipeline, token, options=check_options(options)), key)

    def _check_store(self, key: str | None) -> None:
        # A code is good for one exchange: what would keep its tokens from being stored has to show before.
        if key is not None:
            self._tokens.get(key)

    def _keep(self, answer: TokenAnswer, key: str | None) -> S:
        # The tokens are kept before anything else is asked: from here on, no failure can lose the user.
        provisional = key if key is not None else f"pending-{secrets.token_hex(8)}"
        self._tokens.store_answer(provisional, answer)
        try:
            astra_user_id = ask_user_id(self._pipeline, answer.access_token)
        except AstraError as error:
            if key is not None:
                # The id only serves look-ups by Astra's id; the first profile call can still learn it.
                return self._session(key, None)
            error.add_note(f"The user's tokens are kept under the key {provisional!r}.")
            raise
        final = key if key is not None else astra_user_id
        self._tokens.store_answer(final, answer, astra_user_id=astra_user_id)
        if final != provisional:
            self._tokens.forget(provisional)
        return self._session(final, astra_user_id)

    def _link(self, page: Page, options: LinkOptions, *, state: str | None, redirect_uri: str | None) -> Link:
        settings = self._pipeline.settings
        return build_link(
            page,
            options,
            app_url=settings.hosts.app,
            client_id=settings.client_id,
            redirect_uri=redirect_uri or settings.redirect_uri,
            state=state,
        )
