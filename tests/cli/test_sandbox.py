"""Mistakes on the command line of `astra sandbox`: one line that says what to type, exit code 2, and no traceback."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from astra import ConfigurationError
from astra.sandbox import RemoteSandbox, Sandbox


def refused(*arguments: str) -> str:
    """What the command says before it gives up."""
    ended = subprocess.run(
        [sys.executable, "-m", "astra", "sandbox", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    [line] = ended.stderr.splitlines()
    assert line.startswith("error: ")
    return line


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--webhook", "ftp://127.0.0.1/"), "starts with https:// or http://"),
        (("--webhook", "http://example.com/"), "--webhook-host NAME"),
        (("--port", "99999"), "port is 99999, and a port is a number from 1 to 65535; 0 takes any free one"),
        (("--port", "-1"), "0 takes any free one"),
        (("--strict-secure-host", "--secure-port", "65536"), "secure_port is 65536"),
        (("--port", "0", "--host", "nobody.invalid"), "Give --host an address of this machine"),
        (("--port", "0", "--host", "192.0.2.1"), "Give --host an address of this machine"),
        (("--host", ""), "host has ''; give a host name alone"),
        (("--allow-host", "http://astra-sandbox:8787"), "without http://, port and path"),
        (("--webhook-host", "app:8000"), "without http://, port and path"),
        (("--quirks", "sometimes"), "unknown quirk"),
        (("--state", "."), "name a file"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_type(arguments: tuple[str, ...], told: str) -> None:
    assert told in refused(*arguments)


def test_a_port_in_use_is_named_and_another_one_advised() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        line = refused("--port", str(port))
    assert f"in use: port {port} of 127.0.0.1." in line
    assert "give another --port; 0 takes any free one" in line


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("host", "origin", "warns"),
    [("0.0.0.0", "http://127.0.0.1:", True), ("::", "http://[::1]:", True), ("127.0.0.1", "http://127.0.0.1:", False)],
)
def test_on_all_addresses_it_warns_and_prints_a_url_by_which_it_is_reached(host: str, origin: str, warns: bool) -> None:
    command = [sys.executable, "-m", "astra", "sandbox", "--host", host, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        assert served.stderr is not None
        lines = [served.stdout.readline() for _ in range(7)]
        try:
            control_url = lines[1].split()[-1]
            assert control_url.startswith(origin)
            assert lines[0].startswith(f"Astra sandbox on {origin}")
            assert RemoteSandbox(control_url).users.create().id
        finally:
            served.terminate()
        told = served.stderr.read()
    assert (f"WARNING: it listens on {host}," in told) is warns
    assert warns or told == ""


def test_a_state_without_its_table_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text('{"version": 2}')
    assert str(path) in refused("--state", str(path))


@pytest.mark.parametrize("port", [-1, 65_536, "8787", True, None])
def test_a_port_that_is_none_is_refused_before_anything_is_made(port: object, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="a port is a number from 1 to 65535"):
        Sandbox(port=port, state=tmp_path / "state.json")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
