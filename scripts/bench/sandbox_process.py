"""A local Astra in a process of its own, so that what is measured beside it has its own interpreter.

Example:
    with SandboxProcess() as sandbox:
        print(sandbox.url, sandbox.do("counts"))
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from astra.tokens import BoundStore

ROOT = Path(__file__).resolve().parents[2]


class SandboxProcess:
    """Starts a sandbox in a child process and sends it commands, one JSON line each.

    Args:
        options: lifetimes and other options of `astra.sandbox.Options`.
    """

    def __init__(self, **options: Any) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self.url = self.client_id = self.client_secret = self.redirect_uri = ""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve()), json.dumps(self._options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        hello = self._read()
        self.url, self.client_id = hello["url"], hello["client_id"]
        self.client_secret, self.redirect_uri = hello["client_secret"], hello["redirect_uri"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        self._process.stdout.close()

    @property
    def client_arguments(self) -> dict[str, Any]:
        """What `Astra(...)` needs to talk to it."""
        return {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "base_url": self.url,
            "redirect_uri": self.redirect_uri,
        }

    @property
    def environment(self) -> dict[str, str]:
        """The `ASTRA_*` variables of a program that talks to it."""
        return {
            "ASTRA_CLIENT_ID": self.client_id,
            "ASTRA_CLIENT_SECRET": self.client_secret,
            "ASTRA_BASE_URL": self.url,
            "ASTRA_REDIRECT_URI": self.redirect_uri,
        }

    def view(self, store: str, *, keys: Sequence[str] = ()) -> BoundStore:
        """A token store as the client that talks to this sandbox sees it.

        Args:
            store: URL of the store.
            keys: encryption keys.
        """
        from astra.tokens import Identity, open_store

        return open_store(store).for_identity(Identity.of("sandbox@loopback", self.client_id), keys=keys)

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process is not None
        return self._process.pid

    def _read(self) -> Any:
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the sandbox process has ended")
        return json.loads(line)

    def do(self, command: str, **arguments: Any) -> Any:
        """Runs a command of `Commands` and returns its answer."""
        assert self._process is not None
        assert self._process.stdin is not None
        with self._lock:
            self._process.stdin.write(json.dumps([command, arguments]) + "\n")
            self._process.stdin.flush()
            answer = self._read()
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["value"]


class Commands:
    """What the child does on command."""

    def __init__(self, sandbox: Any) -> None:
        self.sandbox = sandbox
        self.hit = Counter[str]()

    def user(self) -> str:
        """Makes an approved user and returns its id."""
        return str(self.sandbox.users.create(accounts=1).id)

    def authorize(self, user_id: str) -> str:
        """Plays the person on the hosted page; returns the code."""
        return str(self.sandbox.authorize(user_id=user_id))

    def seed(self, users: int, path: str) -> None:
        """Makes authorized users and writes their tokens to a file, one JSON list per line."""
        with open(path, "w", encoding="utf-8") as file:
            for user in self.sandbox.seed(users=users, authorized=True):
                file.write(json.dumps([user.id, user.access_token, user.refresh_token]) + "\n")

    def seed_payers(self, users: int, path: str) -> None:
        """Makes authorized users; writes their tokens and both accounts to a file, one JSON list per line."""
        from astra.sandbox.engine import accounts

        engine = self.sandbox._backend.engine
        with open(path, "w", encoding="utf-8") as file:
            for user in self.sandbox.seed(users=users, authorized=True):
                accounts.link(engine, engine.state.users.rows[user.id], "savings")
                source, destination = (one.id for one in engine.state.accounts.of(user.id))
                tokens = [user.access_token, user.refresh_token]
                file.write(json.dumps([user.id, *tokens, source, destination]) + "\n")

    def storm(self, lost: float, unavailable: float, seed: int) -> None:
        """Loses the answers of a share of the payments, and turns another share away with a 503; 0 and 0 end it."""
        from astra.sandbox import Fault

        queue, chance = self.sandbox._backend.faults, random.Random(seed)
        self.hit = Counter[str]()

        def take(operation: str | None) -> Fault | None:
            drawn = chance.random() if operation == "create_routine" else 1.0
            if drawn < lost:
                self.hit["lost"] += 1
                return Fault(operation=operation, drop="after")
            if drawn < lost + unavailable:
                self.hit["503"] += 1
                return Fault(operation=operation, status=503)
            return None

        queue.take = take

    def hits(self) -> dict[str, int]:
        """How many payments the storm has hit."""
        return dict(self.hit)

    def routine_histogram(self, prefix: str, path: str) -> None:
        """Writes how many routines have each name that begins so, as JSON."""
        rows = self.sandbox._backend.engine.state.routines.rows.values()
        names = Counter(row.name for row in rows if row.name.startswith(prefix))
        Path(path).write_text(json.dumps(names), encoding="utf-8")

    def kill(self, user_id: str) -> None:
        """Kills the user's access token."""
        self.sandbox.users.kill_access_token(user_id)

    def kill_refresh(self, user_id: str) -> None:
        """Kills the user's refresh tokens and access token."""
        self.sandbox.users.kill_refresh_tokens(user_id)
        self.sandbox.users.kill_access_token(user_id)

    def refreshes(self, user_id: str) -> int:
        """How many refreshes have succeeded for a user."""
        return int(self.sandbox.refreshes(user_id))

    def refresh_histogram(self) -> dict[str, int]:
        """How many users were refreshed how often."""
        users = self.sandbox._backend.engine.state.users.rows.values()
        return {str(times): count for times, count in Counter(user.refreshes for user in users).items()}

    def counts(self) -> dict[str, int]:
        """How often each operation was called."""
        return dict(self.sandbox.counts)

    def fault(self, **arguments: Any) -> None:
        """Adds a fault."""
        self.sandbox.faults.add(**arguments)

    def advance(self, **arguments: float) -> None:
        """Moves the sandbox's clock."""
        self.sandbox.advance(**arguments)


def main() -> None:
    """The child: serves until its standard input ends."""
    from astra.sandbox import Options, Sandbox

    with Sandbox(options=Options(**json.loads(sys.argv[1])), keep_requests=100) as sandbox:
        hello = {
            "url": sandbox.url,
            "client_id": sandbox.client_id,
            "client_secret": sandbox.client_secret,
            "redirect_uri": sandbox.redirect_uri,
        }
        print(json.dumps(hello), flush=True)
        commands = Commands(sandbox)
        for line in sys.stdin:
            name, arguments = json.loads(line)
            try:
                answer = {"value": getattr(commands, name)(**arguments)}
            except Exception as error:  # noqa: BLE001 - told to the parent
                answer = {"error": repr(error)}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
