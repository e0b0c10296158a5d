"""Spans and metrics of real calls with the default client, as OpenTelemetry's own exporters in memory show them."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from astra import Astra, AsyncAstra, AuthenticationError
from astra.integrations.opentelemetry import BUCKETS, instrument
from astra.integrations.opentelemetry_instrumentor import AstraInstrumentor
from tests.http.servers import answer, serving
from tests.instrumentation.servers import unwell

ROOT = Path(__file__).resolve().parents[2]
Calls = Callable[[str, int], Any]


class Telemetry:
    """Providers whose spans and metrics can be read."""

    def __init__(self) -> None:
        self.exporter, self.reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.tracers = TracerProvider(shutdown_on_exit=False)
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.meters = MeterProvider([self.reader], shutdown_on_exit=False)

    @property
    def providers(self) -> dict[str, Any]:
        return {"tracer_provider": self.tracers, "meter_provider": self.meters}

    def spans(self, scope: str = "astra") -> list[ReadableSpan]:
        return [span for span in self.exporter.get_finished_spans() if span.instrumentation_scope.name == scope]

    def points(self) -> list[Any]:
        data = self.reader.get_metrics_data()
        return [
            (metric, point)
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            if scope.scope.name == "astra"
            for metric in scope.metrics
            for point in metric.data.data_points
        ]


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    made = Telemetry()
    yield made
    made.tracers.shutdown()
    made.meters.shutdown()


@pytest.fixture(params=["sync", "async"])
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def call(flavour: str, origin: str, *, times: int = 1, watch: Callable[[Any], object] = id) -> None:
    """Makes calls with a client that nobody has configured."""
    if flavour == "sync":
        with Astra("id", "secret", base_url=origin) as client:
            watch(client)
            for _ in range(times):
                client.bins.get("400022")
    else:
        async with AsyncAstra("id", "secret", base_url=origin) as client:
            watch(client)
            for _ in range(times):
                await client.bins.get("400022")


async def test_a_span_says_by_the_conventions_what_was_called_where(flavour: str, telemetry: Telemetry) -> None:
    with serving(answer) as server:
        await call(flavour, server.origin, watch=lambda client: instrument(client, **telemetry.providers))
        port = int(server.origin.rpartition(":")[2])
    (span,) = telemetry.spans()
    assert (span.name, span.kind, span.status.is_ok) == ("astra get_bin", SpanKind.CLIENT, True)
    found = dict(span.attributes or {})
    assert found.pop("astra.call_id").startswith("call_")  # type: ignore[union-attr]
    assert found == {
        "astra.operation": "get_bin",
        "astra.attempts": 1,
        "astra.request_id": "req_1",
        "astra.request_ids": ("req_1",),
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "server.address": "127.0.0.1",
        "server.port": port,
        "url.template": "/v1/bins/{bin}",
    }
    assert span.instrumentation_scope.schema_url.startswith("https://opentelemetry.io/schemas/1.")  # type: ignore[union-attr]


async def test_attempts_that_were_sent_again_are_counted(flavour: str, telemetry: Telemetry) -> None:
    with serving(unwell(503, times=2)) as server:
        await call(flavour, server.origin, watch=lambda client: instrument(client, **telemetry.providers))
        port = int(server.origin.rpartition(":")[2])
    (span,) = telemetry.spans()
    assert span.attributes["http.request.resend_count"] == 2  # type: ignore[index]
    events = [dict(event.attributes or {}) for event in span.events]
    assert [event.get("http.request.resend_count") for event in events] == [None, 1, 2]
    measured = {point.attributes["http.response.status_code"]: (metric, point) for metric, point in telemetry.points()}
    assert {status: point.count for status, (_, point) in measured.items()} == {503: 2, 200: 1}
    metric, point = measured[503]
    assert (metric.name, metric.unit) == ("http.client.request.duration", "s")
    assert point.explicit_bounds == BUCKETS
    assert 0 < point.sum < 10
    assert dict(point.attributes) == {
        "http.request.method": "GET",
        "http.response.status_code": 503,
        "server.address": "127.0.0.1",
        "server.port": port,
        "url.template": "/v1/bins/{bin}",
        "error.type": "ServiceUnavailableError",
    }
    assert "error.type" not in measured[200][1].attributes


async def test_a_failed_call_has_the_type_of_its_error_and_not_its_text(flavour: str, telemetry: Telemetry) -> None:
    with serving(unwell(401, times=9)) as server, pytest.raises(AuthenticationError):
        await call(flavour, server.origin, watch=lambda client: instrument(client, **telemetry.providers))
    (span,) = telemetry.spans()
    assert span.attributes["error.type"] == "AuthenticationError"  # type: ignore[index]
    assert (span.status.is_ok, span.status.description) == (False, "AuthenticationError")
    ((_, point),) = telemetry.points()
    assert point.attributes["error.type"] == "AuthenticationError"


@pytest.fixture
def instrumentor(telemetry: Telemetry) -> Iterator[AstraInstrumentor]:
    instrumentor = AstraInstrumentor()
    instrumentor.instrument(**telemetry.providers)
    yield instrumentor
    if instrumentor.is_instrumented_by_opentelemetry:
        instrumentor.uninstrument()


async def test_the_instrumentor_watches_every_client_until_it_is_undone(
    flavour: str, telemetry: Telemetry, instrumentor: AstraInstrumentor
) -> None:
    with serving(answer) as server:
        await call(flavour, server.origin)
        await call(flavour, server.origin, watch=lambda _: instrumentor.uninstrument())
        await call(flavour, server.origin)
    assert len(telemetry.spans()) == 1


async def test_no_call_is_watched_twice(flavour: str, telemetry: Telemetry, instrumentor: AstraInstrumentor) -> None:
    def twice(client: Any) -> None:
        instrument(client, **telemetry.providers)
        instrument(client, **telemetry.providers)

    with serving(answer) as server:
        await call(flavour, server.origin, watch=twice)
    assert len(telemetry.spans()) == 1
    assert [point.count for _, point in telemetry.points()] == [1]


@pytest.mark.parametrize("library", ["httpx", "httpx2"])
async def test_spans_of_the_http_library_are_children_of_the_calls(
    flavour: str, library: str, telemetry: Telemetry, instrumentor: AstraInstrumentor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASTRA_HTTP", library)
    below = HTTPXClientInstrumentor()
    if library == "httpx2":
        from opentelemetry.instrumentation.httpx import HTTPX2ClientInstrumentor

        below = HTTPX2ClientInstrumentor()
    below.instrument(**telemetry.providers)
    try:
        with serving(unwell(503, times=1)) as server, telemetry.tracers.get_tracer("mine").start_as_current_span("pay"):
            await call(flavour, server.origin)
    finally:
        below.uninstrument()
    (mine,), (span,) = telemetry.spans("mine"), telemetry.spans()
    children = telemetry.spans(type(below).__module__)
    assert span.parent is not None
    assert span.parent.span_id == mine.context.span_id
    assert [child.parent.span_id for child in children if child.parent] == [span.context.span_id] * 2
    ids = {f"{span.context.trace_id:032x}-{child.context.span_id:016x}".encode() for child in children}
    assert {id for id in ids for request in server.requests if id in request} == ids


def test_opentelemetry_instrument_finds_it(tmp_path: Path) -> None:
    points = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"][
        "opentelemetry_instrumentor"
    ]
    metadata = tmp_path / "astra_beside-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: astra-beside\nVersion: 1\n")
    lines = "\n".join(f"{name} = {value}" for name, value in points.items())
    (metadata / "entry_points.txt").write_text(f"[opentelemetry_instrumentor]\n{lines}\n")
    program = "from astra.instrumentation import ALL_CLIENTS; print([type(one).__name__ for one in ALL_CLIENTS])"
    done = subprocess.run(
        [Path(sys.executable).parent / "opentelemetry-instrument", sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": f"{tmp_path}:{ROOT}:{ROOT / 'generated'}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "['TracingObserver']\n", done.stderr
