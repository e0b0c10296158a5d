"""The exception tree of the SDK. Everything it raises on purpose is an `AstraError`.

    AstraError
    ├── ConfigurationError            the client was set up wrongly; nothing was sent
    ├── InvalidRequestError           an argument was wrong; nothing was sent (also a ValueError)
    ├── ClientClosedError             the client was used after close()
    ├── CallError                     a call was made and failed; knows its request ids
    │   ├── APIConnectionError        no complete response came
    │   │   ├── APITimeoutError       no complete response came in time
    │   │   └── ResponseTooLargeError the response is larger than the client accepts
    │   ├── APIError                  the response, from Astra or something in front of it, is a failure
    │   │   ├── BadRequestError 400 · AuthenticationError 401 · PermissionDeniedError 403 · NotFoundError 404
    │   │   ├── MethodNotAllowedError 405 · NotAcceptableError 406 · ConflictError 409 · GoneError 410
    │   │   ├── UnprocessableEntityError 422 · RateLimitError 429
    │   │   ├── InternalServerError 5xx
    │   │   │   └── ServiceUnavailableError 503
    │   │   └── OAuthError            a token endpoint refused
    │   ├── ResponseDecodeError       the response is a success, but its body or a field of it cannot be read
    │   ├── PaginationError           a list could not be followed to its end without losing items
    │   └── UncertainOutcomeError     a payment was sent and nobody knows yet whether it was made
    │       └── AmbiguousPaymentError  the search found something that may be it or another payment
    ├── StorageError                  a durable store failed or did not answer in time
    │   ├── TokenStoreError
    │   │   └── UnreadableGrantError  the stored grant of one user is damaged, or from another row
    │   └── RequestLogError · DedupeStoreError · StateStoreError · IdempotencyStoreError
    ├── AuthorizationRedirectError    the redirect from Astra's page has no usable code
    ├── TokensNotKeptError            tokens were issued and are not in the store; the error holds them
    │   └── UserMismatchError         they belong to another Astra user than the one under that key
    ├── ReauthorizationRequired       the user has to authorize on Astra's page again
    │   └── UnknownUserError          there is no grant under this key
    ├── TokenUnavailableError         no access token was available in time; trying later may help
    ├── RetryLater                    raised by your webhook callback: deliver the event again later
    ├── IdempotencyConflictError      the idempotency key belongs to another payment; nothing was sent
    ├── PaymentInProgressError        another call is sending the payment of this key; this call sent nothing
    └── WebhookVerificationError      a webhook's signature does not match its body
        └── WebhookPayloadError       its signature is right, but its body is not a webhook

All of them can be pickled, so that they cross process pools and task queues.
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Self

from astra._candidates import may_be

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from astra_api.models import Routine

    from astra._async.session import AsyncUserSession
    from astra._sync.session import UserSession
    from astra.config import Timeout
    from astra.http.payment_match import PaymentCandidate
    from astra.instrumentation.raw_response import RawResponse


@cache
def _folder_of_pages() -> str:
    """The wheel has a copy of the pages; a clone has them where they are written."""
    installed = os.path.join(os.path.dirname(__file__), "error_pages")
    return installed if os.path.isdir(installed) else "docs/reference/errors"


class AstraError(Exception):
    """Base class of every error that this SDK raises on purpose.

    Attributes:
        hint: what usually helps, or None.
        call_id: local id of the call that failed, or None when the error is not about a call.
        request_id: Astra's request id of its last answer, or None.
        raw_response: the last response of the call as it came, a `RawResponse`, if the call was made by
            `with_raw_response`; else None. Its body is not redacted.
        cursor: where the iteration over a list was when it failed: `list(cursor=error.cursor)` continues there, and
            fetches the failed page again. None at the first page, and if the error is not about a list.

    Example:
        try:
            user.transfers.get("tr_1")
        except astra.AstraError as error:
            log.error("astra call failed: %s (%s, %s)", error, error.request_id, error.hint)
    """

    cursor: str | None = None
    hint: str | None = None
    call_id: str | None = None
    raw_response: RawResponse[None] | None = None
    _points_to_docs = True

    def __new__(cls, *args: Any, **_: Any) -> Self:
        """Makes the error; its traceback ends with the page that tells what to do."""
        error = super().__new__(cls, *args)
        if cls._points_to_docs:
            error.add_note(f"Causes, and what to do: {error.docs}")
        return error

    @property
    def docs(self) -> str:
        """The page with the causes of this error and what to do: a file of the installed SDK, or of the repository.

        Example:
            error.docs  # "docs/reference/errors/uncertain-outcome-error.md"
        """
        name = next(kind.__name__ for kind in type(self).__mro__ if kind.__module__ == "astra")
        words = re.findall(r"OAuth|[A-Z]+(?![a-z])|[A-Z][a-z]+", name)
        return f"{_folder_of_pages()}/{'-'.join(words).lower()}.md"

    @property
    def request_id(self) -> str | None:
        """Astra's request id of the last answer, or None when there is none."""
        return None

    def __reduce__(self) -> tuple[Any, ...]:
        # Keyword-only constructors defeat the default protocol, which calls cls(*args).
        state = {name: value for name, value in self.__dict__.items() if not name.startswith("_live_")}
        return _rebuild, (type(self), self.args, state)


