"""Spans and metrics of calls in OpenTelemetry, by its semantic conventions for HTTP clients.

`instrument` watches one client; `astra.integrations.opentelemetry_instrumentor` all clients of a process.

Example:
    from astra.integrations.opentelemetry import instrument

    astra = Astra.from_env()
    instrument(astra)
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import Token
from typing import Final, Protocol, TypeVar

import attrs

from astra.errors import ConfigurationError
from astra.instrumentation.dispatch import CallObservers
from astra.instrumentation.hooks import CallInfo, CallObserver, CallOutcome
from astra.instrumentation.record import RequestRecord
from astra.version import __version__

try:
    from opentelemetry import context, metrics, trace
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span, SpanKind, Status, StatusCode, TracerProvider
except ImportError:  # pragma: no cover - the test environment has it
    raise ConfigurationError("Tracing needs an extra: pip install 'astra-finance[otel]'.") from None

SCHEMA_URL: Final = "https://opentelemetry.io/schemas/1.40.0"
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""Seconds; those that the semantic conventions advise."""

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
    """Makes a span of each call, an event of each attempt, and measures attempts. `instrument` adds it to a client.

    The span is named "astra get_transfer". It stands for the whole call, with all attempts and the pauses between them,
    and has these attributes of the semantic conventions: `http.request.method`, `url.template` (the address itself,
    which holds ids, is not recorded), `server.address`, `server.port`, `http.response.status_code`,
    `http.request.resend_count`, and `error.type` for a failure; and these of the SDK: `astra.operation`,
    `astra.call_id`, `astra.request_id` (the last), `astra.request_ids` (all), `astra.attempts`. The texts of errors,
    which may speak of persons, are not in it unless `error_messages` says so; user keys never are.

    Each attempt counts in the histogram `http.client.request.duration`, in seconds, with method, template, server,
    status and error type.

    Args:
        tracer_provider: OpenTelemetry's provider of tracers, None for the global one.
        meter_provider: its provider of meters, None for the global one.
        error_messages: True records the texts of errors.
    """

    def __init__(
        self,
        tracer_provider: TracerProvider | None = None,
        *,
        meter_provider: MeterProvider | None = None,
        error_messages: bool = False,
    ) -> None:
        self._tracer = trace.get_tracer("astra", __version__, tracer_provider, SCHEMA_URL)
        self._duration = metrics.get_meter("astra", __version__, meter_provider, SCHEMA_URL).create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=BUCKETS,
        )
        self._error_messages = error_messages
        self._spans: dict[str, Span] = {}

    def on_call_start(self, call: CallInfo) -> _OpenSpan:
        """See `CallObserver.on_call_start`. What the call does, its HTTP exchange say, becomes a child of the span."""
        span = self._tracer.start_span(
            f"astra {call.operation}",
            kind=SpanKind.CLIENT,
            attributes=_present(
                {
                    "astra.operation": call.operation,
                    "astra.call_id": call.call_id,
                    "http.request.method": call.method,
                    "url.template": call.path,
                    "server.address": call.server_address,
                    "server.port": call.server_port,
                }
            ),
        )
        self._spans[call.call_id] = span
        return _OpenSpan(call.call_id, span, context.attach(trace.set_span_in_context(span)))

    def on_attempt(self, record: RequestRecord) -> None:
        """See `CallObserver.on_attempt`."""
        self._duration.record(record.duration_ms / 1000.0, _present(_measured(record)))
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
    client: Observed,
    tracer_provider: TracerProvider | None = None,
    *,
    meter_provider: MeterProvider | None = None,
    error_messages: bool = False,
) -> TracingObserver:
    """Traces and measures a client's calls from now on. Doing it again replaces the former observer.

    Args:
        client: an `Astra` or `AsyncAstra`.
        tracer_provider: OpenTelemetry's provider of tracers, None for the global one.
        meter_provider: its provider of meters, None for the global one.
        error_messages: True records the texts of errors, which may speak of persons.

    Returns:
        The observer; `client.observers.remove(observer)` ends the tracing.

    Example:
        instrument(astra)
    """
    observer = TracingObserver(tracer_provider, meter_provider=meter_provider, error_messages=error_messages)
    for former in [member for member in client.observers if isinstance(member, TracingObserver)]:
        client.observers.remove(former)
    client.observers.add(observer)
    return observer


def _measured(record: RequestRecord) -> Mapping[str, str | int | None]:
    return {
        "http.request.method": record.method,
        "url.template": record.path,
        "server.address": record.server_address,
        "server.port": record.server_port,
        "http.response.status_code": record.status,
        "error.type": record.error_name,
    }


def _attempt(record: RequestRecord) -> Mapping[str, str | int | float | None]:
    return {
        "astra.attempt": record.attempt,
        "http.request.resend_count": record.attempt - 1 or None,
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
        "http.request.resend_count": max(outcome.attempts - 1, 0) or None,
        "http.response.status_code": outcome.status,
    }


def _present(attributes: Mapping[str, T | None]) -> dict[str, T]:
    return {name: value for name, value in attributes.items() if value is not None}
