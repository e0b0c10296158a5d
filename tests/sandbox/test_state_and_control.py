"""State in a file, determinism, several sandboxes at once, and control from another process."""

import gc
import json
import logging
import os
import queue
import shutil
import signal
import subprocess
import sys
import warnings
from decimal import Decimal
from logging.handlers import QueueHandler
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from astra.errors import ConfigurationError
from astra.sandbox import Options, Quirks, RemoteSandbox, Sandbox, SandboxClock


def test_a_state_file_carries_everything_over_a_restart(tmp_path):
    path = tmp_path / "sandbox.json"
    with Sandbox(state=path) as sandbox:
        seeded = sandbox.seed(users=2, transfers=30, authorized=True)[0]
        sandbox.advance(hours=1)
        before = sandbox.clock()
        code = sandbox.authorize(user_id=seeded.id)
    with Sandbox(state=path) as sandbox:
        assert sandbox.clock() >= before
        headers = {"Authorization": f"Bearer {seeded.access_token}"}
        page = httpx.get(f"{sandbox.url}/v1/transfers", headers=headers, trust_env=False).json()
        assert page["count"] == 15
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": sandbox.redirect_uri}
        auth = (sandbox.client_id, sandbox.client_secret)
        tokens = httpx.post(f"{sandbox.url}/v1/oauth/token", data=form, auth=auth, trust_env=False)
        assert tokens.status_code == 200
        assert httpx.get(f"{sandbox.url}/v1/user", headers=headers, trust_env=False).status_code == 401
    assert not list(tmp_path.glob("sandbox.json.*"))


def test_a_payment_under_way_goes_on_after_a_restart(tmp_path):
    path = tmp_path / "sandbox.json"
    with Sandbox(state=path) as sandbox:
        user = sandbox.users.create(accounts=2)
        source, destination = (account.id for account in sandbox._backend.engine.state.accounts.of(user.id))
        from astra.sandbox.engine import routines

        with sandbox._backend.engine.lock:
            routine = routines.add(
                sandbox._backend.engine,
                user,
                shape="classic",
                type="one-time",
                name="Top-up",
                payment_type="ach",
                source_id=source,
                destination_id=destination,
                amount=Decimal(20),
                start_date="2026-01-01",
                speed="T+1",
            )
    with Sandbox(state=path) as sandbox:
        sandbox.advance(days=7)
        assert sandbox._backend.engine.state.by_routine[routine.id][0].status == "processed"


def test_a_state_of_version_0_1_0_is_read_and_its_amounts_become_exact(tmp_path):
    path = tmp_path / "sandbox.json"
    path.write_bytes((Path(__file__).parent / "state_of_0_1_0.json").read_bytes())
    for _ in range(2):  # the second time it is a state of this version
        with Sandbox(state=path) as sandbox:
            amounts = [transfer.amount for transfer in sandbox._backend.engine.state.transfers]
            assert amounts == [Decimal(1), Decimal("2.01"), Decimal("3.02")]
            assert sandbox.payment_instruments.list()[0].balance == Decimal("1000020.35")
            transfer = next(held for held in sandbox._backend.engine.state.transfers if held.chargeback)
            shown = sandbox.transfers.update_chargeback(transfer.id)
            assert shown["original_settled_amount"] == transfer.amount
    assert path.read_bytes().startswith(b"SQLite")


@pytest.mark.parametrize("text", ["[]", "{", '{"version": 2}'])
def test_a_broken_state_is_refused_and_kept(tmp_path, text):
    path = tmp_path / "sandbox.json"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match="not a sandbox state"):
        Sandbox(state=path)
    assert path.read_text() == text


def test_a_file_that_is_no_state_is_refused(tmp_path):
    path = tmp_path / "other.json"
    path.write_text(json.dumps({"version": 999}))
    with pytest.raises(ConfigurationError, match=r"other\.json is not a sandbox state .* 999"):
        Sandbox(state=path)


def test_a_state_that_cannot_be_saved_is_logged_once_and_saved_at_the_next_change(tmp_path, caplog):
    folder = tmp_path / "folder"
    sandbox = Sandbox(state=folder / "sandbox.json")

    def change():
        id = sandbox.users.create().id
        sandbox._backend.save_changes()
        return id

    shutil.rmtree(folder)
    folder.write_text("a file, so that none can be written into it")
    change()
    change()
    [warned] = caplog.records
    assert (warned.name, warned.levelname) == ("astra.sandbox", "WARNING")
    assert str(folder / "sandbox.json") in warned.getMessage()
    folder.unlink()
    assert change().encode() in (folder / "sandbox.json").read_bytes()
    shutil.rmtree(folder)
    folder.write_text("")
    change()
    said = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert ["cannot be saved" in message for message in said] == [True, False, True]
    assert "was moved or replaced" in said[1]


