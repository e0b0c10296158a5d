"""The ledger, captures, the log line and tracing under real calls of both clients against the local Astra."""

from __future__ import annotations

import asyncio
import logging
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from astra import APIConnectionError, Astra, AsyncAstra, NotFoundError, UncertainOutcomeError, capture_requests
from astra.integrations.opentelemetry import instrument
from astra.request_log import open_request_log
from astra.request_log.background import BackgroundLog
from astra.request_log.memory import MemoryRequestLog
from astra.sandbox import Sandbox
from astra.tokens import TokenAnswer


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture(autouse=True)
def no_leftovers(sandbox: Sandbox) -> None:
    sandbox.faults.clear()


@pytest.fixture
def log() -> MemoryRequestLog:
    return MemoryRequestLog()


@pytest.fixture
def astra(sandbox: Sandbox, log: MemoryRequestLog) -> Iterator[Astra]:
    with Astra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url, request_log=log) as client:
        (seeded,) = sandbox.seed(users=1, transfers=25, authorized=True)
        assert seeded.access_token is not None
        assert seeded.refresh_token is not None
        answer = TokenAnswer(access_token=seeded.access_token, expires_in=7200, refresh_token=seeded.refresh_token)
        client.tokens.store_answer("customer-42", answer, astra_user_id=seeded.id)
        yield client


def test_every_attempt_is_in_the_ledger_with_the_id_that_astra_knows(
    sandbox: Sandbox, astra: Astra, log: MemoryRequestLog
) -> None:
    before = len(sandbox.requests)
    user = astra.user("customer-42")
    sandbox.faults.add(operation="get_user", status=503, times=1, headers={"Retry-After": "0"})
    profile = user.profile.get()
    with pytest.raises(NotFoundError) as caught:
        user.transfers.get("unknown")
    told = [request.request_id for request in sandbox.requests[before:]]
    failed, retried, missing = reversed(log.query())
    assert [failed.request_id, retried.request_id, missing.request_id] == told
    assert (failed.status, failed.attempt, failed.error_name) == (503, 1, "ServiceUnavailableError")
    assert (retried.status, retried.attempt, retried.error_name) == (200, 2, None)
    assert failed.call_id == retried.call_id != missing.call_id
    assert profile.request_id == retried.request_id
    assert caught.value.request_id == missing.request_id
    assert (missing.operation, missing.method, missing.path) == ("get_transfer", "GET", "/v1/transfers/{id}")
    assert {record.user_key for record in log.query()} == {"customer-42"}
    assert all(record.duration_ms > 0 for record in log.query())


def test_a_call_without_an_answer_is_found_by_the_call_id_of_its_error(
    sandbox: Sandbox, astra: Astra, log: MemoryRequestLog
) -> None:
    sandbox.faults.add(operation="get_user", drop="before", times=None)
    with pytest.raises(APIConnectionError) as caught:
        astra.user("customer-42").profile.get(max_retries=1)
    assert caught.value.call_id is not None
    first, second = log.find(caught.value.call_id)
    assert (first.attempt, second.attempt, first.request_id, first.status) == (1, 2, None, None)
    assert first.error_name == "APIConnectionError"


def test_a_payment_is_found_by_its_reference_and_by_its_id(
    sandbox: Sandbox, astra: Astra, log: MemoryRequestLog
) -> None:
    user = astra.user("customer-42")
    user.accounts.create(
        institution_id="astra_ins_131", bank_account_type="savings", name="Savings", account_number="1234567",
        routing_number="222222226",
    )  # fmt: skip
    accounts = [account.id for account in user.accounts.list()]
    routine = user.routines.create(
        type="one-time", payment_type="ach", name="Rent", amount="20.00", source_id=accounts[0],
        destination_id=accounts[1],
        client_correlation_id="INV42",
    )  # fmt: skip
    user.routines.get(routine.id)
    (payment,) = log.query(client_correlation_id="INV42")
    assert (payment.operation, payment.resource_id, payment.error_name) == ("create_routine", routine.id, None)
    assert [found.operation for found in log.query(resource_id=routine.id)] == ["get_routine", "create_routine"]
    sandbox.faults.add(operation="create_routine", drop="after", times=1)
    with pytest.raises(UncertainOutcomeError):
        user.routines.create(
            type="one-time", payment_type="ach", name="Rent", amount="20.00", source_id=accounts[0],
        destination_id=accounts[1],
            client_correlation_id="INV43",
        )  # fmt: skip
    (lost,) = log.query(client_correlation_id="INV43")
    assert (lost.resource_id, lost.status, lost.failed) == (None, None, True)


