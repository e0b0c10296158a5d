"""The sync half of the facade is derived, completely and repeatably."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "unasync.py"
SOURCE = '''"""A room, written once."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import httpx

from astra.concurrency import async_sleep
from astra.pages._async.page import AsyncPage


class AsyncThing:
    """One thing.

    Example:
        async with AsyncAstra() as astra:
            thing = await astra.things.get("t1")
            async for page in thing.pages():
                print(await page.total())
    """

    def __init__(self, client: httpx.AsyncClient, refresh: Callable[[str], Awaitable[dict[str, int]]]) -> None:
        self.client = client
        self.refresh = refresh

    async def __aenter__(self) -> "AsyncThing":
        return self

    async def pages(self) -> AsyncIterator[AsyncPage]:
        # An AsyncPage is awaited by async for; see AsyncThing.
        await async_sleep(1)
        totals = [await page.total() async for page in self.raw()]
        yield AsyncPage(f"{await self.refresh('x')}", totals)

    async def aclose(self) -> None:
        await self.client.aclose()

    def names(self) -> Iterator[str]:
        yield "async_thing"


@asynccontextmanager
async def opened(thing: AsyncThing) -> AsyncIterator[AsyncThing]:
    async with thing:
        yield thing
'''
TWIN = '''# Derived from astra/room/_async/thing.py by scripts/unasync.py: edit that file.
"""A room, written once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from astra.concurrency import sleep
from astra.pages._sync.page import Page


class Thing:
    """One thing.

    Example:
        with Astra() as astra:
            thing = astra.things.get("t1")
            for page in thing.pages():
                print(page.total())
    """

    def __init__(self, client: httpx.Client, refresh: Callable[[str], dict[str, int]]) -> None:
        self.client = client
        self.refresh = refresh

    def __enter__(self) -> "Thing":
        return self

    def pages(self) -> Iterator[Page]:
        # An Page is awaited by for; see Thing.
        sleep(1)
        totals = [page.total() for page in self.raw()]
        yield Page(f"{self.refresh('x')}", totals)

    def close(self) -> None:
        self.client.close()

    def names(self) -> Iterator[str]:
        yield "thing"


@contextmanager
def opened(thing: Thing) -> Iterator[Thing]:
    with thing:
        yield thing
'''


def run(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), "--root", str(root), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    room = tmp_path / "astra" / "room" / "_async"
    room.mkdir(parents=True)
    (room / "thing.py").write_text(SOURCE, encoding="utf-8")
    (room / "__init__.py").write_text('"""The async flavour."""\n', encoding="utf-8")
    return tmp_path


def test_a_module_with_every_async_construct_is_translated(repository: Path) -> None:
    assert run(repository).returncode == 0
    assert (repository / "astra/room/_sync/thing.py").read_text(encoding="utf-8") == TWIN


def test_a_second_run_changes_nothing(repository: Path) -> None:
    assert "wrote" in run(repository).stdout
    second = run(repository)
    assert (second.returncode, second.stdout) == (0, "")
    assert run(repository, "--check").returncode == 0


def test_an_edited_twin_is_named_and_left_alone_by_the_check(repository: Path) -> None:
    run(repository)
    twin = repository / "astra/room/_sync/thing.py"
    twin.write_text(TWIN + "edited = 1\n", encoding="utf-8")
    checked = run(repository, "--check")
    assert checked.returncode == 1
    assert "drifted: astra/room/_sync/thing.py" in checked.stdout
    assert twin.read_text(encoding="utf-8").endswith("edited = 1\n")


def test_a_twin_without_a_source_is_named_and_then_removed(repository: Path) -> None:
    run(repository)
    (repository / "astra/room/_async/thing.py").unlink()
    assert "drifted: astra/room/_sync/thing.py" in run(repository, "--check").stdout
    assert run(repository).returncode == 0
    assert not (repository / "astra/room/_sync/thing.py").exists()


@pytest.mark.long
def test_the_twins_of_this_repository_are_in_step() -> None:
    checked = run(SCRIPT.parent.parent, "--check")
    assert checked.returncode == 0, checked.stdout
