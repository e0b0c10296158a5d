"""After a reset a sandbox is as if it were new: nothing of before is there, and nothing of before happens in it."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from astra.errors import ConfigurationError, InvalidRequestError
from astra.sandbox import Options, Quirks, RemoteSandbox, Sandbox, SandboxClock, SandboxControls
from astra.sandbox.http.router import Router
from astra.sandbox.saving.database import StateFile
from tests.sandbox.conftest import INTENT, TUESDAY, Person, Program
from tests.sandbox.receiver import Receiver

MADE_WITH: dict[str, Any] = {
    "seed": 7,
    "p2p": True,
    "keep_requests": 50,
    "keep_events": 40,
    "redirect_uri": ["http://localhost:8000/callback", "myapp://callback"],
    "options": Options(quirks=Quirks(canceled="cancelled"), kyc_seconds=5),
    "webhook_hosts": ["app"],
}
OF_THE_PROCESS = ("setup", "engine.lock", "engine.actions", "control_token", "url", "secure_url")
"""What is no part of what a sandbox remembers."""

COUNTED_ON = ("engine.resets", "faults.last", "journal.acts")
"""What must not begin again: hosted pages and faults of before would be taken for new ones."""

UNCHANGED = ("clients", "batches", "codes", "session_tokens")
"""Parts of the state that `use` leaves as they were."""


def made(**more: Any) -> Sandbox:
    return Sandbox(**{**MADE_WITH, "clock": SandboxClock(frozen_at=TUESDAY), **more})


@pytest.fixture
def used(receiver: Receiver) -> Iterator[Sandbox]:
    """A sandbox in which everything that there is has happened."""
    with made() as sandbox:
        use(sandbox, receiver)
        yield sandbox


def use(sandbox: Sandbox, receiver: Receiver) -> str:
    """Does a bit of everything; returns an access token."""
    with Program(sandbox) as program:
        receiver.status = 500
        sandbox.webhooks.register(receiver.url)
        person = program.signed_in()
        program.intent()
        program.business()
        sandbox.cards.create(person.id)
        sandbox.seed(users=2, transfers=4, authorized=True)
        person.pay()
        person.pay(name="R01-late")
        sandbox.webhooks.deliver_pending()
        sandbox.advance(hours=2)
        person.refresh()
        sandbox.webhooks.hold()
        sandbox.users.set_status(person.id, "approved")
        sandbox.faults.add(operation="get_bin", status=503)
        sandbox.faults.add(operation="get_user", status=418)
        assert program.http.get("/v1/user", headers={"Authorization": "Bearer x"}).status_code == 418
        sandbox.set_quirks(string_active=False, canceled="canceled")
        fbo = sandbox.payment_instruments.list()[0]
        sandbox.payment_instruments.receive(fbo.id, amount="250.10")
        sandbox.clear_requests()
        person.get("/v1/accounts")
        sandbox.thaw()
        return str(person.tokens["access_token"])


def told(value: Any, at: str = "", seen: dict[int, tuple[str, Any]] | None = None) -> Iterator[tuple[str, Any]]:
    """Yields each plain value that an object leads to, and the way to it."""
    if at in OF_THE_PROCESS or at in COUNTED_ON:
        return
    if isinstance(value, str | int | float | bytes | Decimal | None):
        yield at, value
        return
    seen = {} if seen is None else seen
    if id(value) in seen:
        yield at, f"the same as {seen[id(value)][0]}"
        return
    seen[id(value)] = at, value
    inner: dict[str, Any]
    if isinstance(value, random.Random):
        inner = {"state": value.getstate()}
    elif isinstance(value, Mapping):
        inner = {f"[{name}]": item for name, item in value.items()}
    elif isinstance(value, list | tuple | deque):
        inner = {f"[{number}]": item for number, item in enumerate(value)}
    elif type(value).__module__.startswith("astra.sandbox"):
        fields = [field.name for field in attrs.fields(type(value))] if attrs.has(type(value)) else vars(value)
        inner = {f".{name}" if at else name: getattr(value, name) for name in fields}
    elif callable(value):
        yield at, getattr(value, "__qualname__", type(value))
        return
    else:
        yield at, type(value).__name__
        return
    yield at, f"{type(value).__name__} of {len(inner)}"
    for name, item in inner.items():
        yield from told(item, at + name, seen)


def test_a_reset_sandbox_cannot_be_told_from_a_new_one(used: Sandbox) -> None:
    with made() as new:
        wanted = dict(told(new._backend))
        before = dict(told(used._backend))
        changed = {at for at in before.keys() | wanted.keys() if before.get(at) != wanted.get(at)}
        # All that a sandbox remembers has been changed, so that each part would be missed.
        remembered = [f"engine.state.{name}" for name in vars(new._backend.engine.state).keys() - UNCHANGED]
        remembered += ["engine.ids", "engine.events", "engine.event_total", "engine.quirks", "engine.clock"]
        remembered += ["faults.held", "faults.hits", "journal.requests", "journal.counts", "journal.total"]
        remembered += ["webhooks.endpoints", "webhooks.attempts", "webhooks.attempt_total", "webhooks.holding"]
        assert [name for name in remembered if not any(at.startswith(name) for at in changed)] == []
        used.reset()
        assert dict(told(used._backend)) == wanted


@pytest.mark.parametrize("kind", ["local", "remote"])
def test_nothing_of_before_is_there_and_what_it_was_made_with_stays(
    used: Sandbox, receiver: Receiver, kind: str
) -> None:
    sandbox: SandboxControls = used if kind == "local" else RemoteSandbox(used.control_url)
    kept = lambda: (  # noqa: E731
        sandbox.url,
        sandbox.control_url,
        sandbox.client_id,
        sandbox.client_secret,
        sandbox.redirect_uri,
        used._backend.engine.options,
    )
    before = kept()
    sandbox.reset()
    assert kept() == before
    assert sandbox.requests == []
    assert sandbox.counts == {}
    assert sandbox.dropped == {"requests": 0, "events": 0, "attempts": 0}
    assert sandbox.faults.unstruck == []
    assert (sandbox.webhooks.urls, sandbox.webhooks.events, sandbox.webhooks.attempts) == ([], [], [])
    assert (sandbox.webhooks.undelivered, sandbox.webhooks.abandoned) == ([], [])
    assert len(used._backend.engine.state.users) == len(used._backend.engine.state.transfers) == 0
    assert [one.balance for one in sandbox.payment_instruments.list()] == [1_000_000, 250_000]
    assert used._backend.engine.quirks == MADE_WITH["options"].quirks
    assert sandbox.now() == TUESDAY
    assert sandbox.is_frozen
    assert used._backend.engine.state.clients[sandbox.client_id].redirect_uris == MADE_WITH["redirect_uri"]


def test_ids_are_those_of_a_new_sandbox_with_the_same_seed(sandbox: Sandbox, receiver: Receiver) -> None:
    def story() -> list[Any]:
        with Program(sandbox) as program:
            person = program.signed_in()
            routine = person.pay()
            requests = [one.request_id for one in sandbox.requests]
            return [person.id, person.tokens, routine["id"], requests, [one.id for one in sandbox.webhooks.events]]

    first = story()
    use(sandbox, receiver)
    sandbox.reset()
    assert story() == first
    sandbox.reset()
    sandbox.reset()
    assert story() == first


def test_ids_without_a_seed_are_new_ones() -> None:
    with Sandbox() as sandbox:
        before = sandbox.users.create().id
        sandbox.reset()
        assert sandbox.users.create().id != before


def test_tokens_codes_and_pages_of_before_are_answered_as_a_new_sandbox_answers_them(
    sandbox: Sandbox, program: Program
) -> None:
    person = program.signed_in()
    for _ in range(11):
        person.pay(start_date="2026-03-20")
    cursor = person.get("/v1/routines", page_size=10)["cursor"]
    code = sandbox.authorize(user_id=person.id)
    refresh = {"grant_type": "refresh_token", "refresh_token": person.tokens["refresh_token"]}
    sandbox.reset()
    assert person.http.get("/v1/routines", params={"cursor": cursor}).status_code == 401
    assert program.token(**refresh).status_code == 400
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": sandbox.redirect_uri}
    assert program.token(**form).status_code == 400
    with pytest.raises(InvalidRequestError, match="no user"):
        sandbox.users.get(person.id)
    other = program.signed_in(accounts=0)
    assert other.http.get("/v1/routines", params={"cursor": cursor}).status_code in (200, 400)


@pytest.mark.parametrize("named", [True, False])
def test_a_hosted_page_of_before_has_expired(sandbox: Sandbox, named: bool) -> None:
    given = {"user_id": sandbox.users.create().id} if named else {"business": "true"}
    query = {
        "client_id": sandbox.client_id,
        "redirect_uri": sandbox.redirect_uri,
        "response_type": "code",
        "state": "s",
        **given,
    }
    url = f"{sandbox.url}/login/oauth/authorize"
    page = httpx.get(url, params=query, trust_env=False).text
    sealed = page.partition('name="page" value="')[2].partition('"')[0]
    assert sealed
    form = {**query, "page": sealed, "phone": "5557771234"}
    assert httpx.post(url, data=form, trust_env=False).status_code == 200
    sandbox.reset()
    sandbox.users.create()  # with the seed, it is the same person again
    answer = httpx.post(url, data=form, trust_env=False)
    assert answer.status_code == 410
    assert "This page has expired" in answer.text


def test_a_fault_and_its_number_are_not_taken_for_another(program: Program) -> None:
    sandbox = program.sandbox
    old = sandbox.faults.add(operation="get_bin", status=503, times=None)
    assert program.http.get("/v1/bins/440393").status_code == 503
    sandbox.reset()
    assert program.http.get("/v1/bins/440393").status_code == 200
    new = sandbox.faults.add(operation="get_bin", status=503)
    program.http.get("/v1/bins/440393")
    assert new.hits == 1
    with pytest.raises(InvalidRequestError, match=f"no fault {old.id}"):
        _ = old.hits
    with pytest.raises(InvalidRequestError, match=f"no fault {old.id}"):
        RemoteSandbox(sandbox.control_url).faults._hits(old.id)


def test_what_was_planned_before_never_happens(sandbox: Sandbox, person: Person, receiver: Receiver) -> None:
    receiver.status = 500
    sandbox.webhooks.register(receiver.url)
    person.pay(name="R01-late")
    sandbox.webhooks.deliver_pending()
    arrived = len(receiver.received)
    assert arrived > 0
    sandbox.reset()
    sandbox.webhooks.register(receiver.url)
    sandbox.advance(days=30)
    assert sandbox.webhooks.deliver_pending() == []
    assert sandbox.advance_to_next_event() is None
    assert len(receiver.received) == arrived
    assert sandbox.webhooks.events == []


def test_time_goes_on_from_where_it_began(sandbox: Sandbox) -> None:
    sandbox.advance(days=3)
    sandbox.reset()
    assert sandbox.now() == TUESDAY
    sandbox.advance(hours=1)
    assert sandbox.now() == TUESDAY + timedelta(hours=1)
    with Program(sandbox) as program:
        transfer = (person := program.signed_in()).transfer_of(person.pay())
        sandbox.advance(days=3)
        person.refresh()
        assert person.get(f"/v1/transfers/{transfer['id']}")["status"] == "processed"


def test_a_clock_goes_back_to_what_it_was() -> None:
    day = datetime(2030, 1, 2, tzinfo=UTC)
    with Sandbox(clock=SandboxClock(start_at=day)) as started, Sandbox() as real:
        for sandbox in (started, real):
            sandbox.advance(days=400)
            sandbox.freeze()
            sandbox.reset()
            assert not sandbox.is_frozen
        assert timedelta(0) <= started.now() - day < timedelta(minutes=1)
        assert abs(real.now() - datetime.now(UTC)) < timedelta(seconds=5)
    moved = SandboxClock(frozen_at=day)
    moved.advance(days=1)
    with Sandbox(clock=moved) as sandbox:
        sandbox.advance(days=1)
        sandbox.thaw()
        sandbox.reset()
        assert (moved(), sandbox.is_frozen) == ((day + timedelta(days=1)).timestamp(), True)


def test_urls_that_it_was_made_with_are_sent_to_again(receiver: Receiver) -> None:
    with Sandbox(webhook_urls=receiver.url) as sandbox:
        assert sandbox.webhooks.urls == [receiver.url]
        sandbox.webhooks.unregister(receiver.url)
        sandbox.webhooks.register("http://127.0.0.1:9/hooks")
        sandbox.reset()
        assert sandbox.webhooks.urls == [receiver.url]
        sandbox.users.set_status(sandbox.users.create().id, "suspended")
        sandbox.webhooks.deliver_pending()
        assert receiver.types == ["user_updated"]
    with pytest.raises(InvalidRequestError, match="to this machine only"):
        Sandbox(webhook_urls=["https://example.com/hooks"])


def test_a_state_file_is_empty_after_a_reset(tmp_path: Path, receiver: Receiver) -> None:
    def run() -> Sandbox:
        return Sandbox(state=tmp_path / "sandbox.db", seed=1, clock=SandboxClock(frozen_at=TUESDAY))

    with run() as sandbox:
        use(sandbox, receiver)
        sandbox.save()
        sandbox.reset()
    with run() as again:
        assert len(again._backend.engine.state.users) == 0
        assert (again.webhooks.events, again.webhooks.urls, again.requests) == ([], [], [])
        assert again.now() == TUESDAY
        user = again.users.create().id
    with run() as loaded:
        assert loaded.users.get(user).id == user
        loaded.reset()
        assert loaded.users.create().id == user
        loaded.save()
        loaded.reset()
        loaded._backend.save_changes()
    with Sandbox(seed=1) as new:
        assert new.users.create().id == user
    with run() as last:
        assert len(last._backend.engine.state.users) == 0


def test_a_reset_in_the_midst_of_a_saving_leaves_nothing_of_before_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when another thread resets between two of the turns in which a saving is done."""
    with Sandbox(state=tmp_path / "sandbox.db", webhook_urls="http://127.0.0.1:9/hooks") as sandbox:
        sandbox.save()
        for _ in range(3):
            sandbox.users.create()
        put, resets = StateFile.put, iter([sandbox.reset])

        def put_and_reset(file: StateFile, *arguments: Any) -> None:
            put(file, *arguments)
            next(resets, lambda: None)()

        monkeypatch.setattr(StateFile, "put", put_and_reset)
        sandbox.save()
        kept = sandbox.users.create().id
        sandbox.save()
    with Sandbox(state=tmp_path / "sandbox.db") as again:
        assert [user.id for user in again._backend.engine.state.users] == [kept]
        assert (again.webhooks.urls, again.requests) == (["http://127.0.0.1:9/hooks"], [])


