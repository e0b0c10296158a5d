"""States that are kept under names: to go on from one as often as one likes, from wherever the sandbox is by then."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Barrier

import pytest

from astra.errors import ConfigurationError, InvalidRequestError
from astra.sandbox import RemoteSandbox, Sandbox, SandboxClock, SandboxControls
from tests.sandbox.conftest import TUESDAY, Person
from tests.sandbox.receiver import Receiver
from tests.sandbox.saving.same import everything

NAMES = ["two customers", "../../etc/passwd", ".hidden", "a/b\\c", "CON", "naïve %2F 顧客", "A" * 70, "x" * 100]


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


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM past WHERE kind = 'event'",
        "DELETE FROM facts WHERE name = 'total/event'",
        "UPDATE facts SET value = '[]' WHERE name LIKE 'stream/%'",
        "UPDATE facts SET value = '1e999' WHERE name = 'now'",
        "UPDATE records SET value = '[]' WHERE kind = 'users'",
        "UPDATE facts SET value = '[7]' WHERE name = 'waiting'",
    ],
)
def test_a_state_that_somebody_has_changed_is_refused_and_memory_and_file_stay_as_they_are(
    tmp_path: Path, damage: str
) -> None:
    path = tmp_path / "sandbox.db"
    with Sandbox(state=path, seed=1, clock=SandboxClock(frozen_at=TUESDAY)) as sandbox:
        sandbox.webhooks.register("http://127.0.0.1:9/hooks")
        sandbox.webhooks.hold()
        sandbox.users.set_status(sandbox.users.create().id, "suspended")
        sandbox.save_as("n")
        sandbox.reset()
        for _ in range(3):
            sandbox.users.create()
        (file,) = (tmp_path / "sandbox.db.saved").iterdir()
        with closing(sqlite3.connect(file)) as other, other:
            other.execute(damage)
        with pytest.raises(ConfigurationError, match="is not a sandbox state that this version can read"):
            sandbox.load("n")
        sandbox.users.create()
        live = everything(sandbox._backend.engine.state)
        assert len(sandbox._backend.engine.state.users) == 4
    with Sandbox(state=path) as again:
        assert everything(again._backend.engine.state) == live
    with pytest.raises(ConfigurationError, match="is not a sandbox state that this version can read"):
        Sandbox(state=file)


@pytest.mark.parametrize("begin", [{}, {"start_at": TUESDAY}, {"frozen_at": TUESDAY}])
def test_the_clock_is_set_to_when_the_state_was_saved_however_long_ago(begin: dict[str, datetime]) -> None:
    real = [TUESDAY.timestamp()]
    with Sandbox(clock=SandboxClock(source=lambda: real[0], **begin)) as sandbox:
        sandbox.advance(hours=1)
        saved = sandbox.now()
        sandbox.save_as("then")
        real[0] += 3 * 86_400
        sandbox.advance(hours=1)
        sandbox.load("then")
        assert sandbox.now() == saved
        assert sandbox.is_frozen == ("frozen_at" in begin)
        real[0] += 60
        assert sandbox.now() == (saved if "frozen_at" in begin else saved + timedelta(seconds=60))


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_a_forked_child_keeps_nothing_under_the_names_of_its_parent(tmp_path: Path, kind: str) -> None:
    with Sandbox(state=tmp_path / "sandbox.db" if kind == "file" else None) as sandbox:
        kept = sandbox.users.create().id
        sandbox.save_as("n")
        if (child := os.fork()) == 0:
            sandbox.users.create()
            try:
                sandbox.save_as("n")
            except ConfigurationError as error:
                os._exit(7 if "that this one was forked from" in str(error) else 1)
            os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        sandbox.load("n")
        assert [user.id for user in sandbox._backend.engine.state.users] == [kept]


def test_a_closed_sandbox_says_so_and_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sandbox = Sandbox()
    sandbox.save_as("n")
    sandbox.close()
    of_file = Sandbox(state=tmp_path / "sandbox.db")
    of_file.close()
    for act in (lambda: sandbox.save_as("n"), lambda: sandbox.load("n"), of_file.save, lambda: of_file.save_as("n")):
        with pytest.raises(ConfigurationError, match="This sandbox is closed"):
            act()
    assert [file.name for file in tmp_path.iterdir()] == ["sandbox.db"]


def test_many_at_once_keep_and_load_and_reset_and_each_gets_what_it_asked_for(tmp_path: Path) -> None:
    with Sandbox(state=tmp_path / "sandbox.db") as sandbox:
        sandbox.save_as("n")
        barrier = Barrier(6)

        def work(number: int) -> None:
            barrier.wait(30)
            for _ in range(5):
                act = (lambda: sandbox.save_as("n"), lambda: sandbox.load("n"), sandbox.reset)[number % 3]
                act()
                sandbox.users.create()

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(work, range(6)))
        live = everything(sandbox._backend.engine.state)
    with Sandbox(state=tmp_path / "sandbox.db") as again:
        assert everything(again._backend.engine.state) == live
