"""One contract for every de-duplication store."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from astra.errors import ConfigurationError
from astra.webhooks import DedupeStore, open_dedupe

KINDS = ["memory", "sqlite", "postgresql", "redis"]


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    match request.param:
        case "memory":
            return "memory://"
        case "sqlite":
            return f"sqlite:///{tmp_path}/webhooks.db"
        case "postgresql":
            return request.getfixturevalue("postgres_url")
        case _:
            return request.getfixturevalue("redis_url")


@pytest.fixture
def opened() -> Iterator[Callable[..., DedupeStore]]:
    stores: list[DedupeStore] = []

    def opening(url: str, **options) -> DedupeStore:
        stores.append(open_dedupe(url, **options))
        return stores[-1]

    yield opening
    for store in stores:
        store.close()


@pytest.fixture
def store(url: str, opened) -> DedupeStore:
    return opened(url)


def test_an_event_is_claimed_once_until_it_is_done(store: DedupeStore) -> None:
    claim = store.claim("e", lease=60, now=1000)
    assert claim.state == "claimed"
    assert store.claim("e", lease=60, now=1001).state == "in_progress"
    store.done("e", now=1002)
    assert store.claim("e", lease=60, now=1003).state == "done"
    assert store.claim("other", lease=60, now=1003).state == "claimed"


def test_a_released_event_can_be_claimed_again(store: DedupeStore) -> None:
    store.release("e", token=store.claim("e", lease=60, now=1000).token)
    assert store.claim("e", lease=60, now=1001).state == "claimed"


def test_a_release_with_a_former_token_changes_nothing(store: DedupeStore) -> None:
    former = store.claim("e", lease=60, now=1000)
    store.release("e", token=former.token)
    store.claim("e", lease=60, now=1001)
    store.release("e", token=former.token)
    assert store.claim("e", lease=60, now=1002).state == "in_progress"


def test_a_release_after_done_changes_nothing(store: DedupeStore) -> None:
    claim = store.claim("e", lease=60, now=1000)
    store.done("e", now=1001)
    store.release("e", token=claim.token)
    assert store.claim("e", lease=60, now=1002).state == "done"


def test_an_event_can_be_done_without_a_claim(store: DedupeStore) -> None:
    store.done("e", now=1000)
    assert store.claim("e", lease=60, now=1001).state == "done"


def test_the_claim_of_a_dead_process_ends(url: str, store: DedupeStore) -> None:
    if url.startswith("redis"):
        # Its leases run on the server's clock, and 1 ms of them is over when the next command has come and gone.
        store.claim("e", lease=0.001, now=0)
        for _ in range(10_000):
            if store.claim("e", lease=60, now=0).state == "claimed":
                break
        assert store.claim("e", lease=60, now=0).state == "in_progress"
        return
    store.claim("e", lease=60, now=1000)
    assert store.claim("e", lease=60, now=1059.9).state == "in_progress"
    assert store.claim("e", lease=60, now=1060).state == "claimed"
    assert store.claim("e", lease=60, now=1061).state == "in_progress"


def test_done_is_done_even_if_the_claim_had_passed_to_another(store: DedupeStore) -> None:
    store.claim("e", lease=0.001, now=1000)
    late = store.claim("e", lease=60, now=2000)
    store.done("e", now=2001)
    store.release("e", token=late.token)
    assert store.claim("e", lease=60, now=2002).state == "done"


@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgresql"])
def test_done_events_are_forgotten_after_the_retention(kind: str, request, tmp_path: Path, opened) -> None:
    url = {"memory": "memory://", "sqlite": f"sqlite:///{tmp_path}/w.db"}.get(kind) or request.getfixturevalue(
        "postgres_url"
    )
    store = opened(url, retention=timedelta(days=1))
    store.done("old", now=0)
    store.done("young", now=80_000)
    store.done("now", now=90_000)
    states = {name: store.claim(name, lease=60, now=90_001).state for name in ("old", "young", "now")}
    assert states == {"old": "claimed", "young": "done", "now": "done"}


def test_a_done_mark_in_redis_ends_after_the_retention(redis_url: str, opened) -> None:
    import redis

    opened(redis_url, retention=timedelta(days=1)).done("e", now=0)
    with redis.Redis.from_url(redis_url) as client:
        assert 86_300 < client.ttl("astra:webhook:e") <= 86_400


def test_a_done_event_is_never_forgotten_unless_told_so(store: DedupeStore) -> None:
    store.done("old", now=0)
    store.done("new", now=10 * 365 * 86_400)
    assert store.claim("old", lease=60, now=10 * 365 * 86_400 + 7200).state == "done"


def test_a_done_mark_in_redis_has_no_end_unless_told_so(redis_url: str, opened) -> None:
    import redis

    opened(redis_url).done("e", now=0)
    with redis.Redis.from_url(redis_url) as client:
        assert client.ttl("astra:webhook:e") == -1


@pytest.mark.parametrize("url", KINDS[1:], indirect=True)
def test_the_retention_can_be_part_of_the_url(url: str, opened) -> None:
    store = opened(url + ("&" if "?" in url else "?") + "retention_days=400")
    if url.startswith("redis"):
        import redis

        store.done("e", now=0)
        with redis.Redis.from_url(url) as client:
            assert 399 * 86_400 < client.ttl("astra:webhook:e") <= 400 * 86_400
        return
    store.done("old", now=0)
    store.done("now", now=401 * 86_400)
    assert [store.claim(name, lease=60, now=401 * 86_400).state for name in ("old", "now")] == ["claimed", "done"]


@pytest.mark.parametrize("days", ["0", "-1", "0.5", "soon", "nan", "inf", ""])
def test_a_retention_that_astras_repeats_outlive_is_refused(days: str) -> None:
    with pytest.raises(ConfigurationError, match="retention_days must be a positive number of at least 1"):
        open_dedupe(f"sqlite:///w.db?retention_days={days}")


@pytest.mark.parametrize("kind", ["memory://", "sqlite:///w.db", "redis://localhost/0", "postgresql://localhost/d"])
def test_a_retention_of_hours_is_refused_by_every_store(kind: str) -> None:
    with pytest.raises(ConfigurationError, match="at least 1 day"):
        open_dedupe(kind, retention=timedelta(hours=23))


def test_a_retention_that_is_given_twice_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="given twice"):
        open_dedupe("sqlite:///w.db?retention_days=400", retention=timedelta(days=30))


def test_of_many_concurrent_claims_one_succeeds(url: str, store: DedupeStore) -> None:
    barrier = threading.Barrier(8)

    def race(number: int) -> list[str]:
        barrier.wait()
        return [store.claim(f"e{index}", lease=60, now=1000).state for index in range(25)]

    with ThreadPoolExecutor(8) as pool:
        states = list(pool.map(race, range(8)))
    for index in range(25):
        column = [answers[index] for answers in states]
        assert column.count("claimed") == 1
        assert column.count("in_progress") == 7


CLAIM_IN_A_PROCESS = """
import sys
from astra.webhooks import open_dedupe
store = open_dedupe(sys.argv[1])
print(sum(store.claim(f"e{index}", lease=600, now=1000).state == "claimed" for index in range(100)))
store.close()
"""


@pytest.mark.sampled(1)
@pytest.mark.parametrize("url", KINDS[1:], indirect=True)
def test_processes_share_one_store(url: str) -> None:
    command = [sys.executable, "-c", CLAIM_IN_A_PROCESS, url]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    claimed = [int(process.communicate(timeout=120)[0]) for process in started]
    assert sum(claimed) == 100


def test_the_sqlite_file_is_for_its_owner_only(tmp_path: Path, opened) -> None:
    path = tmp_path / "w.db"
    opened(f"sqlite:///{path}").done("e", now=0)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_forked_child_opens_its_own_connection(tmp_path: Path, opened) -> None:
    store = opened(f"sqlite:///{tmp_path}/w.db")
    store.claim("parent", lease=60, now=1000)
    child = os.fork()
    if child == 0:
        seen = store.claim("parent", lease=60, now=1000).state == "in_progress"
        taken = store.claim("child", lease=60, now=1000).state == "claimed"
        os._exit(0 if seen and taken else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert store.claim("child", lease=60, now=1000).state == "in_progress"


@pytest.mark.parametrize(
    "url",
    ["webhooks.db", "", "sqlite://", "sqlite:///", "nosuchdb://host/x", "postgresql://host:port/x", "redis://h:port"],
)
def test_a_url_that_cannot_be_read_is_a_configuration_error(url: str) -> None:
    with pytest.raises(ConfigurationError):
        open_dedupe(url)


def test_a_password_in_the_url_does_not_show_in_the_error() -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_dedupe("nosuchdb://me:hunter2@host/x")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(("extra", "url"), [("sql", "postgresql://h/d"), ("redis", "redis://h/0")])
def test_a_missing_extra_is_named(extra: str, url: str) -> None:
    blocked = {"sql": "sqlalchemy", "redis": "redis"}[extra]
    program = (
        f"import sys; sys.modules[{blocked!r}] = None\n"
        "from astra.webhooks import open_dedupe\n"
        f"try: open_dedupe({url!r})\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert shown.startswith("ConfigurationError")
    assert f"astra-finance[{extra}]" in shown
