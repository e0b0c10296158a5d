"""Keeps a fork from happening while another thread is inside a database library.

SQLite, like most C libraries, has locks of its own. If a thread holds one while the process forks, nobody ever releases
it in the child, and the child's first use of the library waits for ever. So whoever works in such a library holds a
lock of ours meanwhile, and a fork waits for that one, for a bounded time.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import Final, Protocol

PATIENCE: Final = 3.0
"""Seconds that a fork waits for each lock; then it goes ahead, as it would have without us."""


class ForkAware(Protocol):
    """Something that a fork has to wait for, and that starts afresh in the child."""

    def fork_lock(self) -> threading.Lock:
        """Returns the lock that is held while a library is at work."""
        ...

    def after_fork(self) -> None:
        """Called in the child, before anything else: replace locks, drop what belongs to the parent."""
        ...


class ForkGuard:
    """All that forks of this process have to wait for. Members are forgotten when they are collected."""

    def __init__(self) -> None:
        self._members: weakref.WeakSet[ForkAware] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._held: list[threading.Lock] = []
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self._before, after_in_parent=self._in_parent, after_in_child=self._in_child)

    def add(self, member: ForkAware) -> None:
        """Makes forks wait for a member.

        Args:
            member: whom to wait for.
        """
        with self._lock:
            self._members.add(member)

    def _before(self) -> None:
        self._lock.acquire()
        for member in list(self._members):
            lock = member.fork_lock()
            if lock.acquire(timeout=PATIENCE):
                self._held.append(lock)

    def _in_parent(self) -> None:
        while self._held:
            self._held.pop().release()
        self._lock.release()

    def _in_child(self) -> None:
        self._held.clear()
        self._lock = threading.Lock()
        for member in list(self._members):
            member.after_fork()


FORK_GUARD: Final = ForkGuard()
"""The guard of this process; there is one because fork hooks cannot be taken back."""
