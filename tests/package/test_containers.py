"""The Dockerfile and compose.yaml, as far as they can be run without Docker.

Both are linted. The wheel is built from the files that the Dockerfile copies. What the two containers run is run as two
processes on two loopback addresses, with the arguments and variables of compose.yaml, and reach each other by name.
The images themselves are not built here.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from astra.sandbox import RemoteSandbox
from tests.examples.running import environment
from tests.examples.test_web_app import PERSON, link_on, text

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
ADDRESSES = {"astra-sandbox": "127.0.0.2", "app": "127.0.0.3"}
RESOLVER = f"""
import socket
NAMES, real = {ADDRESSES!r}, socket.getaddrinfo
def getaddrinfo(host, *rest, **named):
    known = host.decode() if isinstance(host, bytes) else host
    return real(NAMES.get(known, known), *rest, **named)
socket.getaddrinfo = getaddrinfo
"""
"""What the network of compose does for names. Python reads it before the program, from PYTHONPATH."""


def stage(name: str) -> list[tuple[str, str]]:
    """The instructions of one stage of the Dockerfile."""
    lines = re.sub(r"\\\n\s*", " ", DOCKERFILE).splitlines()
    found: list[tuple[str, str]] = []
    here = False
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "FROM":
            here = rest.endswith(f" AS {name}")
        elif here and word.isupper():
            found.append((word, rest))
    assert found, name
    return found


def command(name: str, word: str) -> list[str]:
    """A command that a stage gives as a list."""
    (given,) = [rest for instruction, rest in stage(name) if instruction == word]
    listed: list[str] = json.loads(given[given.index("[") :])
    return listed


def free_port(address: str) -> int:
    with socket.create_server((address, 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_what_the_dockerfile_copies_is_enough_to_build_the_whole_package(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    let_in = re.findall(r"(?m)^!(\S+)", (ROOT / ".dockerignore").read_text(encoding="utf-8"))
    for copied in [rest.split()[:-1] for word, rest in stage("wheel") if word == "COPY"]:
        for name in copied:
            assert name in let_in
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, source)
    (build,) = [shlex.split(rest) for word, rest in stage("wheel") if word == "RUN"]
    assert build[:2] == ["pip", "wheel"]
    assert build[-3:] == ["--wheel-dir", "/wheels", "."]
    # The index is not asked: the build runs with what is installed here.
    options = ["--no-build-isolation", "--quiet", "--disable-pip-version-check"]
    pip = [sys.executable, "-m", *build[:-2], str(tmp_path), ".", *options]
    done = subprocess.run(pip, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    assert {"astra/sandbox/http/templates/start.html", "astra_api/openapi.json", "astra/cli/__init__.py"} <= packed


@contextmanager
def container(arguments: list[str], folder: Path, **variables: str) -> Iterator[Path]:
    """Runs a program as a container would, and yields the file of what it prints."""
    log = folder / "printed.log"
    with (
        log.open("w") as output,
        subprocess.Popen(
            [str(BIN / arguments[0]), *arguments[1:]],
            stdout=output,
            stderr=output,
            cwd=folder,
            env=environment(**variables),
        ) as process,
    ):
        try:
            yield log
        finally:
            process.terminate()
            process.wait(timeout=30)


def assert_healthy(stage_name: str, address: str, port: int, log: Path) -> None:
    """Runs the health check of a stage until it is content."""
    check = [part.replace("127.0.0.1", address) for part in command(stage_name, "HEALTHCHECK")]
    check = [re.sub(r":(8787|8000)/", f":{port}/", part) for part in check]
    for _ in range(100):
        if subprocess.run([sys.executable, *check[1:]], capture_output=True, check=False).returncode == 0:
            return
    raise AssertionError(f"{stage_name} does not come up: {log.read_text()}")


@pytest.fixture
def resolver(tmp_path: Path) -> str:
    folder = tmp_path / "resolver"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(RESOLVER)
    return os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])


@pytest.mark.long
def test_app_and_sandbox_do_the_whole_flow_by_the_names_of_compose(tmp_path: Path, resolver: str) -> None:
    ports = {name: free_port(address) for name, address in ADDRESSES.items()}

    def moved(given: str) -> str:
        """With the ports of this test, and with its addresses where compose publishes a port of this machine."""
        given = given.replace("localhost:8000", f"{ADDRESSES['app']}:{ports['app']}")
        given = given.replace("localhost:8787", f"{ADDRESSES['astra-sandbox']}:{ports['astra-sandbox']}")
        return given.replace(":8787", f":{ports['astra-sandbox']}").replace(":8000", f":{ports['app']}")

    served, told = SERVICES["astra-sandbox"], SERVICES["app"]
    serve = command("sandbox", "ENTRYPOINT") + [moved(option) for option in served["command"]]
    serve += ["--host", ADDRESSES["astra-sandbox"], "--port", str(ports["astra-sandbox"])]
    web = [*command("example-app", "CMD"), "--host", ADDRESSES["app"], "--port", str(ports["app"])]
    web[web.index("examples")] = str(ROOT / "examples")
    variables = {name: moved(value) for name, value in told["environment"].items()}
    token = "a-token-of-sixteen-or-more"
    homes = [tmp_path / name for name in ADDRESSES]
    with ExitStack() as stack:
        for home in homes:
            home.mkdir()
        log = stack.enter_context(container(serve, homes[0], ASTRA_SANDBOX_TOKEN=token, PYTHONPATH=resolver))
        assert_healthy("sandbox", ADDRESSES["astra-sandbox"], ports["astra-sandbox"], log)
        log = stack.enter_context(container(web, homes[1], PYTHONPATH=resolver, **variables))
        assert_healthy("example-app", ADDRESSES["app"], ports["app"], log)
        base = f"http://{ADDRESSES['app']}:{ports['app']}"
        browser = stack.enter_context(httpx.Client(base_url=base, follow_redirects=True, timeout=60))
        remote = RemoteSandbox(f"http://{ADDRESSES['astra-sandbox']}:{ports['astra-sandbox']}", token=token)
        connect = browser.post("/", data=PERSON)
        assert "Connect your bank" in text(connect)
        assert "Hello, Tenzing" in text(browser.get(remote.visit(link_on(connect))))
        # Webhooks go the other way, by the app's name.
        remote.webhooks.deliver_pending()
        assert [attempt.status for attempt in remote.webhooks.attempts] == [200] * len(remote.webhooks.events) != []
        assert "Nothing yet" not in text(browser.get("/accounts"))
    assert "Traceback" not in log.read_text()


def test_without_its_switch_the_app_refuses_to_start_and_names_it(tmp_path: Path) -> None:
    given = dict(SERVICES["app"]["environment"])
    assert given.pop("ASTRA_ALLOW_INSECURE_HTTP") == "1"
    web = [*command("example-app", "CMD"), "--host", ADDRESSES["app"], "--port", "0"]
    web[web.index("examples")] = str(ROOT / "examples")
    done = subprocess.run(
        [str(BIN / web[0]), *web[1:]],
        cwd=tmp_path,
        env=environment(**given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "ASTRA_ALLOW_INSECURE_HTTP=1" in done.stderr
