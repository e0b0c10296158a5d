"""Sentry sees the calls of a client that nobody has configured: it replaces `Client.send` of httpx and httpx2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.http.servers import answer, serving

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import asyncio, json, sys
import sentry_sdk
from astra import Astra, AsyncAstra

kind, origin, when = sys.argv[1:]
seen = []

class Memory(sentry_sdk.transport.Transport):
    def capture_envelope(self, envelope):
        seen.extend(item.get_event() or item.get_transaction_event() for item in envelope.items)

client = (Astra if kind == "sync" else AsyncAstra)("id", "secret-of-client", base_url=origin)

def calls_in_a_transaction():
    if kind == "sync":
        with sentry_sdk.start_transaction(name="pay", op="task"):
            for number in range(4):
                client.bins.get("400022")
            sentry_sdk.capture_message("done")
        return
    async def calls():
        with sentry_sdk.start_transaction(name="pay", op="task"):
            for number in range(4):
                await client.bins.get("400022")
            sentry_sdk.capture_message("done")
        await client.close()
    asyncio.run(calls())

if when == "late":
    if kind == "sync":
        client.bins.get("400022")
    else:
        asyncio.run(client.bins.get("400022"))
sentry_sdk.init("http://key@sentry.test/1", traces_sample_rate=1.0, transport=Memory, auto_session_tracking=False)
calls_in_a_transaction()
if kind == "sync":
    client.close()
message, transaction = seen
spans = [span for span in transaction["spans"] if span["op"] == "http.client"]
crumbs = [crumb for crumb in message["breadcrumbs"]["values"] if crumb["type"] == "http"]
print(json.dumps({
    "spans": [span["description"] for span in spans],
    "statuses": [span["data"]["http.response.status_code"] for span in spans],
    "crumbs": [crumb["data"]["http.response.status_code"] for crumb in crumbs],
    "secret": "secret-of-client" in json.dumps(seen, default=str),
    "traces": [f"{transaction['contexts']['trace']['trace_id']}-{span['span_id']}" for span in spans],
}))
"""


@pytest.mark.sampled(1)
@pytest.mark.parametrize("when", ["early", "late"])
@pytest.mark.parametrize("library", ["httpx", "httpx2"])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_four_calls_are_four_spans_and_breadcrumbs_and_carry_the_trace(kind: str, library: str, when: str) -> None:
    with serving(answer) as server:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, kind, server.origin, when],
            env=os.environ | {"ASTRA_HTTP": library},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.stdout, done.stderr
    found = json.loads(done.stdout)
    assert found["spans"] == [f"GET {server.origin}/v1/bins/400022"] * 4
    assert found["statuses"] == found["crumbs"] == [200] * 4
    assert not found["secret"]
    traced = [request for request in server.requests if b"sentry-trace: " in request.lower()]
    assert len(traced) == 4
    for trace, request in zip(found["traces"], traced, strict=True):
        assert f"sentry-trace: {trace}".encode() in request.lower()
