"""Requests: found by filters, read whole, sent again, made to fail, and taken along."""

from __future__ import annotations

import contextlib
import json
import subprocess

import attrs
import httpx
import pytest

from astra import Astra
from astra.sandbox import Sandbox
from tests.sandbox.conftest import INTENT, Person, Program
from tests.workbench.bench import ROOT, Bench


def test_a_list_is_filtered(bench: Bench, person: Person, program: Program) -> None:
    person.http.get("/v1/user")
    person.http.get("/v1/transfers/nobody")
    person.http.get("/v1/nowhere")
    program.http.get("/v1/bin/440393")
    assert "GET /v1/user " in bench.read("/requests?operation=get_user")
    assert "/v1/transfers/nobody" not in bench.read("/requests?operation=get_user")
    failed = bench.read("/requests?status=4xx")
    assert "/v1/transfers/nobody" in failed
    assert "/v1/nowhere" in failed
    assert "GET /v1/user " not in failed
    assert "GET /v1/nowhere" in bench.read("/requests?operation=none")
    assert "No request that is kept fits" in bench.read("/requests?user=nobody")
    of_user = bench.read(f"/requests?user={person.id}&status=404")
    assert "/v1/transfers/nobody" in of_user
    assert "/v1/nowhere" not in of_user


def test_one_request_says_what_answered_it_and_what_it_caused(bench: Bench, sandbox: Sandbox, person: Person) -> None:
    routine = person.pay(amount=12, client_correlation_id="INV00042")
    request = sandbox.requests[-1]
    assert request.operation == "create_routine"
    told = bench.read(f"/requests/{request.request_id}")
    for part in ("INV00042", routine["id"], "astra.sandbox.engine.routines.create_routine", "transfer_created"):
        assert part in told
    assert "Bearer ***" in told
    person.http.post("/v1/routines", json={**person.payment(), "amount": -1})
    told = bench.read(f"/requests/{sandbox.requests[-1].request_id}")
    assert "It was refused: amount:" in told


def test_an_answer_that_was_lost_can_be_read(bench: Bench, sandbox: Sandbox, person: Person) -> None:
    body = person.payment()
    sandbox.faults.add(operation="create_routine", drop="after")
    with contextlib.suppress(httpx.RemoteProtocolError):
        person.http.post("/v1/routines", json=body)
    told = bench.read(f"/requests/{sandbox.requests[-1].request_id}")
    assert "this is what would have been sent" in told
    assert "fault 1 (operation='create_routine', drop='after')" in told
    assert '"status": "active"' in told


def test_a_request_is_sent_again_with_the_token_of_now(bench: Bench, sandbox: Sandbox, person: Person) -> None:
    person.pay(amount=12, client_correlation_id="INV00042")
    first = sandbox.requests[-1]
    person.refresh()
    assert "Sent again" in bench.send(f"/requests/{first.request_id}", "Send again")
    second = sandbox.requests[-1]
    assert (second.status, second.body, second.user_id) == (201, first.body, person.id)
    assert second.request_id != first.request_id
    sandbox.advance(hours=3)
    told = bench.send(f"/requests/{first.request_id}", "Send again")
    assert "the person&#39;s access token has ended" in told
    assert sandbox.requests[-1].request_id == second.request_id


def test_the_next_one_like_it_fails(bench: Bench, sandbox: Sandbox, person: Person) -> None:
    person.http.get("/v1/user")
    bench.send(f"/requests/{sandbox.requests[-1].request_id}", "Answer with an error")
    assert person.http.get("/v1/accounts").status_code == 200
    assert person.http.get("/v1/user").status_code == 503
    assert person.http.get("/v1/user").status_code == 200


def test_what_is_copied_can_be_run(bench: Bench, sandbox: Sandbox, person: Person, tmp_path) -> None:
    person.http.get("/v1/accounts", params={"page_size": 10})
    lines = next(
        form.lines[-3:] for form in reversed(bench.forms(f"/requests/{sandbox.requests[-1].request_id}")) if form.lines
    )
    curl, python, test = lines
    done = subprocess.run(
        ["sh", "-c", f"{curl} --silent --noproxy '*'"],
        env={"PATH": "/usr/bin:/bin", "ASTRA_ACCESS_TOKEN": person.tokens["access_token"]},
        capture_output=True,
        check=False,
    )
    assert json.loads(done.stdout)["count"] == 2
    with Astra(
        sandbox.client_id,
        sandbox.client_secret,
        base_url=sandbox.url,
        redirect_uri=sandbox.redirect_uri,
        clock=sandbox.clock,
    ) as astra:
        astra.oauth.exchange(sandbox.authorize(user_id=person.id), key="customer-42")
        assert eval(python, {"astra": astra}).json()["count"] == 2
    assert "def test_list_accounts_answers_200(astra_client, astra_user):" in test
    (tmp_path / "test_copied.py").write_text(test)
    assert run_pytest(tmp_path).returncode == 0