def test_saving_goes_on_after_it_failed(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("astra.sandbox.backend.SAVE_SECONDS", 0.01)
    log = logging.getLogger("astra.sandbox")
    said = queue.SimpleQueue()
    handler = QueueHandler(said)
    log.addHandler(handler)
    folder = tmp_path / "folder"
    sandbox = Sandbox(state=folder / "sandbox.json")
    shutil.rmtree(folder)
    folder.write_text("")
    try:
        with caplog.at_level(logging.INFO, logger=log.name), sandbox:
            assert "cannot be saved" in said.get(timeout=10).getMessage()
            folder.unlink()
            user = sandbox.users.create().id
            assert "saved again" in said.get(timeout=10).getMessage()
            assert user.encode() in (folder / "sandbox.json").read_bytes()
    finally:
        log.removeHandler(handler)


def test_the_same_seed_gives_the_same_ids():
    def run(seed):
        with Sandbox(seed=seed, clock=SandboxClock(frozen_at=0.0)) as sandbox:
            user = sandbox.users.create(accounts=2)
            return user.id, sandbox.authorize(user_id=user.id)

    assert run(7) == run(7)
    assert run(7) != run(8)
    assert run(None) != run(None)


def test_seeded_transfers_have_cleared_before_now():
    with Sandbox(clock=SandboxClock(frozen_at=1_772_553_600.0)) as sandbox:
        sandbox.seed(users=2, transfers=10)
        transfers = list(sandbox._backend.engine.state.transfers)
        assert len(transfers) == 10
        assert all(one.created < one.updated <= sandbox.now().timestamp() for one in transfers)


def test_several_sandboxes_do_not_know_each_other():
    with Sandbox() as one, Sandbox() as two:
        assert one.url != two.url
        one.users.create()
        one.advance(hours=5)
        assert len(two._backend.engine.state.users) == 0
        assert (one.now() - two.now()).total_seconds() > 4 * 3600


def test_a_sandbox_is_started_once():
    with Sandbox() as sandbox:
        with pytest.raises(ConfigurationError, match="already"):
            sandbox.start()
        sandbox.close()
        sandbox.close()


def test_a_port_that_is_taken_is_an_oserror():
    with Sandbox() as sandbox, pytest.raises(OSError, match="in use"):
        Sandbox(port=urlsplit(sandbox.url).port).start()


def test_a_second_port_that_is_taken_leaves_the_first_one_free():
    strict = Options(strict_secure_host=True)
    with Sandbox() as sandbox, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", ResourceWarning)
        with pytest.raises(OSError, match="in use"):
            Sandbox(secure_port=urlsplit(sandbox.url).port, options=strict).start()
        gc.collect()
    assert warned == []


def test_quirks_are_read_from_a_line_of_text():
    quirks = Quirks.parse("no-naive_timestamps, absent_empty_lists, canceled=cancelled")
    assert quirks == Quirks(naive_timestamps=False, absent_empty_lists=True, canceled="cancelled")
    with pytest.raises(ValueError, match="unknown quirk"):
        Quirks.parse("sometimes")


def test_the_clock_only_moves_forward(sandbox):
    with pytest.raises(ValueError, match="forward"):
        sandbox.advance(seconds=-1)
    clock = SandboxClock(frozen_at=10.0)
    clock.thaw()
    assert 10.0 <= clock() < 11.0
    clock.freeze()
    assert clock() == clock()


def test_an_authorize_link_is_followed_by_hand(sandbox):
    user = sandbox.users.create()
    link = (
        f"{sandbox.url}/login/oauth/authorize?client_id={sandbox.client_id}&redirect_uri={sandbox.redirect_uri}"
        f"&response_type=code&user_id={user.id}&state=a%26b"
    )
    answer = httpx.URL(sandbox.visit(link)).params
    assert answer["code"] == answer["authorization_code"]
    assert answer["state"] == "a&b"
    declined = httpx.URL(sandbox.visit(link, accept=False)).params
    assert (declined["error"], declined["state"]) == ("access_denied", "a&b")


def test_the_command_serves_until_it_is_told_to_stop(tmp_path):
    state = tmp_path / "sandbox.json"
    command = [sys.executable, "-m", "astra.cli.main", "sandbox", "--port", "0", "--state", str(state)]
    command[1:3] = ["-c", "from astra.cli.main import run; run()"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONWARNINGS": "error"}
    )
    try:
        process.stdout.readline()
        user = RemoteSandbox(process.stdout.readline().split()[-1]).users.create().id
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert user.encode() in state.read_bytes()
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def test_options_can_shorten_lifetimes_and_reviews():
    options = Options(kyc_seconds=10)
    with Sandbox(options=options, clock=SandboxClock(frozen_at=0.0)) as sandbox:
        body = {"email": "a@b.co", "phone": "+15557771234", "first_name": "Ed", "last_name": "Hill"}
        body |= {"address1": "1 Way", "city": "Reno", "state": "NV", "postal_code": "89501", "ssn": "9999"}
        auth = (sandbox.client_id, sandbox.client_secret)
        with httpx.Client(base_url=sandbox.url, auth=auth, trust_env=False) as http:
            id = http.post("/v1/user_intent", json={**body, "date_of_birth": "1919-07-20"}).json()["id"]
            assert http.get(f"/v1/user_intent/{id}").json()["status"] == "pending"
            sandbox.advance(seconds=11)
            assert http.get(f"/v1/user_intent/{id}").json()["status"] == "approved"
