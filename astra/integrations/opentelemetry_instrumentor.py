"""Instruments every client of a process, as `opentelemetry-instrument` does with libraries that it finds.

Example:
    from astra.integrations.opentelemetry_instrumentor import AstraInstrumentor

    AstraInstrumentor().instrument()
"""

from __future__ import annotations

from collections.abc import Collection

from astra.errors import ConfigurationError
from astra.instrumentation.dispatch import ALL_CLIENTS
from astra.integrations.opentelemetry import TracingObserver

try:
    from opentelemetry.instrumentation.instrumentor import BaseInstrumentor  # type: ignore[attr-defined]
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider
except ImportError:  # pragma: no cover - the test environment has it
    raise ConfigurationError("Instrumenting needs an extra: pip install 'astra-finance[otel]'.") from None


class AstraInstrumentor(BaseInstrumentor):  # type: ignore[misc]  # mypy does not find its base
    """Traces and measures the calls of every `Astra` and `AsyncAstra`, those included that were made before.

    A client that `instrument(client)` watches by itself is not watched twice. There is one instrumentor for a process,
    which OpenTelemetry wants so.

    Example:
        AstraInstrumentor().instrument(tracer_provider=provider)
        AstraInstrumentor().uninstrument()
    """

    def instrumentation_dependencies(self) -> Collection[str]:
        """Nothing but the SDK itself, which brings this class along."""
        return ()

    def _instrument(  # pyright: ignore[reportIncompatibleMethodOverride]  (a misspelled option is an error)
        self,
        *,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        error_messages: bool = False,
    ) -> None:
        ALL_CLIENTS.add(TracingObserver(tracer_provider, meter_provider=meter_provider, error_messages=error_messages))

    def _uninstrument(self) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        for member in ALL_CLIENTS:
            if isinstance(member, TracingObserver):
                ALL_CLIENTS.remove(member)
