"""A client that was made, and used, before a fork works in the child, and its parent does not notice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import astra
from tests.engine import httpx
from tests.http.servers import answer, serving


def in_child(work: object) -> str:
    """What a function returns in a forked child."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, str(work()).encode())  # type: ignore[operator]
        except BaseException as error:
            os.write(writer, repr(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as found:
        return found.read()


def test_a_forked_child_opens_a_connection_of_its_own() -> None:
    with serving(answer) as server, astra.Astra("id", "secret", base_url=server.origin) as client:
        client.bins.get("400022")
        assert in_child(lambda: client.bins.get("400022").request_id) == "req_1"
        assert server.connections == 2
        client.bins.get("400022")
        assert server.connections == 2


def test_a_child_that_closes_the_client_leaves_the_connection_of_its_parent_open() -> None:
    with serving(answer) as server, astra.Astra("id", "secret", base_url=server.origin) as client:
        client.bins.get("400022")
        assert in_child(client.close) == "None"
        client.bins.get("400022")
        assert server.connections == 1


PROGRAM = """
import asyncio, gc, os, sys, astra
kind, origin, child_calls = sys.argv[1], sys.argv[2], sys.argv[3] == "calls"
client = (astra.Astra if kind == "sync" else astra.AsyncAstra)("id", "secret", base_url=origin)

def call():
    async def wait():
        return (await client.bins.get("400022")).request_id
    assert (client.bins.get("400022").request_id if kind == "sync" else asyncio.run(wait())) == "req_1"

call()
if os.fork() == 0:
    if child_calls:
        call()
    del client
    gc.collect()
    sys.exit()
assert os.wait()[1] == 0
call()
client.close() if kind == "sync" else asyncio.run(client.close())
print("done")
"""


@pytest.mark.sampled(2)
@pytest.mark.parametrize("child", ["calls", "drops it"])
@pytest.mark.parametrize(("kind", "connections"), [("sync", 1), ("async", 2)])
def test_parent_and_child_end_without_a_warning(kind: str, connections: int, child: str) -> None:
    with serving(answer) as server:
        done = subprocess.run(
            [sys.executable, "-W", "always::ResourceWarning", "-c", PROGRAM, kind, server.origin, child],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=Path(__file__).resolve().parents[2],
        )
        assert (done.stdout, done.stderr, done.returncode) == ("done\n", "", 0)
        assert server.connections == connections + (child == "calls")


def test_a_given_client_that_was_used_before_the_fork_is_refused_in_the_child() -> None:
    with serving(answer) as server, httpx.Client() as given:
        client = astra.Astra("id", "secret", base_url=server.origin, http_client=given)
        client.bins.get("400022")
        assert "before this process was forked" in in_child(lambda: client.bins.get("400022"))
        client.bins.get("400022")
        assert (server.connections, len(server.requests)) == (1, 2)


def test_a_given_client_that_was_not_used_before_the_fork_works_in_the_child() -> None:
    with serving(answer) as server, httpx.Client() as given:
        client = astra.Astra("id", "secret", base_url=server.origin, http_client=given)
        assert in_child(lambda: client.bins.get("400022").request_id) == "req_1"
