"""One call, from its authorization to its result or its error. What it decides, it asks of `outcomes` and `retry`."""

from __future__ import annotations

import base64
import contextlib
import copy
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, Final, Generic, Protocol, Self, TypeVar, cast

import attrs

from astra._flavours import async_end_left, async_finish
from astra._secret import Secret
from astra.config import Settings, Timeout, as_timeout
from astra.errors import (
    AstraError,
    ClientClosedError,
    ConfigurationError,
    InvalidRequestError,
    TokenUnavailableError,
    UncertainOutcomeError,
)
from astra.http._async.transport import AsyncTransport
from astra.http.calls import Call, CallContext
from astra.http.error_mapping import ErrorDetails, error_from_response, read_error_body, visible_headers
from astra.http.header_fields import check_headers, check_request_line, is_sendable, request_headers
from astra.http.masking import Mask
from astra.http.operations import decode_object
from astra.http.options import CheckedOptions, merge_options
from astra.http.outcomes import (
    allowed_rejections,
    connection_error,
    leaves_payment_uncertain,
    may_send_again,
    note_of,
    safety_of,
    uncertain_outcome,
    why_not_done,
)
from astra.http.responses import (
    AttemptOutcome,
    Headers,
    Response,
    TransportFailure,
    TransportResponse,
    request_id_of,
    without_frames,
)
from astra.http.retry import Safety, backoff, retry_after_seconds
from astra.http.sent_payments import SentPayments
from astra.http.telemetry import attempt_record, call_info, call_outcome
from astra.instrumentation.dispatch import CallObservers, Telling
from astra.instrumentation.raw_response import RawResponse, active_raw_captures
from astra.instrumentation.record import RequestRecord
from astra.version import USER_AGENT

T = TypeVar("T")
_BEFORE_SENDING: Final = (ClientClosedError, ConfigurationError, InvalidRequestError)


class AsyncTokenSource(Protocol):
    """What a call needs of the token lifecycle."""

    async def access_token(self, key: str, *, deadline: float | None = None) -> str:
        """Returns a usable access token of the user."""
        ...

    async def replace(self, key: str, *, rejected: str, deadline: float | None = None) -> str:
        """Returns a token other than the rejected one."""
        ...


@attrs.define
class _Credential:
    """The Authorization value in use. Its repr shows nothing, because frames are printed with their locals."""

    value: str = attrs.field(repr=False)
    rejections: int = 0


@attrs.define
class _Flight:
    """A call on its way.

    Attributes:
        in_doubt: True when it moves money, was sent, and may have been carried out.
        ended: the latest attempt, once it has ended, until everybody was told of it.
    """

    call: Call
    context: CallContext
    limits: Timeout
    safety: Safety
    deadline: float
    headers: Headers
    in_doubt: bool = False
    ended: Telling | None = None


@attrs.define
class _Ended(Generic[T]):
    """What an attempt came to: a value, or the error that it stands for, which is raised unless it is sent again."""

    outcome: AttemptOutcome
    value: T | None = None
    error: AstraError | None = None


