"""The client: wiring, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, ParamSpec, Self, TypeVar

from astra._async.free_request import AsyncFreeRequests
from astra._async.session import AsyncUserSession
from astra._flavours import AsyncWorkers, async_sleep
from astra._public import public
from astra._secret import hide, hide_text, shown
from astra.config import Settings, Timeout, build_settings, read_environment
from astra.errors import AstraError, ConfigurationError
from astra.http._async.pipeline import AsyncPipeline
from astra.http._async.transport import AsyncTransport
from astra.http.error_mapping import TOKEN_OPERATIONS
from astra.instrumentation.dispatch import CallObservers
from astra.instrumentation.raw_response import RawResponse, capture_raw, last_of_call, with_parsed
from astra.resources._async.user_ref import AsyncUserRef
from astra.storage.forks import FORK_GUARD
from astra.storage.in_production import warn_of_memory
from astra.tokens import AsyncTokens, Grant, Identity, Secret, TokenAnswer, TokenStore, open_store
from astra.tokens._async.runtime import refreshing
from astra.tokens.policy import DEFAULTS, TokenSettings
from astra.tokens.user_keys import check_user_key

if TYPE_CHECKING:
    import httpx
    import httpx2

    from astra.drift.observer import DriftObserver
    from astra.drift.store import DriftStore
    from astra.errors import ReauthorizationRequired
    from astra.instrumentation.capture import CapturedRequests
    from astra.oauth._async.oauth import AsyncOAuth
    from astra.payments._async.ledger import AsyncPaymentLedger
    from astra.payments.stores.base import IdempotencyStore
    from astra.request_log import RequestLog
    from astra.resources._async.batch_transfers import AsyncBatchTransfers
    from astra.resources._async.bins import AsyncBins
    from astra.resources._async.business_profiles import AsyncBusinessProfiles
    from astra.resources._async.instant_payment_eligibility import AsyncEligibility
    from astra.resources._async.partner_identity import AsyncPartnerIdentity
    from astra.resources._async.payment_instruments import AsyncPaymentInstruments
    from astra.resources._async.payments import AsyncPayments
    from astra.resources._async.user_intents import AsyncUserIntents
    from astra.webhooks import Webhooks

P = ParamSpec("P")
T = TypeVar("T")


@FORK_GUARD.with_new_locks
@public("astra")
class AsyncAstra(AsyncFreeRequests):
    """A client of Astra.

    Safe to share between threads and tasks. It survives a fork: a child opens connections of its own. Nothing is sent
    before a call.

    Args:
        client_id: your client id; the sandbox and production each have their own.
        client_secret: its secret.
        environment: "sandbox" or "production".
        base_url: sends API calls to this origin instead: a local server or a proxy. https, or http on this machine.
        secure_base_url: origin for card and account numbers; None follows `base_url` when that is given.
        app_url: origin of the hosted pages; None follows a `base_url` on this machine, and is Astra's own otherwise.
        allow_insecure_http: whether plain http may leave this machine, for a local Astra in a network of containers
            (`base_url="http://astra-sandbox:8787"`); never to Astra's own hosts, nor with `environment="production"`.
        redirect_uri: your registered redirect URI.
        token_store: where grants are kept, as an object or a URL: "memory://" (the default: gone with the process,
            for which production has an `AstraMemoryStoreWarning`), "sqlite:///tokens.db", "postgresql://...",
            "redis://...", or a `pathlib.Path` to a SQLite file.
        token_keys: keys to encrypt the stored tokens with, url-safe base64 of 32 bytes each, the current one first;
            none: not encrypted.
        request_log: where request ids are kept, as an object, a path, or a URL: "sqlite:///requests.db",
            "jsonl:///requests.jsonl", "postgresql://..."; None keeps none.
        idempotency_store: where payments with an `idempotency_key` are remembered, as an object, a path, or a URL:
            "sqlite:///payments.db", "postgresql://..."; None: no call takes such a key.
        drift_store: where the names are kept that Astra answers with and the spec does not know, never values: a
            path, "sqlite:///drift.db", or a store; None keeps none.
        resend_after: how long after it was sent a payment under a key may be sent once more, when a complete look has
            not found it; None: never. What risk remains is in the guide "Pay once".
        timeout: seconds for a whole call, all attempts included, or a `Timeout`; None is 60 seconds.
        max_retries: how often a call may be sent again, where that is safe; None is 2.
        max_response_size: bytes that the body of an answer may have, decompressed; a larger one is a
            `ResponseTooLargeError`; None is 16 MiB.
        http_client: your own client of httpx or httpx2, or a transport of either; you close it. What it brings is
            honored: proxies, certificates, limits of its pool, event hooks, headers, cookies, query parameters. Ours
            win over headers of the same name. Its `auth`, `timeout`, `base_url` and `follow_redirects` are not used.
            None: a pool of our own, of httpx2 where that is installed, else of httpx.
        on_reauthorization_required: called once per dead grant, over all processes, with the error that callers get.
        token_settings: the times of the token lifecycle.
        clock: epoch seconds; for tests.

    Raises:
        ConfigurationError: a setting is missing or cannot be right.

    Example:
        async with AsyncAstra("client-id", "client-secret", token_store="sqlite:///tokens.db") as astra:
            profile = await astra.user("customer-42").profile.get()
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        *,
        environment: str = "sandbox",
        base_url: str | None = None,
        secure_base_url: str | None = None,
        app_url: str | None = None,
        allow_insecure_http: bool = False,
        redirect_uri: str | None = None,
        token_store: TokenStore | str | PathLike[str] | None = None,
        token_keys: Sequence[str] = (),
        request_log: RequestLog | str | PathLike[str] | None = None,
        idempotency_store: IdempotencyStore | str | PathLike[str] | None = None,
        drift_store: DriftStore | str | PathLike[str] | None = None,
        resend_after: timedelta | None = None,
        timeout: float | Timeout | None = None,
        max_retries: int | None = None,
        max_response_size: int | None = None,
        http_client: (
            httpx.AsyncClient | httpx.AsyncBaseTransport | httpx2.AsyncClient | httpx2.AsyncBaseTransport | None
        ) = None,
        on_reauthorization_required: Callable[[ReauthorizationRequired], Awaitable[None] | None] | None = None,
        token_settings: TokenSettings = DEFAULTS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        # These frames may be printed with their locals.
        client_secret, token_keys = hide(client_secret), hide_text(token_keys)
        token_store, request_log = hide_text(token_store), hide_text(request_log)
        idempotency_store, drift_store = hide_text(idempotency_store), hide_text(drift_store)
        self._settings = build_settings(
            client_id,
            client_secret,
            environment=environment,
            base_url=base_url,
            secure_base_url=secure_base_url,
            app_url=app_url,
            allow_insecure_http=allow_insecure_http,
            redirect_uri=redirect_uri,
            timeout=timeout,
            max_retries=max_retries,
            max_response_size=max_response_size,
        )
        _check_hooks(on_reauthorization_required, token_settings, clock)
        warn_of_memory(
            environment,
            token_store="memory://" if token_store is None else token_store,
            idempotency_store=idempotency_store,
        )
        self._request_log = _open_log(request_log)
        self._owns_log = self._request_log is not request_log
        self._drift, self._owns_drift = _open_drift(drift_store, clock=clock)
        self._observers = CallObservers(log=self._request_log, drift=self._drift)
        self._pipeline = AsyncPipeline(
            self._settings,
            transport=AsyncTransport(http_client=http_client, max_response_size=self._settings.max_response_size),
            observers=self._observers,
            sleep=async_sleep,
            clock=clock,
        )
        self._store = open_store(token_store)
        self._owns_store = not isinstance(token_store, TokenStore)
        identity = Identity.of(self._settings.destination, client_id)
        self._tokens = AsyncTokens(
            self._store.for_identity(identity, keys=token_keys),
            refresh=self._refresh,
            authorize_url=self._authorize_url,
            on_reauthorization_required=on_reauthorization_required,
            clock=clock,
            settings=token_settings,
        )
        self._pipeline.use_tokens(self._tokens)
        self._owns_payments = isinstance(idempotency_store, str | PathLike)
        self._ledger = _open_ledger(idempotency_store, identity=identity, resend_after=resend_after, clock=clock)

    @classmethod
    def from_env(
        cls,
        *,
        client_id: str | None = None,
        client_secret: str | None = None,
        environment: str | None = None,
        base_url: str | None = None,
        secure_base_url: str | None = None,
        app_url: str | None = None,
        allow_insecure_http: bool | None = None,
        redirect_uri: str | None = None,
        token_store: TokenStore | str | PathLike[str] | None = None,
        token_keys: Sequence[str] | None = None,
        request_log: RequestLog | str | PathLike[str] | None = None,
        idempotency_store: IdempotencyStore | str | PathLike[str] | None = None,
        drift_store: DriftStore | str | PathLike[str] | None = None,
        resend_after: timedelta | None = None,
        timeout: float | Timeout | None = None,
        max_retries: int | None = None,
        max_response_size: int | None = None,
        http_client: (
            httpx.AsyncClient | httpx.AsyncBaseTransport | httpx2.AsyncClient | httpx2.AsyncBaseTransport | None
        ) = None,
        on_reauthorization_required: Callable[[ReauthorizationRequired], Awaitable[None] | None] | None = None,
        token_settings: TokenSettings = DEFAULTS,
        clock: Callable[[], float] = time.time,
    ) -> Self:
        """Makes a client from the `ASTRA_*` variables; an argument is used instead of its variable.

        Args:
            client_id: instead of `ASTRA_CLIENT_ID`.
            client_secret: instead of `ASTRA_CLIENT_SECRET`.
            environment: instead of `ASTRA_ENVIRONMENT`.
            base_url: instead of `ASTRA_BASE_URL`.
            secure_base_url: instead of `ASTRA_SECURE_BASE_URL`.
            app_url: instead of `ASTRA_APP_URL`.
            allow_insecure_http: instead of `ASTRA_ALLOW_INSECURE_HTTP`.
            redirect_uri: instead of `ASTRA_REDIRECT_URI`.
            token_store: instead of `ASTRA_TOKEN_STORE`.
            token_keys: instead of `ASTRA_TOKEN_KEYS`; an empty sequence reads and writes plain tokens.
            request_log: instead of `ASTRA_REQUEST_LOG`.
            idempotency_store: instead of `ASTRA_IDEMPOTENCY_STORE`.
            drift_store: instead of `ASTRA_DRIFT_STORE`.
            resend_after: when a payment that was not found may be sent once more; None: never.
            timeout: instead of `ASTRA_TIMEOUT`, in seconds, or a `Timeout`.
            max_retries: instead of `ASTRA_MAX_RETRIES`.
            max_response_size: instead of `ASTRA_MAX_RESPONSE_SIZE`, in bytes.
            http_client: your own client or transport, of httpx or httpx2.
            on_reauthorization_required: called once per dead grant.
            token_settings: the times of the token lifecycle.
            clock: epoch seconds; for tests.

        Raises:
            ConfigurationError: `ASTRA_CLIENT_ID` or `ASTRA_CLIENT_SECRET` is not set, or a value cannot be right.

        Example:
            astra = AsyncAstra.from_env()
        """
        client_secret, token_keys = hide(client_secret), hide_text(token_keys)
        token_store, request_log = hide_text(token_store), hide_text(request_log)
        idempotency_store, drift_store = hide_text(idempotency_store), hide_text(drift_store)
        found = read_environment()
        client_id = client_id if client_id is not None else found.client_id
        client_secret = client_secret if client_secret is not None else found.client_secret
        if not client_id or not client_secret:
            missing = "ASTRA_CLIENT_ID" if not client_id else "ASTRA_CLIENT_SECRET"
            raise ConfigurationError(
                f"{missing} is not set. Find it in the Keys section of your Astra dashboard; "
                "`astra sandbox` prints that of a local Astra."
            )
        if token_keys is None:
            token_keys = tuple(Secret(key) for key in found.token_keys)
        return cls(
            client_id,
            client_secret,
            environment=environment if environment is not None else found.environment or "sandbox",
            base_url=base_url if base_url is not None else found.base_url,
            secure_base_url=secure_base_url if secure_base_url is not None else found.secure_base_url,
            app_url=app_url if app_url is not None else found.app_url,
            allow_insecure_http=found.allow_insecure_http if allow_insecure_http is None else allow_insecure_http,
            redirect_uri=redirect_uri if redirect_uri is not None else found.redirect_uri,
            token_store=token_store if token_store is not None else found.token_store,
            token_keys=token_keys,
            request_log=request_log if request_log is not None else found.request_log,
            idempotency_store=idempotency_store if idempotency_store is not None else found.idempotency_store,
            drift_store=drift_store if drift_store is not None else found.drift_store,
            resend_after=resend_after,
            timeout=timeout if timeout is not None else found.timeout,
            max_retries=max_retries if max_retries is not None else found.max_retries,
            max_response_size=max_response_size if max_response_size is not None else found.max_response_size,
            http_client=http_client,
            on_reauthorization_required=on_reauthorization_required,
            token_settings=token_settings,
            clock=clock,
        )

    @shown
    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._settings.environment} {self._settings.hosts.api}>"

    @property
    def settings(self) -> Settings:
        """The settings in use."""
        return self._settings

    @property
    def tokens(self) -> AsyncTokens:
        """The token lifecycle: look at grants, refresh them, keep them alive."""
        return self._tokens

    @property
    def observers(self) -> CallObservers:
        """Hooks for tracing and metrics; see `astra.integrations.opentelemetry`."""
        return self._observers

    @property
    def request_log(self) -> RequestLog | None:
        """The ledger of request ids, or None when none is kept."""
        return self._request_log

    def user(self, key: str | None = None, *, astra_user_id: str | None = None) -> AsyncUserSession:
        """Returns a user's session. Nothing is read or sent yet.

        Args:
            key: your own key of the user.
            astra_user_id: Astra's id of the user, as it comes in webhooks.

        Returns:
            The session.

        Raises:
            InvalidRequestError: key is no text of 1 to 255 characters.
            ConfigurationError: not exactly one of the two.

        Example:
            user = astra.user("customer-42")
            user = astra.user(astra_user_id=event.user_id)
        """
        if (key is None) == (astra_user_id is None):
            raise ConfigurationError("Name the user by exactly one of key and astra_user_id.")
        if key is not None:
            check_user_key(key)
        if astra_user_id is not None:
            check_user_key(astra_user_id, argument="astra_user_id")
        return self._session(key, astra_user_id)

    def capture_requests(self) -> AbstractContextManager[CapturedRequests]:
        """Collects the request ids of one business operation, across the tasks and threads that take part in it.

        Returns:
            A context manager that gives the collection; it can be read during and after the block.

        Example:
            with astra.capture_requests() as calls:
                await user.profile.get()
            print([call.request_id for call in calls])
        """
        from astra.instrumentation.capture import capture_requests

        return capture_requests()

    async def with_raw_response(
        self, method: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> RawResponse[T]:
        """Calls a method of this client and returns its response as it came, beside the parsed result.

        Args:
            method: a method of a resource.
            *args: its arguments.
            **kwargs: its arguments.

        Returns:
            Status, headers, body, request id, and `parsed`.

        Raises:
            ConfigurationError: the method made no call, as `list` does before it is iterated; use `list(...).page`.
            AstraError: what the method raises. Its `raw_response` is the last response of the call that failed, or
                None when none came, or when it is that of a token endpoint and a success.

        Example:
            raw = await astra.with_raw_response(user.transfers.get, "tr_1")
            print(raw.status_code, raw.headers["request-id"], raw.parsed.amount)
        """
        if not callable(method):
            raise ConfigurationError("Pass the method itself, without calling it: with_raw_response(user.profile.get).")
        with capture_raw() as captured:
            try:
                parsed = await method(*args, **kwargs)
            except AstraError as error:
                raw = last_of_call(captured, error.call_id)
                if raw is not None and (raw.operation not in TOKEN_OPERATIONS or raw.status_code >= 400):
                    error.raw_response = raw
                raise
        if not captured:
            raise ConfigurationError("That method made no call. For lists use with_raw_response(pager.page).")
        return with_parsed(captured[-1], parsed)

    @cached_property
    def oauth(self) -> AsyncOAuth[AsyncUserSession]:
        """Authorization of users: link, redirect, exchange."""
        from astra.oauth._async.oauth import AsyncOAuth

        return AsyncOAuth(self._pipeline, self._tokens, session=self._session)

    @cached_property
    def payments(self) -> AsyncPayments:
        """Payments under idempotency keys: list them, settle those of unknown outcome. Needs an `idempotency_store`."""
        from astra.resources._async.payments import AsyncPayments

        return AsyncPayments(self._pipeline, self._ledger, users=self._tokens)

    @cached_property
    def user_intents(self) -> AsyncUserIntents:
        """What you know of persons before they authorize."""
        from astra.resources._async.user_intents import AsyncUserIntents

        return AsyncUserIntents(self._pipeline)

    @cached_property
    def business_profiles(self) -> AsyncBusinessProfiles:
        """What you know of businesses before they authorize."""
        from astra.resources._async.business_profiles import AsyncBusinessProfiles

        return AsyncBusinessProfiles(self._pipeline)

    @cached_property
    def partner_identity(self) -> AsyncPartnerIdentity:
        """Trusted authentication."""
        from astra.resources._async.partner_identity import AsyncPartnerIdentity

        return AsyncPartnerIdentity(self._pipeline)

    @cached_property
    def payment_instruments(self) -> AsyncPaymentInstruments:
        """Your own settlement accounts."""
        from astra.resources._async.payment_instruments import AsyncPaymentInstruments

        return AsyncPaymentInstruments(self._pipeline)

    @cached_property
    def batch_transfers(self) -> AsyncBatchTransfers:
        """Daily debits that settle net debit payouts."""
        from astra.resources._async.batch_transfers import AsyncBatchTransfers

        return AsyncBatchTransfers(self._pipeline)

    @cached_property
    def bins(self) -> AsyncBins:
        """What the first six digits of a card say."""
        from astra.resources._async.bins import AsyncBins

        return AsyncBins(self._pipeline)

    @cached_property
    def instant_payment_eligibility(self) -> AsyncEligibility:
        """Which banks can receive RTP and FedNow."""
        from astra.resources._async.instant_payment_eligibility import AsyncEligibility

        return AsyncEligibility(self._pipeline)

    @cached_property
    def webhooks(self) -> Webhooks:
        """Verification and parsing of webhooks."""
        from astra.webhooks import Webhooks

        return Webhooks(self._settings.client_secret)

    async def close(self) -> None:
        """Closes connections, writes out the request log and the drift store, closes a token store that a URL opened.

        A client from `with_options` shares all of that, and only writes those two out.

        Example:
            await astra.close()
        """
        if self._is_view:
            for log in (self._request_log, self._drift):
                if log is not None:
                    log.flush()
            return
        await self._tokens.aclose()
        await self._pipeline.close()
        if self._request_log is not None:
            from astra.request_log.log import finish

            # It may have to wait for another process, and other tasks must not.
            workers = AsyncWorkers()
            await workers.run(finish, self._request_log, close=self._owns_log)
            workers.close()
        if self._drift is not None:
            workers = AsyncWorkers()
            await workers.run(self._drift.close, store=self._owns_drift)
            workers.close()
        if self._owns_store:
            self._store.close()
        if self._ledger is not None:
            await self._ledger.close(owned=self._owns_payments)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _session(self, key: str | None, astra_user_id: str | None) -> AsyncUserSession:
        owner = AsyncUserRef(self._tokens, key=key, astra_user_id=astra_user_id)
        return AsyncUserSession(self._pipeline, owner, ledger=self._ledger)

    async def _refresh(self, refresh_token: str) -> TokenAnswer:
        from astra.oauth._async.exchange import refresh_tokens

        return await refresh_tokens(self._pipeline, refresh_token, user_key=refreshing.get())

    def _authorize_url(self, grant: Grant) -> str | None:
        from astra.oauth.links import LinkOptions, build_link

        if not self._settings.redirect_uri:
            return None
        return build_link(
            "authorize",
            LinkOptions(user_id=grant.astra_user_id),
            app_url=self._settings.hosts.app,
            client_id=self._settings.client_id,
            redirect_uri=self._settings.redirect_uri,
        ).url


def _check_hooks(hook: object, token_settings: object, clock: object) -> None:
    if hook is not None and not callable(hook):
        raise ConfigurationError(f"on_reauthorization_required must be a function, not {type(hook).__name__}.")
    if not isinstance(token_settings, TokenSettings):
        raise ConfigurationError(f"token_settings must be TokenSettings, not {type(token_settings).__name__}.")
    if not callable(clock):
        raise ConfigurationError(f"clock must be a function that returns seconds, not {type(clock).__name__}.")


def _check_resend_after(value: object) -> None:
    if value is not None and not (isinstance(value, timedelta) and value > timedelta(0)):
        raise ConfigurationError("resend_after must be a positive timedelta, or None for never.")


def _open_ledger(
    store: IdempotencyStore | str | PathLike[str] | None,
    *,
    identity: Identity,
    resend_after: timedelta | None,
    clock: Callable[[], float],
) -> AsyncPaymentLedger | None:
    _check_resend_after(resend_after)
    if store is None:
        if resend_after is not None:
            raise ConfigurationError("resend_after needs an idempotency_store: without one no payment has a key.")
        return None
    from astra.payments._async.ledger import AsyncPaymentLedger
    from astra.payments.stores.opening import open_idempotency_store

    return AsyncPaymentLedger(
        open_idempotency_store(store),
        environment=identity.environment,
        client_id=identity.client_id,
        resend_after=resend_after,
        clock=clock,
    )


def _open_log(request_log: RequestLog | str | PathLike[str] | None) -> RequestLog | None:
    if request_log is None:
        return None
    from astra.request_log.opening import open_request_log

    return open_request_log(request_log)


def _open_drift(
    store: DriftStore | str | PathLike[str] | None, *, clock: Callable[[], float]
) -> tuple[DriftObserver | None, bool]:
    if store is None:
        return None, False
    from astra.drift.observer import DriftObserver
    from astra.drift.store import open_drift_store

    opened = open_drift_store(store)
    return DriftObserver(opened, clock=clock), opened is not store
