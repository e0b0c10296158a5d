"""`astra payments list` and `show`: what is shown, of whom, and without a client secret."""

from __future__ import annotations

import gc
import json
import sqlite3
import subprocess
import sys
import tracemalloc
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from astra import Astra
from astra.payments import HistoryEntry, PaymentState
from astra.payments.stores.rows import COLUMNS
from astra.sandbox import Sandbox
from tests.cli.payments.payers import ME, OTHER, REFERENCE, as_json, astra, lose, make, pay, put, rows, uncertain


def keys(*arguments: str) -> list[str]:
    return [json.loads(line)["key"] for line in astra("list", "--json", *arguments).stdout.splitlines()]


def test_list_shows_this_clients_payments_without_a_secret(any_url: str) -> None:
    put(any_url, make("a", state=PaymentState.MADE, resource_id="rt_1"), make("theirs", identity=OTHER))
    result = astra("list")
    assert result.exit_code == 0
    heading, *lines = result.stdout.splitlines()
    assert heading.split()[:3] == ["state", "key", "operation"]
    assert sorted(line.split()[1] for line in lines) == ["a", "payout-1"]
    assert f"payments of {ME}" in result.stderr
    assert "20.00" in lines[0]


def test_list_is_narrowed(url: str) -> None:
    put(
        url,
        uncertain("lost", hours_ago=5),
        make("made", state=PaymentState.MADE, hours_ago=4, user_key="customer-43"),
        make("book", state=PaymentState.MADE, hours_ago=3, operation="create_book_routine"),
    )
    assert keys() == ["lost", "made", "book"]
    assert keys("--state", "uncertain") == ["lost"]
    assert keys("--user", "customer-43") == ["made"]
    assert keys("--operation", "create_book_routine") == ["book"]
    assert keys("--since", "210m") == ["book"]
    assert keys("--until", "210m") == ["lost", "made"]
    assert keys("-n", "2") == ["lost", "made"]
    for wrong in (["--state", "odd"], ["--since", "soon"], ["-n", "0"]):
        assert astra("list", *wrong).exit_code == 2


def test_json_has_what_is_known_but_the_answer_and_the_history(url: str) -> None:
    put(url, make(state=PaymentState.MADE, resource_id="rt_1", result='{"id": "rt_1"}'))
    shown = json.loads(astra("list", "--json").stdout)
    assert (shown["state"], shown["resource_id"], shown["match_fields"]["amount"]) == ("made", "rt_1", "20.00")
    assert not {"history", "result"} & set(shown)


def test_an_empty_list_says_where_it_looked(url: str, tmp_path: Path) -> None:
    put(url, make("theirs", identity=OTHER))
    result = astra("list", "--json")
    assert (result.exit_code, result.stdout) == (0, "")
    assert f"no payments: looked at SQLite file {tmp_path}/payments.db, payments of {ME}" in result.stderr
    assert f"(it has such of others, for example of {OTHER})" in result.stderr


def test_a_damaged_row_is_told_and_exits_with_3(url: str, tmp_path: Path) -> None:
    put(url, make("a"))
    with closing(sqlite3.connect(tmp_path / "payments.db")) as connection, connection:
        connection.execute("UPDATE astra_payments SET data='{}'")
    result = astra("list")
    assert result.exit_code == 3
    assert "under the key 'a'" in result.stderr


def test_a_key_that_moves_the_cursor_does_not(url: str) -> None:
    key = "a\x1b[2J\nb"
    put(url, uncertain(key, looked="x\x1b[2Jy", user_key="c\x1b[2J"))
    for command in (["list"], ["show", key]):
        result = astra(*command)
        assert result.exit_code == 0
        assert "\x1b" not in result.output
    assert "a?[2J?b" in astra("list").stdout