def test_every_page_of_a_list_is_captured(astra: Astra) -> None:
    with astra.capture_requests() as calls:
        transfers = list(astra.user("customer-42").transfers.list(page_size=10))
    assert len(transfers) == 25
    assert [record.operation for record in calls] == ["list_transfers"] * 3
    assert len(set(calls.request_ids)) == 3


async def test_tasks_of_an_async_operation_are_captured_together(sandbox: Sandbox, astra: Astra) -> None:
    grant = astra.tokens.get("customer-42")
    assert grant is not None
    answer = TokenAnswer(access_token=grant.access_token, expires_in=7200, refresh_token=grant.refresh_token)
    async with AsyncAstra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url) as client:
        await client.tokens.store_answer("customer-42", answer)
        user = client.user("customer-42")
        with capture_requests() as calls:
            results = await asyncio.gather(user.profile.get(), user.cards.list().page())
        await user.profile.get()
    assert sorted(calls.request_ids) == sorted(str(result.request_id) for result in results)


def test_the_log_line_of_a_call_can_be_looked_up(astra: Astra, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "astra"):
        profile = astra.user("customer-42").profile.get()
    (line,) = [entry for entry in caplog.records if entry.name == "astra"]
    assert str(profile.request_id) in line.getMessage()
    assert "customer-42" not in line.getMessage()


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def provider(exporter: InMemorySpanExporter) -> Iterator[TracerProvider]:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield provider
    provider.shutdown()


def attributes(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})


def test_a_call_is_a_span_with_its_attempts(
    sandbox: Sandbox, astra: Astra, exporter: InMemorySpanExporter, provider: TracerProvider
) -> None:
    instrument(astra, provider)
    sandbox.faults.add(operation="get_user", status=503, times=1, headers={"Retry-After": "0"})
    with provider.get_tracer("app").start_as_current_span("checkout") as parent:
        profile = astra.user("customer-42").profile.get()
        assert trace.get_current_span() is parent
    span, _ = exporter.get_finished_spans()
    found = attributes(span)
    assert (span.name, span.kind, span.status.is_ok) == ("astra get_user", trace.SpanKind.CLIENT, True)
    assert span.parent is not None
    assert span.parent.span_id == parent.get_span_context().span_id
    assert found["astra.operation"] == "get_user"
    assert (found["http.request.method"], found["url.template"]) == ("GET", "/v1/user")
    assert (found["http.response.status_code"], found["astra.attempts"]) == (200, 2)
    assert found["astra.request_id"] == profile.request_id
    assert len(found["astra.request_ids"]) == 2  # type: ignore[arg-type]
    assert [(event.name, dict(event.attributes or {})["http.response.status_code"]) for event in span.events] == [
        ("astra.attempt", 503),
        ("astra.attempt", 200),
    ]
    assert "customer-42" not in span.to_json()


def test_a_failed_call_is_a_failed_span_without_the_text_of_its_error(
    astra: Astra, exporter: InMemorySpanExporter, provider: TracerProvider
) -> None:
    observer = instrument(astra, provider)
    with pytest.raises(NotFoundError) as caught:
        astra.user("customer-42").transfers.get("tr-of-somebody")
    (span,) = exporter.get_finished_spans()
    assert span.status.status_code is trace.StatusCode.ERROR
    assert attributes(span)["error.type"] == "NotFoundError"
    assert attributes(span)["astra.request_id"] == caught.value.request_id
    assert [event.name for event in span.events] == ["astra.attempt", "exception"]
    assert str(caught.value) not in span.to_json()
    assert "tr-of-somebody" not in span.to_json()
    astra.observers.remove(observer)
    astra.user("customer-42").profile.get()
    assert len(exporter.get_finished_spans()) == 1


