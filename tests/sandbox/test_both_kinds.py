"""`Sandbox` and `RemoteSandbox` are driven by the same program, and answer it alike."""

from __future__ import annotations

import inspect
import json
import pickle
import threading
from collections.abc import Callable, Iterator
from datetime import UTC
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from astra.errors import ConfigurationError, InvalidRequestError
from astra.sandbox import Fault, RemoteSandbox, Sandbox, SandboxClock, SandboxControls, SeededUser, sign
from astra.sandbox.http.remote_api import all_actions

FROZEN = 1_772_553_600.0  # a banking day
Scenario = Callable[[SandboxControls], Any]


@pytest.fixture(params=["local", "remote"])
def driven(request: pytest.FixtureRequest) -> Iterator[SandboxControls]:
    with Sandbox(clock=SandboxClock(frozen_at=FROZEN), seed=1) as sandbox:
        yield sandbox if request.param == "local" else RemoteSandbox(sandbox.control_url)


def call(driven: SandboxControls, token: str | None, path: str, **body: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    if body:
        return httpx.post(f"{driven.url}{path}", json=body, headers=headers, trust_env=False)
    return httpx.get(f"{driven.url}{path}", headers=headers, trust_env=False)


def tokens_of(driven: SandboxControls, code: str) -> dict[str, Any]:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": driven.redirect_uri}
    auth = (driven.client_id, driven.client_secret)
    answer: dict[str, Any] = httpx.post(f"{driven.url}/v1/oauth/token", data=form, auth=auth, trust_env=False).json()
    return answer


def people(driven: SandboxControls) -> Any:
    user = driven.users.create(accounts=2, first_name="Tenzing", metadata={"tier": "gold"})
    driven.users.set_status(user.id, "suspended")
    intent = driven.user_intents.create(status="document")
    driven.user_intents.set_status(intent.id, "rejected")
    unchanged = (user.status, intent.status)
    return user, driven.users.get(user.id), unchanged, driven.user_intents.get(intent.id), driven.refreshes(user.id)


def authorization(driven: SandboxControls) -> Any:
    user = driven.users.create()
    link = f"{driven.url}/x?client_id={driven.client_id}&redirect_uri={driven.redirect_uri}&state=s&user_id={user.id}"
    visited = driven.visit(link), driven.visit(link, accept=False)
    token = tokens_of(driven, driven.authorize(user_id=user.id, accounts=1))["access_token"]
    before = call(driven, token, "/v1/user").status_code
    driven.users.kill_access_token(user.id)
    return visited, before, call(driven, token, "/v1/user").json()["error"], driven.client_business_profile_id


def pay_by_card(driven: SandboxControls, person: SeededUser) -> str:
    source, destination = (driven.cards.create(person.id).id for _ in range(2))
    driven.cards.set_directions(destination, pull=False, push=True)
    body = {"type": "one-time", "name": "Gift", "payment_type": "debit", "amount": 5}
    body |= {"source_id": source, "destination_id": destination}
    headers = {"Authorization": f"Bearer {person.access_token}"}
    made = httpx.post(f"{driven.url}/v1/routines", json=body, headers=headers, trust_env=False).json()
    transfer: str = call(driven, person.access_token, f"/v1/routines/{made['id']}/transfers").json()["transfers"][0][
        "id"
    ]
    driven.transfers.process(transfer)
    return transfer


def limits_and_ends(driven: SandboxControls) -> Any:
    (person,) = driven.seed(users=1, transfers=1, authorized=True)
    assert isinstance(person, SeededUser)
    driven.users.set_limits(person.id, per_transfer="0.01", per_day="5.00")
    account = call(driven, person.access_token, "/v1/accounts").json()["accounts"][0]["id"]
    driven.accounts.set_balance(account, "7.50", available="7.25")
    instrument = driven.payment_instruments.list()[0].id
    driven.payment_instruments.set_balance(instrument, Decimal("9.75"))
    (transfer,) = call(driven, person.access_token, "/v1/transfers").json()["transfers"]
    driven.transfers.return_(transfer["id"], code="R06", leg="push", insist=True)
    said: list[str] = []
    for refused in (lambda: driven.transfers.fail(transfer["id"], leg="pull"), lambda: driven.transfers.reject("none")):
        with pytest.raises(InvalidRequestError) as error:
            refused()
        said.append(str(error.value))
    with pytest.raises(InvalidRequestError) as error:
        driven.transfers.return_batch("none")
    held = driven.accounts.get(account), driven.payment_instruments.list()[0].balance
    return held, driven.users.get(person.id).daily_limit, driven.transfers.get(transfer["id"]), said, str(error.value)


def money(driven: SandboxControls) -> Any:
    (person,) = driven.seed(users=1, transfers=3, authorized=True)
    assert isinstance(person, SeededUser)
    card = driven.cards.create(person.id)
    driven.cards.set_status(card.id, "flagged")
    page = call(driven, person.access_token, "/v1/transfers").json()["transfers"]
    driven.transfers.return_(page[0]["id"], code="R10")
    paid = pay_by_card(driven, person)
    chargeback = driven.transfers.charge_back(paid)
    driven.transfers.update_chargeback(paid, dispute_status="Lost")
    fbo, _ = driven.payment_instruments.list()
    driven.payment_instruments.receive(fbo.id, amount="0.10", type="Wires")
    account = call(driven, person.access_token, "/v1/accounts").json()["accounts"][0]["id"]
    driven.accounts.set_connection_status(account, "disconnected")
    ended = [driven.transfers.get(transfer["id"]) for transfer in page]
    assert all(type(transfer.amount) is Decimal for transfer in ended)
    assert driven.payment_instruments.list()[0].balance - fbo.balance == Decimal("0.10")
    return driven.cards.get(card.id), chargeback, ended, driven.payment_instruments.list(), driven.accounts.get(account)


def faults(driven: SandboxControls) -> Any:
    (person,) = driven.seed(users=1, authorized=True)
    fault = driven.faults.add(operation="get_user", status=503, times=2, headers={"Retry-After": "1"})
    garbage = driven.faults.add(operation="get_user", garbage=b"\x00\xff")
    assert isinstance(fault, Fault)
    answers = [call(driven, person.access_token, "/v1/user") for _ in range(4)]
    driven.faults.add(times=None, status=500)
    driven.faults.clear()
    hits = fault.hits, garbage.hits, fault.acts(), fault.times
    return hits, [answer.content for answer in answers], call(driven, person.access_token, "/v1/user").status_code


def time_and_traffic(driven: SandboxControls) -> Any:
    (person,) = driven.seed(users=1, authorized=True)
    before = driven.clock()
    driven.advance(hours=1, seconds=30)
    assert driven.clock() - before == 3630
    assert driven.now().tzinfo is UTC
    call(driven, person.access_token, "/v1/routines", amount=20.25)
    (request,) = driven.requests
    assert request.json() == {"amount": 20.25}
    seen = request.method, request.status, request.user_id, request.headers["authorization"], request.time
    counts = driven.counts
    assert counts["never_called"] == 0
    driven.clear_requests()
    driven.set_quirks(string_active=False, canceled="cancelled")
    return driven.now(), seen, counts, driven.requests, person


def webhooks(driven: SandboxControls) -> Any:
    signatures: list[bool] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            signatures.append(self.headers["Astra-Verification"] == sign(body, secret=driven.client_secret))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/astra"
        driven.webhooks.register(url)
        driven.webhooks.hold()
        user = driven.users.create()
        driven.users.set_status(user.id, "suspended")
        driven.webhooks.release(order="reversed", copies=2)
        driven.webhooks.deliver_pending()
        driven.webhooks.redeliver(driven.webhooks.events[-1].id)
        driven.webhooks.deliver_pending()
        attempts = driven.webhooks.attempts
        assert driven.webhooks.urls == [url]
        driven.webhooks.unregister(url)
        server.shutdown()
    assert signatures == [True] * 3
    delivered = [(attempt.event.id, attempt.number, attempt.delivered) for attempt in attempts]
    return delivered, driven.webhooks.events[0].body, driven.webhooks.abandoned, driven.webhooks.urls


@pytest.mark.parametrize(
    "scenario", [people, authorization, money, limits_and_ends, faults, time_and_traffic, webhooks]
)
def test_the_same_program_sees_the_same_in_both(scenario: Scenario) -> None:
    with Sandbox(clock=SandboxClock(frozen_at=FROZEN), seed=1) as sandbox:
        local = scenario(sandbox)
    with Sandbox(clock=SandboxClock(frozen_at=FROZEN), seed=1) as sandbox:
        remote = scenario(RemoteSandbox(sandbox.control_url))
    assert plain(remote) == plain(local)


def plain(value: Any) -> Any:
    """A result without what differs between two runs: types are kept, and records become their fields."""
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "__attrs_attrs__"):
        return type(value), {field.name: plain(getattr(value, field.name)) for field in value.__attrs_attrs__}
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, str) and "client_id=" in value:
        return value.partition("?")[2]
    return type(value), value


