# Derived from astra/oauth/_async/oauth.py by scripts/unasync.py: edit that file.
"""Authorization of users: the link, the redirect, the exchange."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Generic, TypeVar, Unpack

from astra._secret import hide
from astra.errors import InvalidRequestError
from astra.http._sync.pipeline import Pipeline
from astra.http.calls import CallOptions, check_options
from astra.oauth._sync.exchange import exchange_code, exchange_identity
from astra.oauth._sync.keeping import Keeper
from astra.oauth.links import Link, LinkOptions, Page, build_link
from astra.oauth.redirects import Redirect, StateCheck, accept_redirect, read_redirect
from astra.tokens import Tokens

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
        session_token = hide(session_token)  # this frame may be printed with its locals
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

    def parse_redirect(
        self, redirect: str | Mapping[str, str], *, state: str | StateCheck | None, redirect_uri: str | None = None
    ) -> Redirect:
        """Reads the redirect that comes back from Astra's page, with either spelling of the code.

        It fails closed: no state, an empty one, a parameter that is there twice, an address that is not your redirect
        URI, a code beside an error, control characters are all refused. No error shows what was refused, but for the
        error code and the description that the page itself reports.

        Args:
            redirect: the whole address, its query string, or the query parameters as your web framework has them.
            state: `link.state` from the person's web session, or what `StateStore.use` returned. None and "" are
                refused, since a lost session gives them. `astra.oauth.STATE_NOT_CHECKED` skips the check, which lets
                anyone log a person in with somebody else's code.
            redirect_uri: the one of the link; None takes the client's. A whole address has to be this one.

        Returns:
            The redirect; give `redirect.code` to `exchange`.

        Raises:
            AuthorizationRedirectError: see its `code`: "access_denied" or another error of the page, "missing_state",
                "state_mismatch", "foreign_redirect", "missing_code", or "invalid_redirect" for what Astra's page does
                not send. All but the first mean: start again with a new link.
            InvalidRequestError: an argument has the wrong type.

        Astra's reference: "OAuth links and parameters". Astra documents no PKCE, so the link has no code challenge:
        the state alone binds a redirect to its link.

        Example:
            state = session.pop("astra_state", None)
            code = astra.oauth.parse_redirect(str(request.url), state=state).code
        """
        found = read_redirect(redirect, redirect_uri=redirect_uri or self._pipeline.settings.redirect_uri)
        del redirect  # this frame may be printed with its locals
        return accept_redirect(found, state=state)

    def exchange(
        self,
        code: str,
        *,
        key: str | None = None,
        redirect_uri: str | None = None,
        replace: bool = False,
        **options: Unpack[CallOptions],
    ) -> S:
        """Exchanges a code for tokens, keeps them, and returns the user's session.

        Before the code is spent, it is found out that the tokens can be kept: the key is one, the store can be read and
        written. What fails afterwards raises an error that holds the tokens. A caller who is cancelled or interrupted
        leaves at once, and the exchange goes on: the tokens are kept, or an error is logged.

        Args:
            code: from the redirect; a few minutes to live, good for one exchange.
            key: your own key of the user, text of 1 to 255 characters; None uses Astra's id of the user, which it asks
                Astra for.
            redirect_uri: the one of the link; None takes the client's.
            replace: True lets the tokens take the place of another Astra user's under this key. Without it, that is a
                `UserMismatchError`.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The user's session.

        Raises:
            InvalidRequestError: code or key cannot be right; the code was not used.
            ConfigurationError, TokenStoreError: the tokens could not be kept; the code was not used.
            OAuthError: Astra refused the code (`code` is "invalid_grant" when it is old or used).
            APIConnectionError: no answer; if it was sent, the code may be used up: send the person through again.
            UserMismatchError: another Astra user is under this key. Nothing is lost: `error.replace()`,
                `error.keep_as(key)`.
            TokensNotKeptError: the code is spent and the tokens are not kept: `error.keep()`.
            AstraError: as every call.

        Warns:
            AstraDuplicateUserWarning: the same Astra user is under another of your keys.

        Astra's reference: post_v1-oauth-token.

        Example:
            user = astra.oauth.exchange(code, key="customer-42")
        """
        hidden = hide(code)
        del code  # this frame may be printed with its locals
        self._check_secret(hidden, argument="code")
        checked = check_options(options)
        self._keeper.prepare(key)
        ask = partial(
            exchange_code,
            self._pipeline,
            hidden,
            redirect_uri=redirect_uri or self._pipeline.settings.redirect_uri,
            user_key=key,
            options=checked,
        )
        return self._keeper.exchange(ask, key=key, replace=replace)

    def exchange_identity_token(
        self,
        token: str,
        *,
        user_consent_captured: bool,
        key: str | None = None,
        replace: bool = False,
        **options: Unpack[CallOptions],
    ) -> S:
        """Exchanges a session token of trusted authentication for tokens, without any page.

        Args:
            token: from `partner_identity.create_verification`; one minute, one use.
            user_consent_captured: True states that you have the user's consent; anything else is refused here.
            key: your own key of the user, text of 1 to 255 characters; None uses Astra's id of the user.
            replace: True lets the tokens take the place of another Astra user's under this key.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The user's session.

        Raises:
            InvalidRequestError: consent was not captured, or token or key cannot be right.
            OAuthError: Astra refused the token.
            AstraError: as `exchange`.

        Warns:
            AstraDuplicateUserWarning: the same Astra user is under another of your keys.

        Astra's reference: post_v1-partner-identity-token.

        Example:
            user = astra.oauth.exchange_identity_token(
                verification.token, user_consent_captured=True, key="customer-42")
        """
        hidden = hide(token)
        del token  # this frame may be printed with its locals
        if user_consent_captured is not True:
            raise InvalidRequestError(
                "Astra issues tokens this way only when you have captured the user's consent.",
                argument="user_consent_captured",
            )
        self._check_secret(hidden, argument="token")
        checked = check_options(options)
        self._keeper.prepare(key)
        ask = partial(exchange_identity, self._pipeline, hidden, user_key=key, options=checked)
        return self._keeper.exchange(ask, key=key, replace=replace)

    @property
    def _keeper(self) -> Keeper[S]:
        return Keeper(self._pipeline, self._tokens, session=self._session)

    @staticmethod
    def _check_secret(value: object, *, argument: str) -> None:
        if not isinstance(value, str) or not value.strip():
            what = "is empty" if isinstance(value, str) else "must be text"
            raise InvalidRequestError(f"{argument} {what}.", argument=argument)

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
