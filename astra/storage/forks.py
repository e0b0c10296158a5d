"""Keeps a fork from happening while another thread is inside a database library.

Such libraries have locks of their own. If a thread holds one while the process forks, nobody ever releases it in the
child, and the child's first use of the library waits forever, also when it opens another file. So whoever is about to
enter such a library says so, and a fork waits until nobody is inside, for a bounded time.

Python has two locks of that kind, too: that of a module while it is imported, and up to 3.11 that of a
`functools.cached_property`, one for all objects of a class.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import weakref
from collections.abc import Generator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Final, Protocol, TypeVar

PATIENCE: Final = 3.0
"""Seconds that a fork waits; then it goes ahead, as it would have without us."""

K = TypeVar("K", bound=type)


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
        self._classes: list[type] = []
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

    def with_new_locks(self, kind: K) -> K:
        """Class decorator: gives the cached properties of a class new locks in a child.

        Args:
            kind: the class.
        """
        self._classes.append(kind)
        return kind

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
        give_up = time.monotonic() + PATIENCE
        while _importing() and time.monotonic() < give_up:
            time.sleep(0.001)
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
        values = [value for kind in self._classes for value in vars(kind).values()]
        made_lazily: list[Any] = [value for value in values if isinstance(value, cached_property)]
        for value in made_lazily:
            if hasattr(value, "lock"):
                value.lock = threading.RLock()
        for member in list(self._members):
            member.after_fork()


def _importing() -> bool:
    """Whether a thread is in the middle of importing a module of the SDK, as happens when one is first needed."""
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("astra.")]
    return any(getattr(getattr(module, "__spec__", None), "_initializing", False) for module in modules)


FORK_GUARD: Final = ForkGuard()
"""The guard of this process; there is one because fork hooks cannot be taken back."""
