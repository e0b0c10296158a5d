"""A fork while a refresh is under way in another thread: the child has no such thread, and does not wait for it."""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path

import pytest

from astra.testing.store_contract import make_grant
from astra.tokens import TokenAnswer, Tokens, open_store

PATIENCE = 20.0


def in_child(work) -> str:
    """What a function returns in a forked child."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, str(work()).encode())
        except BaseException as error:
            os.write(writer, repr(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as found:
        told = found.read()
    os.waitpid(child, 0)
    return told


class Refresh:
    """A token endpoint whose first answer waits to be let go."""

    def __init__(self) -> None:
        self.started, self.go = threading.Event(), threading.Event()

    def __call__(self, refresh_token: str) -> TokenAnswer:
        if not self.started.is_set():
            self.started.set()
            assert self.go.wait(PATIENCE)
        return TokenAnswer(access_token=f"fresh in {os.getpid()}", expires_in=7200, refresh_token="next")


def test_a_child_with_the_grants_in_memory_refreshes_at_once_and_says_that_it_has_a_copy(
    caplog: pytest.LogCaptureFixture,
) -> None:
    refresh = Refresh()
    with open_store("memory://") as store:
        store.save(make_grant("customer-1"), replaces=None)
        tokens = Tokens(store, refresh=refresh)
        thread = threading.Thread(target=tokens.refresh, args=("customer-1",))
        thread.start()
        assert refresh.started.wait(PATIENCE)

        def ask() -> tuple[bool, str]:
            began = time.monotonic()
            with caplog.at_level(logging.WARNING):
                token = tokens.refresh("customer-1").access_token
            assert "copy of its parent's memory:// token store" in caplog.text
            return token == f"fresh in {os.getpid()}", "at once" if time.monotonic() - began < 5 else "late"

        assert in_child(ask) == "(True, 'at once')"
        refresh.go.set()
        thread.join()
        assert tokens.access_token("customer-1") == f"fresh in {os.getpid()}"
        assert caplog.text == ""


def test_a_child_that_shares_the_store_gets_the_token_that_its_parent_fetches(tmp_path: Path) -> None:
    refresh = Refresh()
    with open_store(f"sqlite:///{tmp_path}/t.db") as store:
        store.save(make_grant("customer-1"), replaces=None)
        tokens = Tokens(store, refresh=refresh)
        thread = threading.Thread(target=tokens.refresh, args=("customer-1",))
        thread.start()
        assert refresh.started.wait(PATIENCE)
        parent = os.getpid()
        asking_reader, asking = os.pipe()

        def let_go() -> None:
            os.read(asking_reader, 1)
            refresh.go.set()

        threading.Thread(target=let_go).start()

        def ask() -> str:
            os.write(asking, b".")
            return tokens.replace("customer-1", rejected=make_grant("customer-1").access_token)

        assert in_child(ask) == f"fresh in {parent}"
        thread.join()
        os.close(asking_reader)
        os.close(asking)
