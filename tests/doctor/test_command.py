"""`astra doctor` as an operator and as monitoring use it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.fernet import Fernet
from typer.testing import CliRunner, Result

from astra.cli.doctor import app
from astra.config import VARIABLES
from astra.doctor import examine as examining
from astra.payments import open_idempotency_store
from astra.testing.store_contract import make_grant
from astra.tokens import Identity, open_store
from tests.http.servers import RawServer

MINE = Identity("sandbox@loopback", "client-1")
CHECKS = {
    "settings.variables",
    *(f"settings.{field}" for field in VARIABLES.values() if field != "redirect_uri"),
    "settings.http",
    "hosts",
    "identity",
    "redirect_uri",
    "token_store.place",
    "token_store.mode",
    "token_store.schema",
    "token_store.read",
    "token_store.identities",
    "token_store.keys",
    "token_store.people",
    "token_store.write",
    "idempotency_store.place",
    "idempotency_store.mode",
    "idempotency_store.schema",
    "idempotency_store.identities",
    "idempotency_store.uncertain",
    "idempotency_store.write",
    "api.connection",
    "api.clock",
    "machine.versions",
    "machine.extras",
    "machine.distributions",
    "machine.shadows",
    "machine.scripts",
}
"""The names of the checks are an interface: monitoring reads them."""


@pytest.fixture
def server() -> Iterator[RawServer]:
    def answer(connection: socket.socket, _: bytes) -> None:
        date = formatdate(time.time(), usegmt=True)
        connection.sendall(f"HTTP/1.1 404 Not Found\r\nDate: {date}\r\nContent-Length: 0\r\n\r\n".encode())

    with RawServer(answer) as running:
        yield running


@pytest.fixture
def well(server: RawServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An installation in which all is in order. Returns the key of its token store."""
    key = Fernet.generate_key().decode()
    url, payments = f"sqlite:///{tmp_path}/tokens.db", f"sqlite:///{tmp_path}/payments.db"
    with open_idempotency_store(payments) as store:
        store.check_writable()
    with open_store(url).for_identity(MINE, keys=[key]) as store:
        store.save(make_grant("a", identity=MINE), replaces=None)
    for name in [name for name in os.environ if name.upper().startswith("ASTRA_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "ASTRA_CLIENT_ID": "client-1",
        "ASTRA_CLIENT_SECRET": "hush-hush",
        "ASTRA_BASE_URL": server.origin,
        "ASTRA_REDIRECT_URI": "https://app.example.com/callback",
        "ASTRA_TOKEN_STORE": url,
        "ASTRA_TOKEN_KEYS": key,
        "ASTRA_IDEMPOTENCY_STORE": payments,
        "PATH": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return key


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def checks(result: Result) -> dict[str, Any]:
    return {one["check"]: one for one in json.loads(result.stdout)["checks"]}


def test_where_all_is_in_order_it_exits_with_0(well: str, server: RawServer) -> None:
    result = run("--strict")
    assert result.exit_code == 0, result.output
    *lines, blank, counts = result.stdout.splitlines()
    assert len(lines) == len(CHECKS)
    assert all(line.startswith("ok    ") for line in lines)
    assert (blank, counts) == ("", f"{len(CHECKS)} ok, 0 warn, 0 fail")
    assert len(server.requests) == 1


def test_json_has_a_version_and_every_check_by_its_name(well: str) -> None:
    result = run("--json")
    shown = json.loads(result.stdout)
    assert list(shown) == ["version", "status", "exit_code", "counts", "checks"]
    assert (shown["version"], shown["status"], shown["exit_code"]) == (1, "ok", 0)
    assert {one["check"] for one in shown["checks"]} == CHECKS
    assert all(set(one) == {"check", "status", "message", "advice", "details"} for one in shown["checks"])


def test_the_guide_names_every_check() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "doctor.md").read_text(encoding="utf-8")
    assert [name for name in sorted(CHECKS) if f"`{name}`" not in guide] == []


def test_a_fault_exits_with_1_and_says_what_to_do(well: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASTRA_TOKEN_KEYS")
    result = run()
    assert result.exit_code == 1
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("fail")]
    assert line.endswith("and ASTRA_TOKEN_KEYS is not set -> Set ASTRA_TOKEN_KEYS as the writers have it.")
    assert json.loads(run("--json").stdout)["exit_code"] == 1


def test_a_warning_exits_with_1_only_when_strict(well: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTRA_TOKEN_KEYZ", "x")
    assert run().exit_code == 0
    assert run("--strict").exit_code == 1
    assert json.loads(run("--strict", "--json").stdout)["exit_code"] == 1


@pytest.mark.parametrize("arguments", [["--timeout", "0"], ["--timeout", "soon"], ["--nonsense"], ["extra"]])
def test_what_cannot_run_exits_with_2(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_offline_sends_nothing_and_says_so(well: str, server: RawServer) -> None:
    found = checks(run("--offline", "--json"))
    assert found["api.connection"]["message"] == "not asked, because of --offline; the clock was not compared"
    assert "api.clock" not in found
    assert server.requests == []


def test_while_the_hosts_are_wrong_nothing_is_sent_anywhere(well: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTRA_BASE_URL", "nonsense")
    found = checks(run("--json"))
    assert found["api.connection"]["status"] == "warn"
    assert found["token_store.read"]["status"] == "warn"
    assert found["hosts"]["status"] == "fail"


def test_a_wrong_url_of_the_store_is_told_once_and_not_taken_for_memory(
    well: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASTRA_TOKEN_STORE", "tokens.db")
    found = checks(run("--json"))
    assert found["settings.token_store"]["status"] == "fail"
    assert [name for name in found if name.startswith("token_store")] == []


def test_other_stores_are_looked_at_when_they_are_named(
    well: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASTRA_REQUEST_LOG", f"sqlite:///{tmp_path}/requests.db")
    arguments = ["--webhook-store", f"sqlite:///{tmp_path}/webhooks.db", "--state-store", f"sqlite:///{tmp_path}/s.db"]
    found = checks(run("--json", *arguments))
    for name in ("request_log", "webhook_store", "state_store"):
        assert found[f"{name}.place"]["status"] == "warn"
    assert not list(tmp_path.glob("[rws]*.db"))


def test_a_url_of_another_store_that_cannot_be_read_is_a_finding(well: str) -> None:
    found = checks(run("--json", "--webhook-store", "nonsense"))
    assert found["webhook_store"]["message"].startswith("ConfigurationError: ")


def test_a_check_that_breaks_is_a_finding_and_no_traceback(well: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("s3cret")

    for name in ("read_setup", "probe_api", "probe_store", "probe_token_store", "probe_idempotency_store"):
        monkeypatch.setattr(examining, name, broken)
        result = run("--state-store", "memory://")
        assert result.exit_code == 1
        assert "the check itself failed: ZeroDivisionError" in result.output
        assert "s3cret" not in result.output
        assert "Traceback" not in result.output


PLANTED = {
    "ASTRA_CLIENT_SECRET": "planted-client-secret",
    "ASTRA_BASE_URL": "https://user:planted-base@127.0.0.1:1",
    "ASTRA_SECURE_BASE_URL": "planted-secure",
    "ASTRA_APP_URL": "planted-app",
    "ASTRA_REDIRECT_URI": "https://a.example/cb?token=planted-redirect",
    "ASTRA_TOKEN_KEYS": "planted-key-1,planted-key-2",
    "ASTRA_TIMEOUT": "planted-timeout",
    "ASTRA_MAX_RETRIES": "planted-retries",
    "ASTRA_MAX_RESPONSE_SIZE": "planted-size",
    "ASTRA_ENVIRONMENT": "planted-environment",
    "ASTRA_HTTP": "planted-http",
    "ASTRA_CLIENT_ID": "planted-client-id",
    "ASTRA_TOKEN_STORE": "postgresql://app:planted-password@127.0.0.1:1/app",
    "ASTRA_REQUEST_LOG": "postgresql://app:planted-log@127.0.0.1:1/app?sslpassword=planted-option",
    "ASTRA_IDEMPOTENCY_STORE": "postgresql://app:planted-payments@127.0.0.1:1/app?sslpassword=planted-option",
    "ASTRA_NONSENSE": "planted-unknown",
    "HTTPS_PROXY": "http://user:planted-proxy@127.0.0.1:1",
    "https_proxy": "http://user:planted-proxy@127.0.0.1:1",
}
STORES = [
    "postgresql://app:planted-store@127.0.0.1:1/app",
    "postgresql://127.0.0.1:1/app?password=planted-store",
    "postgresql://app:planted-store@/app",
    "postgresql://app:planted-store@127.0.0.1:port/app",
    "postgresql://app:planted-s?tore@127.0.0.1:1/app",
    "postgresql://app:x@127.0.0.1:1/app?nonsense=planted-store",
    "redis://planted-store@127.0.0.1:1/0",
    "redis://:planted-store@127.0.0.1:1/0",
    "redis://:planted-store@127.0.0.1:1/nonsense",
    "redis://127.0.0.1:1/0?password=planted-store",
    "redis://127.0.0.1:1/0?socket_timeout=planted-store",
    "planted-store",
]


def shown(well: str, *arguments: str) -> str:
    """What the doctor says, in which nothing planted may be."""
    result = run("--timeout", "1", *arguments)
    assert "planted-" not in result.output
    assert well not in result.output
    assert "Traceback" not in result.output
    return result.output


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_no_secret_is_shown_when_every_setting_is_wrong(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], well: str
) -> None:
    for name, value in PLANTED.items():
        monkeypatch.setenv(name, value)
    assert shown(well, *arguments)


@pytest.mark.sampled(6)
@pytest.mark.parametrize("arguments", [[], ["--json"]])
@pytest.mark.parametrize("name", PLANTED)
def test_no_secret_is_shown_when_one_setting_is_wrong_and_all_else_in_order(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], name: str, well: str
) -> None:
    monkeypatch.setenv(name, PLANTED[name])
    if name == "HTTPS_PROXY":
        monkeypatch.setenv("ASTRA_BASE_URL", "https://astra.invalid")
    assert shown(well, *arguments)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("arguments", [[], ["--json"]])
@pytest.mark.parametrize("url", STORES)
def test_no_secret_of_the_url_of_a_store_is_shown(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], url: str, well: str
) -> None:
    assert shown(well, "--offline", "--webhook-store", url, "--state-store", url, *arguments)
    for name in ("ASTRA_TOKEN_STORE", "ASTRA_REQUEST_LOG", "ASTRA_IDEMPOTENCY_STORE"):
        monkeypatch.setenv(name, url)
    assert shown(well, "--offline", *arguments)


def test_no_token_is_ever_shown(well: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(postgres_url).for_identity(MINE) as store:
        grant = make_grant("a", identity=MINE, access_token="planted-access", refresh_token="planted-refresh")
        store.save(grant, replaces=None)
    monkeypatch.setenv("ASTRA_TOKEN_STORE", postgres_url)
    assert "planted-" not in run("--json").output
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("UPDATE astra_grants SET state='banana'")
    assert "planted-" not in run("--json").output


def test_a_name_in_a_store_moves_no_cursor(well: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(f"sqlite:///{tmp_path}/tokens.db").for_identity(MINE, keys=[well]) as store:
        for key in ("\x1b[2Jé", "b"):
            store.save(make_grant(key, identity=MINE, astra_user_id="usr"), replaces=None)
    assert "\x1b" not in run().stdout


def process(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "astra", "doctor", *arguments],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_real_command_runs_where_only_ascii_can_be_printed(well: str, tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/tokens.db").for_identity(MINE, keys=[well]) as store:
        for key in ("é", "b"):
            store.save(make_grant(key, identity=MINE, astra_user_id="usr"), replaces=None)
    done = process(PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "(b = \\xe9)" in done.stdout or "(\\xe9 = b)" in done.stdout


def test_the_real_command_ends_in_time_although_a_store_and_a_host_hang(well: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        done = process(
            "--timeout",
            "3",
            "--webhook-store",
            f"redis://{place}/0",
            ASTRA_TOKEN_STORE=f"postgresql://app@{place}/app",
            ASTRA_BASE_URL=f"http://{place}",
        )
    assert time.monotonic() - began < 15
    assert (done.returncode, done.stderr) == (1, "")
    failed = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("fail")}
    assert {name.partition(".")[0] for name in failed} == {"token_store", "api", "webhook_store"}