def test_both_have_the_same_names_and_arguments() -> None:
    local_only = {"start", "close"}
    names = {name for name in dir(Sandbox) if not name.startswith("_")}
    assert names - local_only == {name for name in dir(RemoteSandbox) if not name.startswith("_")}
    for name in names - local_only:
        ours, theirs = getattr(Sandbox, name), getattr(RemoteSandbox, name)
        assert isinstance(ours, property) == isinstance(theirs, property)
        if not isinstance(ours, property):
            assert inspect.signature(ours) == inspect.signature(theirs)


def test_what_one_refuses_the_other_refuses_in_the_same_words(driven: SandboxControls) -> None:
    refused: list[tuple[Callable[[], object], str]] = [
        (lambda: driven.users.get("usr_x"), "no user 'usr_x'"),
        (lambda: driven.users.create(status="happy"), "status is 'happy'; use one of pending"),
        (lambda: driven.users.create(fist_name="Ed"), "no fist_name"),
        (lambda: driven.users.create(phone="5557771234"), "phone: Not a valid US phone number; use"),
        (lambda: driven.user_intents.create(email="nobody"), "email: Not a valid email address"),
        (lambda: driven.users.create(metadata={"a b": "x"}), "metadata: Keys are 1 to 64 characters"),
        (lambda: driven.user_intents.create(metadata={"a": 5}), "metadata: Values are"),  # type: ignore[dict-item]
        (lambda: driven.cards.create(driven.users.create().id, number="banana"), "number must be a card number of 12"),
        (lambda: driven.users.create(accounts=3), "accounts must be 0 to 2, not 3"),
        (lambda: driven.users.create(first_name=5), "first_name must be text, not 5"),  # type: ignore[arg-type]
        (lambda: driven.users.create(authorized="no"), "authorized must be true or false"),  # type: ignore[arg-type]
        (lambda: driven.users.create(status=["x"]), "status must be text"),  # type: ignore[arg-type]
        (lambda: driven.authorize(user_id="usr_x", accounts=-1), "accounts must be 0 to 2, not -1"),
        (lambda: driven.webhooks.release(order=["x"]), "order is"),  # type: ignore[arg-type]
        (lambda: driven.seed(users=-1), "users must be 0 to 1000000, not -1"),
        (lambda: driven.seed(users=1, transfers=10**30), "transfers must be 0 to 1000000, not 1"),
        (lambda: driven.advance(seconds=-1), "only moves forward"),
        (lambda: driven.faults.add(status=42), "200 to 599"),
        (lambda: driven.webhooks.register("ftp://x"), "starts with https"),
        (lambda: driven.webhooks.redeliver("evt"), "no event 'evt'"),
        (lambda: driven.webhooks.unregister("http://x"), "not registered"),
        (lambda: driven.set_quirks(sometimes=True), "no quirk sometimes"),
        (lambda: driven.authorize(user_id="usr_x"), "Invalid user_id"),
    ]
    for run, words in refused:
        with pytest.raises(InvalidRequestError, match=words):
            run()
    with pytest.raises(ConfigurationError, match="no state file"):
        driven.save()
    with pytest.raises(TypeError, match="years"):
        driven.advance(years=1)  # type: ignore[call-arg]