async def test_spans_of_concurrent_tasks_do_not_mix(
    sandbox: Sandbox, astra: Astra, exporter: InMemorySpanExporter, provider: TracerProvider
) -> None:
    grant = astra.tokens.get("customer-42")
    assert grant is not None
    async with AsyncAstra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url) as client:
        instrument(client, provider)
        await client.tokens.store_answer(
            "customer-42",
            TokenAnswer(access_token=grant.access_token, expires_in=7200, refresh_token=grant.refresh_token),
        )
        user = client.user("customer-42")
        results = await asyncio.gather(*(user.profile.get() for _ in range(8)))
    spans = exporter.get_finished_spans()
    assert {attributes(span)["astra.request_id"] for span in spans} == {result.request_id for result in results}
    assert all(span.parent is None and len(span.events) == 1 for span in spans)


class Unwilling(MemoryRequestLog):
    def flush(self) -> None:
        raise OSError("disk full")

    close = flush


def test_a_log_that_cannot_be_written_out_does_not_fail_the_end_of_a_client(sandbox: Sandbox, caplog) -> None:
    with Astra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url, request_log=Unwilling()) as client:
        client.bins.get("440393")
    assert "request log could not be written out: OSError" in caplog.text


@pytest.mark.parametrize("kind", ["sqlite", "jsonl"])
async def test_a_log_of_the_clients_own_that_fails_at_the_end_does_not_either(
    sandbox: Sandbox, caplog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(BackgroundLog, "close", Unwilling.flush)
    url = f"{kind}:///{tmp_path}/r"
    own = Astra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url, request_log=url)
    with pytest.raises(ZeroDivisionError), own:
        raise ZeroDivisionError
    async with AsyncAstra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url, request_log=url):
        pass
    assert caplog.text.count("request log could not be closed: OSError") == 2


KILLED = """
import signal, sys, time
from astra import Astra
from astra.tokens import TokenAnswer
client = Astra("sandbox-client", "sandbox-secret", base_url=sys.argv[1], request_log=sys.argv[2])
answer = TokenAnswer(access_token=sys.argv[3], expires_in=7200, refresh_token="r")
client.tokens.store_answer("k", answer, astra_user_id="u")
user = client.user("k")
user.accounts.create(institution_id="astra_ins_131", bank_account_type="savings", name="Savings",
    account_number="1234567", routing_number="222222226")
accounts = user.accounts.list().to_list()
for number in range(3):
    user.routines.create(type="one-time", payment_type="ach", name="Rent", amount="20.00", source_id=accounts[0].id,
        destination_id=accounts[1].id, client_correlation_id=f"INV{number}")
print("paid", flush=True)
time.sleep(170)
"""


def payments(url: str) -> set[str | None]:
    with open_request_log(url) as log:
        return {record.client_correlation_id for record in log.query(operation="create_routine")}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_payment_is_in_the_ledger_of_a_process_that_is_ended_right_after_it(
    sandbox: Sandbox, tmp_path: Path, how: signal.Signals
) -> None:
    (seeded,) = sandbox.seed(users=1, authorized=True)
    url = f"sqlite:///{tmp_path}/r.db"
    command = [sys.executable, "-c", KILLED, sandbox.url, url, str(seeded.access_token)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "paid\n"
        time.sleep(0.2)  # what is promised is 0.02 seconds, on a machine that has nothing else to do
        process.send_signal(how)
    with open_request_log(url) as log:
        assert {record.client_correlation_id for record in log.query(operation="create_routine")} == {
            "INV0",
            "INV1",
            "INV2",
        }