def _rebuild(kind: type[AstraError], args: tuple[Any, ...], state: dict[str, Any]) -> AstraError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigurationError(AstraError):
    """The client cannot work as it was set up: a missing setting, an unknown URL scheme, a missing extra."""


class AstraConfigurationWarning(UserWarning):
    """A setting that is probably not what was meant, such as a misspelled `ASTRA_*` variable."""


class AstraMemoryStoreWarning(AstraConfigurationWarning):
    """A production client keeps grants, or payments under keys, in memory. The text says what gets lost.

    A store that is passed as an object is considered intended and causes no warning.

    Example:
        warnings.simplefilter("error", astra.AstraMemoryStoreWarning)  # no such client is made
    """


class InvalidRequestError(AstraError, ValueError):
    """An argument is invalid, and the documents are certain about it. Nothing was sent.

    Attributes:
        argument: name of the argument at fault, or None when several are.
    """

    _points_to_docs = False  # the message is the cure

    def __init__(self, message: str, *, argument: str | None = None) -> None:
        super().__init__(message)
        self.argument = argument


class ClientClosedError(AstraError, RuntimeError):
    """A call was made on a client after `close()`, or on a client that another process opened."""


class CallError(AstraError):
    """What every error of one call knows. Catch its subclasses, or `AstraError`.

    Attributes:
        call_id: local id of the call, created before its first attempt; it exists even when no answer came.
        request_ids: Astra's request id of every attempt that was answered, in order.
        request_id: the last of them, or None. This is what Astra's support asks for.
        operation: name of the operation, for example "get_transfer".
        method: HTTP method.
        path: path of the request without its query, for example "/v1/transfers/tr_1".
        attempts: how many times the SDK sent the request, or tried to.
        user_key: your key of the user, or None for a call of the client itself.
        hint: what usually helps, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        call_id: str | None = None,
        request_ids: tuple[str, ...] = (),
        operation: str | None = None,
        method: str | None = None,
        path: str | None = None,
        attempts: int = 0,
        user_key: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.call_id = call_id
        self.request_ids = request_ids
        self.operation = operation
        self.method = method
        self.path = path
        self.attempts = attempts
        self.user_key = user_key
        self.hint = hint

    @property
    def request_id(self) -> str | None:
        """Astra's request id of the last answer, or None when no answer carried one."""
        return self.request_ids[-1] if self.request_ids else None


class APIConnectionError(CallError):
    """No complete response came: the connection could not be made, or it broke.

    Attributes:
        sent: False when the request certainly never left, so that sending it again is safe; True when it may have
            been processed.
    """

    def __init__(self, message: str, *, sent: bool = True, **context: Any) -> None:
        super().__init__(message, **context)
        self.sent = sent


class APITimeoutError(APIConnectionError):
    """No answer came within the call's timeout, which covers all of its attempts."""


class ResponseTooLargeError(APIConnectionError):
    """The body of the answer is larger than `max_response_size` allows, so it was not read to its end.

    The call is not retried, because the answer would be the same. A write has most likely happened; a payment raises
    `UncertainOutcomeError` instead.
    """


