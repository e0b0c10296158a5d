"""What fails says so on a page, and to a program as JSON: there is no bare 500."""

from __future__ import annotations

import json
from typing import Any

import pytest

from astra import ConfigurationError, InvalidRequestError
from astra.sandbox import RemoteSandbox, Sandbox
from astra.sandbox.faults import FaultQueue
from astra.sandbox.workbench import acting, telling
from astra.sandbox.workbench.screens import requests
from tests.sandbox.conftest import Person
from tests.sandbox.test_door import ask
from tests.workbench.bench import ROOT, Bench


def boom(*_: Any, **__: Any) -> Any:
    raise RuntimeError("a fault of ours")


def test_a_button_that_breaks_the_sandbox_says_so(
    bench: Bench, sandbox: Sandbox, person: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(FaultQueue, "clear", boom)
    monkeypatch.setattr(acting, "run", boom)
    monkeypatch.setattr(requests, "replay", boom)
    monkeypatch.setattr(telling, "verdict", boom)
    person.pay(amount=1)
    request, event = sandbox.requests[-1].request_id, sandbox.webhooks.events[-1].id
    for path in (
        "/do/faults/clear",
        "/scenarios/lost_answer/run",
        f"/requests/{request}/replay",
        f"/webhooks/events/{event}/check",
    ):
        answer = bench.http.post(f"{ROOT}{path}", headers=bench.headers)
        assert answer.status_code == 500, path
        assert "the log of the sandbox says more" in answer.text
        assert "Tue 3 Mar 2026" in answer.text
    assert caplog.text.count("RuntimeError: a fault of ours") == 4


def test_a_program_is_told_too(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(FaultQueue, "clear", boom)
    token = sandbox.control_url.partition("token=")[2]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    status, _, content = ask(f"{sandbox.url}/_sandbox/faults/clear", body=b"{}", **headers)
    assert status == 500
    assert "the log of the sandbox says more" in json.loads(content)["error"]
    with pytest.raises(ConfigurationError, match="the log of the sandbox says more"):
        RemoteSandbox(sandbox.control_url).faults.clear()
    assert "RuntimeError: a fault of ours" in caplog.text


@pytest.mark.parametrize("headers", ["x", ["x"], {"Retry-After": 1}, 7])
def test_headers_of_a_fault_that_are_none_are_refused(bench: Bench, sandbox: Sandbox, headers: Any) -> None:
    token = sandbox.control_url.partition("token=")[2]
    given = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = json.dumps({"status": 503, "headers": headers}).encode()
    status, _, content = ask(f"{sandbox.url}/_sandbox/faults/add", body=body, **given)
    assert (status, json.loads(content)["type"]) == (400, "InvalidRequestError")
    answer = bench.http.post(f"{ROOT}/do/faults/add", data={"status": "503", "headers": "x"}, headers=bench.headers)
    assert "headers are names and texts" in answer.text
    with pytest.raises(InvalidRequestError, match="headers"):
        sandbox.faults.add(status=503, headers={"Retry-After": 1})  # type: ignore[dict-item]
    assert sandbox.faults.unstruck == []


def test_a_signature_is_compared_whatever_was_pasted(bench: Bench, sandbox: Sandbox, person: Person) -> None:
    person.pay(amount=1)
    event = sandbox.webhooks.events[-1]
    sent = sandbox._backend.webhooks.body_of(event)
    secret = sandbox.client_secret
    right = telling.worked_out(sent, secret=secret).signature
    page = f"/webhooks/events/{event.id}"
    text = sent.decode()
    for body, signature, told in (
        (text, right, "The signature is right"),
        (text, "s\u00fc\u4e2d", "the signature is another one"),
        (text, "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "the signature is another one"),
        (f"  {text}\r\n", right, "blanks or line ends around it"),
        (text.replace(",", ",\r\n"), right, "The body says the same in other bytes"),
        ("", "", "The body is another one"),
    ):
        assert told in bench.send(page, "Compare", body=body, signature=signature), (body, signature)
    lines = b'{"a": 1,\n"b": 2}\n'
    signed = telling.worked_out(lines, secret="s").signature
    assert telling.verdict('{"a": 1,\r\n"b": 2}\r\n', signed, sent=lines, secret="s")[0]
