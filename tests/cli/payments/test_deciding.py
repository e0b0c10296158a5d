"""`astra payments resolve` and `prune`: what a person decides, and who is asked."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest

from astra import Astra
from astra.payments import PaymentState
from astra.sandbox import Sandbox
from astra.tokens import Identity
from tests.cli.payments.payers import OTHER, as_json, astra, lose, make, pay, put, rows, uncertain

NOT_MADE = ["resolve", "payout-1", "--not-made", "--by", "jane"]
PRUNE = ["prune", "--older-than", "30d"]


@pytest.fixture
def store(any_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store with a payment of unknown outcome, whose client has a secret, and Astra is not there to be asked."""
    monkeypatch.setenv("ASTRA_CLIENT_SECRET", "SECRET-of-client")
    put(any_url, make("old", state=PaymentState.MADE, resource_id="rt_1", hours_ago=24 * 60))
    return any_url


@pytest.mark.parametrize("command", [NOT_MADE, PRUNE], ids=" ".join)
def test_where_nobody_can_be_asked_the_way_on_is_said_and_it_could_not_run(store: str, command: list[str]) -> None:
    before = rows(store)
    result = astra(*command)
    assert result.exit_code == 2
    assert "\nerror: there is nobody to ask. Pass --yes to go on all the same. Nothing was changed.\n" in result.stderr
    assert rows(store) == before


@pytest.mark.parametrize("command", [NOT_MADE, PRUNE], ids=" ".join)
def test_no_is_no(store: str, command: list[str]) -> None:
    before = rows(store)
    assert astra(*command, say="n\n").exit_code == 1
    assert rows(store) == before


def test_a_payment_that_was_not_made_may_be_sent_again(store: str) -> None:
    result = astra(*NOT_MADE, say="y\n")
    assert result.exit_code == 0
    assert "'payout-1' (create_routine of 20.00 of user 'customer-42', sent" in result.stderr
    assert "was NOT made, so that its key may send it again? If it was made, it is made twice then." in result.stderr
    (record,) = [one for one in rows(store) if one.key == "payout-1"]
    assert (record.state, record.history[-1].by) == (PaymentState.NOT_SENT, "jane")
    assert "state                not_sent" in result.stdout
    assert "resolved by jane -> not_sent" in astra("show", "payout-1").stdout


def test_programs_read_what_was_noted(store: str) -> None:
    result = astra(*NOT_MADE, "--yes", "--json")
    shown = as_json(result)
    assert (result.exit_code, result.stderr, shown["state"]) == (0, "", "not_sent")
    assert shown["store"].startswith(("SQLite file /", "database postgresql://"))


def test_a_key_that_was_never_used_is_told(store: str) -> None:
    put(store, uncertain("theirs", identity=OTHER))
    for key, told in (("nobody", "looked at"), ("theirs", f"for example of {OTHER}")):
        result = astra("resolve", key, "--not-made", "--by", "jane", "--yes")
        assert result.exit_code == 7
        assert f"the key '{key}' was never used" in result.stderr
        assert told in result.stderr


def test_a_key_of_several_operations_needs_the_operation(store: str) -> None:
    put(store, uncertain(operation="create_book_routine"))
    result = astra(*NOT_MADE, "--yes")
    assert result.exit_code == 2
    assert "create_book_routine" in result.stderr
    assert astra(*NOT_MADE, "--yes", "--operation", "create_book_routine").exit_code == 0
    states = {one.operation: one.state for one in rows(store) if one.key == "payout-1"}
    assert states == {"create_routine": PaymentState.UNCERTAIN, "create_book_routine": PaymentState.NOT_SENT}


@pytest.mark.parametrize(
    "options",
    [["--by", "jane"], ["--by", "jane", "--made", "rt_1", "--not-made"], ["--not-made"], ["--not-made", "--by", " "]],
    ids=" ".join,
)
def test_half_a_decision_is_none(store: str, options: list[str]) -> None:
    before = rows(store)
    assert astra("resolve", "payout-1", *options, "--yes").exit_code == 2
    assert rows(store) == before