def test_a_sandbox_that_is_not_started_can_be_reset_and_a_closed_one_is_refused() -> None:
    sandbox = made(webhook_urls="http://127.0.0.1:9/hooks")
    sandbox.users.create()
    sandbox.reset()
    assert len(sandbox._backend.engine.state.users) == 0
    sandbox.start()
    assert sandbox.webhooks.urls == ["http://127.0.0.1:9/hooks"]
    control_url = sandbox.control_url
    sandbox.close()
    for closed in (sandbox, RemoteSandbox(control_url, timeout=5)):
        with pytest.raises(ConfigurationError, match=r"This sandbox is closed|No sandbox answers"):
            closed.reset()


def test_a_reset_by_a_receiver_of_webhooks_ends_at_once(sandbox: Sandbox, receiver: Receiver) -> None:
    done = threading.Event()
    remote = RemoteSandbox(sandbox.control_url, timeout=10)

    def reset_and_answer(handler: Any) -> None:
        handler.close_connection = True
        handler.rfile.read(int(handler.headers["Content-Length"]))
        remote.reset()
        done.set()

    receiver.server.RequestHandlerClass.do_POST = reset_and_answer  # type: ignore[attr-defined]
    sandbox.webhooks.register(receiver.url)
    started = time.monotonic()
    sandbox.users.set_status(sandbox.users.create().id, "suspended")
    sandbox.webhooks.deliver_pending()
    assert done.wait(timeout=10)
    assert time.monotonic() - started < 5
    assert (sandbox.webhooks.attempts, sandbox.webhooks.events) == ([], [])


