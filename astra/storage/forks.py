"""Keeps a fork from happening while another thread is inside a database library.

Such libraries have locks of their own. If a thread holds one while the process forks, nobody ever releases it in the
child, and the child's first use of the library waits for ever, also when it opens another file. So whoever is about to
enter such a library says so, and a fork waits until nobody is inside, for a bounded time.
"""

from __future__ import annotations

import os
import sys
import threading
import weakref
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final, Protocol

PATIENCE: Final = 3.0
"""Seconds that a fork waits; then it goes ahead, as it would have without us."""


class ForkAware(Protocol):
    """Something that starts afresh in a forked child."""

    def after_fork(self) -> None:
        """Called in the child, before anything else: replace locks, drop the parent's connections without closing."""
        ...


class _Gate:
    """Many may be inside at once; while somebody forks, nobody enters."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.inside = 0
        self.forks = 0


class ForkGuard:
    """What forks of this process wait for, and what starts afresh in the child. Members may be garbage-collected."""

    def __init__(self) -> None:
        self._members: weakref.WeakSet[ForkAware] = weakref.WeakSet()
        self._inherited: list[object] = []
        self._gate = _Gate()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self._before, after_in_parent=self._in_parent, after_in_child=self._in_child)

    def add(self, member: ForkAware) -> None:
        """Has a member told of each fork, in the child.

        Args:
            member: whom to tell.
        """
        self._members.add(member)

    def keep(self, *inherited: object) -> None:
        """Keeps what a child has from its parent for as long as the child runs, so that no destructor closes it.

        Args:
            inherited: connections, and what holds them.
        """
        self._inherited.extend(inherited)

    @contextmanager
    def inside(self) -> Generator[None]:
        """Keeps forks waiting during the block, which runs no code of a user and waits for no other thread."""
        if sys.is_finalizing():
            # The interpreter is ending: no fork comes, and threads that were cut off never give their locks back.
            yield
            return
        gate = self._gate
        with gate.changed:
            # Bounded, because a garbage collector may run a finalizer that comes here in the thread that forks.
            gate.changed.wait_for(lambda: not gate.forks, timeout=PATIENCE)
            gate.inside += 1
        try:
            yield
        finally:
            # In a forked child there is another gate, and nobody waits at this one.
            if gate is self._gate:
                with gate.changed:
                    gate.inside -= 1
                    if gate.forks and not gate.inside:
                        gate.changed.notify_all()

    def _before(self) -> None:
        gate = self._gate
        with gate.changed:
            gate.forks += 1
            gate.changed.wait_for(lambda: not gate.inside, timeout=PATIENCE)

    def _in_parent(self) -> None:
        with self._gate.changed:
            self._gate.forks -= 1
            self._gate.changed.notify_all()

    def _in_child(self) -> None:
        self._gate = _Gate()
        for member in list(self._members):
            member.after_fork()


FORK_GUARD: Final = ForkGuard()
"""The guard of this process; there is one because fork hooks cannot be taken back."""
