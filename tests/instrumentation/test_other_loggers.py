"""What other libraries log of a call: addresses hold ids, routing numbers and beginnings of card numbers."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

import astra
from astra.sandbox import Sandbox
from astra.tokens import TokenAnswer
from tests.engine import httpx

BIN = "440393"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


class Heard(logging.Handler):
    """Keeps what the client's side logs; the sandbox is a server in this process and has loggers of its own."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(("uvicorn", "astra.sandbox")):
            self.lines.append(f"{record.levelname} {record.name} {record.getMessage()}")


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> Iterator[Heard]:
    handler, root = Heard(), logging.getLogger()
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "astra")
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)


async def test_with_its_own_connections_nothing_but_the_line_of_the_sdk_is_logged_at_info(
    sandbox: Sandbox, heard: Heard
) -> None:
    (seeded,) = sandbox.seed(users=1, transfers=1, authorized=True)
    answer = TokenAnswer(access_token=str(seeded.access_token), expires_in=7200, refresh_token="rt-secret")
    with astra.Astra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url) as client:
        client.tokens.store_answer("customer-42", answer)
        client.bins.get(BIN)
        (transfer,) = client.user("customer-42").transfers.list()
        client.user("customer-42").transfers.get(transfer.id)
    async with astra.AsyncAstra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url) as client_:
        await client_.bins.get(BIN)
    lines = [line for line in heard.lines if not line.startswith("DEBUG")]
    assert len(lines) == 4
    assert all(line.startswith("INFO astra ") for line in lines)
    # At DEBUG the engine tells of its connections, and still of no address, token or secret.
    for secret in (BIN, transfer.id, str(seeded.access_token), "rt-secret", sandbox.client_secret, "customer-42"):
        assert secret not in "\n".join(heard.lines), secret


def test_a_client_of_your_own_logs_addresses_until_its_logger_is_told_not_to(sandbox: Sandbox, heard: Heard) -> None:
    def call() -> str:
        heard.lines.clear()
        with (
            httpx.Client() as given,
            astra.Astra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url, http_client=given) as client,
        ):
            client.bins.get(BIN)
        return "\n".join(line for line in heard.lines if line.startswith("INFO"))

    assert BIN in call()
    logger = logging.getLogger(httpx.__name__)
    logger.setLevel(logging.WARNING)
    try:
        quiet = call()
    finally:
        logger.setLevel(logging.NOTSET)
    assert quiet.startswith("INFO astra get_bin")
    assert BIN not in quiet