class AsyncPipeline:
    """Sends calls by the rules of `astra.http.retry`.

    Args:
        settings: hosts, time limits, credentials.
        transport: what speaks HTTP.
        observers: told of every call and attempt.
        sleep: waits between attempts.
        clock: epoch seconds, for records and `Retry-After` dates.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        transport: AsyncTransport,
        observers: CallObservers,
        sleep: Callable[[float], Awaitable[None]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings
        self._transport = transport
        self._observers = observers
        self.sleep = sleep
        self.sent_payments = SentPayments()
        self._clock = clock
        self._basic = "Basic " + base64.b64encode(f"{settings.client_id}:{settings.client_secret}".encode()).decode()
        self._tokens: AsyncTokenSource | None = None
        self._left: set[Any] = set()
        self._origins = {"api": settings.hosts.api, "secure": settings.hosts.secure, "app": settings.hosts.app}
        self._options = CheckedOptions()

    def use_tokens(self, tokens: AsyncTokenSource) -> None:
        """Sets where access tokens come from; the lifecycle needs the pipeline first, to refresh them."""
        self._tokens = tokens

    def with_options(self, options: CheckedOptions) -> Self:
        """Returns this pipeline with other options for the calls that do not give them; all else is shared."""
        view = copy.copy(self)
        view._options = merge_options(self._options, options)
        limits, retries = options.get("timeout", self.settings.timeout), options.get("max_retries")
        view.settings = attrs.evolve(
            self.settings,
            timeout=as_timeout(limits),
            max_retries=self.settings.max_retries if retries is None else retries,
        )
        return view

    async def call(self, call: Call) -> Response:
        """Sends a call until it succeeds or may not be sent again; see `fetch`."""
        return await self.fetch(call, _as_it_is)

    async def fetch(self, call: Call, read: Callable[[Response], T]) -> T:
        """Sends a call until it succeeds or may not be sent again, and reads its response.

        What the response is worth is decided before the request log, captures and observers hear of it.

        Args:
            call: the call.
            read: makes the result of a successful response; what it raises is the error of the call.

        Raises:
            AstraError: the member of the tree that says what happened; see `astra.errors`.
        """
        call.options = merge_options(self._options, call.options)
        context = CallContext(call.operation, call.path, call.user_key)
        context.client_correlation_id = call.match_fields.get("client_correlation_id")
        limits = self._limits(call)
        headers = _headers(call)
        check_request_line(call.operation.method, call.path)
        flight = _Flight(call, context, limits, safety_of(call), time.monotonic() + limits.total, headers)
        origin = self._origins[call.operation.host]
        observer_tokens = self._observers.start(call_info(context, origin=origin)) if self._observers else ()
        try:
            value = await self._until_decided(flight, read)
            if observer_tokens:
                started, observer_tokens = observer_tokens, ()
                self._observers.end(started, call_outcome(context, None))
            return value
        except BaseException as error:
            if flight.ended is not None:  # it was interrupted while that was told
                self._observers.tell(flight.ended)
            raised = _explained(flight, error)
            if observer_tokens:
                self._observers.end(observer_tokens, call_outcome(context, raised))
            if raised is not error:
                raise raised from without_frames(error)
            raise

    async def _until_decided(self, flight: _Flight, read: Callable[[Response], T]) -> T:
        call = flight.call
        retries_left = call.options.get("max_retries", self.settings.max_retries)
        retry_number = 0
        credential = await self._authorize(call, flight.deadline)
        while True:
            if flight.safety is Safety.MONEY:
                ended = await async_finish(lambda: self._attempt_to_its_end(flight, credential, read), self._left)
            else:
                ended = await self._attempt(flight, credential, read)
            if ended.error is None:
                return cast("T", ended.value)
            outcome = ended.outcome
            if outcome.status == 401 and isinstance(outcome, TransportResponse) and _may_renew(call):
                credential.rejections += 1
                allowed = allowed_rejections(outcome, safety=flight.safety)
                if credential.rejections <= allowed and time.monotonic() < flight.deadline:
                    await self._renew(call, credential, flight.deadline)
                    continue
            wait = self._wait_before_retry(outcome, flight.safety, retries_left, retry_number, flight.deadline)
            if wait is None:
                raise ended.error
            retries_left -= 1
            retry_number += 1
            await self.sleep(wait)

    def _limits(self, call: Call) -> Timeout:
        given = call.options.get("timeout")
        return self.settings.timeout if given is None else as_timeout(given)

    async def _authorize(self, call: Call, deadline: float) -> _Credential:
        if call.bearer is not None:
            return _Credential(_bearer(call.bearer, user_key=None))
        if call.operation.auth == "basic":
            return _Credential(self._basic)
        if self._tokens is None or call.user_key is None:
            raise ConfigurationError(f"{call.operation.id} acts on a user: call it on astra.user(...).")
        token = await self._tokens.access_token(call.user_key, deadline=deadline)
        return _Credential(_bearer(token, user_key=call.user_key))

    async def _renew(self, call: Call, credential: _Credential, deadline: float) -> None:
        if self._tokens is None or call.user_key is None:
            raise ConfigurationError(f"{call.operation.id} acts on a user: call it on astra.user(...).")
        token = await self._tokens.replace(
            call.user_key, rejected=credential.value[len("Bearer ") :], deadline=deadline
        )
        credential.value = _bearer(token, user_key=call.user_key)

    async def _attempt_to_its_end(
        self, flight: _Flight, credential: _Credential, read: Callable[[Response], T]
    ) -> _Ended[T]:
        """An attempt of a payment, whoever waits for it: what it came to is told to whoever keeps a record of it."""
        flight.call.in_flight = True
        ended = await self._attempt(flight, credential, read)
        if flight.call.on_ended is not None:
            await flight.call.on_ended(ended.value, ended.error, flight.context)
        flight.call.in_flight = False
        return ended

    async def _attempt(self, flight: _Flight, credential: _Credential, read: Callable[[Response], T]) -> _Ended[T]:
        """Sends the request once and tells those who watch, whatever it comes to."""
        context = flight.context
        context.attempts += 1
        started_at, started = self._clock(), time.monotonic()
        outcome: AttemptOutcome | None = None
        error_name: str | None = None
        answered: float | None = None

        def record() -> RequestRecord:
            return attempt_record(
                context,
                outcome,
                origin=self._origins[flight.call.operation.host],
                error_name=error_name,
                started_at=started_at,
                duration_ms=((time.monotonic() if answered is None else answered) - started) * 1000.0,
            )

        telling = Telling(record)
        was_sent = True
        flight.in_doubt = flight.safety is Safety.MONEY
        try:
            outcome = await self._exchange(flight, credential, remaining=flight.deadline - started)
            answered = time.monotonic()
            _learn(context, outcome, started_at=started_at)
            ended = self._judged(flight, outcome, read)
            error_name = None if ended.error is None else type(ended.error).__name__
            if isinstance(outcome, TransportResponse):
                operation = flight.call.operation.id
                self._observers.look(operation, outcome.status, outcome.content, request_id_of(outcome.headers))
            return ended
        except _BEFORE_SENDING:
            was_sent = flight.in_doubt = False
            raise
        except BaseException as error:
            context.sent_at = context.sent_at if context.sent_at is not None else started_at
            # A payment that was interrupted is one whose outcome is not known: whoever asks for those has to find it.
            error_name = (UncertainOutcomeError if flight.in_doubt else type(error)).__name__
            raise
        finally:
            if was_sent:
                # From here on an exception of a signal handler cannot lose it: whoever catches that tells the rest.
                flight.ended = telling
                self._observers.tell(telling)
                flight.ended = None

    def _wait_before_retry(
        self,
        outcome: AttemptOutcome,
        safety: Safety,
        retries_left: int,
        retry_number: int,
        deadline: float,
    ) -> float | None:
        if retries_left <= 0 or not may_send_again(outcome, safety=safety):
            return None
        asked = retry_after_seconds(outcome.headers, now=self._clock())
        wait = backoff(retry_number, retry_after=asked)
        return wait if time.monotonic() + wait < deadline else None

    async def _exchange(self, flight: _Flight, credential: _Credential, *, remaining: float) -> AttemptOutcome:
        if remaining <= 0.0:
            # A payment that nobody can hear the answer of would only be one more of unknown outcome.
            return TransportFailure("the time of the call was up before it was sent", sent=False, timed_out=True)
        call = flight.call
        return await self._transport.send(
            call.operation.method,
            self._origins[call.operation.host],
            call.path,
            headers=Headers([*flight.headers, (b"Authorization", credential.value.encode("latin-1"))]),
            content=call.content,
            connect=min(flight.limits.connect, remaining),
            read=min(flight.limits.attempt, remaining) if flight.safety is Safety.READ else remaining,
            deadline=flight.deadline,
        )

    def _judged(self, flight: _Flight, outcome: AttemptOutcome, read: Callable[[Response], T]) -> _Ended[T]:
        if isinstance(outcome, TransportResponse):
            _capture_raw(flight.context, outcome)
        if isinstance(outcome, TransportResponse) and 200 <= outcome.status < 300:
            return self._success(flight, outcome, read)
        error = self._error(flight, outcome)
        flight.in_doubt = isinstance(error, UncertainOutcomeError)
        return _Ended(outcome, error=error)

    def _success(self, flight: _Flight, outcome: TransportResponse, read: Callable[[Response], T]) -> _Ended[T]:
        context = flight.context
        response = Response(context, outcome.content)
        is_money = flight.safety is Safety.MONEY
        reason = why_not_done(flight.call, response) if is_money else None
        try:
            if reason is None:
                return _Ended(outcome, read(response))
            decode_object(response)
            cause = None
        except AstraError as error:
            if not is_money:
                return _Ended(outcome, error=error)
            cause = error
        # A success whose body is not Astra's may come from anything on the way: the payment may not exist.
        why = f"the answer has status {outcome.status}, but {reason or 'its body cannot be read'}"
        return _Ended(outcome, error=self._uncertain(flight, outcome, reason=why, cause=cause))

    def _error(self, flight: _Flight, outcome: AttemptOutcome) -> AstraError:
        is_uncertain = flight.safety is Safety.MONEY and leaves_payment_uncertain(outcome)
        if isinstance(outcome, TransportFailure):
            if is_uncertain:
                return self._uncertain(flight, outcome, reason=outcome.reason, cause=outcome.cause)
            lost = connection_error(outcome, flight.context, safety=flight.safety)
            lost.__cause__ = outcome.cause
            return lost
        error = error_from_response(
            flight.context,
            content=outcome.content,
            environment=self.settings.environment,
            now=self._clock(),
            sent=flight.call.content,
        )
        if is_uncertain:
            why = f"the answer has status {outcome.status}, which does not say whether it was processed"
            return self._uncertain(flight, outcome, reason=why, cause=error)
        return error

    def _uncertain(
        self, flight: _Flight, outcome: AttemptOutcome, *, reason: str, cause: BaseException | None
    ) -> UncertainOutcomeError:
        said = ErrorDetails()
        if isinstance(outcome, TransportResponse):
            said = read_error_body(outcome.content, mask=Mask(flight.call.content))
        error = uncertain_outcome(
            flight.call,
            flight.context,
            reason=reason,
            description=said.description,
            body=said.raw,
            headers=visible_headers(outcome.headers),
            retry_after=retry_after_seconds(outcome.headers, now=self._clock()),
        )
        error.__cause__ = cause
        return error

    async def close(self) -> None:
        """Ends payments whose callers have left, each recorded, and closes the connections."""
        await async_end_left(self._left)
        await self._transport.close()


def _as_it_is(response: Response) -> Response:
    return response


def _may_renew(call: Call) -> bool:
    return call.user_key is not None and call.bearer is None and call.operation.auth != "basic"


def _headers(call: Call) -> Headers:
    content_type = None if call.content is None else call.content_type or "application/json"
    extra = call.options.get("extra_headers")
    if not call.headers and not extra:
        return _usual_headers(content_type)
    return request_headers(
        _defaults(content_type),
        check_headers(call.headers, argument="headers"),
        check_headers(extra, argument="extra_headers"),
    )


@lru_cache(maxsize=8)
def _usual_headers(content_type: str | None) -> Headers:
    return request_headers(_defaults(content_type))


def _defaults(content_type: str | None) -> dict[str, str]:
    defaults = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": USER_AGENT}
    return defaults if content_type is None else {**defaults, "Content-Type": content_type}


def _bearer(token: str, *, user_key: str | None) -> str:
    value = Secret(f"Bearer {token}")
    token = ""  # this frame may be printed with its locals
    if is_sendable(value):
        return value
    what = "cannot be sent: it holds a line break, a space at its end, or another character that no header may hold"
    if user_key is None:
        raise InvalidRequestError(f"The access token {what}. Nothing was sent.", argument="access_token")
    raise TokenUnavailableError(
        f"The stored access token of {user_key!r} {what}. Nothing was sent. A grant that was imported by hand may have "
        "taken it along: import it again without, or get a new token with tokens.refresh().",
        user_key=user_key,
    )


def _learn(context: CallContext, outcome: AttemptOutcome, *, started_at: float) -> None:
    # The request id is taken before anything else looks at the response, so that no later surprise can lose it.
    request_id = request_id_of(outcome.headers)
    if request_id is not None:
        context.request_ids += (request_id,)
    if context.sent_at is None and (isinstance(outcome, TransportResponse) or outcome.sent):
        context.sent_at = started_at
    context.headers = outcome.headers
    context.status_code = outcome.status


def _explained(flight: _Flight, error: BaseException) -> BaseException:
    """Returns what to raise for what ended a call: where it may have moved money, no exception of others says so."""
    if isinstance(error, AstraError):
        return error
    if flight.in_doubt and isinstance(error, Exception):
        reason = f"interrupted by {type(error).__name__}"
        uncertain = uncertain_outcome(flight.call, flight.context, reason=reason)
        uncertain.interrupted = True
        return uncertain
    with contextlib.suppress(Exception):
        error.add_note(note_of(flight.call, flight.context, in_doubt=flight.in_doubt))
    return error


def _capture_raw(context: CallContext, response: TransportResponse) -> None:
    for captured in active_raw_captures():
        captured.append(
            RawResponse(
                parsed=None,
                status_code=response.status,
                headers=response.headers,
                body=response.content,
                request_id=context.request_id,
                call_id=context.call_id,
                operation=context.operation.id,
            )
        )