@pytest.mark.long
def test_memory_does_not_grow_with_the_number_of_payments(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from astra.cli.payments import looking

    peaks: list[int] = []
    put(url, *(make(f"k{number:03}") for number in range(600)))
    for total in (600, 1_200, 4_800):
        copied = [f"key || '-{total}' || abs(random())" if column == "key" else column for column in COLUMNS]
        copy = f"INSERT INTO astra_payments ({', '.join(COLUMNS)}) SELECT {', '.join(copied)} FROM astra_payments"
        with closing(sqlite3.connect(tmp_path / "payments.db")) as connection, connection:
            while connection.execute("SELECT count(*) FROM astra_payments").fetchone()[0] < total:
                connection.execute(copy)
        gc.collect()
        with (tmp_path / "out").open("w") as file, monkeypatch.context() as patched:
            # The runner of the tests would keep all that is printed.
            patched.setattr("sys.stdout", file)
            tracemalloc.start()
            looking.list_payments()
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert len((tmp_path / "out").read_text().splitlines()) == total + 1
    # The first run loads what is loaded once.
    assert peaks[2] - peaks[1] < 3_600 * 50


@pytest.mark.parametrize("command", [["list"], ["list", "--json"], ["show", "payout-1"]], ids=" ".join)
def test_output_that_cannot_be_written_is_told(url: str, command: list[str]) -> None:
    put(url, uncertain())
    with open("/dev/full", "wb") as device:
        done = subprocess.run(
            [sys.executable, "-m", "astra", "payments", *command], stdout=device, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, b"error: OSError: No space left on device")


def test_standard_output_that_is_closed_is_told(url: str) -> None:
    put(url, uncertain())
    done = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m astra payments list >&-"], capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("by", ["key", "client_correlation_id", "resource_id", "transfer_id", "call_id", "request_id"])
def test_a_payment_is_shown_by_any_of_its_ids(any_url: str, by: str) -> None:
    ids = {
        "client_correlation_id": "REF00001",
        "resource_id": "rt_1",
        "transfer_id": "tr_1",
        "call_id": "call_1",
        "request_ids": ("req_1",),
    }
    put(any_url, make("key", state=PaymentState.MADE, **ids))
    any_id = {"key": "key", "request_id": "req_1"}.get(by) or str(ids[by])
    shown = as_json(astra("show", any_id, "--json"))
    assert (shown["key"], shown["state"], shown["environment"]) == ("key", "made", ME.environment)
    assert shown["next"] == {
        "who": "nobody",
        "what": "It was made. The same key returns its result and sends nothing.",
        "commands": [],
    }
    assert [entry["event"] for entry in shown["history"]] == ["sent"]


def test_people_read_what_happened_and_what_to_do(url: str) -> None:
    put(url, uncertain(looked="it was looked for in full, and was not there"))
    result = astra("show", "payout-1")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert "state                uncertain" in lines
    assert "correlation id       AB12CD34" in lines
    assert [line for line in lines if line.endswith("sent by host:1:1 -> sending")]
    assert [
        line for line in lines if line.endswith("looked for -> uncertain: it was looked for in full, and was not there")
    ]
    assert [line for line in lines if line.startswith("next (a person): Look for it in Astra's dashboard")]
    assert "  astra payments resolve --not-made --by YOU --operation create_routine payout-1" in lines


def test_all_payments_of_a_shared_id_are_shown(url: str) -> None:
    put(url, make("a", state=PaymentState.MADE), uncertain("b"))
    result = astra("show", "AB12CD34", "--json")
    assert [json.loads(line)["key"] for line in result.stdout.splitlines()] == ["a", "b"]
    assert "key                  b" in astra("show", "AB12CD34").stdout


def test_an_id_that_nothing_has_is_said_to_be_missing_where(any_url: str) -> None:
    put(any_url, make("theirs", identity=OTHER))
    for any_id, told in (("nothing", "payments of"), ("theirs", f"such of others, for example of {OTHER}")):
        result = astra("show", any_id)
        assert (result.exit_code, result.stdout) == (7, "")
        assert f"no payment under the id '{any_id}'" in result.stderr
        assert told in result.stderr


def test_requests_of_the_log_are_counted_and_an_earlier_answer_finds_the_payment(
    client: Astra, sandbox: Sandbox
) -> None:
    lose(sandbox, client, "payout-1", made=True)
    assert client.payments.reconcile().made == 1
    assert client.request_log is not None
    client.request_log.flush()
    record = client.payments.get("payout-1")
    assert record is not None
    result = astra("show", "payout-1")
    assert "2 attempt(s) in the request log: astra trace payout-1" in result.stdout
    shown = as_json(astra("show", "payout-1", "--json"))
    assert record.call_id in shown["logged_calls"]
    (read,) = client.request_log.query(operation="get_routine")
    assert as_json(astra("show", str(read.request_id), "--json"))["key"] == "payout-1"


def test_a_request_that_belongs_to_no_payment_is_sent_on_to_the_log(client: Astra) -> None:
    pay(client, "payout-1")
    request_id = client.user("customer-42").profile.get().request_id
    assert client.request_log is not None
    client.request_log.flush()
    result = astra("show", str(request_id))
    assert result.exit_code == 7
    assert f"The request log knows it: astra requests show {request_id}." in result.stderr


def test_looking_changes_nothing(url: str) -> None:
    put(url, uncertain(), make("b"))
    before = rows(url)
    for command in (["list"], ["show", "payout-1"], ["show", "b", "--json"]):
        assert astra(*command).exit_code == 0
    assert rows(url) == before


def test_no_name_of_a_payment_is_kept_to_be_shown(client: Astra) -> None:
    pay(client, "payout-1", reference=REFERENCE)
    for command in (["list", "--json"], ["show", "payout-1", "--json"], ["show", "payout-1"]):
        assert '"Payout"' not in astra(*command).output


def test_a_live_sender_is_named(url: str) -> None:
    now = datetime.now(UTC)
    times: dict[str, Any] = dict.fromkeys(("created", "updated", "first_sent", "sent"), now)
    entry = HistoryEntry(time=now, event="sent", state=PaymentState.SENDING, by="host:1:1")
    put(url, make(**times, lease_until=now + timedelta(hours=1), history=(entry,)))
    shown = as_json(astra("show", "payout-1", "--json"))
    assert shown["next"]["who"] == "nobody"
    assert shown["next"]["what"].startswith("host:1:1 sends it just now")
