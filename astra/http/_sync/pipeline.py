# Derived from astra/http/_async/pipeline.py by scripts/unasync.py: edit that file.
"""One call, from its authorization to its response or its error. What it decides, it asks of `outcomes` and `retry`."""

from __future__ import annotations

import base64
import copy
import time
from collections.abc import Callable
from typing import Protocol, Self

import attrs

from astra.config import Settings, Timeout, as_timeout
from astra.errors import AstraError, ConfigurationError
from astra.http._sync.transport import Transport
from astra.http.calls import Call, CallContext
from astra.http.error_mapping import error_from_response
from astra.http.options import CheckedOptions, merge_options
from astra.http.outcomes import (
    allowed_rejections,
    connection_error,
    leaves_payment_uncertain,
    may_send_again,
    safety_of,
    uncertain_outcome,
)
from astra.http.responses import AttemptOutcome, Headers, Response, TransportFailure, TransportResponse
from astra.http.retry import Safety, backoff, retry_after_seconds
from astra.http.telemetry import attempt_record, call_info, call_outcome
from astra.instrumentation.dispatch import CallObservers
from astra.instrumentation.raw_response import RawResponse, active_raw_capture
from astra.version import USER_AGENT


class TokenSource(Protocol):
    """What a call needs of the token lifecycle."""

    def access_token(self, key: str, *, deadline: float | None = None) -> str:
        """Returns a usable access token of the user."""
        ...

    def replace(self, key: str, *, rejected: str, deadline: float | None = None) -> str:
        """Returns a token other than the rejected one."""
        ...


@attrs.define
class _Credential:
    """The Authorization value in use. Its repr shows nothing, because frames are printed with their locals."""

    value: str = attrs.field(repr=False)
    rejections: int = 0