@pytest.mark.long
def test_a_copy_of_what_a_fault_struck_has_the_fault(bench: Bench, sandbox: Sandbox, person: Person, tmp_path) -> None:
    for name in ("status", "drop"):
        if name == "status":
            sandbox.faults.add(operation="list_accounts", status=503, times=2)
        else:
            sandbox.faults.add(operation="list_accounts", drop="before", times=2)
        with contextlib.suppress(httpx.RemoteProtocolError):
            person.http.get("/v1/accounts")
        sandbox.faults.clear()
        forms = bench.forms(f"/requests/{sandbox.requests[-1].request_id}")
        test = next(form.lines[-1] for form in reversed(forms) if form.lines)
        assert "astra_sandbox.faults.add(operation='list_accounts'" in test
        (tmp_path / f"test_copied_{name}.py").write_text(test)
    done = run_pytest(tmp_path)
    assert done.returncode == 0, done.stdout


def test_a_copy_is_sent_as_what_it_came_as(bench: Bench, sandbox: Sandbox, person: Person) -> None:
    for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain"):
        headers = {"Content-Type": kind}
        status = person.http.post("/v1/routines", content=json.dumps(person.payment()), headers=headers).status_code
        first = sandbox.requests[-1]
        forms = bench.forms(f"/requests/{first.request_id}")
        curl, python, test = next(form.lines[-3:] for form in reversed(forms) if form.lines)
        subprocess.run(
            ["sh", "-c", f"{curl} --silent --noproxy '*'"],
            env={"PATH": "/usr/bin:/bin", "ASTRA_ACCESS_TOKEN": person.tokens["access_token"]},
            capture_output=True,
            check=True,
        )
        second = sandbox.requests[-1]
        assert second.request_id != first.request_id
        assert (second.status, second.headers["content-type"], second.json()) == (status, kind, first.json())
        assert ("take the curl line" in python) is ("take the curl line" in test) is (kind != "application/json")


def run_pytest(folder) -> subprocess.CompletedProcess[str]:
    """Runs the tests of a folder, in a process of their own."""
    import sys

    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", str(folder)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_no_longer_kept_is_said(bench: Bench) -> None:
    answer = bench.http.get(f"{ROOT}/requests/nobody")
    assert answer.status_code == 404
    assert "only the latest are" in answer.text


def test_a_broken_body_hides_what_it_names(bench: Bench, sandbox: Sandbox, person: Person) -> None:
    person.http.post("/v1/cards", content=b'{"card_number": "4000 0000', headers={"Content-Type": "application/json"})
    told = bench.read(f"/requests/{sandbox.requests[-1].request_id}")
    assert "4000 0000" not in told
    assert "no whole JSON" in told


def test_a_path_is_sent_again_as_it_came(bench: Bench, sandbox: Sandbox, person: Person) -> None:
    for path in ("/v1/transfers/a%20b", "/v1/transfers/a%2Fb", "/v1/transfers/%C3%BC?q=a%20b&q=%2F"):
        person.http.get(path)
        first, kept = sandbox.requests[-1], len(sandbox.requests)
        assert "Sent again" in bench.send(f"/requests/{first.request_id}", "Send again")
        second = sandbox.requests[-1]
        assert len(sandbox.requests) == kept + 1
        assert (second.path, second.query, second.status, second.operation) == (
            first.path, first.query, first.status, first.operation,
        )  # fmt: skip


def test_what_cannot_be_sent_is_not_said_to_be_sent(bench: Bench, sandbox: Sandbox, person: Person) -> None:
    person.http.get("/v1/user")
    journal = sandbox._backend.journal
    journal.requests[-1] = attrs.evolve(journal.requests[-1], path="/v1/a b")  # as it is after a restart
    journal.answers.clear()
    told = bench.send(f"/requests/{sandbox.requests[-1].request_id}", "Send again")
    assert "Not sent" in told
    assert "is not kept as it came" in told
    assert sandbox.requests[-1].path == "/v1/a b"
    assert len(sandbox.requests) == 3


def test_a_copy_whose_answer_is_lost_is_named(bench: Bench, sandbox: Sandbox, person: Person) -> None:
    person.http.get("/v1/user")
    first = sandbox.requests[-1]
    sandbox.faults.add(operation="get_user", drop="after")
    told = bench.send(f"/requests/{first.request_id}", "Send again")
    second = sandbox.requests[-1]
    assert "Sent, no answer" in told
    assert second.request_id != first.request_id
    assert f'<p class="soft id">{second.request_id}</p>' in told


def test_credentials_that_were_refused_are_not_made_right(
    bench: Bench, sandbox: Sandbox, program: Program, person: Person
) -> None:
    program.http.post("/v1/user_intent", json=INTENT, auth=(sandbox.client_id, "wrong"))
    person.http.get("/v1/user", headers={"Authorization": "Bearer wrong"})
    sandbox.faults.add(operation="get_user", status=503)
    person.http.get("/v1/user")
    seen = sandbox.requests[-3:]
    assert [one.status for one in seen] == [401, 401, 503]
    for one in seen:
        told = bench.send(f"/requests/{one.request_id}", "Send again")
        assert "Not sent" in told
        assert "credentials" in told
    assert sandbox.requests[-3:] == seen
    httpx.get(f"{sandbox.url}/v1/user", trust_env=False)
    assert "Sent again" in bench.send(f"/requests/{sandbox.requests[-1].request_id}", "Send again")
    assert sandbox.requests[-1].status == 401
