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
from tests.examples.running import EXAMPLES, environment, run

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


@pytest.fixture(scope="module")
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture(scope="module")
def address(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture(scope="module")
def astra(address: str) -> Iterator[Sandbox]:
    with Sandbox(redirect_uri=f"{address}/callback") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def output(
    address: str, listener: socket.socket, astra: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """What the app writes, which runs for all tests: to start it takes longer than what most of them do."""
    folder = tmp_path_factory.mktemp("app")
    settings = environment(
        ASTRA_CLIENT_ID=astra.client_id,
        ASTRA_CLIENT_SECRET=astra.client_secret,
        ASTRA_BASE_URL=astra.url,
        ASTRA_REDIRECT_URI=astra.redirect_uri,
        ASTRA_TOKEN_STORE=f"sqlite:///{folder / 'tokens.db'}",
        ASTRA_IDEMPOTENCY_STORE=f"sqlite:///{folder / 'payments.db'}",
    )
    # The socket is made here, so that it takes calls before the app has started.
    options = ["--app-dir", str(EXAMPLES), "--fd", str(listener.fileno())]
    with (
        (folder / "uvicorn.log").open("w") as output,
        subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "uvicorn", *options, "fastapi_app:app"],
            pass_fds=[listener.fileno()],
            stdout=output,
            stderr=output,
            env=settings,
        ) as process,
    ):
        try:
            yield folder / "uvicorn.log"
        finally:
            process.terminate()
    assert "Traceback" not in (folder / "uvicorn.log").read_text()