class APIError(CallError):
    """An answer with a status that is not a success, from Astra or from something in front of it.

    Attributes:
        status_code: HTTP status.
        code: short error code: the `error` of an OAuth body, or the numeric `code`/`status_code` as text.
        name: error name of the body, for example "Bad Request".
        description: text of the body, or None.
        field_errors: messages by field name, empty when the body names no fields.
        body: the decoded JSON body, or the text when it was not JSON (at most 2,000 characters are kept).
        headers: the answer's headers by lower-case name, without cookies and credentials, each cut to 2,000 characters.
        retry_after: seconds that the answer asks to wait, or None when it does not say.
    """

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        code: str | None = None,
        name: str | None = None,
        description: str | None = None,
        field_errors: Mapping[str, tuple[str, ...]] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        retry_after: float | None = None,
        **context: Any,
    ) -> None:
        super().__init__(message, **context)
        self.status_code = status_code
        self.code = code
        self.name = name
        self.description = description
        self.field_errors: dict[str, tuple[str, ...]] = dict(field_errors or {})
        self.body = body
        self.headers: dict[str, str] = dict(headers or {})
        self.retry_after = retry_after


class BadRequestError(APIError):
    """400: the request is not valid; see `description` and `field_errors`."""


class AuthenticationError(APIError):
    """401: wrong or missing credentials."""


class PermissionDeniedError(APIError):
    """403: the resource is not open to these credentials."""


class NotFoundError(APIError):
    """404: no such resource for these credentials."""


class MethodNotAllowedError(APIError):
    """405: the path does not take this method."""


class NotAcceptableError(APIError):
    """406: a format other than JSON was asked for."""


class ConflictError(APIError):
    """409: the request conflicts with the state of the resource."""


class GoneError(APIError):
    """410: the resource was removed."""


class UnprocessableEntityError(APIError):
    """422: the body is well formed but not acceptable."""


class RateLimitError(APIError):
    """429: too many requests. The request was refused, so nothing was processed; see `retry_after`."""


class InternalServerError(APIError):
    """5xx: the server failed. For a write, the outcome is not certain."""


class ServiceUnavailableError(InternalServerError):
    """503: maintenance; try later, after `retry_after`."""


class OAuthError(APIError):
    """A token endpoint refused; `code` is an RFC 6749 code such as "invalid_grant" or "invalid_client".

    Attributes:
        code: the RFC 6749 error code, or None when the body named none.
        description: the server's text, or None.
    """


class ResponseDecodeError(CallError):
    """The status says success, but the body, or one field of it, cannot be read.

    The operation has most likely happened: find out before you repeat it. A payment with an unreadable body raises
    `UncertainOutcomeError` instead.

    Attributes:
        status_code: HTTP status of the answer, or None for a single field.
        field: name of the field that cannot be read, or None for the body as a whole.
        body: text of the body (at most 2,000 characters), or None.
    """

    def __init__(
        self,
        message: str,
        *,
        status_code: int | None = None,
        field: str | None = None,
        body: str | None = None,
        **context: Any,
    ) -> None:
        super().__init__(message, **context)
        self.status_code = status_code
        self.field = field
        self.body = body


class PaginationError(CallError):
    """A list cannot be continued without the risk of losing or repeating items.

    The items so far are good. `list(cursor=error.cursor)` continues where it failed.

    Example:
        try:
            for transfer in user.transfers.list():
                book(transfer)
        except astra.PaginationError as error:
            log.error("the list is not complete: %s", error)
    """


class StorageError(AstraError):
    """A durable store failed: it cannot be reached or written, is locked, is out of space, or did not answer in time.

    The message names the driver's exception and holds no token, no key of a user and no password.

    Attributes:
        timed_out: whether no answer came in time; the store may still do what it was asked.
    """

    def __init__(self, message: str, *, timed_out: bool = False) -> None:
        super().__init__(message)
        self.timed_out = timed_out


class TokenStoreError(StorageError):
    """The token store failed. No token was lost: what is stored stays usable."""


class UnreadableGrantError(TokenStoreError):
    """What the token store holds for one user is not a valid grant: damaged, or copied from another row. Nothing was
    sent.

    Attributes:
        user_key: your key of the user.
    """

    def __init__(self, message: str, *, user_key: str, timed_out: bool = False) -> None:
        super().__init__(message, timed_out=timed_out)
        self.user_key = user_key


class RequestLogError(StorageError):
    """The request log could not be read. Failures to write are logged and tried again, and never reach a call."""


class DedupeStoreError(StorageError):
    """The de-duplication store of webhooks failed; an affected delivery has to be repeated."""


class StateStoreError(StorageError):
    """The store of states failed: until it works again, no link can be made and no redirect accepted."""


