"""The example programs run as they stand, and keep what their first lines promise."""

from __future__ import annotations

import csv
import html
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from astra import Astra
from astra.sandbox import Sandbox
from tests.examples.running import EXAMPLES, environment, run
from tests.examples.serving import started


def get_json(url: str) -> dict[str, list[str]]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        events: dict[str, list[str]] = json.load(answer)
        return events


def test_the_receiver_shows_the_transfer_as_it_is_when_its_webhook_comes(tmp_path: Path) -> None:
    with started("webhook_receiver.py", "--port", "0", cwd=tmp_path) as (address, _):
        deadline = time.monotonic() + 20
        while not any(event.startswith("transfer ") for event in get_json(address)["events"]):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        transfers = [event for event in get_json(address)["events"] if event.startswith("transfer ")]
        assert transfers[0].endswith("of $20.00 is pending")
    assert (tmp_path / "webhooks.db").exists()


def test_the_cron_job_renews_everyone_it_can_and_names_the_one_it_cannot(tmp_path: Path) -> None:
    done = run("keep_alive_cron.py", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "mail to customer-3: " in done.stdout
    assert done.stdout.endswith("refreshed 2, failed 0, to authorize again 1\n")


def test_a_batch_that_is_run_twice_pays_once_and_exports_every_request_id(tmp_path: Path) -> None:
    for _ in range(2):
        done = run("payout_batch.py", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert "3 paid; " in done.stdout
    with (tmp_path / "requests.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["status"] for row in rows if row["operation"] == "create_routine"] == ["201"] * 3
    assert all(len(row["request_id"]) == 32 for row in rows)


class World:
    """A local Astra with a user, in this process, for a batch in another."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.user_id = sandbox.users.create(accounts=2).id
        self.settings = {
            "ASTRA_CLIENT_ID": sandbox.client_id,
            "ASTRA_CLIENT_SECRET": sandbox.client_secret,
            "ASTRA_BASE_URL": sandbox.url,
            "ASTRA_REDIRECT_URI": sandbox.redirect_uri,
            "ASTRA_TIMEOUT": "2",
        }
        with Astra(
            sandbox.client_id,
            sandbox.client_secret,
            base_url=sandbox.url,
            redirect_uri=sandbox.redirect_uri,
            token_store=f"sqlite:///{folder / 'tokens.db'}",
        ) as astra:
            user = astra.oauth.exchange(sandbox.authorize(user_id=self.user_id), key="customer-1")
            self.accounts = [account.id for account in user.accounts.list()]

    def write_batch(self, *amounts: str) -> None:
        lines = ["payout_id,user,source_id,destination_id,amount"]
        for number, amount in enumerate(amounts):
            lines.append(f"PO{number},customer-1,{self.accounts[0]},{self.accounts[1]},{amount}")
        (self.folder / "payouts.csv").write_text("\n".join(lines))

    def run(self) -> subprocess.CompletedProcess[str]:
        return run("payout_batch.py", cwd=self.folder, **self.settings)

    def paid(self) -> list[float]:
        return sorted(float(routine.amount) for routine in self.sandbox._backend.engine.state.routines)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Sandbox() as sandbox:
        yield World(sandbox, tmp_path)


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
        assert "PO0 $1.00 unknown" in done.stdout
    assert world.paid() == []
    assert world.sandbox.counts["create_routine"] == 1


def test_a_batch_that_is_killed_while_it_pays_goes_on_without_paying_twice(world: World) -> None:
    world.write_batch("1.00", "2.00", "3.00")
    held = world.sandbox.faults.add(operation="create_routine", delay=30, skip=1)
    process = subprocess.Popen(
        [sys.executable, str(EXAMPLES / "payout_batch.py")],
        cwd=world.folder,
        env=environment(**{**world.settings, "ASTRA_TIMEOUT": "60"}),
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while len(world.paid()) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert held.hits == 1
    done = world.run()
    assert (done.returncode, done.stderr) == (0, "")
    assert world.paid() == [1.0, 2.0, 3.0]


def test_a_row_that_was_held_up_by_wrong_credentials_is_paid_by_the_next_run(world: World) -> None:
    world.write_batch("1.00")
    world.sandbox.users.kill_access_token(world.user_id)
    right = world.settings["ASTRA_CLIENT_SECRET"]
    world.settings["ASTRA_CLIENT_SECRET"] = "wrong"
    done = world.run()
    assert (done.returncode, world.paid()) == (1, [])
    assert "PO0 $1.00 unsent" in done.stdout
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


def test_a_refused_row_and_a_row_that_was_changed_after_it_was_paid_are_reported(world: World) -> None:
    world.write_batch("1.00", "0.00")
    done = world.run()
    assert done.returncode == 1
    assert "PO1 $0.00 refused" in done.stdout
    world.write_batch("9.00", "0.00")
    done = world.run()
    assert done.returncode == 3
    assert "PO0: the row was changed after it was sent" in done.stderr
    assert world.paid() == [1.0]


class Person:
    """A browser without pictures: keeps cookies, follows redirects, presses the buttons of Astra's page."""

    def __init__(self) -> None:
        self.web = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())

    def get(self, url: str, form: dict[str, str] | None = None) -> tuple[str, str]:
        body = None if form is None else urllib.parse.urlencode(form).encode()
        try:
            answer = self.web.open(url, body, timeout=10)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.url, answer.read().decode()

    def decide(self, page: tuple[str, str], decision: str) -> tuple[str, str]:
        url, text = page
        action = re.search(r'<form method="post" action="([^"]*)"', text)
        assert action is not None, text
        hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', text)
        form = {name: html.unescape(value) for name, value in hidden}
        phone = re.search(r'name="phone"[^>]*?value="(\d+)"', text, re.DOTALL)
        assert phone is not None, text
        form |= {"phone": phone.group(1), "link_checking": "yes", "decision": decision}
        return self.get(urllib.parse.urljoin(url, html.unescape(action.group(1))), form)


def test_the_django_views_onboard_a_person_and_show_the_accounts(tmp_path: Path) -> None:
    with started("django_views.py", "--port", "0", cwd=tmp_path) as (address,):
        person = Person()
        assert person.get(f"{address}/accounts")[0].rpartition("/login/")[2].startswith("oauth/authorize")
        page = person.decide(person.get(address), "allow")
        back = re.search(r'id="continue" href="([^"]*)"', page[1])
        assert back is not None
        url, text = person.get(html.unescape(back.group(1)))
        assert url == f"{address}/accounts"
        assert "<li>Plaid Checking, ending in 0000</li>" in text
        declined = Person()
        assert "access_denied" in declined.decide(declined.get(address), "decline")[1]
        assert "state_unknown" in forged(address)


def forged(address: str) -> str:
    """What somebody gets who began, and comes back with another's redirect."""
    person = Person()
    person.get(address)
    return person.get(f"{address}/callback?code=stolen&state=forged")[1]
