"""A span for each call, in OpenTelemetry.

Example:
    from astra.integrations.opentelemetry import instrument

    astra = Astra.from_env()
    instrument(astra)
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import Token
from typing import Protocol, TypeVar

import attrs

from astra.errors import ConfigurationError
from astra.instrumentation.dispatch import CallObservers
from astra.instrumentation.hooks import CallInfo, CallObserver, CallOutcome
from astra.instrumentation.record import RequestRecord
from astra.version import __version__

try:
    from opentelemetry import context, trace
    from opentelemetry.trace import Span, SpanKind, Status, StatusCode, TracerProvider
except ImportError:  # pragma: no cover - the test environment has it
    raise ConfigurationError("Tracing needs an extra: pip install 'astra-finance[otel]'.") from None


T = TypeVar("T")


class Observed(Protocol):
    """What can be traced: `Astra` and `AsyncAstra`."""

    @property
    def observers(self) -> CallObservers:
        """Who watches its calls."""
        ...


@attrs.frozen
class _OpenSpan:
    call_id: str
    span: Span
    scope: Token[context.Context]


class TracingObserver(CallObserver):
    """Makes a span of each call and an event of each attempt. `instrument` adds it to a client.

    The span is named "astra get_transfer" and has these attributes: `astra.operation`, `astra.call_id`,
    `astra.request_id` (the last), `astra.request_ids` (all), `astra.attempts`, `http.request.method`, `url.template`,
    `http.response.status_code`, and `error.type` for a failure. The texts of errors, which may speak of persons, are
    not in it unless `error_messages` says so; user keys never are.

    Args:
        tracer_provider: OpenTelemetry's provider, None for the global one.
        error_messages: True records the texts of errors.
    """

    def __init__(self, tracer_provider: TracerProvider | None = None, *, error_messages: bool = False) -> None:
        self._tracer = trace.get_tracer("astra", __version__, tracer_provider)
        self._error_messages = error_messages
        self._spans: dict[str, Span] = {}

    def on_call_start(self, call: CallInfo) -> _OpenSpan:
        """See `CallObserver.on_call_start`. What the call does, its HTTP exchange say, becomes a child of the span."""
        span = self._tracer.start_span(
            f"astra {call.operation}",
            kind=SpanKind.CLIENT,
            attributes={
                "astra.operation": call.operation,
                "astra.call_id": call.call_id,
                "http.request.method": call.method,
                "url.template": call.path,
            },
        )
        self._spans[call.call_id] = span
        return _OpenSpan(call.call_id, span, context.attach(trace.set_span_in_context(span)))

    def on_attempt(self, record: RequestRecord) -> None:
        """See `CallObserver.on_attempt`."""
        span = self._spans.get(record.call_id)
        if span is not None:
            span.add_event("astra.attempt", _present(_attempt(record)))

    def on_call_end(self, token: object, outcome: CallOutcome) -> None:
        """See `CallObserver.on_call_end`."""
        if not isinstance(token, _OpenSpan):
            return
        context.detach(token.scope)
        self._spans.pop(token.call_id, None)
        span = token.span
        span.set_attributes(_present(_outcome(outcome)))
        if outcome.error is not None:
            self._record_error(span, outcome.error)
        span.end()

    def _record_error(self, span: Span, error: BaseException) -> None:
        name = type(error).__qualname__
        text = str(error) if self._error_messages else name
        span.add_event("exception", {"exception.type": f"{type(error).__module__}.{name}", "exception.message": text})
        span.set_attribute("error.type", name)
        span.set_status(Status(StatusCode.ERROR, text))


def instrument(
    client: Observed, tracer_provider: TracerProvider | None = None, *, error_messages: bool = False
) -> TracingObserver:
    """Traces a client's calls from now on.

    Args:
        client: an `Astra` or `AsyncAstra`.
        tracer_provider: OpenTelemetry's provider, None for the global one.
        error_messages: True records the texts of errors, which may speak of persons.

    Returns:
        The observer; `client.observers.remove(observer)` ends the tracing.

    Example:
        instrument(astra)
    """
    observer = TracingObserver(tracer_provider, error_messages=error_messages)
    client.observers.add(observer)
    return observer


def _attempt(record: RequestRecord) -> Mapping[str, str | int | float | None]:
    return {
        "astra.attempt": record.attempt,
        "astra.request_id": record.request_id,
        "astra.duration_ms": record.duration_ms,
        "http.response.status_code": record.status,
        "error.type": record.error_name,
    }


def _outcome(outcome: CallOutcome) -> Mapping[str, str | int | tuple[str, ...] | None]:
    return {
        "astra.attempts": outcome.attempts,
        "astra.request_id": outcome.request_ids[-1] if outcome.request_ids else None,
        "astra.request_ids": outcome.request_ids or None,
        "http.response.status_code": outcome.status,
    }


def _present(attributes: Mapping[str, T | None]) -> dict[str, T]:
    return {name: value for name, value in attributes.items() if value is not None}
