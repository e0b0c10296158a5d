"""The process on which histories are played: a bank beside it, and everything imported that its children need."""

from __future__ import annotations

import gc
import importlib
import mmap
import multiprocessing
import os
import struct
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Final, Self

import attrs

from astra.payments import IdempotencyStore, PaymentRecord
from astra.tokens import Grant, Identity, TokenAnswer, TokenSettings, open_store
from tests.payments.histories.actor import Order, Reply, Setting, fork
from tests.payments.histories.bank import Bank, Person
from tests.payments.histories.play import Play
from tests.payments.histories.story import History, Pass, Pay, Prune, Reconcile, Resolve, Settle

Break = Callable[[IdempotencyStore], IdempotencyStore] | None

REHEARSAL: Final = History(
    scenes=(
        (Pay(by="blocking", fault="lost"), Pay(by="asyncio", key=1, fault="lost")),
        (Pay(by="blocking", key=2, fault="400"), Settle(by="asyncio")),
        Pass(10_000.0),
        (Pay(by="blocking"), Reconcile(by="asyncio")),
        (Resolve(by="asyncio", key=1), Reconcile(by="blocking")),
        Prune(by="blocking"),
    )
)
"""What makes the processes import all that they ever will."""


@attrs.frozen
class Played:
    """What a history has come to.

    Attributes:
        wrong: what must not be; empty when all is well.
        log: what happened, a line each.
        seen: how often what happened.
    """

    wrong: list[str]
    log: list[str]
    seen: Counter[str]


class Stage:
    """The process that plays.

    Args:
        store: URL of the idempotency store.
        break_store: puts a store that is wrong in place of the right one; a function of a module.
    """

    def __init__(self, store: str, *, break_store: Break = None) -> None:
        self._arguments = (store, break_store)

    def __enter__(self) -> Self:
        context = multiprocessing.get_context("spawn")
        self._orders, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, *self._arguments))
        self._process.start()
        theirs.close()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._orders.close()
        self._process.join(20)

    def play(self, history: History) -> Played:
        """Plays a history."""
        self._orders.send(history)
        played: Played | str = self._orders.recv()
        if isinstance(played, str):
            raise RuntimeError(played)
        return played


class _World:
    """What stays from one history to the next: the bank, the people, and the time."""

    def __init__(self, bank: Bank, *, folder: str, store: str, break_store: Break, orders: Connection) -> None:
        self._bank = bank
        self._orders = orders
        self._store = store
        self._break_store = break_store
        self._tokens = f"sqlite:///{folder}/tokens.db"
        self._client: dict[str, Any] = {
            "client_id": bank.client_id,
            "client_secret": bank.client_secret,
            "base_url": bank.url,
            "redirect_uri": "http://localhost:8000/callback",
            "token_store": self._tokens,
            # It is told by monotonic time that who refreshed a token is dead, which passes in a test as anywhere.
            "token_settings": TokenSettings(lease_ttl=0.3),
        }
        self._seconds = 0.0
        self._run = f"{os.getpid()}{time.time_ns() % 10**9:x}"
        self._number = 0
        self._reader: Connection | None = None

    def rehearse(self) -> None:
        """Imports what the processes of a history import, so that the next ones are born with it."""
        names: set[str] = set()
        self.play(REHEARSAL, learn=names.update)
        for name in sorted(names):
            with suppress(ImportError):
                importlib.import_module(name)
        gc.collect()
        gc.freeze()

    def play(self, history: History, *, learn: Callable[[list[str]], None] | None = None) -> Played:
        """Plays a history with somebody who has paid nothing yet."""
        self._number += 1
        clocks = mmap.mmap(-1, 64)
        struct.pack_into("d", clocks, 0, self._seconds)
        setting = Setting(
            client=self._client,
            store=self._store,
            user_key=f"customer-{self._number}",
            person=self._move_in(),
            resends=history.resends,
            clocks=clocks,
            break_store=self._break_store,
        )
        reader = self._reader = self._reader or fork(setting, place=7, is_async=False, close=[self._orders])[1]

        def read(user_key: str) -> list[PaymentRecord]:
            reader.send(Order(deed="records", key=user_key))
            reply: Reply = reader.recv()
            if reply.error is not None:
                raise RuntimeError(f"{reply.error}: {reply.message}")
            return list(reply.value)

        name = f"{self._run}-{self._number}"
        play = Play(self._bank, setting, name=name, read=read, close=[self._orders, reader], learn=learn)
        try:
            play.run(history)
        except Exception as error:
            raise RuntimeError("\n".join([f"{type(error).__name__}: {error}", repr(history), *play.log])) from error
        finally:
            self._seconds = struct.unpack_from("d", clocks, 0)[0]
            self._bank.clear_faults()
        return Played(play.wrong, play.log, play.seen)

    def close(self) -> None:
        """Lets the process that reads end."""
        if self._reader is not None:
            self._reader.send(None)
            self._reader.close()
            os.wait()

    def _move_in(self) -> Person:
        person = self._bank.new_person()
        identity = Identity.of("sandbox@loopback", self._bank.client_id)
        answer = TokenAnswer(access_token=person.access_token, expires_in=7200, refresh_token=person.refresh_token)
        now = time.time() + self._seconds
        with open_store(self._tokens).for_identity(identity, keys=()) as view:
            grant = Grant.issued(f"customer-{self._number}", answer=answer, now=now, astra_user_id=person.user_id)
            view.save_many([(grant, None)])
        return person


def _serve(orders: Connection, store: str, break_store: Break) -> None:
    with tempfile.TemporaryDirectory(prefix="astra-histories-") as folder, Bank() as bank:
        world = _World(bank, folder=folder, store=store, break_store=break_store, orders=orders)
        world.rehearse()
        with suppress(EOFError):
            while True:
                history = orders.recv()
                try:
                    orders.send(world.play(history))
                except Exception as error:
                    orders.send(str(error))
        world.close()
