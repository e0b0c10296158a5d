"""The examples that pay: each row is paid once, whatever becomes of the program, its messages and Astra's answers."""

from __future__ import annotations

import csv
import io
import os
import re
import signal
import subprocess
import sys
import threading
import time
import tokenize
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import pytest

from astra import Astra
from astra.payments import PaymentQuery, PaymentState, open_idempotency_store
from astra.sandbox import Sandbox
from tests.examples.running import EXAMPLES, environment, run

NEW_STORE = "a new, empty idempotency store was made"


class World:
    """A local Astra with a user, in this process, for programs in others."""

    def __init__(self, sandbox: Sandbox, folder: Path, tokens: str | None = None) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.user_id = sandbox.users.create(accounts=2).id
        self.settings = {
            "ASTRA_CLIENT_ID": sandbox.client_id,
            "ASTRA_CLIENT_SECRET": sandbox.client_secret,
            "ASTRA_BASE_URL": sandbox.url,
            "ASTRA_REDIRECT_URI": sandbox.redirect_uri,
            "ASTRA_TOKEN_STORE": tokens or f"sqlite:///{folder / 'tokens.db'}",
            "ASTRA_TIMEOUT": "2",
        }
        with Astra(
            sandbox.client_id,
            sandbox.client_secret,
            base_url=sandbox.url,
            redirect_uri=sandbox.redirect_uri,
            token_store=self.settings["ASTRA_TOKEN_STORE"],
        ) as astra:
            user = astra.oauth.exchange(sandbox.authorize(user_id=self.user_id), key="customer-1")
            self.accounts = [account.id for account in user.accounts.list()]

    def write_batch(self, *amounts: str, destination: str | None = None) -> None:
        lines = ["payout_id,user,source_id,destination_id,amount"]
        for number, amount in enumerate(amounts):
            lines.append(f"PO{number},customer-1,{self.accounts[0]},{destination or self.accounts[1]},{amount}")
        (self.folder / "payouts.csv").write_text("\n".join(lines))

    def run(self, name: str = "payout_batch.py", *arguments: str) -> subprocess.CompletedProcess[str]:
        done = run(name, *arguments, cwd=self.folder, **self.settings)
        # The program says so once, because an empty store in place of a lost one would pay all again.
        done.stderr = "".join(line for line in done.stderr.splitlines(keepends=True) if NEW_STORE not in line)
        return done

    def kill_while_it_pays_the_second(self, name: str) -> None:
        """Runs a program, and kills it when Astra has made the second payment and has not answered yet."""
        held = self.sandbox.faults.add(operation="create_routine", delay=30, skip=1)
        process = subprocess.Popen(
            [sys.executable, str(EXAMPLES / name)],
            cwd=self.folder,
            env=environment(**{**self.settings, "ASTRA_TIMEOUT": "60"}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: len(self.paid()) == 2)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert held.hits == 1

    def let_the_killed_count_as_dead(self) -> None:
        """As if more time had passed than a call may take."""
        with open_idempotency_store(self.folder / "payments.db") as store:
            [record] = store.select(PaymentQuery(states=[PaymentState.SENDING]))
            over = attrs.evolve(record, lease_until=record.sent, version=record.version + 1)
            assert store.change(over, replaces=record.version)

    def report(self) -> list[dict[str, str]]:
        with (self.folder / "report.csv").open() as file:
            return list(csv.DictReader(file))

    def paid(self) -> list[float]:
        return sorted(float(routine.amount) for routine in self.sandbox._backend.engine.state.routines)


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Sandbox() as sandbox:
        yield World(sandbox, tmp_path)


def test_a_batch_that_is_run_twice_pays_once_and_reports_every_request_id(tmp_path: Path) -> None:
    first, second = (run("payout_batch.py", cwd=tmp_path) for _ in range(2))
    for done in (first, second):
        assert (done.returncode, done.stdout) == (0, "3 made; details in report.csv\n")
    assert second.stderr == ""
    with (tmp_path / "report.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["payout_id"] for row in rows] == ["PO1", "PO2", "PO3"]
    assert all(len(row["request_ids"]) == 32 for row in rows)
    assert len({row["routine_id"] for row in rows}) == 3


def test_a_payout_whose_answer_is_lost_is_found_and_not_paid_again(world: World) -> None:
    world.write_batch("1.00", "2.00")
    world.sandbox.faults.add(operation="create_routine", drop="after")
    done = world.run()
    assert (done.returncode, done.stderr) == (0, "")
    assert world.paid() == [1.0, 2.0]


def test_a_payout_that_cannot_be_found_is_left_to_a_person_and_never_sent_again(world: World) -> None:
    world.write_batch("1.00")
    world.sandbox.faults.add(operation="create_routine", drop="before")
    for _ in range(2):
        done = world.run()
        assert done.returncode == 3
        assert "PO0 $1.00 uncertain: " in done.stderr
    assert world.paid() == []
    assert world.sandbox.counts["create_routine"] == 1


@pytest.mark.sampled(1)
@pytest.mark.parametrize("program", ["payout_batch.py", "payout_job.py"])
def test_a_program_that_is_killed_while_it_pays_goes_on_without_paying_twice(world: World, program: str) -> None:
    world.write_batch("1.00", "2.00", "3.00")
    world.kill_while_it_pays_the_second(program)
    at_once = world.run(program)
    assert at_once.returncode == 1
    assert "being sent by" in at_once.stdout + at_once.stderr
    assert world.paid() == [1.0, 2.0, 3.0]
    world.let_the_killed_count_as_dead()
    done = world.run(program)
    assert (done.returncode, done.stderr) == (0, "")
    assert world.paid() == [1.0, 2.0, 3.0]


@pytest.mark.long
def test_a_row_that_was_held_up_by_wrong_credentials_is_paid_by_the_next_run(world: World) -> None:
    world.write_batch("1.00")
    world.sandbox.users.kill_access_token(world.user_id)
    right = world.settings["ASTRA_CLIENT_SECRET"]
    world.settings["ASTRA_CLIENT_SECRET"] = "wrong"
    done = world.run()
    assert (done.returncode, world.paid()) == (1, [])
    assert "PO0 $1.00 not_sent: " in done.stderr
    world.settings["ASTRA_CLIENT_SECRET"] = right
    assert world.run().returncode == 0
    assert world.paid() == [1.0]


def test_two_batches_at_once_pay_each_row_once(world: World) -> None:
    world.write_batch(*(f"{number}.00" for number in range(1, 9)))
    barrier = threading.Barrier(2)

    def batch() -> None:
        barrier.wait()
        world.run()

    threads = [threading.Thread(target=batch) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.run().returncode == 0
    assert world.paid() == [float(number) for number in range(1, 9)]


@pytest.mark.long
def test_a_refused_row_is_paid_once_it_is_corrected(world: World) -> None:
    world.write_batch("1.00", destination=world.accounts[0])
    done = world.run()
    assert (done.returncode, world.paid()) == (1, [])
    assert [row["state"] for row in world.report()] == ["refused"]
    world.write_batch("1.00")
    assert world.run().returncode == 0
    assert world.paid() == [1.0]


@pytest.mark.long
def test_a_row_that_cannot_be_right_and_a_row_that_was_changed_after_it_was_paid_are_reported(world: World) -> None:
    world.write_batch("1.00", "0.00")
    done = world.run()
    assert done.returncode == 1
    assert "PO1 $0.00 refused: " in done.stderr
    world.write_batch("9.00", "0.00")
    done = world.run()
    assert done.returncode == 3
    assert "PO0 $9.00 changed: The idempotency key 'PO0' belongs to another create_routine" in done.stderr
    assert world.paid() == [1.0]


def test_the_short_job_is_short_and_pays_once_when_it_is_run_twice(world: World) -> None:
    text = (EXAMPLES / "payout_job.py").read_text(encoding="utf-8")
    kinds = {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER, tokenize.ENCODING}
    tokens = tokenize.tokenize(io.BytesIO(text.encode()).readline)
    assert len({token.start[0] for token in tokens if token.type not in kinds}) < 20
    world.write_batch("1.00", "2.00")
    outputs = [world.run("payout_job.py") for _ in range(2)]
    assert [(done.returncode, done.stderr) for done in outputs] == [(0, "")] * 2
    assert outputs[0].stdout == outputs[1].stdout
    assert world.paid() == [1.0, 2.0]


@contextmanager
def celery_worker(world: World, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker as the first lines of the example start it."""
    command = ["celery", "-A", "payout_tasks", "worker", "-Q", "astra-payments", "--loglevel", "INFO"]
    assert " ".join(command) in (EXAMPLES / "payout_tasks.py").read_text(encoding="utf-8")
    with (
        log.open("ab") as file,
        subprocess.Popen(
            [str(Path(sys.executable).parent / command[0]), *command[1:], "--concurrency", "1", "--without-mingle"],
            cwd=EXAMPLES,
            env=environment(**world.settings),
            stdout=file,
            stderr=file,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield process
            process.terminate()
            process.wait(30)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.long
@pytest.mark.timeout(180)
def test_the_batch_over_celery_is_sent_twice_and_pays_each_row_once(
    broker_url: str, postgres_url: str, tmp_path: Path
) -> None:
    with Sandbox() as sandbox:
        world = World(sandbox, tmp_path, tokens=postgres_url)
        world.settings |= {"ASTRA_IDEMPOTENCY_STORE": postgres_url, "BROKER_URL": broker_url}
        world.write_batch("1.00", "2.00", "3.00")
        sandbox.faults.add(operation="create_routine", status=503)  # nobody knows what became of that one
        for _ in range(2):
            done = world.run("payout_tasks.py", "send", "payouts.csv")
            assert (done.returncode, done.stdout) == (0, "3 sent to the workers\n")
        assert world.run("payout_tasks.py", "report", "payouts.csv").stdout == "3 waiting\n"
        log = tmp_path / "worker.log"
        with celery_worker(world, log):
            # All six messages: Celery does not always end a worker that is asked to in the midst of a task's retry.
            wait_until(lambda: len(re.findall(r"\] (?:succeeded in|retry: )", log.read_text())) == 6)
        assert len(world.paid()) == 2
        done = world.run("payout_tasks.py", "report", "payouts.csv")
        assert (done.returncode, done.stderr) == (1, "")
        states = {row["payout_id"]: row["state"] for row in world.report()}
        assert sorted(states.values()) == ["made", "made", "uncertain"]
        assert len(world.paid()) == 2


def test_the_payouts_over_celery_without_a_broker_say_what_to_set(tmp_path: Path) -> None:
    done = run("payout_tasks.py", "send", "payouts.csv", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        1,
        "Set BROKER_URL, such as redis://cache:6379/1: over it the payouts go to the workers.\n",
    )