WRONG = [None, True, -1, 10**30, "\ud800", [], {"a": 1}]


@pytest.mark.sampled
@pytest.mark.parametrize("name", sorted(name for name, action in all_actions(Sandbox()).items() if not action.view))
def test_whatever_is_sent_to_a_control_is_done_or_refused_with_a_reason(sandbox: Sandbox, name: str) -> None:
    token = sandbox.control_url.partition("token=")[2]
    parameters = inspect.signature(all_actions(sandbox)[name].run).parameters
    known = {"user_id": sandbox.users.create(accounts=1).id, "id": sandbox.payment_instruments.list()[0].id}
    known = {parameter: known.get(parameter, "x") for parameter in parameters}
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with httpx.Client(base_url=sandbox.url, headers=headers, trust_env=False) as http:
        for parameter in parameters:
            for value in WRONG:
                answer = http.post(f"/_sandbox/{name}", content=json.dumps({**known, parameter: value}))
                assert answer.status_code in (200, 400), (parameter, ascii(value))
                assert answer.status_code == 200 or answer.json()["error"], (parameter, ascii(value))


@pytest.mark.parametrize(("linked", "accounts", "then"), [(0, 0, 0), (0, 1, 1), (0, 2, 2), (1, 2, 2), (2, 0, 2)])
def test_a_person_links_as_many_accounts_as_one_says(
    driven: SandboxControls, linked: int, accounts: int, then: int
) -> None:
    user = driven.users.create(accounts=linked)
    token = tokens_of(driven, driven.authorize(user_id=user.id, accounts=accounts))["access_token"]
    kinds = [account["subtype"] for account in call(driven, token, "/v1/accounts").json()["accounts"]]
    assert kinds == ["checking", "savings"][:then][::-1]


