"""`astra webhooks`, as a developer types it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from astra.cli.webhooks import app
from astra.errors import ConfigurationError, WebhookPayloadError
from astra.webhooks import Webhooks
from astra.webhooks.replay import check_receiver, read_bodies

SECRET = "your_client_secret"
webhooks = Webhooks(SECRET)
BODIES = [
    json.dumps({"webhook_type": kind, "webhook_id": f"w-{number}", "user_id": "u", "resource_id": "r"}).encode()
    for number, kind in enumerate(["transfer_created", "transfer_updated", "card_updated"])
]


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTRA_CLIENT_SECRET", SECRET)


def run(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(app, arguments, input=stdin)


def test_verify_says_what_event_it_is() -> None:
    result = run("verify", "--signature", webhooks.sign(BODIES[0]), stdin=BODIES[0])
    assert result.exit_code == 0
    assert "verified" in result.stdout
    assert "read again: transfer r" in result.stdout


def test_verify_reads_a_file_to_which_an_editor_added_a_line_break(tmp_path: Path) -> None:
    path = tmp_path / "body.json"
    path.write_bytes(BODIES[0] + b"\n")
    result = run("verify", str(path), "-s", webhooks.sign(BODIES[0]), "--json")
    assert json.loads(result.stdout) == {
        "version": 1,
        "verified": True,
        "type": "transfer_created",
        "id": "w-0",
        "user_id": "u",
        "resource_id": "r",
        "read_again": "transfer r",
    }


@pytest.mark.parametrize("signature", ["", "abc", webhooks.sign(b"else")])
def test_verify_refuses_with_1_and_a_reason(signature: str) -> None:
    result = run("verify", "-s", signature, stdin=BODIES[0])
    assert result.exit_code == 1
    assert "not verified" in result.stderr
    answer = json.loads(run("verify", "-s", signature, "--json", stdin=BODIES[0]).stdout)
    assert answer["verified"] is False


def test_verify_takes_several_secrets_while_they_are_rotated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTRA_CLIENT_SECRET", f"new-secret, {SECRET}")
    assert run("verify", "-s", webhooks.sign(BODIES[0]), stdin=BODIES[0]).exit_code == 0


def test_sign_prints_the_header(tmp_path: Path) -> None:
    assert run("sign", stdin=BODIES[0]).stdout.strip() == webhooks.sign(BODIES[0])


def test_without_a_secret_it_says_which_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASTRA_CLIENT_SECRET")
    result = run("sign", stdin=b"{}")
    assert result.exit_code == 2
    assert "ASTRA_CLIENT_SECRET" in result.stderr


def test_a_missing_file_is_wrong_usage(tmp_path: Path) -> None:
    assert run("sign", str(tmp_path / "none")).exit_code == 2


class Receiver(ThreadingHTTPServer):
    def __init__(self) -> None:
        self.got: list[tuple[str, bytes, str | None]] = []
        self.status = 200
        super().__init__(("127.0.0.1", 0), ReceiverHandler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hooks?x=1"


class ReceiverHandler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, body, self.headers["Astra-Verification"]))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def events(tmp_path: Path) -> str:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join(BODIES) + b"\n\n")
    return str(path)


def test_replay_delivers_signed_events_in_their_order(receiver: Receiver, events: str) -> None:
    result = run("replay", events, "--url", receiver.url)
    assert result.exit_code == 0, result.output
    assert [body for _, body, _ in receiver.got] == BODIES
    assert {path for path, _, _ in receiver.got} == {"/hooks?x=1"}
    for _, body, signature in receiver.got:
        webhooks.verify(body, signature)
    assert len(result.stdout.splitlines()) == 3


def test_replay_can_choose_and_renew_ids(receiver: Receiver, events: str) -> None:
    assert run("replay", events, "-u", receiver.url, "--id", "w-1", "--new-ids").exit_code == 0
    assert run("replay", events, "-u", receiver.url, "--type", "card_updated").exit_code == 0
    first, second = (webhooks.parse(body, signature) for _, body, signature in receiver.got)
    assert (first.type, first.id == "w-1", second.id) == ("transfer_updated", False, "w-2")


@pytest.mark.parametrize("status", [201, 302, 401, 500])
def test_replay_fails_when_the_receiver_does_not_answer_200(receiver: Receiver, events: str, status: int) -> None:
    receiver.status = status
    result = run("replay", events, "-u", receiver.url, "--json")
    assert result.exit_code == 1
    assert [json.loads(line)["status"] for line in result.stdout.splitlines()] == [status] * 3
    assert len(receiver.got) == 3


def test_replay_reports_a_receiver_that_is_not_there(events: str) -> None:
    from tests.services import free_port

    result = run("replay", events, "-u", f"http://127.0.0.1:{free_port()}/", "--id", "w-0")
    assert result.exit_code == 1
    assert "ConnectionRefusedError" in result.stdout


@pytest.mark.parametrize("url", ["http://example.com/hook", "ftp://127.0.0.1/", "hooks", "https://me:pw@host/"])
def test_replay_goes_nowhere_unsafe(events: str, url: str) -> None:
    assert run("replay", events, "-u", url).exit_code == 2
    with pytest.raises(ConfigurationError):
        check_receiver(url)


def test_replay_of_an_unknown_id_is_wrong_usage(receiver: Receiver, events: str) -> None:
    assert run("replay", events, "-u", receiver.url, "--id", "w-9").exit_code == 2


def test_a_file_may_hold_an_object_an_array_or_lines() -> None:
    pretty = json.dumps(json.loads(BODIES[0]), indent=2).encode()
    assert read_bodies(pretty) == [pretty]
    assert read_bodies(b"[" + b",".join(BODIES) + b"]") == BODIES
    assert read_bodies(b"\n".join(BODIES)) == BODIES
    assert read_bodies(BODIES[0]) == [BODIES[0]]


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"[", b"x\ny", BODIES[0] + b"\n{}", b"[" * 100_000])
def test_a_file_with_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(WebhookPayloadError):
        read_bodies(content)