class Pipeline:
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
        transport: Transport,
        observers: CallObservers,
        sleep: Callable[[float], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings
        self._transport = transport
        self._observers = observers
        self.sleep = sleep
        self._clock = clock
        self._basic = "Basic " + base64.b64encode(f"{settings.client_id}:{settings.client_secret}".encode()).decode()
        self._tokens: TokenSource | None = None
        self._origins = {"api": settings.hosts.api, "secure": settings.hosts.secure, "app": settings.hosts.app}
        self._options = CheckedOptions()

    def use_tokens(self, tokens: TokenSource) -> None:
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

    def call(self, call: Call) -> Response:
        """Sends a call until it succeeds or may not be sent again.

        Raises:
            AstraError: the member of the tree that says what happened; see `astra.errors`.
        """
        call.options = merge_options(self._options, call.options)
        context = CallContext(call.operation, call.path, call.user_key)
        limits = self._limits(call)
        deadline = time.monotonic() + limits.total
        retries_left = call.options.get("max_retries", self.settings.max_retries)
        safety = safety_of(call)
        retry_number = 0
        observer_tokens = self._observers.start(call_info(context)) if self._observers else ()
        try:
            credential = self._authorize(call, deadline)
            while True:
                outcome = self._attempt(call, context, credential, limits, safety, deadline)
                if isinstance(outcome, TransportResponse):
                    if 200 <= outcome.status < 300:
                        _capture_raw(context, outcome)
                        if observer_tokens:
                            self._observers.end(observer_tokens, call_outcome(context, None))
                        return Response(context, outcome.content)
                    if outcome.status == 401 and call.user_key is not None and call.bearer is None:
                        credential.rejections += 1
                        if credential.rejections <= allowed_rejections(outcome) and time.monotonic() < deadline:
                            self._renew(call, credential, deadline)
                            continue
                wait = self._wait_before_retry(outcome, safety, retries_left, retry_number, deadline)
                if wait is None:
                    raise self._error(outcome, call, context, safety)
                retries_left -= 1
                retry_number += 1
                self.sleep(wait)
        except BaseException as error:
            if observer_tokens:
                self._observers.end(observer_tokens, call_outcome(context, error))
            raise

    def _limits(self, call: Call) -> Timeout:
        given = call.options.get("timeout")
        return self.settings.timeout if given is None else as_timeout(given)

    def _authorize(self, call: Call, deadline: float) -> _Credential:
        if call.bearer is not None:
            return _Credential("Bearer " + call.bearer)
        if call.operation.auth == "basic":
            return _Credential(self._basic)
        if self._tokens is None or call.user_key is None:
            raise ConfigurationError(f"{call.operation.id} acts on a user: call it on astra.user(...).")
        return _Credential("Bearer " + self._tokens.access_token(call.user_key, deadline=deadline))

    def _renew(self, call: Call, credential: _Credential, deadline: float) -> None:
        if self._tokens is None or call.user_key is None:
            raise ConfigurationError(f"{call.operation.id} acts on a user: call it on astra.user(...).")
        credential.value = "Bearer " + self._tokens.replace(
            call.user_key, rejected=credential.value[len("Bearer ") :], deadline=deadline
        )

    def _attempt(
        self,
        call: Call,
        context: CallContext,
        credential: _Credential,
        limits: Timeout,
        safety: Safety,
        deadline: float,
    ) -> AttemptOutcome:
        context.attempts += 1
        started_at, started = self._clock(), time.monotonic()
        remaining = max(0.001, deadline - started)
        outcome = self._transport.send(
            call.operation.method,
            self._origins[call.operation.host],
            call.path,
            headers=_headers(call, credential),
            content=call.content,
            connect=min(limits.connect, remaining),
            read=min(limits.attempt, remaining) if safety is Safety.READ else remaining,
            deadline=deadline,
        )
        if context.sent_at is None and (isinstance(outcome, TransportResponse) or outcome.sent):
            context.sent_at = started_at
        context.headers = outcome.headers
        context.status_code = outcome.status
        # The request id is taken before anything else looks at the response, so that no later surprise can lose it.
        request_id = outcome.headers.get("request-id")
        if request_id is not None:
            context.request_ids += (request_id,)
        if self._observers.wants_records():
            duration_ms = (time.monotonic() - started) * 1000.0
            self._observers.attempt(attempt_record(context, outcome, started_at=started_at, duration_ms=duration_ms))
        return outcome

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

    def _error(self, outcome: AttemptOutcome, call: Call, context: CallContext, safety: Safety) -> AstraError:
        if safety is Safety.MONEY and leaves_payment_uncertain(outcome):
            if isinstance(outcome, TransportFailure):
                reason = outcome.reason
            else:
                reason = f"the answer has status {outcome.status}, which does not say whether it was processed"
            return uncertain_outcome(call, context, reason=reason)
        if isinstance(outcome, TransportFailure):
            error = connection_error(outcome, context, safety=safety)
            error.__cause__ = outcome.cause
            return error
        return error_from_response(
            context, content=outcome.content, environment=self.settings.environment, now=self._clock()
        )

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()


def _headers(call: Call, credential: _Credential) -> Headers:
    headers = Headers(
        [
            (b"Accept", b"application/json"),
            (b"Accept-Encoding", b"gzip, deflate"),
            (b"User-Agent", USER_AGENT.encode()),
            (b"Authorization", credential.value.encode("latin-1")),
        ]
    )
    if call.content is not None:
        headers.append((b"Content-Type", (call.content_type or "application/json").encode()))
    for given in (call.headers, call.options.get("extra_headers", {})):
        for name, value in given.items():
            headers.append((name.encode("ascii"), value.encode("utf-8")))
    return headers


def _capture_raw(context: CallContext, response: TransportResponse) -> None:
    captured = active_raw_capture()
    if captured is not None:
        captured.append(
            RawResponse(
                parsed=None,
                status_code=response.status,
                headers=response.headers,
                body=response.content,
                request_id=context.request_id,
                call_id=context.call_id,
            )
        )
