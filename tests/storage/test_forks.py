"""A process may fork while its threads use a store: no child hangs, and each works with its own connections."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from astra.storage.forks import FORK_GUARD
from tests.storage.families import FamilyUnderTest

FORK_WHILE_BUSY = """
import os, sys, threading, time
from astra.storage.forks import FORK_GUARD
from tests.storage.families import FAMILIES
family, url, forks = FAMILIES[sys.argv[1]], sys.argv[2], int(sys.argv[3])
store, stop, used = family.open(url), threading.Event(), [0] * 4

def busy(number):
    while not stop.is_set():
        assert family.use(store, f"t{number}-{used[number]}")
        used[number] += 1

threads = [threading.Thread(target=busy, args=(number,), daemon=True) for number in range(4)]
for thread in threads:
    thread.start()
while 0 in used:
    time.sleep(0.001)
children, failed, give_up = {}, 0, time.monotonic() + 60

def reap(most):
    # SQLite's queue of writers is not fair, and this is not about that: at most so many children live at once.
    global failed
    while len(children) > most and time.monotonic() < give_up:
        child, status = os.waitpid(-1, os.WNOHANG)
        if child:
            failed += status != 0
            del children[child]
        else:
            time.sleep(0.001)

for number in range(forks):
    child = os.fork()
    if child == 0:
        ok = family.use(store, f"child-{number}")
        store.close()
        os._exit(0 if ok else 1)
    children[child] = number
    reap(15)
reap(0)
for child in children:
    os.kill(child, 9)
before = list(used)
while any(now == then for now, then in zip(used, before)) and time.monotonic() < give_up + 5:
    time.sleep(0.001)
alive = all(now > then for now, then in zip(used, before))
stop.set()
for thread in threads:
    thread.join(10)
print(f"{len(children)} hung, {failed} failed, parent works: {alive}")
"""


@pytest.mark.sampled(1)
@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgresql", "redis"])
def test_no_child_of_150_forks_beside_four_busy_threads_hangs(
    family: FamilyUnderTest, kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if kind == "redis" and family.name == "requests":
        kind = "jsonl"
    url = "memory://" if kind == "memory" else f"{kind}:///{tmp_path}/a.{kind}"
    if kind in ("postgresql", "redis"):
        url = request.getfixturevalue(f"{'postgres' if kind == 'postgresql' else 'redis'}_url")
    command = [sys.executable, "-W", "ignore", "-c", FORK_WHILE_BUSY, family.name, url, "150"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
    assert (done.stdout, done.stderr) == ("0 hung, 0 failed, parent works: True\n", "")


def test_a_child_sees_what_its_parent_kept_and_the_parent_what_its_child_kept(
    family: FamilyUnderTest, tmp_path: Path
) -> None:
    program = """
import os, sys
from astra.storage.forks import FORK_GUARD
from tests.storage.families import FAMILIES
family = FAMILIES[sys.argv[1]]
store = family.open(sys.argv[2])
assert family.use(store, "parent")
child = os.fork()
if child == 0:
    os._exit(0 if family.use(store, "child") else 1)
print(os.waitpid(child, 0)[1], family.use(store, "other"))
store.close()
"""
    command = [sys.executable, "-W", "ignore", "-c", program, family.name, f"sqlite:///{tmp_path}/a.db"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("0 True\n", "")


def test_nothing_waits_for_a_thread_that_was_cut_off_when_the_interpreter_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    entered = threading.Event()

    def enter() -> None:
        with FORK_GUARD.inside():
            entered.set()

    monkeypatch.setattr(sys, "is_finalizing", lambda: True)
    with FORK_GUARD._gate.changed:  # as a daemon thread holds it that never runs again
        threading.Thread(target=enter, daemon=True).start()
        assert entered.wait(10)
