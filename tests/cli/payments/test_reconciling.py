"""`astra payments reconcile`, as cron runs it."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from astra import Astra
from astra.payments import PaymentState, open_idempotency_store
from astra.sandbox import Sandbox
from astra.tokens import Identity
from tests.cli.payments.payers import OTHER, as_json, astra, lose, make, pay, put, uncertain


def store_of(client: Astra) -> str:
    import os

    return os.environ["ASTRA_IDEMPOTENCY_STORE"]


def test_a_payment_that_was_made_is_found_and_cron_hears_nothing_bad(client: Astra, sandbox: Sandbox) -> None:
    lose(sandbox, client, "payout-1", made=True)
    result = astra("reconcile")
    assert result.exit_code == 0
    counts = "1 made, 0 refused, 0 not found, 0 ambiguous, 0 could not be looked for, 0 being sent"
    assert result.stdout.startswith(counts)
    record = client.payments.get("payout-1")
    assert record is not None
    assert record.state is PaymentState.MADE
    assert astra("reconcile").exit_code == 0


def test_what_is_still_uncertain_is_named_with_who_does_what(
    client: Astra, sandbox: Sandbox, identity: Identity
) -> None:
    put(store_of(client), uncertain("payout-1", identity=identity, client_correlation_id="NOTMADE1"))
    result = astra("reconcile")
    assert result.exit_code == 1
    assert "payout-1  create_routine, user customer-42" in result.stdout
    assert "it was looked for in full, and was not there" in result.stdout
    assert "next (a person): Look for it in Astra's dashboard" in result.stdout
    assert "client_correlation_id NOTMADE1" in result.stdout
    assert "astra payments resolve --not-made --by YOU" in result.stdout
    assert "PROBLEM: 1 payment(s) were looked for in full and are not there" in result.stdout


def test_programs_read_the_same(client: Astra, sandbox: Sandbox, identity: Identity) -> None:
    lose(sandbox, client, "payout-1", made=True)
    put(store_of(client), uncertain("payout-2", identity=identity, client_correlation_id="NOTMADE1"))
    result = astra("reconcile", "--json")
    shown = as_json(result)
    assert (result.exit_code, result.stderr) == (1, "")
    assert (shown["made"], shown["not_found"], shown["ok"]) == (1, 1, False)
    (left,) = shown["uncertain"]
    assert (left["key"], left["next"]["who"]) == ("payout-2", "person")
    assert left["detail"] == "it was looked for in full, and was not there"
    assert len(shown["problems"]) == 1
    assert shown["store"].startswith(("SQLite file /", "database postgresql://"))
    assert shown["client_id"] == identity.client_id


def test_who_cannot_be_looked_for_is_told_why(client: Astra, identity: Identity) -> None:
    put(store_of(client), uncertain("payout-1", identity=identity, user_key="customer-99"))
    result = astra("reconcile")
    assert result.exit_code == 1
    assert "UnknownUserError" in result.stdout
    assert "next (a person): The user 'customer-99' has to authorize again" in result.stdout
    assert "PROBLEM: 1 payment(s) could not be looked for" in result.stdout


def test_a_look_that_fails_is_no_success(client: Astra, sandbox: Sandbox, identity: Identity) -> None:
    put(store_of(client), uncertain("payout-1", identity=identity))
    sandbox.faults.add(operation="list_routines", status=503, times=9)
    result = astra("reconcile")
    assert result.exit_code == 1
    assert "ServiceUnavailableError" in result.stdout
    assert "next (your program): The last look failed" in result.stdout


def test_only_one_key_or_one_user_is_looked_for(client: Astra, sandbox: Sandbox) -> None:
    lose(sandbox, client, "payout-1", made=True)
    lose(sandbox, client, "payout-2", made=True, reference="INV00043")
    assert as_json(astra("reconcile", "--user", "customer-1", "--json"))["made"] == 0
    assert as_json(astra("reconcile", "--key", "payout-2", "--json"))["made"] == 1
    record = client.payments.get("payout-1")
    assert record is not None
    assert record.state is PaymentState.UNCERTAIN
    assert as_json(astra("reconcile", "--user", "customer-42", "--json"))["made"] == 1


def test_a_key_that_was_never_used_is_no_success(client: Astra, sandbox: Sandbox) -> None:
    pay(client, "payout-1")
    assert astra("reconcile", "--key", "payout-1").exit_code == 0
    result = astra("reconcile", "--key", "payout-2")
    assert (result.exit_code, "the key 'payout-2' was never used" in result.stderr) == (7, True)


def test_what_was_just_sent_can_be_left_out_and_is_counted(client: Astra, sandbox: Sandbox) -> None:
    lose(sandbox, client, "payout-1", made=True)
    result = astra("reconcile", "--older-than", "5m")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].endswith("1 left out")
    assert "WARNING: 1 payment(s) of unknown outcome were left out" in result.stderr
    assert as_json(astra("reconcile", "--older-than", "5m", "--json"))["left_out"] == 1


def test_what_is_being_sent_is_not_called_done(client: Astra, identity: Identity) -> None:
    now = datetime.now(UTC)
    times = dict.fromkeys(("created", "updated", "first_sent", "sent"), now)
    put(store_of(client), make("payout-1", identity=identity, **times, lease_until=now + timedelta(hours=1)))
    result = astra("reconcile")
    assert result.exit_code == 1
    assert "1 being sent just now" in result.stdout


def test_a_store_without_payments_is_said_loudly(client: Astra, identity: Identity) -> None:
    client.payments.store.check_writable()
    result = astra("reconcile")
    assert result.exit_code == 1
    assert "PROBLEM: the store has no payments of this client: looked at" in result.stdout
    assert "or it was lost: then every key pays once more" in result.stdout
    allowed = astra("reconcile", "--may-be-empty")
    assert allowed.exit_code == 0
    assert "WARNING: the store has no payments of this client" in allowed.stderr
    put(store_of(client), make(identity=OTHER))
    assert f"for example of {OTHER}" in astra("reconcile").stdout


def test_a_store_that_is_new_is_said_loudly_and_an_old_one_is_not(client: Astra, identity: Identity) -> None:
    pay(client, "payout-1")
    result = astra("reconcile")
    assert (result.exit_code, "WARNING: the first payment in this store is of" in result.stderr) == (0, True)
    assert as_json(astra("reconcile", "--json"))["warnings"]
    put(store_of(client), make("former", identity=identity, state=PaymentState.MADE))
    assert "WARNING" not in astra("reconcile").stderr


def test_of_very_many_some_are_named_and_the_others_counted(client: Astra, identity: Identity) -> None:
    put(store_of(client), *(uncertain(f"k{number:03}", identity=identity) for number in range(25)))
    result = astra("reconcile")
    assert result.exit_code == 1
    assert result.stdout.count("next (a person)") == 20
    assert "and 5 more: astra payments list --state uncertain" in result.stdout
    assert len(as_json(astra("reconcile", "--json"))["uncertain"]) == 25


@pytest.mark.sampled(1)
def test_cron_starts_it_as_a_process(client: Astra, sandbox: Sandbox) -> None:
    lose(sandbox, client, "payout-1", made=True)
    done = subprocess.run(
        [sys.executable, "-m", "astra", "payments", "reconcile"],
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert (done.returncode, done.stdout[:6]) == (0, b"1 made"), done.stderr


@pytest.mark.parametrize("options", [["--older-than", "soon"], ["--timeout", "0"], ["extra"]])
def test_wrong_options_exit_with_2(client: Astra, options: list[str]) -> None:
    with open_idempotency_store(store_of(client)) as store:
        store.check_writable()
    assert astra("reconcile", *options).exit_code == 2