def test_what_may_be_on_its_way_is_not_decided(store: str) -> None:
    now = datetime.now(UTC)
    times = dict.fromkeys(("created", "updated", "first_sent", "sent"), now)
    put(store, make("new", state=PaymentState.UNCERTAIN, **times, lease_until=now + timedelta(hours=1)))
    for key, told in (("new", "may still be on its way"), ("old", "was made: it is rt_1")):
        result = astra("resolve", key, "--not-made", "--by", "jane", "--yes")
        assert result.exit_code == 1
        assert told in result.stderr
        assert "Nothing was changed." in result.stderr


def test_a_routine_that_was_made_is_read_and_noted(client: Astra, sandbox: Sandbox) -> None:
    lose(sandbox, client, "payout-1", made=True)
    other = pay(client, "payout-2", reference="INV00043", amount="21.00")
    routines = [one.id for one in client.user("customer-42").routines.list()]
    (mine,) = [one for one in routines if one != other]
    wrong = astra("resolve", "payout-1", "--made", str(other), "--by", "jane", "--yes")
    assert (wrong.exit_code, f"{other} is another payment" in wrong.stderr) == (1, True)
    asked = astra("resolve", "payout-1", "--made", mine, "--by", "jane", say="y\n")
    assert asked.exit_code == 0
    assert f"was made, and is {mine}?" in asked.stderr
    record = client.payments.get("payout-1")
    assert record is not None
    assert (record.state, record.resource_id, record.history[-1].by) == (PaymentState.MADE, mine, "jane")
    assert pay(client, "payout-1") == mine


def test_a_routine_that_cannot_be_read_changes_nothing(client: Astra, sandbox: Sandbox) -> None:
    lose(sandbox, client, "payout-1", made=True)
    result = astra("resolve", "payout-1", "--made", "nothing", "--by", "jane", "--yes")
    assert result.exit_code == 7
    assert "NotFoundError" in result.stderr
    record = client.payments.get("payout-1")
    assert record is not None
    assert record.state is PaymentState.UNCERTAIN


def test_prune_asks_with_the_number_and_deletes_what_is_known_and_old(store: str) -> None:
    put(
        store,
        make("sending", hours_ago=24 * 90),
        uncertain("lost", hours_ago=24 * 90),
        make("refused", state=PaymentState.REFUSED, hours_ago=24 * 90),
        make("young", state=PaymentState.MADE),
        make("theirs", state=PaymentState.MADE, identity=OTHER, hours_ago=24 * 90),
    )
    result = astra(*PRUNE, say="y\n")
    assert result.exit_code == 0
    assert "Delete 2 payment(s) that have not changed since" in result.stderr
    assert "Whoever uses one of their keys again pays once more." in result.stderr
    assert result.stdout.splitlines()[-1] == "2 deleted; 3 of unknown outcome stay"
    assert sorted(one.key for one in rows(store)) == ["lost", "payout-1", "sending", "theirs", "young"]


def test_prune_with_nothing_to_delete_asks_nobody(store: str) -> None:
    result = astra("prune", "--older-than", "400d")
    assert (result.exit_code, result.stdout) == (0, "0 deleted; 1 of unknown outcome stay\n")
    shown = as_json(astra("prune", "--older-than", "30d", "--yes", "--json"))
    assert (shown["deleted"], shown["of_unknown_outcome"]) == (1, 1)


@pytest.mark.parametrize("options", [[], ["--older-than", "12h"], ["--older-than", "0d"], ["--older-than", "soon"]])
def test_prune_of_what_is_hardly_a_day_old_is_refused(store: str, options: list[str]) -> None:
    before = rows(store)
    assert astra("prune", *options, "--yes").exit_code == 2
    assert rows(store) == before


def test_a_program_that_pays_meanwhile_is_not_overtaken(client: Astra, sandbox: Sandbox, identity: Identity) -> None:
    """The record is read before the question; what is true when the answer comes counts."""
    put(os.environ["ASTRA_IDEMPOTENCY_STORE"], uncertain("payout-1", identity=identity))
    made = client.payments.resolve("payout-1", not_made=True, by="somebody else")
    assert made.state is PaymentState.NOT_SENT
    assert pay(client, "payout-1", reference=None) is not None
    result = astra("resolve", "payout-1", "--not-made", "--by", "jane", "--yes")
    assert (result.exit_code, "was made: it is" in result.stderr) == (1, True)
