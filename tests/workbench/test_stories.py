"""What became of things, told so that it can be read: what a request changed, retries, chargebacks, reasons."""

from __future__ import annotations

import re

import httpx
import pytest

from astra.sandbox import Sandbox
from tests.sandbox.conftest import BANK, Person
from tests.workbench.bench import Bench, parsed


def test_a_request_says_what_it_made_and_changed(bench: Bench, sandbox: Sandbox, person: Person) -> None:
    routine = person.pay(amount=12)
    transfer = person.transfer_of(routine)["id"]
    (made,) = [one for one in sandbox.requests if one.operation == "create_routine"]
    told = bench.read(f"/requests/{made.request_id}")
    assert f"{routine['id']} routine made" in told
    assert f"{transfer} transfer made" in told
    person.http.post("/v1/routines", json={"amount": -1})
    told = bench.read(f"/requests/{sandbox.requests[-1].request_id}")
    assert "What it changed Nothing that has a page." in told
    assert '"status_code": 400' in told


def test_the_requests_that_failed_are_what_the_first_screen_counts(
    bench: Bench, sandbox: Sandbox, person: Person
) -> None:
    sandbox.faults.add(operation="get_user", status=503)
    sandbox.faults.add(operation="list_accounts", drop="before")
    assert person.http.get("/v1/user").status_code == 503
    with pytest.raises(httpx.TransportError):
        person.http.get("/v1/accounts")
    assert "2 5xx or no answer of the latest 1,000" in bench.read("")
    (link,) = [link for link in parsed(bench.get("")).links if "status=" in link]
    rows = [line for line in re.findall(r"<tr.*?</tr>", bench.get(link), re.DOTALL) if "rowheader" in line]
    assert len(rows) == 2
    assert "nobody known" in rows[1]


def test_retries_are_told_in_one_line_where_they_would_hide_the_rest(
    bench: Bench, sandbox: Sandbox, person: Person
) -> None:
    sandbox.webhooks.register("http://127.0.0.1:9/hooks")
    transfer = person.transfer_of(person.pay(amount=12))["id"]
    sandbox.webhooks.deliver_pending()
    sandbox.advance(minutes=2)
    sandbox.webhooks.deliver_pending()
    tries = [one for one in sandbox.webhooks.attempts if one.event.body.get("resource_id") == transfer]
    assert len(tries) > 2
    told = bench.read(f"/transfers/{transfer}")
    assert f"transfer_created, not confirmed, {len(tries) - 1} retries" in told
    assert "attempt 2" not in told
    assert "2 webhooks again: no answer" in bench.read("")
    event = bench.read(f"/webhooks/events/{tries[0].event.id}")
    assert [f"attempt {n}: no answer" in event for n in range(1, len(tries) + 1)] == [True] * len(tries)
    assert event.index("attempt 2: no answer") < event.index("attempt 1: no answer")
    assert "Connection refused" in bench.read("/webhooks")


def test_a_chargeback_is_told_when_it_came(bench: Bench, sandbox: Sandbox, person: Person) -> None:
    account = person.post("/v1/accounts/create", **BANK)["id"]
    body = {"name": "Fund", "amount": 100, "client_correlation_id": "AB12CD34"}
    body |= {"source": {"id": sandbox.cards.create(person.id).id}, "destination": {"id": account, "user_id": person.id}}
    transfer = person.transfer_of(person.post("/v1/routines/card-to-account", **body))["id"]
    sandbox.advance(hours=1)
    sandbox.transfers.charge_back(transfer)
    told = bench.read(f"/transfers/{transfer}")
    assert "16:00:05 change It is processed" in told
    assert "17:00:00 event chargeback_created" in told


def test_why_a_transfer_failed_is_said_with_the_meaning_of_its_code(
    bench: Bench, sandbox: Sandbox, person: Person
) -> None:
    transfer = person.transfer_of(person.pay(amount=12))["id"]
    sandbox.transfers.fail(transfer, reason="R02")
    for page in ("/money", "/transfers", f"/transfers/{transfer}"):
        assert "R02: account closed" in bench.read(page), page
