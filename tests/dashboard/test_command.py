"""`astra dashboard` as a process: its URL, its settings, its end."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import httpx
import pytest

from astra.payments import PaymentState
from tests.dashboard.world import ME, Stores, attempt, grant, payment, text_of

COMMAND = (sys.executable, "-m", "astra")


def environment(stores: Stores, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ASTRA_")}
    named = {
        "ASTRA_CLIENT_ID": ME.client_id,
        "ASTRA_ENVIRONMENT": "production",
        "ASTRA_TOKEN_STORE": stores.tokens,
        "ASTRA_IDEMPOTENCY_STORE": stores.payments,
        "ASTRA_REQUEST_LOG": stores.requests,
    }
    return kept | {name: value for name, value in named.items() if value} | more


@contextmanager
def running(env: dict[str, str], *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [*COMMAND, "dashboard", "--port", "0", *options],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", line)
        assert found, line + (process.stderr.read() if process.stderr else "")
        yield process, found[0]
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    # The command has the machine's clock.
    now = datetime.now(UTC)
    sent = now - timedelta(hours=2)
    lost = payment(
        "payout-1", PaymentState.UNCERTAIN, sent=sent, created=sent, first_sent=sent, lease_until=sent,
        history=[attrs.evolve(one, time=sent) for one in payment("x", PaymentState.UNCERTAIN).history],
    )  # fmt: skip
    tried = attrs.evolve(attempt(1, ago=timedelta(0), status=None), time=sent, call_id="call-payout-1")
    return Stores.in_files(tmp_path).keep(
        grants=[grant("customer-1", refresh_expires_at=now.timestamp() + 86_400)], payments=[lost], requests=[tried]
    )


def test_it_prints_a_url_that_opens_it_and_ends_with_the_signal(stores: Stores) -> None:
    with running(environment(stores)) as (process, url), httpx.Client(follow_redirects=True) as browser:
        page = browser.get(url)
        assert page.status_code == 200
        assert str(page.url) == url.split("?")[0]
        assert "1 payment may or may not have been made" in text_of(page)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
        assert process.returncode == 0
        assert "Traceback" not in out + err
        assert url.split("token=")[1] not in err


def test_it_listens_on_the_loopback_only(stores: Stores) -> None:
    with running(environment(stores)) as (_, url):
        port = int(url.split(":")[2].split("/")[0])
        for family, host in ((socket.AF_INET, "127.0.0.2"), (socket.AF_INET6, "::1")):
            with socket.socket(family) as probe:
                probe.settimeout(2)
                assert probe.connect_ex((host, port)) != 0


def test_each_start_has_a_token_of_its_own(stores: Stores) -> None:
    with running(environment(stores)) as (_, first), running(environment(stores)) as (_, second):
        assert first.split("token=")[1] != second.split("token=")[1]
        stolen = second.split("token=")[0] + "token=" + first.split("token=")[1]
        assert httpx.get(stolen).status_code == 401


def test_trace_tells_what_the_command_tells(stores: Stores) -> None:
    told = subprocess.run(
        [*COMMAND, "trace", "payout-1", "--json"], env=environment(stores), capture_output=True, text=True, check=True
    )
    story = json.loads(told.stdout)
    with running(environment(stores)) as (_, url), httpx.Client(follow_redirects=True) as browser:
        browser.get(url)
        text = text_of(browser.get(url.split("/?")[0] + "/trace?id=payout-1"))
    assert len(story["timeline"]) == 2
    for moment in story["timeline"]:
        assert moment["text"] in text
    (known,) = story["payments"]
    assert known["next"]["what"] in text
    assert all(command in text for command in known["next"]["commands"])


def test_settings_that_are_missing_are_told_on_the_pages(tmp_path: Path) -> None:
    env = {name: value for name, value in environment(Stores.in_files(tmp_path)).items() if "ASTRA" not in name}
    with running(env) as (_, url), httpx.Client(follow_redirects=True) as browser:
        text = text_of(browser.get(url))
    assert "Set ASTRA_CLIENT_ID" in text
    assert "Set ASTRA_REQUEST_LOG as your programs have it" in text
    assert "Nothing. All grants" not in text


def test_keys_can_be_hidden(stores: Stores) -> None:
    with running(environment(stores), "--hide-keys") as (_, url), httpx.Client(follow_redirects=True) as browser:
        browser.get(url)
        page = browser.get(url.split("/?")[0] + "/tokens")
    assert "hidden-" in page.text
    assert "customer-1" not in page.text


def test_a_port_that_is_taken_is_a_line_and_exit_code_2(stores: Stores) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = subprocess.run(
            [*COMMAND, "dashboard", "--port", str(taken.getsockname()[1])],
            env=environment(stores),
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 2
    assert "cannot be used" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_setting_that_cannot_be_read_is_a_line_and_exit_code_2(stores: Stores) -> None:
    done = subprocess.run(
        [*COMMAND, "dashboard"],
        env=environment(stores, ASTRA_TIMEOUT="soon"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "ASTRA_TIMEOUT must be a positive number" in done.stderr
    assert "Traceback" not in done.stderr