def test_an_origin_without_a_sandbox_is_named() -> None:
    with Sandbox() as sandbox:
        url, control_url = sandbox.url, sandbox.control_url
    with pytest.raises(ConfigurationError, match=rf"No sandbox answers at {url}:"):
        RemoteSandbox(control_url, timeout=5).now()
    with pytest.raises(ConfigurationError, match="is not the URL of a sandbox"):
        RemoteSandbox("localhost:8787")


def test_a_remote_sandbox_can_be_handed_to_another_process() -> None:
    with Sandbox() as sandbox:
        copied = pickle.loads(pickle.dumps(RemoteSandbox(sandbox.control_url)))
        assert copied.client_id == sandbox.client_id
        assert (
            copied.users.create().id in sandbox.users.get(copied.users.create().id).owner or copied.url == sandbox.url
        )


def test_the_control_api_is_for_curl_too(sandbox: Sandbox) -> None:
    api = f"{sandbox.url}/_sandbox"
    shown = {"Authorization": f"Bearer {sandbox.control_url.partition('token=')[2]}"}
    user = httpx.post(f"{api}/users/create", json={"accounts": 1}, headers=shown, trust_env=False).json()
    assert sandbox.users.get(user["id"]).status == user["status"] == "approved"
    assert httpx.get(f"{api}/counts", headers=shown, trust_env=False).json() == {}
    for method, path, body, status in (
        ("POST", "nothing", {}, 404),
        ("GET", "nothing", None, 404),
        ("POST", "advance", {"years": 1}, 400),
        ("POST", "advance", [], 400),
        ("POST", "users/set_status", {"user_id": "x"}, 400),
        ("POST", "faults/add", {"operation": "get_user", "garbage": {"$bytes": "%%"}}, 400),
    ):
        answer = httpx.request(method, f"{api}/{path}", json=body, headers=shown, trust_env=False)
        assert (answer.status_code, bool(answer.json()["error"])) == (status, True)
    for moment in ("2027", 5, None, "2027-01-05"):
        answer = httpx.post(f"{api}/advance_to", json={"moment": moment}, headers=shown, trust_env=False)
        assert answer.status_code == 400
        assert "offset, such as" in answer.json()["error"] or "offset such as" in answer.json()["error"]
    answer = httpx.get(f"{api}/users/create", headers=shown, trust_env=False)
    assert (answer.status_code, answer.json()["error"]) == (404, "it is an action, and no view: POST it")
