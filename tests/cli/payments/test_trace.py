"""`astra trace` and `astra requests show`: the story of a payment by any of its ids."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from astra import Astra
from astra.cli import requests
from astra.payments import PaymentRecord, PaymentState
from astra.payments.story import MOST
from astra.request_log import open_request_log
from astra.sandbox import Sandbox
from astra.webhooks import Webhooks
from tests.cli.payments.payers import OTHER, REFERENCE, as_json, lose, make, pay, put, run, traced, uncertain
from tests.payments.test_links import request


def told(client: Astra) -> PaymentRecord:
    """A payment whose answer was lost, and which a webhook of its transfer settled."""
    assert client.request_log is not None
    routine = client.user("customer-42").routines.list().first()
    assert routine is not None
    transfer = client.user("customer-42").routines.transfers(routine.id).first()
    assert transfer is not None
    body: dict[str, Any] = {"webhook_type": "transfer_updated", "webhook_id": "wh-1", "resource_id": transfer.id}
    user_id = client.user("customer-42").profile.get().id
    event = Webhooks("secret").parse_unverified(json.dumps(body | {"user_id": user_id}).encode())
    record = client.payments.settle(event)
    assert record is not None
    client.request_log.flush()
    return record


def test_every_id_of_a_payment_finds_the_same_story(client: Astra, sandbox: Sandbox) -> None:
    lose(sandbox, client, "payout-1", made=True)
    record = told(client)
    assert record.resource_id is not None
    client.user("customer-42").routines.get(record.resource_id)
    assert client.request_log is not None
    client.request_log.flush()
    read = client.request_log.query(operation="get_routine", limit=1)[0]
    ids = ["payout-1", REFERENCE, record.resource_id, record.transfer_id, record.call_id, read.request_id, read.call_id]
    stories = [as_json(traced(str(one), "--json")) for one in ids]
    for story in stories:
        assert [one["key"] for one in story["payments"]] == ["payout-1"]
        assert story["timeline"] == stories[0]["timeline"]
    assert stories[0]["version"] == 1
    assert stories[0]["payments"][0]["next"]["who"] == "nobody"
    assert stories[0]["request_log"].startswith("request log: ")
    events = [one.get("event") or one["operation"] for one in stories[0]["timeline"]]
    assert events[:3] == ["sent", "create_routine", "lost"]
    assert {"get_transfer", "webhook", "get_routine"} <= set(events[3:])
    assert {one["idempotency_key"] for one in stories[0]["timeline"]} == {"payout-1"}


def test_people_read_the_story_in_order(client: Astra, sandbox: Sandbox) -> None:
    lose(sandbox, client, "payout-1", made=True)
    record = told(client)
    result = traced("payout-1")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert "state                made" in lines
    assert f"transfer id          {record.transfer_id}" in lines
    story = [line.partition("  ")[2] for line in lines if line.startswith("20")]
    assert story[0].startswith("sent by ")
    assert story[1].startswith("create_routine, attempt 1 -> no answer after")
    assert story[1].endswith(f"UncertainOutcomeError (call {record.call_id})")
    assert story[2].startswith("no answer -> uncertain")
    assert "settled by a webhook -> made: transfer_updated wh-1" in story
    assert lines[-1] == "next (nothing to do): It was made. The same key returns its result and sends nothing."


def test_a_refusal_has_its_request_id(client: Astra, sandbox: Sandbox) -> None:
    from astra import APIError

    sandbox.faults.add(operation="create_routine", status=422)
    with pytest.raises(APIError) as refused:
        pay(client, "payout-1")
    assert client.request_log is not None
    client.request_log.flush()
    story = as_json(traced(str(refused.value.request_id), "--json"))
    (payment,) = story["payments"]
    assert (payment["state"], payment["next"]["who"]) == ("refused", "program")
    attempts = [one for one in story["timeline"] if one["source"] == "request"]
    assert [(one["status"], one["request_id"]) for one in attempts] == [(422, refused.value.request_id)]


def test_another_payment_with_the_same_reference_has_a_story_of_its_own(client: Astra) -> None:
    pay(client, "payout-1", amount="20.00")
    pay(client, "payout-2", amount="21.00")
    assert client.request_log is not None
    client.request_log.flush()
    for key in ("payout-1", "payout-2"):
        story = as_json(traced(key, "--json"))
        assert {one["idempotency_key"] for one in story["timeline"]} == {key}
        assert len([one for one in story["timeline"] if one.get("operation") == "create_routine"]) == 1
    both = traced(REFERENCE)
    assert both.exit_code == 0
    assert both.stdout.count("  create_routine, attempt 1 -> 201") == 2
    assert "\npayout-1: next (nothing to do)" in both.stdout
    assert "\npayout-2: next (nothing to do)" in both.stdout


def test_what_was_done_with_the_routine_under_another_key_is_part_of_the_story(client: Astra) -> None:
    routine_id = pay(client, "payout-1")
    assert routine_id is not None
    client.user("customer-42").routines.delete(routine_id, idempotency_key="stop-1")
    assert client.request_log is not None
    client.request_log.flush()
    story = as_json(traced("payout-1", "--json"))
    assert [one["operation"] for one in story["payments"]] == ["create_routine", "delete_routine"]
    assert "delete_routine" in [one.get("operation") for one in story["timeline"]]


def test_without_a_store_the_log_alone_tells(client: Astra, monkeypatch: pytest.MonkeyPatch) -> None:
    pay(client, "payout-1")
    assert client.request_log is not None
    client.request_log.flush()
    monkeypatch.delenv("ASTRA_IDEMPOTENCY_STORE")
    result = traced(REFERENCE)
    assert result.exit_code == 0
    assert "create_routine, attempt 1 -> 201" in result.stdout
    assert "no idempotency store is named" in result.stderr
    assert "no payment under an idempotency key has this id" in result.stderr
    shown = as_json(traced(REFERENCE, "--json"))
    assert (shown["payments"], shown["store"]) == ([], None)


def test_without_a_log_the_record_alone_tells(url: str) -> None:
    put(url, uncertain())
    result = traced("payout-1")
    assert result.exit_code == 0
    assert "no request log is named (ASTRA_REQUEST_LOG)" in result.stderr
    assert "sent by host:1:1 -> sending" in result.stdout
    assert as_json(traced("payout-1", "--json"))["request_log"] is None


def test_a_log_that_is_not_there_is_told_and_not_made(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(url, uncertain())
    monkeypatch.setenv("ASTRA_REQUEST_LOG", f"sqlite:///{tmp_path}/nothing.db")
    result = traced("payout-1")
    assert (result.exit_code, f"{tmp_path}/nothing.db, WHICH IS NOT THERE" in result.stderr) == (0, True)
    assert "WHICH IS NOT THERE" in as_json(traced("payout-1", "--json"))["request_log"]
    assert not (tmp_path / "nothing.db").exists()


def test_an_id_that_nothing_has_is_said_to_be_missing_where(client: Astra) -> None:
    pay(client, "payout-1")
    put(os.environ["ASTRA_IDEMPOTENCY_STORE"], make("theirs", identity=OTHER))
    result = traced("theirs")
    assert (result.exit_code, result.stdout) == (7, "")
    assert f"for example of {OTHER}" in result.stderr
    assert "looked at request log: " in result.stderr


def test_of_very_many_attempts_the_newest_are_read_and_that_is_told(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = make(state=PaymentState.MADE, resource_id="rt_1")
    put(url, record)
    log = f"sqlite:///{tmp_path}/requests.db"
    with open_request_log(log) as requests_:
        for number in range(MOST + 5):
            time = record.sent + timedelta(seconds=number)
            requests_.append(request(f"call_{number}", operation="get_routine", resource_id="rt_1", time=time))
    monkeypatch.setenv("ASTRA_REQUEST_LOG", log)
    shown = as_json(traced("payout-1", "--json"))
    assert shown["is_cut"] is True
    assert shown["timeline"][-1]["call_id"] == f"call_{MOST + 4}"
    assert "only the newest 200 attempts" in traced("payout-1").stderr


def test_nothing_that_others_wrote_moves_the_cursor(url: str) -> None:
    put(url, uncertain("a\x1b[2Jb", looked="\x1b[2J", user_key="\x1b[2J"))
    assert "\x1b" not in traced("a\x1b[2Jb").output


def test_requests_show_knows_the_payment_and_its_ids(client: Astra, sandbox: Sandbox) -> None:
    lose(sandbox, client, "payout-1", made=True)
    record = told(client)
    for one in ("payout-1", REFERENCE, record.call_id, record.transfer_id):
        result = run(requests.app, "show", str(one))
        assert result.exit_code == 0, one
        assert "create_routine" in result.stdout
        assert "payment payout-1: made, more by astra payments show payout-1" in result.stdout
    shown = [json.loads(line) for line in run(requests.app, "show", "payout-1", "--json").stdout.splitlines()]
    assert {line["idempotency_key"] for line in shown} == {"payout-1"}
    assert {"create_routine", "get_transfer"} <= {line["operation"] for line in shown}


def test_requests_show_does_without_a_store_that_cannot_be_used(
    client: Astra, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(client, "payout-1")
    assert client.request_log is not None
    client.request_log.flush()
    monkeypatch.setenv("ASTRA_IDEMPOTENCY_STORE", f"sqlite:///{tmp_path}/wrong.db")
    result = run(requests.app, "show", REFERENCE)
    assert result.exit_code == 0
    assert "create_routine" in result.stdout
    assert "the payments cannot be looked at: There is no idempotency store" in result.stderr
