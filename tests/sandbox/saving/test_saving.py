"""What was saved bit by bit is, when it is read, what the sandbox remembered at that moment."""

import sqlite3
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from astra.sandbox import Sandbox, SandboxClock
from astra.sandbox.saving import reading
from astra.sandbox.saving.lock import StateLock
from astra.sandbox.saving.saver import AT_ONCE, Saver
from tests.sandbox.conftest import TUESDAY
from tests.sandbox.money.bank import Bank
from tests.sandbox.saving.same import everything, rows_of


class SavedBank(Bank):
    """Histories in which the state is saved now and then."""

    @initialize()
    def open(self) -> None:
        super().open()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "sandbox.db"
        backend = self.sandbox._backend
        self.saver = Saver(StateLock(path), self.engine, history=backend.history, urls=list)

    @rule()
    def save(self) -> None:
        self.saver.save()
        saved = reading.load(self.saver.path)
        assert saved is not None
        assert everything(saved.state) == everything(self.state)
        assert saved.now == self.sandbox.clock()

    def teardown(self) -> None:
        if hasattr(self, "saver"):
            self.save()
            self.folder.cleanup()
        super().teardown()


def test_what_is_read_is_what_was_lived_in_random_histories() -> None:
    few = settings(
        max_examples=25,
        stateful_step_count=40,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(SavedBank, settings=few)


def test_the_past_is_read_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.db"
    with Sandbox(state=path, seed=1, clock=SandboxClock(frozen_at=TUESDAY), keep_events=5) as sandbox:
        sandbox.webhooks.register("http://127.0.0.1:9/nobody")
        for _ in range(3):
            person = sandbox.users.create(accounts=2, authorized=True)
            for status in ("suspended", "approved"):
                sandbox.users.set_status(person.id, status)
            sandbox.webhooks.deliver_pending()
            sandbox.advance(days=1)
            sandbox.webhooks.deliver_pending()
            sandbox._backend.save_changes()
        past = (sandbox.webhooks.events, sandbox.webhooks.attempts, sandbox.requests)
        given_up = [(one.event, one.url, one.retries) for one in sandbox.webhooks.abandoned]
        assert len(past[0]) == 5 < sandbox._backend.engine.event_total
        assert given_up
    for keep in (5, 2):
        with Sandbox(state=path, seed=1, clock=SandboxClock(frozen_at=TUESDAY), keep_events=keep) as sandbox:
            assert sandbox.webhooks.events == past[0][-keep:]
            assert sandbox.webhooks.attempts == past[1]
            assert sandbox.requests == past[2]
            assert [(one.event, one.url, one.retries) for one in sandbox.webhooks.abandoned] == given_up


def test_ids_go_on_after_a_restart_as_if_there_had_been_none(tmp_path: Path) -> None:
    def ids(*runs: int, state: Path | None) -> list[str]:
        made = []
        for count in runs:
            with Sandbox(state=state, seed=3) as sandbox:
                made += [sandbox.users.create().id for _ in range(count)]
        return made

    assert ids(2, 3, state=tmp_path / "sandbox.db") == ids(5, state=None)


def test_what_tells_nobody_is_saved_too(tmp_path: Path) -> None:
    """A balance that a test sets and a move of the clock make no event, no request, and no new record."""
    path = tmp_path / "sandbox.db"
    sandbox = Sandbox(state=path, clock=SandboxClock(frozen_at=TUESDAY))
    [account] = (one.id for one in sandbox._backend.engine.state.accounts.of(sandbox.users.create(accounts=1).id))
    sandbox._backend.save_changes()

    def saved() -> reading.Saved:
        sandbox._backend.save_changes()
        found = reading.load(path)
        assert found is not None
        return found

    sandbox.accounts.set_balance(account, 7)
    assert saved().state.accounts.rows[account].current_balance == 7
    sandbox.clock.advance(days=1)
    assert saved().now == sandbox.clock()
    sandbox.webhooks.register("http://127.0.0.1:9/nobody")
    assert saved().webhook_urls == ["http://127.0.0.1:9/nobody"]
    sandbox.webhooks.hold()
    history = saved().history
    assert history is not None
    assert history.holding is True
    written = path.stat().st_mtime_ns
    sandbox._backend.save_changes()
    assert path.stat().st_mtime_ns == written  # nothing is written when nothing has changed
    sandbox.close()


def test_many_records_are_taken_in_turns_between_which_others_are_served(tmp_path: Path) -> None:
    sandbox = Sandbox(state=tmp_path / "sandbox.db", clock=SandboxClock(frozen_at=TUESDAY))
    engine, turns = sandbox._backend.engine, 0
    sandbox.seed(users=2, transfers=AT_ONCE * 2)
    user = next(iter(engine.state.users))
    there = sum(len(part.rows) for part in engine.state.parts().values())

    class Lock:
        """The lock of the engine; whoever had to wait for it changes something as soon as it is free."""

        def __enter__(self) -> None:
            real.__enter__()

        def __exit__(self, *_: object) -> None:
            nonlocal turns
            turns += 1
            user.refreshes += turns % 5 == 0
            real.__exit__(None, None, None)

    real = engine.lock
    engine.lock = Lock()  # type: ignore[assignment]
    sandbox._backend.save()
    engine.lock = real
    assert turns >= there / AT_ONCE
    saved = reading.load(tmp_path / "sandbox.db")
    assert saved is not None
    changed_since = {key for key, _ in rows_of(saved.state).items() ^ rows_of(engine.state).items()}
    assert changed_since <= {("users", id) for id in engine.state.users.unsaved}
    assert saved.state.users.rows[user.id].refreshes > 0
    sandbox.close()


def test_what_failed_in_the_midst_of_a_saving_is_saved_without_another_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What was taken out of the notes is not in the file: nothing but the next saving brings it there."""
    sandbox = Sandbox(state=tmp_path / "sandbox.db")
    sandbox._backend.save_changes()
    for error in (sqlite3.OperationalError("disk I/O error"), RuntimeError("whatever")):
        user = sandbox.users.create().id

        def fail(*_: object, raised: Exception = error) -> NoReturn:
            raise raised

        with monkeypatch.context() as patched:
            patched.setattr("astra.sandbox.saving.saver.put_rest", fail)
            sandbox._backend.save_changes()
        assert "is tried again every second" in caplog.records[-1].getMessage()
        sandbox._backend.save_changes()
        assert user.encode() in (tmp_path / "sandbox.db").read_bytes()


@pytest.mark.parametrize("number", ["1E+400", "12345678901234567.89", "0.1", "3.0", "-0.0", "1E-400"])
def test_a_number_that_a_client_sent_is_the_same_after_a_restart(tmp_path: Path, number: str) -> None:
    with Sandbox(state=tmp_path / "sandbox.db") as sandbox:
        state = sandbox._backend.engine.state
        (profile,) = state.business_profiles
        profile.values = {**profile.values, "revenue": Decimal(number)}
        sandbox.save()
    again = Sandbox(state=tmp_path / "sandbox.db")
    (profile,) = again._backend.engine.state.business_profiles
    assert Decimal(repr(profile.values["revenue"]).strip("Decimal()'")) == Decimal(number)
    assert isinstance(profile.created, float)
