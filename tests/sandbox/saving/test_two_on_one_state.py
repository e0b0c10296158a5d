"""Two sandboxes on one state file: the second is refused, as the last to end would overwrite what the other saved."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from astra import ConfigurationError
from astra.sandbox import Sandbox

HOLDER = """
import os, sys
from astra.sandbox import Sandbox
with Sandbox(state=sys.argv[1]) as sandbox:
    print(sandbox.users.create().id, flush=True)
    {more}
    sys.stdin.read()
"""
WITH_A_CHILD = """if os.fork():
        # As if it were killed, without a word to the lock; but the child stays its own, and is nobody's to clean up.
        os.execv(sys.executable, [sys.executable, "-c", "import sys; print('gone', flush=True); sys.stdin.read()"])
    print("child", flush=True)"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sandbox.json"


@contextmanager
def holder(path: Path, more: str = "") -> Iterator[subprocess.Popen[str]]:
    """Another process whose sandbox has the state in use."""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", HOLDER.format(more=more), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_the_second_in_another_process_is_refused_and_told_whose_it_is(path: Path) -> None:
    with holder(path) as process:
        assert line(process)
        with pytest.raises(
            ConfigurationError, match=f"sandbox of process {process.pid} has the state {re.escape(str(path))}"
        ):
            Sandbox(state=path)
        process.communicate("", timeout=20)
    Sandbox(state=path).close()


def test_the_second_in_the_same_process_is_refused_until_the_first_is_closed(path: Path) -> None:
    with Sandbox(state=path) as first:
        user = first.users.create()
        with pytest.raises(ConfigurationError, match=f"process {os.getpid()} has the state"):
            Sandbox(state=path)
    with Sandbox(state=path) as second:
        assert second.users.get(user.id).id == user.id
    assert os.listdir(path.parent) == [path.name]


def test_whoever_was_killed_keeps_it_from_nobody(path: Path) -> None:
    with holder(path) as process:
        assert line(process)
        process.send_signal(signal.SIGKILL)
        process.wait(20)
        Sandbox(state=path).close()


def test_a_forked_child_that_lives_on_keeps_it_from_nobody(path: Path) -> None:
    with holder(path, WITH_A_CHILD) as process:
        assert line(process)
        assert {line(process), line(process)} == {"child", "gone"}
        Sandbox(state=path).close()
        rest, _ = process.communicate("", timeout=20)
        assert rest == ""


def test_a_forked_child_does_not_save_over_its_parents_state(path: Path) -> None:
    sandbox = Sandbox(state=path)
    sandbox.users.create()
    child = os.fork()
    if child == 0:
        try:
            sandbox.users.create()
            sandbox.close()
        finally:
            os._exit(0 if not path.exists() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with pytest.raises(ConfigurationError, match="has the state"):
        Sandbox(state=path)
    sandbox.close()
    assert path.exists()


def test_a_state_that_could_not_be_read_is_free_for_the_next(path: Path) -> None:
    path.write_text("no state")
    with pytest.raises(ConfigurationError) as kept:
        Sandbox(state=path)
    path.unlink()
    Sandbox(state=path).close()
    assert "is not a sandbox state" in str(kept.value)
