"""Every button says which line of curl, Python and test it stands for, and these lines do what it does."""

from __future__ import annotations

import ast
import subprocess
from typing import Any

import pytest

from astra.sandbox import RemoteSandbox, Sandbox
from tests.sandbox.conftest import Person
from tests.sandbox.receiver import Receiver
from tests.workbench.bench import ROOT, Bench, crawl, parsed

CALLS = f"{ROOT}/do/"


def lines_of(pages: dict[str, str]) -> dict[str, tuple[str, str, str]]:
    """The lines of each action that a page has a button for; each page has those of its own buttons."""
    found: dict[str, tuple[str, str, str]] = {}
    for address, text in pages.items():
        forms = parsed(text).forms
        lines = [line for form in forms for line in form.lines]
        curls = {
            line.rpartition("/_sandbox/")[2].split()[0].strip("'"): at
            for at, line in enumerate(lines)
            if "/_sandbox/" in line
        }
        for name in {form.action.removeprefix(CALLS) for form in forms if form.action.startswith(CALLS)}:
            assert name in curls, (address, name)
            at = curls[name]
            found[name] = lines[at - 2], lines[at - 1], lines[at]
    return found


def test_every_action_that_changes_something_has_its_lines(crowd: tuple[Bench, dict[str, str]]) -> None:
    bench, _ = crowd
    found = lines_of(crawl(bench))
    assert len(found) > 20
    controls: Any = RemoteSandbox(bench.sandbox.control_url)
    for name, (python, fixture, curl) in found.items():
        call = ast.parse(python).body[0]
        assert isinstance(call, ast.Expr)
        assert isinstance(call.value, ast.Call)
        function = ast.unparse(call.value.func)
        assert callable(eval(function, {"sandbox": controls})), name
        assert fixture == f"astra_{python}", name
        assert f"/_sandbox/{name}" in curl
        assert "$ASTRA_SANDBOX_TOKEN" in curl


@pytest.mark.parametrize("spelling", ["button", "python", "fixture", "curl"])
def test_a_button_and_its_three_lines_do_the_same(
    bench: Bench, sandbox: Sandbox, person: Person, spelling: str
) -> None:
    transfer = person.transfer_of(person.pay(amount=12))["id"]
    page = f"/transfers/{transfer}"
    (form,) = [form for form in bench.forms(page) if form.label.strip() == "Fail"]
    python, fixture, curl = form.lines[:3]
    if spelling == "button":
        told = bench.send(page, "Fail", reason="R01")
        assert f"sandbox.transfers.fail(&#39;{transfer}&#39;, reason=&#39;R01&#39;)" in told
    elif spelling == "curl":
        token = sandbox.control_url.partition("token=")[2]
        done = subprocess.run(
            ["sh", "-c", f"{curl} --fail --silent --show-error --noproxy '*'"],
            env={"PATH": "/usr/bin:/bin", "ASTRA_SANDBOX_TOKEN": token},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, "null"), done.stderr
    else:
        names = {"sandbox": RemoteSandbox(sandbox.control_url), "astra_sandbox": sandbox}
        eval(python if spelling == "python" else fixture, names)
    seen = sandbox.transfers.get(transfer)
    assert (seen.status, seen.failure_reason) == ("failed", "R01")


def test_what_a_button_has_done_is_said_with_its_code(bench: Bench, sandbox: Sandbox, person: Person) -> None:
    transfer = person.transfer_of(person.pay(amount=12))["id"]
    sandbox.transfers.process(transfer)
    told = bench.send(f"/transfers/{transfer}", "Return", code="R02")
    assert f"sandbox.transfers.return_(&#39;{transfer}&#39;, code=&#39;R02&#39;)" in told


def test_a_button_that_is_refused_says_why(bench: Bench, sandbox: Sandbox, person: Person) -> None:
    transfer = person.transfer_of(person.pay(amount=12))["id"]
    told = bench.send(f"/transfers/{transfer}", "Fail", reason="R98")
    assert "Not done" in told
    assert "R98" in told
    assert sandbox.transfers.get(transfer).status == "pending"
    answer = bench.http.post(f"{ROOT}/do/advance", data={"hours": "a day"}, headers=bench.headers)
    assert "hours is a number" in answer.text
    answer = bench.http.post(f"{ROOT}/do/transfers/nonsense", data={}, headers=bench.headers)
    assert "There is no such action" in answer.text
    answer = bench.http.post(f"{ROOT}/do/freeze", data={"nonsense": "1"}, headers=bench.headers)
    assert "This takes no &#39;nonsense&#39;" in answer.text


def test_the_clock_is_on_every_page_and_moves(bench: Bench, sandbox: Sandbox, person: Person) -> None:
    person.pay(amount=12)
    for page in ("", "/requests", "/users", "/money", "/webhooks", "/faults", "/scenarios", "/hosted", "/nowhere"):
        text = bench.http.get(ROOT + page).text
        assert "Tue 3 Mar 2026 11:00:00 ET" in text, page
        assert "A transfer clears in 1 d 21 h" in text, page
    assert "11:00:00 ET" in bench.send("/money", "Thaw")
    assert not sandbox.is_frozen
    bench.send("/faults", "Freeze")
    assert sandbox.is_frozen
    assert "Thu 5 Mar 2026 08:30:0" in bench.send("/users", "Until next event")
    assert "Fri 6 Mar 2026 08:30:0" in bench.send("/users", "Next banking day")
    assert "Sat 7 Mar 2026 10:30:0" in bench.send("/users", "Advance", days="1", hours="2")
    assert "banks are closed" in bench.get("")
    assert "Nothing is to happen by itself" in bench.get("")