class IdempotencyStoreError(StorageError):
    """The idempotency store failed. Unless the error says otherwise, nothing was sent: without a record, the SDK makes
    no payment under a key."""


class IdempotencyConflictError(AstraError):
    """The idempotency key belongs to another payment: another amount, another user, another operation's body. Nothing
    was sent. One key makes one payment: give this payment its own key, or find out why the two differ.

    Attributes:
        idempotency_key: the key.
        operation: name of the operation.
        state: what is known about the payment that has the key; see `astra.payments.PaymentState`.
    """

    def __init__(self, message: str, *, idempotency_key: str, operation: str, state: str) -> None:
        super().__init__(message)
        self.idempotency_key = idempotency_key
        self.operation = operation
        self.state = state


class PaymentInProgressError(AstraError):
    """Another call is sending the payment of this key, and did not end within this call's timeout. This call sent
    nothing.

    Attributes:
        idempotency_key: the key.
        operation: name of the operation.
        retry_after: seconds after which its sender counts as dead, and a call with the same key searches for the
            payment.
    """

    def __init__(self, message: str, *, idempotency_key: str, operation: str, retry_after: float) -> None:
        super().__init__(message)
        self.idempotency_key = idempotency_key
        self.operation = operation
        self.retry_after = retry_after


class AuthorizationRedirectError(AstraError):
    """The redirect from Astra's authorization page has no usable code.

    Attributes:
        code: the page's OAuth error code such as "access_denied"; or ours: "missing_state", "state_mismatch",
            "state_unknown", "foreign_redirect", "missing_code", "invalid_redirect".
        description: the page's own text, or None.
    """

    def __init__(self, message: str, *, code: str, description: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.description = description


class TokensNotKeptError(AstraError):
    """Astra has issued tokens, but they could not be kept. The code is used up; this error holds them until you keep
    them.

    What was stored before is unchanged. Do not send the code again: call one of the methods. The tokens are not in the
    repr or the pickle of the error, and are lost with it.

    Attributes:
        user_key: the key under which they should be kept, or None if that is Astra's id.
        astra_user_id: Astra's id of the user whose tokens they are, or None when Astra could not be asked.

    Example:
        try:
            user = astra.oauth.exchange(code, key="customer-42")
        except astra.TokensNotKeptError as error:
            user = error.keep()
    """

    def __init__(self, message: str, *, user_key: str | None, astra_user_id: str | None = None) -> None:
        super().__init__(message)
        self.user_key = user_key
        self.astra_user_id = astra_user_id
        self._live_keeper: Callable[..., Any] | None = None

    def keep_with(self, keeper: Callable[..., Any]) -> None:
        """Sets the function that keeps the tokens; the client does this.

        Args:
            keeper: takes a key and whether it replaces another user.
        """
        self._live_keeper = keeper

    def keep(self) -> UserSession:
        """Tries once more to keep the tokens in the store, under their key.

        Returns:
            The user's session.

        Raises:
            TokensNotKeptError: it has failed again; that error holds the tokens too.
            ConfigurationError: the error was passed to another process and has lost the tokens; or it comes from
                `AsyncAstra`: use `akeep()`.

        Example:
            user = error.keep()
        """
        session: UserSession = self._keeper(is_async=False)(key=self.user_key, replace=False)
        return session

    def keep_as(self, key: str) -> UserSession:
        """Keeps the tokens under another key.

        Args:
            key: your own key of the user.

        Returns:
            The user's session.

        Raises:
            AstraError: as `keep`.

        Example:
            user = error.keep_as("customer-43")
        """
        session: UserSession = self._keeper(is_async=False)(key=key, replace=False)
        return session

    def replace(self) -> UserSession:
        """Keeps the tokens under their key, whichever user was under it. The former grant is deleted.

        Returns:
            The user's session.

        Raises:
            AstraError: as `keep`.

        Example:
            user = error.replace()
        """
        session: UserSession = self._keeper(is_async=False)(key=self.user_key, replace=True)
        return session

    async def akeep(self) -> AsyncUserSession:
        """Tries once more to keep the tokens; `keep` for errors of `AsyncAstra`.

        Returns:
            The user's session.

        Raises:
            AstraError: as `keep`.

        Example:
            user = await error.akeep()
        """
        session: AsyncUserSession = await self._keeper(is_async=True)(key=self.user_key, replace=False)
        return session

    async def akeep_as(self, key: str) -> AsyncUserSession:
        """Keeps the tokens under another key; `keep_as` for errors of `AsyncAstra`.

        Args:
            key: your own key of the user.

        Returns:
            The user's session.

        Raises:
            AstraError: as `keep`.

        Example:
            user = await error.akeep_as("customer-43")
        """
        session: AsyncUserSession = await self._keeper(is_async=True)(key=key, replace=False)
        return session

    async def areplace(self) -> AsyncUserSession:
        """Keeps the tokens under their key, whichever user was under it; `replace` for errors of `AsyncAstra`.

        Returns:
            The user's session.

        Raises:
            AstraError: as `keep`.

        Example:
            user = await error.areplace()
        """
        session: AsyncUserSession = await self._keeper(is_async=True)(key=self.user_key, replace=True)
        return session

    def _keeper(self, *, is_async: bool) -> Callable[..., Any]:
        keeper: Callable[..., Any] | None = self.__dict__.get("_live_keeper")
        if keeper is None:
            raise ConfigurationError(
                "This error holds no tokens any more: a copy of it crossed a process border. Keep them where it was "
                "raised, or send the person through Astra's page again."
            )
        _check_flavour(keeper, is_async=is_async, names=("keep", "keep_as", "replace"))
        return keeper


class UserMismatchError(TokensNotKeptError):
    """The key belongs to another Astra user. Two people were mixed up, or one person has a new user id at Astra.

    Nothing was replaced: calls for the key still act for the former user. Find out which case it is, then `keep_as`
    another key, or `replace` the former user. `exchange(..., replace=True)` allows the replacement in advance.

    Attributes:
        former_astra_user_id: Astra's id of the user who is under the key.

    Example:
        try:
            user = astra.oauth.exchange(code, key="customer-42")
        except astra.UserMismatchError as error:
            log.error("%s is %s, not %s", error.user_key, error.former_astra_user_id, error.astra_user_id)
            user = error.keep_as("customer-42-new")
    """

    def __init__(
        self, message: str, *, user_key: str, former_astra_user_id: str, astra_user_id: str | None = None
    ) -> None:
        super().__init__(message, user_key=user_key, astra_user_id=astra_user_id)
        self.former_astra_user_id = former_astra_user_id


class ReauthorizationRequired(AstraError):
    """The user's refresh token is dead: only the user can renew it, on Astra's authorization page.

    Attributes:
        user_key: your key of the user.
        authorize_url: where to send the user, or None when no redirect URI is configured.
        astra_user_id: Astra's id of the user, or None when it is not known.
    """

    def __init__(
        self,
        message: str,
        *,
        user_key: str,
        authorize_url: str | None = None,
        astra_user_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.user_key = user_key
        self.authorize_url = authorize_url
        self.astra_user_id = astra_user_id


class UnknownUserError(ReauthorizationRequired):
    """Nobody has authorized under this key: it is mistyped, or its grant was forgotten, or never made.

    A user whom you named by Astra's id, and of whom no grant is stored, is unknown as well: then `user_key` is empty,
    and `astra_user_id` is that id.

    This is not a dead grant: `authorize_url` is None and `on_reauthorization_required` is not called.

    Example:
        try:
            user.profile.get()
        except astra.UnknownUserError as error:
            log.error("no such user: %s", error.user_key)
    """


class TokenUnavailableError(AstraError):
    """No usable access token was available within the time allowed, or the stored one cannot be sent at all.

    The grant itself is not known to be dead.

    Attributes:
        user_key: your key of the user.
        retry_after: seconds after which another attempt makes sense, or None.
    """

    def __init__(self, message: str, *, user_key: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.user_key = user_key
        self.retry_after = retry_after


class UncertainOutcomeError(CallError):
    """A payment was sent, and no answer says whether it was made. Do not send it again before you know.

    No answer came, or one that proves nothing: a status that is neither a success nor a refusal, or a success whose
    body is not the payment that was sent. The error keeps the answer.

    Find out with `reconcile()` (`areconcile()` with `AsyncAstra`), or later, in any process, with
    `user.routines.reconcile(error)`. A request to change or stop a payment raises it too, with empty `match_fields`:
    read the routine or transfer again. `hint` says what can be done.

    After a killed process or a cancelled call there is no error: create one from what you wrote down, and pass it to
    `user.routines.reconcile`, `UncertainOutcomeError("killed", sent_at=..., match_fields={...})`.

    Attributes:
        client_correlation_id: the id that the payment carries, or None when it has none.
        sent_at: when it was sent (UTC).
        amount: its amount in US dollars.
        status_code: status of the unreadable or failed answer, or None when there was no answer.
        description: the answer's own text, or None.
        body: the answer's decoded JSON, or its text when it was not JSON (at most 2,000 characters), or None.
        headers: the answer's headers by lower-case name, without cookies and credentials.
        retry_after: seconds that the answer asks to wait, or None when it does not say.
        match_fields: everything that was sent, as text, to find the payment again; the parts of an object have a dot
            in their names ("source.id"). Empty unless the call was to make a new payment.
        idempotency_key: the key that it was sent under, or None.
        search: the result of the SDK's search for the payment; None if there was no search.
        interrupted: True if an exception from a signal handler, such as a time limit of a task queue, interrupted the
            call; it is the `__cause__`. Then there was no search for the payment, whatever `on_uncertain` says.
    """

    def __init__(
        self,
        message: str,
        *,
        client_correlation_id: str | None = None,
        sent_at: datetime | None = None,
        amount: Decimal | None = None,
        status_code: int | None = None,
        description: str | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        retry_after: float | None = None,
        match_fields: Mapping[str, str] | None = None,
        **context: Any,
    ) -> None:
        super().__init__(message, **context)
        self.client_correlation_id = client_correlation_id
        self.sent_at = sent_at
        self.amount = amount
        self.status_code = status_code
        self.description = description
        self.body = body
        self.headers: dict[str, str] = dict(headers or {})
        self.retry_after = retry_after
        self.match_fields: dict[str, str] = dict(match_fields or {})
        self.idempotency_key: str | None = None
        self.search: str | None = None
        self.interrupted = False
        self._live_finder: Callable[..., Any] | None = None

    def find_with(self, finder: Callable[..., Any]) -> None:
        """Sets the function that `reconcile` calls; the client does this.

        Args:
            finder: `user.routines.reconcile`.
        """
        self._live_finder = finder

    def looked(self, result: str) -> None:
        """Adds the result of the search for the payment, also to the text of the error; the client does this.

        Args:
            result: one sentence.
        """
        self.search = result
        self.args = (f"{self.args[0]} {result}", *self.args[1:])

    def reconcile(self, *, timeout: float | Timeout | None = None) -> Routine | None:
        """Searches once for the payment among the user's routines and transfers. Sends only reads.

        Args:
            timeout: seconds for the whole search; None is the client's.

        Returns:
            The routine if it is found. None if everything that may contain it was read and nothing there can be the
            payment, which is no proof that it will never be made: the request may still be on its way.

        Raises:
            AmbiguousPaymentError: something was found that may be the payment, or another one.
            PaginationError: there is more to read than the search may read.
            ConfigurationError: the error was passed to another process and lost its client; use
                `user.routines.reconcile(error)` there. Or it comes from `AsyncAstra`: use `areconcile()`. Or the call
                was not to make a new payment.
            AstraError: like every read; then the search was not completed.

        Example:
            try:
                user.routines.create(..., client_correlation_id="INV00042")
            except astra.UncertainOutcomeError as error:
                routine = error.reconcile()
        """
        finder = self._finder(is_async=False)
        found: Routine | None = finder(self, timeout=timeout)
        return found

    async def areconcile(self, *, timeout: float | Timeout | None = None) -> Routine | None:
        """Searches once for the payment; `reconcile` for errors of `AsyncAstra`.

        Args:
            timeout: seconds for the whole search; None is the client's.

        Returns:
            As `reconcile`.

        Raises:
            AstraError: as `reconcile`.

        Example:
            try:
                await user.routines.create(..., client_correlation_id="INV00042")
            except astra.UncertainOutcomeError as error:
                routine = await error.areconcile()
        """
        finder = self._finder(is_async=True)
        found: Routine | None = await finder(self, timeout=timeout)
        return found

    def _finder(self, *, is_async: bool) -> Callable[..., Any]:
        finder: Callable[..., Any] | None = self.__dict__.get("_live_finder")
        if not self.match_fields:
            raise ConfigurationError(
                f"There is no new payment to look for: {self.operation} makes none. Read again what it was about."
            )
        if finder is None:
            raise ConfigurationError(
                "This error has no client any more. Use user.routines.reconcile(error) with a client of this process."
            )
        _check_flavour(finder, is_async=is_async, names=("reconcile",))
        return finder


def _check_flavour(function: Callable[..., Any], *, is_async: bool, names: tuple[str, ...]) -> None:
    """Refuses the method of the other flavor, which would return a coroutine, or await something that is not one."""
    from inspect import iscoroutinefunction

    if iscoroutinefunction(function) is not is_async:
        right = " or ".join(f"{name}()" if is_async else f"await error.a{name}()" for name in names)
        raise ConfigurationError(f"This error comes from {'Astra' if is_async else 'AsyncAstra'}: use {right}.")


class AmbiguousPaymentError(UncertainOutcomeError):
    """The search for a payment with unknown outcome found something that may be it or another one. A person decides.

    More than one routine agrees with it; or one does that is older, that differs in a field, that has no correlation
    id, or that may also be another payment of this client. Only reads were sent.

    Attributes:
        candidates: the routines and transfers that may be the payment.

    Example:
        try:
            routine = user.routines.reconcile(error)
        except astra.AmbiguousPaymentError as ambiguous:
            for candidate in ambiguous.candidates:
                print(candidate.routine_id, candidate.created, candidate.reason)
    """

    def __init__(self, message: str, *, candidates: tuple[PaymentCandidate, ...] = (), **context: Any) -> None:
        super().__init__(message, **context)
        self.candidates = candidates

    @classmethod
    def about(cls, error: UncertainOutcomeError, candidates: tuple[PaymentCandidate, ...]) -> AmbiguousPaymentError:
        """Returns the error for a payment that may be any of the candidates; the client does this.

        Args:
            error: the payment's error.
            candidates: the routines and transfers that may be it.
        """
        hint = "A person has to decide which of error.candidates it is, if any."
        found = cls(str(error) if error.hint is None else str(error).replace(f" {error.hint}", "", 1))
        found.__dict__.update(error.__dict__, candidates=candidates, hint=hint)
        found.looked(f"It {may_be(candidates)}. {hint}")
        return found


class WebhookVerificationError(AstraError):
    """A webhook's signature does not belong to its body, or cannot be read. Do not act on the webhook.

    Attributes:
        hint: what usually causes this, or None.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(f"{message} {hint}" if hint else message)
        self.hint = hint


class WebhookPayloadError(WebhookVerificationError):
    """The body of a webhook cannot be read: it is not a JSON object, or it has no `webhook_type`."""


class RetryLater(AstraError):
    """Raised by your callback when a webhook event cannot be handled yet.

    The handler releases its claim and answers 503, so Astra delivers the event again: up to 10 times, with a delay that
    doubles, over about five hours (reference: "Webhooks").

    Args:
        reason: for your log.

    Example:
        def on_event(event):
            if not order_is_committed(event.resource_id):
                raise astra.RetryLater("the order is not committed yet")
    """

    _points_to_docs = False

    def __init__(self, reason: str = "The event cannot be handled yet.") -> None:
        super().__init__(reason)


class AstraDuplicateUserWarning(UserWarning):
    """One Astra user authorized under two of your keys. The text names both.

    Both keys work and share one access token, because each user has only one valid access token. Unless you want two
    keys for one person, one of your customers acts for another: call `tokens.forget` for the wrong key.

    Example:
        warnings.simplefilter("error", astra.AstraDuplicateUserWarning)  # or have logging.captureWarnings(True) log it
    """


class AstraDeprecationWarning(DeprecationWarning):
    """A part of the SDK that your code uses will be removed. The text says when, and what to use instead.

    Example:
        warnings.simplefilter("error", astra.AstraDeprecationWarning)  # finds every use in your tests
    """


STATUS_ERRORS: Mapping[int, type[APIError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    405: MethodNotAllowedError,
    406: NotAcceptableError,
    409: ConflictError,
    410: GoneError,
    422: UnprocessableEntityError,
    429: RateLimitError,
    503: ServiceUnavailableError,
}

# Users import them from `astra`: so their reprs, tracebacks and pickles say.
for _kind in tuple(globals().values()):
    if isinstance(_kind, type) and issubclass(_kind, (AstraError, UserWarning, DeprecationWarning)):
        _kind.__module__ = "astra"