class Log:
    """What the app writes in a test."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._before = len(path.read_bytes())

    def read_text(self) -> str:
        return self._path.read_bytes()[self._before :].decode()


@pytest.fixture
def log(output: Path) -> Log:
    return Log(output)


@pytest.fixture
def sandbox(astra: Sandbox, address: str) -> Sandbox:
    astra.reset()
    astra.webhooks.register(f"{address}/webhooks/astra")
    return astra


@pytest.fixture
def web(address: str, sandbox: Sandbox, log: Log) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, follow_redirects=True, timeout=60) as client:
        yield client
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
    web: httpx.Client, sandbox: Sandbox, log: Log
) -> None:
    web.post("/", data=PERSON)
    with httpx.Client(base_url=web.base_url, follow_redirects=True, timeout=60) as attacker:
        back = sandbox.visit(link_on(attacker.post("/", data=PERSON)))
    answer = web.get(back)
    assert answer.status_code == 400
    assert "Please start again" in answer.text
    assert sandbox.counts["exchange_token"] == 0
    assert "GET /callback: AuthorizationRedirectError: " in log.read_text()


def test_an_unsigned_webhook_is_refused(web: httpx.Client) -> None:
    assert web.post("/webhooks/astra", json={"webhook_type": "user_updated"}).status_code == 401


def test_when_astra_fails_the_page_and_the_log_name_the_request_id(
    web: httpx.Client, sandbox: Sandbox, log: Log
) -> None:
    web.get(sandbox.visit(link_on(web.post("/", data=PERSON))))
    sandbox.faults.add(operation="list_accounts", status=500, times=10)
    answer = web.get("/accounts")
    assert answer.status_code == 502
    assert sandbox.requests[-1].request_id in answer.text
    [line] = [line for line in log.read_text().splitlines() if line.startswith("GET /accounts: ")]
    assert "InternalServerError" in line
    failed = [request.request_id for request in sandbox.requests if request.status == 500]
    assert len(failed) > 1
    assert line.endswith(f"[request ids: {', '.join(failed)}]")


def connect(web: httpx.Client, sandbox: Sandbox) -> dict[str, str]:
    """Connects a person; returns what the form of a payment would send."""
    answer = web.get(sandbox.visit(link_on(web.post("/", data=PERSON))))
    [payment] = re.findall(r'name="payment" value="(\w+)"', answer.text)
    source, destination = dict.fromkeys(re.findall(r'<option value="(\w+)"', answer.text))
    return {"source": source, "destination": destination, "amount": "20.10", "payment": payment}


def amounts(sandbox: Sandbox) -> list[str]:
    return [f"{routine.amount:.2f}" for routine in sandbox._backend.engine.state.routines]


def test_a_form_that_is_sent_twice_pays_once(web: httpx.Client, sandbox: Sandbox) -> None:
    form = connect(web, sandbox)
    pages = [text(web.post("/payments", data=form)) for _ in range(2)]
    assert "$20.10 is on its way" in pages[0]
    assert pages[0] == pages[1]
    assert amounts(sandbox) == ["20.10"]


def test_the_page_of_a_payment_promises_no_more_than_astra_said(web: httpx.Client, sandbox: Sandbox) -> None:
    form = connect(web, sandbox)
    (user,) = sandbox._backend.engine.state.users
    sandbox.users.set_status(user.id, "suspended")
    answer = web.post("/payments", data=form)
    assert "$20.10 is held back" in text(answer)
    assert "user_suspended" in answer.text
    sandbox.users.set_status(user.id, "approved")
    sent = web.post("/payments", data=connect(web, sandbox))
    sandbox.advance(days=9)
    assert "$20.10 has arrived" in text(web.get(sent.url))


def test_a_payment_whose_answer_is_lost_is_looked_for_and_not_made_again(
    web: httpx.Client, sandbox: Sandbox, log: Log
) -> None:
    form = connect(web, sandbox)
    sandbox.faults.add(operation="create_routine", drop="after")
    sandbox.faults.add(operation="list_routines", status=503, times=10)
    answer = web.post("/payments", data=form)
    assert answer.status_code == 503
    assert "We are checking your payment" in answer.text
    assert "POST /payments: UncertainOutcomeError" in log.read_text()
    sandbox.faults.clear()
    assert "$20.10 is on its way" in text(web.post("/payments", data=form))
    assert amounts(sandbox) == ["20.10"]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("typed", ["", "0", "-1", "1.001", "NaN", "1e2", "1000.01", "99999999"])
def test_an_amount_that_cannot_be_meant_moves_no_money(typed: str, web: httpx.Client, sandbox: Sandbox) -> None:
    answer = web.post("/payments", data=connect(web, sandbox) | {"amount": typed})
    assert answer.status_code == 422
    assert "such as 20.00" in answer.text
    assert amounts(sandbox) == []


def test_a_form_that_was_not_shown_to_this_browser_moves_no_money(web: httpx.Client, sandbox: Sandbox) -> None:
    answer = web.post("/payments", data=connect(web, sandbox) | {"payment": "0" * 16})
    assert (answer.status_code, amounts(sandbox)) == (400, [])
    assert "Please start again" in answer.text


def test_all_mistakes_of_the_form_are_told_at_once(web: httpx.Client, sandbox: Sandbox) -> None:
    answer = web.post("/", data=PERSON | {"phone": "12345", "postal_code": "1", "date_of_birth": "x"})
    assert (answer.status_code, answer.text.count('aria-invalid="true"')) == (422, 3)
    assert sandbox.counts["create_user_intent"] == 0


def test_a_browser_that_leaves_before_its_form_has_come_is_no_error_of_the_app(
    web: httpx.Client, listener: socket.socket, log: Log
) -> None:
    web.get("/")
    with socket.create_connection(listener.getsockname()) as left:
        head = "POST / HTTP/1.1\r\nHost: here\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 99"
        left.sendall(f"{head}\r\n\r\nfirst_name=Ten".encode())
    for _ in range(3):
        assert web.get("/").status_code == 200
    assert "Traceback" not in log.read_text()


def test_an_address_that_is_none_is_a_page(web: httpx.Client) -> None:
    answer = web.get("/nothing")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.sampled(1)
@pytest.mark.parametrize("program", ["fastapi_app.py", "django_views.py", "webhook_receiver.py"])
def test_a_taken_port_is_named(program: str, listener: socket.socket, tmp_path: Path) -> None:
    port = listener.getsockname()[1]
    done = run(program, "--port", str(port), cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"Port {port} cannot be used (Address already in use): pass another with --port, or --port 0."
    )
    assert "Traceback" not in done.stderr
