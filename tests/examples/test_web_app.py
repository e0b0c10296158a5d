"""The web app as its first lines say to serve it: by uvicorn, with its settings in the environment."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from astra.sandbox import Sandbox
from tests.examples.running import EXAMPLES, environment

PERSON = {
    "first_name": "Tenzing",
    "last_name": "Norgay",
    "email": "tenzing.norgay@example.com",
    "phone": "555-777-5678",
    "date_of_birth": "1914-05-29",
    "ssn": "9999",
    "address1": "123 Astra Ave",
    "city": "Palo Alto",
    "state": "CA",
    "postal_code": "94304",
}


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def address(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def sandbox(address: str) -> Iterator[Sandbox]:
    with Sandbox(redirect_uri=f"{address}/callback") as sandbox:
        sandbox.webhooks.register(f"{address}/webhooks/astra")
        yield sandbox


@pytest.fixture
def web(address: str, listener: socket.socket, sandbox: Sandbox, tmp_path: Path) -> Iterator[httpx.Client]:
    settings = environment(
        ASTRA_CLIENT_ID=sandbox.client_id,
        ASTRA_CLIENT_SECRET=sandbox.client_secret,
        ASTRA_BASE_URL=sandbox.url,
        ASTRA_REDIRECT_URI=sandbox.redirect_uri,
        ASTRA_TOKEN_STORE=f"sqlite:///{tmp_path / 'tokens.db'}",
    )
    log = tmp_path / "uvicorn.log"
    # The socket is made here, so that it takes calls before the app has started.
    options = ["--app-dir", str(EXAMPLES), "--fd", str(listener.fileno())]
    with (
        log.open("w") as output,
        subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "uvicorn", *options, "fastapi_app:app"],
            pass_fds=[listener.fileno()],
            stdout=output,
            stderr=output,
            env=settings,
        ) as process,
    ):
        try:
            with httpx.Client(base_url=address, follow_redirects=True, timeout=60) as client:
                yield client
        finally:
            process.terminate()
    assert "Traceback" not in log.read_text()


def text(answer: httpx.Response) -> str:
    """What a person reads."""
    assert answer.status_code == 200, answer.text
    body = re.sub(r"(?s)<head>.*</head>|<[^>]*>", " ", answer.text)
    return " ".join(body.split())


def link_on(answer: httpx.Response) -> str:
    found = re.search(r'class="button" href="([^"]+)"', answer.text)
    assert found
    return found[1].replace("&amp;", "&")


def test_a_person_whose_authorization_ended_is_asked_for_it_again(web: httpx.Client, sandbox: Sandbox) -> None:
    connect = web.post("/", data=PERSON)
    assert "Connect your bank" in text(connect)
    assert "Hello, Tenzing" in text(web.get(sandbox.visit(link_on(connect))))
    (user,) = sandbox._backend.engine.state.users
    sandbox.users.kill_refresh_tokens(user.id)
    sandbox.users.kill_access_token(user.id)
    again = web.get("/accounts")
    assert "Please connect again" in text(again)
    assert "Hello, Tenzing" in text(web.get(sandbox.visit(link_on(again))))


def test_a_code_is_used_once_even_when_the_person_reloads(web: httpx.Client, sandbox: Sandbox) -> None:
    back = sandbox.visit(link_on(web.post("/", data=PERSON)))
    web.get(back)
    assert "Hello, Tenzing" in text(web.get(back))
    assert sandbox.counts["exchange_token"] == 1


def test_a_stranger_sees_no_accounts_and_cannot_use_somebodys_redirect(web: httpx.Client, sandbox: Sandbox) -> None:
    back = sandbox.visit(link_on(web.post("/", data=PERSON)))
    with httpx.Client(base_url=web.base_url, follow_redirects=True, timeout=60) as stranger:
        assert "Open an account" in text(stranger.get(back))
        assert "Open an account" in text(stranger.get("/accounts"))
    assert sandbox.counts["exchange_token"] == 0


def test_nobody_finishes_an_authorization_of_their_own_in_another_persons_browser(
    web: httpx.Client, sandbox: Sandbox
) -> None:
    web.post("/", data=PERSON)
    with httpx.Client(base_url=web.base_url, follow_redirects=True, timeout=60) as attacker:
        back = sandbox.visit(link_on(attacker.post("/", data=PERSON)))
    answer = web.get(back)
    assert answer.status_code == 502
    assert "That did not work" in answer.text
    assert sandbox.counts["exchange_token"] == 0


def test_an_unsigned_webhook_is_refused(web: httpx.Client) -> None:
    assert web.post("/webhooks/astra", json={"webhook_type": "user_updated"}).status_code == 401


def test_when_astra_fails_the_page_names_the_request_id(web: httpx.Client, sandbox: Sandbox) -> None:
    web.get(sandbox.visit(link_on(web.post("/", data=PERSON))))
    sandbox.faults.add(operation="list_accounts", status=500, times=10)
    answer = web.get("/accounts")
    assert answer.status_code == 502
    assert sandbox.requests[-1].request_id in answer.text