def test_a_row_of_the_schedule_can_be_gone_to(bench: Bench, sandbox: Sandbox, person: Person) -> None:
    transfer = person.transfer_of(person.pay(amount=12))["id"]
    assert "processed" not in bench.read(f"/transfers/{transfer}")
    bench.send("", "Go there")
    assert sandbox.transfers.get(transfer).status == "processed"


def test_a_user_is_decided_on_and_loses_tokens(bench: Bench, sandbox: Sandbox, person: Person) -> None:
    page = f"/users/{person.id}"
    assert "2 h left" in bench.read(page)
    bench.send(page, "End the access token")
    assert person.http.get("/v1/user").status_code == 401
    bench.send(page, "End the refresh tokens")
    told = bench.read(page)
    assert "access token none refresh token none" in told
    bench.send(page, "Suspend")
    assert sandbox.users.get(person.id).status == "suspended"
    bench.send(page, "Set limits", per_transfer="5.00")
    assert sandbox.users.get(person.id).transfer_limit == 5


def test_a_fault_can_be_added_read_and_removed(bench: Bench, sandbox: Sandbox, person: Person) -> None:
    bench.send("/faults", "Add", operation="get_user", status="503", times="2", skip="1")
    told = bench.read("/faults")
    assert "The next 2 of get_user, after 1 more of them" in told
    assert "never struck" in told
    assert [person.http.get("/v1/user").status_code for _ in range(2)] == [200, 503]
    told = bench.read("/faults")
    assert "struck once" in told
    assert "never struck" not in told
    bench.send("/faults", "Remove")
    assert person.http.get("/v1/user").status_code == 200
    assert sandbox.faults.unstruck == []


def test_webhooks_are_held_released_and_sent_again(
    bench: Bench, sandbox: Sandbox, person: Person, receiver: Receiver
) -> None:
    bench.send("/webhooks", "Add this endpoint", url=receiver.url)
    bench.send("/webhooks", "Hold events back")
    person.pay(amount=12)
    assert "held back: 2" in bench.read("/webhooks")
    bench.send("/webhooks", "Release", order="reversed", copies="2")
    bench.send("/webhooks", "Deliver what is due")
    assert receiver.types == ["transfer_created", "transfer_created", "routine_updated", "routine_updated"]
    event = sandbox.webhooks.events[-1].id
    bench.send(f"/webhooks/events/{event}", "Send once more")
    sandbox.webhooks.deliver_pending()
    assert receiver.events[-1]["webhook_id"] == event
    assert "confirms" in bench.read("/webhooks")


def test_a_signature_is_worked_out_and_compared(
    bench: Bench, sandbox: Sandbox, person: Person, receiver: Receiver
) -> None:
    sandbox.webhooks.register(receiver.url)
    person.pay(amount=12)
    sandbox.webhooks.deliver_pending()
    signature, body = receiver.received[-1]
    page = f"/webhooks/events/{receiver.events[-1]['webhook_id']}"
    assert signature in bench.read(page)
    right = bench.send(page, "Compare", body=body.decode(), signature=signature)
    assert "The signature is right" in right
    again = bench.send(page, "Compare", body=body.decode().replace(" ", ""), signature=signature)
    assert "keep them, and do not parse before you verify" in again
    other = bench.send(page, "Compare", body=body.decode(), signature="AAAA")
    assert "look at the client secret" in other


def test_what_was_cancelled_is_not_announced_and_the_clock_does_not_move_for_it(
    bench: Bench, sandbox: Sandbox, person: Person
) -> None:
    day = sandbox.now().date().isoformat()
    weekly = person.pay(type="recurring", frequency="weekly", start_date=day, amount=12)
    sandbox.transfers.process(person.transfer_of(weekly)["id"])
    assert "A routine runs" in bench.read("")
    assert person.http.delete(f"/v1/routines/{weekly['id']}").status_code < 300
    assert "A routine runs" not in bench.read("")
    assert "Nothing is to happen by itself" in bench.read("")
    before = sandbox.now()
    assert sandbox.advance_to_next_event() is None
    assert sandbox.now() == before
    sandbox.advance(days=60)
    assert len(sandbox._backend.engine.state.schedule) == 0


def test_what_waits_for_a_person_is_not_announced_before_it_may_go_on(
    bench: Bench, sandbox: Sandbox, person: Person
) -> None:
    day = sandbox.now().date().isoformat()
    weekly = person.pay(type="recurring", frequency="weekly", start_date=day, amount=12)
    sandbox.transfers.process(person.transfer_of(weekly)["id"])
    sandbox.users.set_status(person.id, "suspended")
    assert "A routine runs" not in bench.read("")
    assert sandbox.advance_to_next_event() is None
    sandbox.advance(days=8)
    sandbox.users.set_status(person.id, "approved")
    assert "A routine runs" in bench.read("")
    assert sandbox.advance_to_next_event() is not None


def test_a_weekly_payment_that_has_failed_is_planned_no_more(sandbox: Sandbox, person: Person) -> None:
    day = sandbox.now().date().isoformat()
    weekly = person.pay(type="recurring", frequency="weekly", start_date=day, amount=12)
    sandbox.transfers.process(person.transfer_of(weekly)["id"])
    sandbox.users.set_status(person.id, "document")
    for status in ("disconnected", "connected"):
        sandbox.accounts.set_connection_status(weekly["source_id"], status)
    sandbox.users.set_status(person.id, "rejected")
    routine = sandbox._backend.engine.state.routines.rows[weekly["id"]]
    assert routine.status == "failed"
    sandbox.advance(days=60)
    assert (routine.runs, len(sandbox._backend.engine.state.schedule)) == (1, 0)
