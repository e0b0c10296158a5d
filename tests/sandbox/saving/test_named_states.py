"""States that are kept under names: to go on from one as often as one likes, from wherever the sandbox is by then."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from astra.errors import ConfigurationError, InvalidRequestError
from astra.sandbox import RemoteSandbox, Sandbox, SandboxClock, SandboxControls
from tests.sandbox.conftest import TUESDAY, Person
from tests.sandbox.receiver import Receiver
from tests.sandbox.saving.same import everything

NAMES = ["two customers", "../../etc/passwd", ".hidden", "a/b\\c", "CON", "naïve %2F 顧客", "x" * 100]


def test_a_state_is_gone_on_from_as_often_as_one_likes(sandbox: Sandbox, person: Person) -> None:
    first = person.pay(amount=12)["id"]
    state, now = everything(sandbox._backend.engine.state), sandbox.now()
    sandbox.save_as("one payment")
    for _ in range(2):
        person.pay(amount=5)
        sandbox.faults.add(operation="get_user", status=503)
        sandbox.advance(days=3)
        sandbox.load("one payment")
        assert everything(sandbox._backend.engine.state) == state
        assert (sandbox.now(), sandbox.faults.unstruck) == (now, [])
        assert person.get(f"/v1/routines/{first}")["id"] == first, "the tokens of then are good"
    sandbox.advance(days=3)
    (transfer,) = sandbox._backend.engine.state.transfers
    assert transfer.status == "processed", "what was planned happens"


def test_a_saved_state_does_not_change_with_the_sandbox(sandbox: Sandbox) -> None:
    user = sandbox.users.create(accounts=1)
    (account,) = sandbox._backend.engine.state.accounts.of(user.id)
    before = everything(sandbox._backend.engine.state)
    sandbox.save_as("before")
    sandbox.accounts.set_balance(account.id, Decimal("7.00"))
    after = everything(sandbox._backend.engine.state)
    sandbox.save_as("after")
    assert before != after
    for name, state in (("before", before), ("after", after), ("before", before)):
        sandbox.load(name)
        assert everything(sandbox._backend.engine.state) == state
    assert sandbox.saved_states == ["after", "before"]


def test_webhooks_that_were_waiting_are_sent_after_loading(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.webhooks.register(receiver.url)
    sandbox.webhooks.hold()
    sandbox.users.set_status(sandbox.users.create().id, "suspended")
    sandbox.save_as("held")
    sandbox.reset()
    assert sandbox.webhooks.urls == []
    sandbox.load("held")
    sandbox.webhooks.release()
    sandbox.webhooks.deliver_pending()
    assert receiver.types == ["user_updated"]


@pytest.mark.parametrize("name", NAMES)
def test_any_line_is_a_name_and_none_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with Sandbox(state=tmp_path / "sandbox.db") as sandbox:
        kept = sandbox.users.create().id
        sandbox.save_as(name)
        sandbox.reset()
    (file,) = (tmp_path / "sandbox.db.saved").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    with Sandbox(state=tmp_path / "sandbox.db") as again:
        assert again.saved_states == [name]
        again.load(name)
        assert again.users.get(kept).id == kept
    with Sandbox(state=tmp_path / "sandbox.db") as last:
        assert last.users.get(kept).id == kept, "its own file holds what was loaded"


@pytest.mark.parametrize("name", ["", " ", "two\nlines", "x" * 101, "客" * 60, "\ud800", "\x00"])
def test_what_is_no_name_is_refused(sandbox: Sandbox, name: str) -> None:
    with pytest.raises(InvalidRequestError, match="is one line of at most 100 characters"):
        sandbox.save_as(name)
    assert sandbox.saved_states == []


def local(sandbox: Sandbox) -> SandboxControls:
    return sandbox


def remote(sandbox: Sandbox) -> SandboxControls:
    return RemoteSandbox(sandbox.control_url)


@pytest.mark.parametrize("reach", [local, remote])
def test_an_unknown_name_is_refused_with_those_that_are_known(
    sandbox: Sandbox, reach: Callable[[Sandbox], SandboxControls]
) -> None:
    controls = reach(sandbox)
    user = controls.users.create()
    with pytest.raises(InvalidRequestError, match=r"as 'begining'\. Saved are: none; save_as keeps one"):
        controls.load("begining")
    controls.save_as("beginning")
    with pytest.raises(InvalidRequestError, match="Saved are: beginning"):
        controls.load("begining")
    assert controls.users.get(user.id).id == user.id
    controls.reset()
    controls.load("beginning")
    assert controls.users.get(user.id).id == user.id
    assert controls.saved_states == ["beginning"]


def test_a_damaged_state_is_refused_and_the_sandbox_stays_as_it_is(tmp_path: Path) -> None:
    with Sandbox(state=tmp_path / "sandbox.db") as sandbox:
        sandbox.save_as("good")
        (file,) = (tmp_path / "sandbox.db.saved").iterdir()
        file.write_bytes(file.read_bytes()[:3000])
        user = sandbox.users.create()
        with pytest.raises(ConfigurationError, match="is not a sandbox state that this version can read"):
            sandbox.load("good")
        file.write_bytes(b"")
        with pytest.raises(ConfigurationError, match="is empty"):
            sandbox.load("good")
        assert sandbox.users.get(user.id).id == user.id


def test_a_state_that_cannot_be_kept_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    (tmp_path / "sandbox.db.saved").write_text("a file in the place of the folder")
    with Sandbox(state=tmp_path / "sandbox.db") as sandbox:
        user = sandbox.users.create()
        with pytest.raises(ConfigurationError, match="cannot be kept"):
            sandbox.save_as("good")
    with Sandbox(state=tmp_path / "sandbox.db") as again:
        assert again.users.get(user.id).id == user.id


def test_without_a_state_file_they_go_with_the_sandbox_and_a_forked_child_takes_none_along(tmp_path: Path) -> None:
    sandbox = Sandbox()
    sandbox.save_as("begin")
    folder = sandbox._backend.named._folder
    assert folder is not None
    if (child := os.fork()) == 0:
        sandbox._backend.named.close()
        os._exit(0)
    os.waitpid(child, 0)
    assert len(list(folder.iterdir())) == 1
    sandbox.close()
    assert not folder.exists()
    with pytest.raises(ConfigurationError, match="is closed"):
        sandbox.load("begin")


def test_a_running_clock_goes_on_from_when_the_state_was_saved(tmp_path: Path) -> None:
    start = datetime(2030, 1, 2, 12, tzinfo=UTC)
    with Sandbox(clock=SandboxClock(start_at=start)) as sandbox:
        sandbox.advance(days=10)
        sandbox.save_as("later")
        sandbox.advance(days=10)
        sandbox.load("later")
        assert timedelta() <= sandbox.now() - (start + timedelta(days=10)) < timedelta(minutes=1)
        sandbox.freeze()
        sandbox.load("later")
        assert not sandbox.is_frozen


def test_of_a_seed_the_ids_go_on_from_the_saved_state() -> None:
    with Sandbox(seed=1, clock=SandboxClock(frozen_at=TUESDAY)) as sandbox:
        sandbox.users.create()
        sandbox.save_as("one")
        second = sandbox.users.create().id
        sandbox.load("one")
        assert sandbox.users.create().id == second


def test_with_changes_all_the_time_a_copy_is_of_one_moment_and_the_own_file_is_whole(tmp_path: Path) -> None:
    with Sandbox(state=tmp_path / "sandbox.db") as sandbox:
        for number in range(5):
            sandbox.users.create()
            sandbox.save()
            sandbox.save_as(f"{number}")
            sandbox.users.create()
        live = everything(sandbox._backend.engine.state)
    with Sandbox(state=tmp_path / "sandbox.db") as again:
        assert everything(again._backend.engine.state) == live
        for number in range(5):
            again.load(f"{number}")
            assert len(again._backend.engine.state.users) == 2 * number + 1
