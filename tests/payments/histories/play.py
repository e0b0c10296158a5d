"""One history, played by processes that are forked for it, and what is wrong with what it comes to."""

from __future__ import annotations

import os
import signal
import struct
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Final

from astra.payments import PaymentRecord
from tests.payments.histories.actor import Order, Reply, Setting, fork
from tests.payments.histories.bank import Bank
from tests.payments.histories.story import (
    FAULTS,
    OVERDUE,
    PAYERS,
    RESEND_AFTER,
    Deed,
    History,
    Pass,
    Pay,
    Prune,
    Reconcile,
    Resolve,
    Settle,
    Skew,
)
from tests.payments.histories.verdict import HONEST, Answers, contradictions, differing, lost, unrecorded

PLACES: Final = {name: place for place, name in enumerate(PAYERS, start=1)}
PATIENCE, HASTE = 2.0, 0.12
"""Seconds of a call; in a hurry where it would only wait for somebody who is dead."""


class Play:
    """One history.

    Args:
        bank: the bank.
        setting: where it plays.
        name: a name that no other history has.
        read: reads the records of a user, by your key.
        close: connections that its processes must not keep.
        learn: told at the end what its processes have imported.
    """

    def __init__(
        self,
        bank: Bank,
        setting: Setting,
        *,
        name: str,
        read: Callable[[str], list[PaymentRecord]],
        close: list[Connection],
        learn: Callable[[list[str]], None] | None = None,
    ) -> None:
        self._learn = learn
        self._read = read
        self._bank = bank
        self._setting = setting
        self._name = name
        self._close = close
        self._actors: dict[str, tuple[int, Connection]] = {}
        self._answers = Answers()
        self._renamed: Counter[int] = Counter()
        self._forgotten: set[str] = set()
        self._hazard = self._skewed = False
        self.wrong: list[str] = []
        self.log: list[str] = []
        self.seen: Counter[str] = Counter()

    def run(self, history: History) -> None:
        """Plays it to its end."""
        try:
            for scene in history.scenes:
                match scene:
                    case Pass():
                        self._let_pass(scene.seconds)
                    case Skew():
                        self._skewed = True
                        struct.pack_into("d", self._setting.clocks, 8 * PLACES[scene.by], scene.seconds)
                    case Prune():
                        self._prune(scene)
                    case _:
                        self._do(scene)
                self._compare()
                if self.wrong:
                    return
            self._end(history)
        finally:
            for name in list(self._actors):
                self._ask_modules(name)
                self._kill(name)

    def _do(self, deeds: tuple[Deed, ...]) -> None:
        # Who would wait for somebody who may be dead by now, or at the end of this, is in a hurry.
        self._hazard = self._hazard or any(one.cut is not None or _is_overdue(one) for one in deeds)
        orders = [(deed, self._order(deed)) for deed in deeds]
        for deed, order in orders:
            fault = getattr(deed, "fault", None)
            if fault is not None:
                self._bank.add_fault(FAULTS[fault])
            self._actor(deed.by).send(order)
        for deed, order in orders:
            self._judge(deed, order, self._reply(deed.by))
        self._bank.clear_faults()

    def _order(self, deed: Deed) -> Order:
        key = self._key(getattr(deed, "key", 0))
        routine: str | None = None
        if isinstance(deed, Settle | Resolve):
            if isinstance(deed, Resolve):
                self._rest()
            others = isinstance(deed, Resolve) and deed.lies
            there = [each for each in self._routines() if (each[0] != key) == others]
            routine = there[-1][1] if there else None
            if others and routine is None:
                routine = "rt_of_nobody"
        return Order(deed=deed, key=key, timeout=HASTE if self._hazard else PATIENCE, routine=routine)

    def _judge(self, deed: Deed, order: Order, reply: Reply | None) -> None:
        what = type(deed).__name__.lower()
        if reply is None:
            self.seen[f"{what}: killed"] += 1
            self.log.append(f"{deed} -> killed")
            return
        self.log.append(f"{deed} -> {reply.error or reply.value} {reply.message} {reply.passed}")
        told = reply.error or ("replayed" if reply.replayed else "done")
        self.seen[f"{what}: {told}"] += 1
        if deed.cut is not None and deed.cut.how == "cancel" and len(reply.passed) >= deed.cut.step:
            self.seen[f"{what} left: {reply.passed[deed.cut.step - 1]}"] += 1
        if isinstance(deed, Pay):
            self.wrong += self._answers.judge(order.key, reply.value, reply.error, self._routines())
        elif reply.error is not None and reply.error not in HONEST | {"NotFoundError"}:
            self.wrong.append(f"{what} ended with {reply.error}: {reply.message}")
        elif isinstance(deed, Resolve) and deed.lies and reply.error is None:
            self.wrong.append(f"{order.key} was said to be {order.routine}, and that was believed")

    def _compare(self) -> None:
        records = self._records()
        self.wrong += contradictions(records, self._routines())
        self.wrong += unrecorded(records, self._routines(), forgotten=self._forgotten)
        self.log.append("   " + ", ".join(f"{one.key}: {one.state}" for one in records))

    def _let_pass(self, seconds: float) -> None:
        self._rest()
        world = struct.unpack_from("d", self._setting.clocks, 0)[0]
        struct.pack_into("d", self._setting.clocks, 0, world + seconds)
        self._bank.advance(seconds)
        self._hazard = False

    def _prune(self, prune: Prune) -> None:
        self._rest()
        before = {one.key: one for one in self._records()}
        reply = self._ask(prune.by, Order(deed=prune))
        self.seen[f"prune: {'some' if reply.value else reply.error or 'none'}"] += 1
        gone = before.keys() - {one.key for one in self._records()}
        self.wrong += [f"{key} was pruned, and was open" for key in gone if before[key].is_open]
        self._forgotten |= gone
        for number in range(3):
            if self._key(number) in gone:
                self._renamed[number] += 1

    def _end(self, history: History) -> None:
        """After all leases, one look and one call for each key, without anything that goes wrong."""
        for name in PAYERS:
            self._leave(name)
            struct.pack_into("d", self._setting.clocks, 8 * PLACES[name], 0.0)
        self._let_pass(2 * RESEND_AFTER)
        before = Counter(name for name, _, _ in self._routines())
        report = self._ask("other", Order(deed=Reconcile(by="other")))
        self.log.append(f"reconcile -> {report.error or report.value}")
        routines, records = self._routines(), self._records()
        self.wrong += contradictions(records, routines)
        self.wrong += differing(before, Counter(name for name, _, _ in routines))
        if not self._skewed:
            self.wrong += lost(records, routines)
        for record in records:
            self.seen[f"at the end: {record.state}"] += 1
            if record.key not in self._forgotten:
                amount = record.match_fields["amount"]
                order = Order(deed=Pay(by="other", amount=amount), key=record.key, timeout=PATIENCE)
                reply = self._ask("other", order)
                self.log.append(f"paid again {record.key} -> {reply.error or reply.value} {reply.message}")
                self.wrong += self._answers.judge(record.key, reply.value, reply.error, self._routines())
                can_know = not record.is_open or (history.resends and not self._skewed)
                if reply.error is not None and can_know:
                    self.wrong.append(f"{record.key} ({record.state}) could not be paid: {reply.error} {reply.message}")
        self._compare()

    def _key(self, number: int) -> str:
        return f"{self._name}-{number}-{self._renamed[number]}"

    def _routines(self) -> list[tuple[str, str, str]]:
        return self._bank.routines(self._setting.person.user_id)

    def _records(self) -> list[PaymentRecord]:
        return self._read(self._setting.user_key)

    def _rest(self) -> None:
        self._bank.rest()
        for name in list(self._actors):
            self._ask(name, Order(deed="rest"))

    def _actor(self, name: str) -> Connection:
        if name not in self._actors:
            keeps = [connection for _, connection in self._actors.values()]
            self._actors[name] = fork(
                self._setting, place=PLACES[name], is_async=name == "asyncio", close=[*self._close, *keeps]
            )
        return self._actors[name][1]

    def _ask(self, name: str, order: Order) -> Reply:
        self._actor(name).send(order)
        reply = self._reply(name)
        assert reply is not None, f"{name} died of {order}"
        return reply

    def _reply(self, name: str) -> Reply | None:
        connection = self._actors[name][1]
        if not connection.poll(60):
            self.wrong.append(f"{name} hangs")
        else:
            with suppress(EOFError, ConnectionResetError):
                reply: Reply = connection.recv()
                return reply
        self._kill(name)
        return None

    def _leave(self, name: str) -> None:
        """Lets a process end by itself."""
        if name in self._actors:
            self._ask_modules(name)
            pid, connection = self._actors.pop(name)
            connection.send(None)
            connection.poll(20)
            os.waitpid(pid, 0)
            connection.close()

    def _ask_modules(self, name: str) -> None:
        if self._learn is not None:
            self._learn(self._ask(name, Order(deed="modules")).value)

    def _kill(self, name: str) -> None:
        pid, connection = self._actors.pop(name)
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        connection.close()
        if os.WIFEXITED(status) and os.WEXITSTATUS(status):
            self.wrong.append(f"{name} ended with {os.WEXITSTATUS(status)}")


def _is_overdue(deed: Deed) -> bool:
    return getattr(deed, "fault", None) in OVERDUE