def test_a_delivery_under_way_leaves_no_trace(sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.let_go.clear()
    sandbox.webhooks.register(receiver.url)
    sandbox.users.set_status(sandbox.users.create().id, "suspended")
    wait_until(lambda: len(receiver.received) == 1)
    threads = set(threading.enumerate())
    sandbox.reset()
    sandbox.webhooks.register(receiver.url)
    receiver.let_go.set()
    sandbox.webhooks.deliver_pending()
    assert sandbox.webhooks.attempts == []
    ended = {one for one in threads if one.name == "astra-sandbox-webhooks"}
    wait_until(lambda: not any(one.is_alive() for one in ended))


@pytest.mark.parametrize("fault", [{"hold": 0.3}, {"delay": 0.3}])
def test_a_request_that_a_fault_holds_writes_nothing_into_the_new_state(
    sandbox: Sandbox, program: Program, fault: dict[str, float]
) -> None:
    sandbox.faults.add(operation="create_user_intent", **fault)  # type: ignore[arg-type]
    answers: list[httpx.Response] = []
    thread = threading.Thread(target=lambda: answers.append(program.http.post("/v1/user_intent", json=INTENT)))
    thread.start()
    wait_until(lambda: not sandbox.faults.unstruck)
    sandbox.reset()
    thread.join()
    if "hold" in fault:
        assert answers[0].status_code == 503
        assert "reset" in answers[0].json()["description"]
    else:
        assert answers[0].status_code == 201
    assert len(sandbox._backend.engine.state.intents) == 0
    assert sandbox.requests == []


def test_a_reset_waits_for_a_request_that_has_begun(
    sandbox: Sandbox, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = threading.Event()
    find = Router.find

    def reset() -> None:
        sandbox.reset()
        done.set()

    def find_slowly(router: Router, method: str, path: str) -> Any:
        threading.Thread(target=reset).start()
        assert not done.wait(0.05)
        return find(router, method, path)

    monkeypatch.setattr(Router, "find", find_slowly)
    assert program.http.post("/v1/user_intent", json=INTENT).status_code == 201
    assert done.wait(10)
    assert len(sandbox._backend.engine.state.intents) == 0
    assert sandbox.requests == []


def test_under_eight_threads_no_call_fails_and_no_request_is_half_done(sandbox: Sandbox) -> None:
    statuses: set[int] = set()
    problems: list[str] = []
    numbers = itertools.count()
    over = threading.Event()

    def call() -> None:
        with Program(sandbox) as program, httpx.Client(base_url=sandbox.url, trust_env=False) as person:
            while not over.is_set():
                try:
                    (made,) = sandbox.seed(users=1, authorized=True)
                    headers = {"Authorization": f"Bearer {made.access_token}"}
                    answers = [
                        program.http.post("/v1/user_intent", json={**INTENT, "email": f"{next(numbers)}@b.co"}),
                        person.get("/v1/accounts", headers=headers),
                    ]
                except Exception as problem:
                    problems.append(repr(problem))
                    return
                statuses.update(answer.status_code for answer in answers)

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for number in range(20):
        wait_until(lambda: len(sandbox.requests) >= 8 or bool(problems))
        (sandbox if number % 2 else RemoteSandbox(sandbox.control_url)).reset()
    wait_until(lambda: len(sandbox.requests) >= 8 or bool(problems))
    over.set()
    for thread in threads:
        thread.join()
    assert problems == []
    assert statuses == {200, 201, 401}
    created = [one for one in sandbox.requests if (one.operation, one.status) == ("create_user_intent", 201)]
    assert len(created) == len(sandbox._backend.engine.state.intents) > 0
    ids = [one.request_id for one in sandbox.requests]
    with Sandbox(seed=1) as new:
        wanted = [new._backend.engine.ids.hex("request") for _ in ids]
    assert ids == wanted
    sandbox.reset()
    assert sandbox.requests == []
    assert len(sandbox._backend.engine.state.users) == 0


def test_resets_of_several_threads_at_once_end(sandbox: Sandbox) -> None:
    threads = [threading.Thread(target=sandbox.reset) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
        assert not thread.is_alive()
    assert sandbox.users.create().id


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        threading.Event().wait(0.005)
