"""Every magic value of the table, over plain HTTP with nothing but `urllib`, and the webhooks that it leads to."""

import html
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from astra.sandbox.magic import table
from astra.sandbox.magic.table import TABLE, Magic
from tests.names import as_read, as_sent, operation_at

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
ROUTE = {
    "ach": "/v1/routines",
    "real-time": "/v1/routines",
    "card": "/v1/routines",
    "push": "/v1/routines/account-to-card",
}
PAID = [(row, rail) for row in TABLE for rail in row.rails]


def fetch(url: str, data: bytes | None = None, method: str | None = None, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    try:
        with OPENER.open(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


class Integrator:
    """A program in another language, as far as it can be told: HTTP and a receiver of webhooks."""

    def __init__(self, sandbox, received: list[dict], intent: dict, card: dict, bank: dict) -> None:
        self.sandbox, self.received = sandbox, received
        self.bodies = {"intent": intent, "card": card, "bank": bank}
        self.basic = "Basic " + b64encode(f"{sandbox.client_id}:{sandbox.client_secret}".encode()).decode()
        self.token = self.refresh = ""

    def call(self, path: str, body: dict | None = None, *, basic: bool = False, method: str | None = None):
        operation = operation_at(method or ("GET" if body is None else "POST"), urllib.parse.urlsplit(path).path)
        data = None if body is None else json.dumps(as_sent(operation, body) if operation else body).encode()
        headers = {"Authorization": self.basic if basic else f"Bearer {self.token}"}
        if data is not None:
            headers["Content-Type"] = "application/json"
        status, text = fetch(self.sandbox.url + path, data, method, **headers)
        return status, as_read(operation, status, json.loads(text))

    def made(self, path: str, body: dict, *, basic: bool = False) -> dict:
        status, answer = self.call(path, body, basic=basic)
        assert status in (200, 201), answer
        return answer

    def intent(self, **changes: str) -> str:
        return self.made("/v1/user_intent", {**self.bodies["intent"], **changes}, basic=True)["id"]

    def sign_in(self, *, accounts: bool = True) -> None:
        query = {
            "client_id": self.sandbox.client_id,
            "redirect_uri": self.sandbox.redirect_uri,
            "response_type": "code",
            "user_intent_id": self.intent(),
        }
        url = f"{self.sandbox.url}/login/oauth/authorize?{urllib.parse.urlencode(query)}"
        linked = {"decision": "allow"} | (dict.fromkeys(("link_checking", "link_savings"), "yes") if accounts else {})
        # Each page is filled in as it says: the phone number is there, then the code of the SMS, then the consent.
        page, entered = fetch(url)[1], [{}, {"sms_code": "123456"}, linked]
        for values in entered:
            form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
            if phone := re.search(r'name="phone".*?value="(\d+)"', page, re.DOTALL):
                form["phone"] = phone[1]
            action = html.unescape(re.search(r'<form method="post" action="([^"]+)"', page)[1])
            data = urllib.parse.urlencode(form | values).encode()
            page = fetch(urllib.parse.urljoin(url, action), data)[1]
        code = re.search(r'id="code"[^>]*>(\w+)<', page)[1]
        token = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.sandbox.redirect_uri}
        status, text = fetch(
            f"{self.sandbox.url}/v1/oauth/token", urllib.parse.urlencode(token).encode(), Authorization=self.basic
        )
        assert status == 200, text
        tokens = json.loads(text)
        self.token, self.refresh = tokens["access_token"], tokens["refresh_token"]

    def refresh_later(self, **how: int) -> None:
        """Time passes; webhooks arrive."""
        self.sandbox.advance(**how)
        self.sandbox.webhooks.deliver_pending()

    def card(self, number: str = "4000000000000002") -> tuple[int, dict]:
        return self.call("/v1/cards", {**self.bodies["card"], "card_number": number, "added_by_user": True})

    def account(self, number: str = "0012345") -> dict:
        return self.made("/v1/accounts/create", {**self.bodies["bank"], "account_number": number})

    def payment(self, rail: str, **changes: object) -> dict:
        """Returns the body of a payment of this kind, with the magic number as its source where there is one."""
        number, card_number = changes.pop("account_number", None), changes.pop("card_number", None)
        source = self.account(number)["id"] if number else self.call("/v1/accounts")[1]["accounts"][0]["id"]
        card = self.card(card_number or "4000000000000002")[1]["id"] if rail in ("card", "push") else ""
        if rail == "push":
            body = {"source": {"id": source}, "destination": {"id": card}, "settlement_mode": "net_debit"}
            return {"name": "Payout", "amount": 5, **body, **changes}
        body = {"type": "one-time", "name": "Top-up", "amount": 5, "payment_type": "debit" if rail == "card" else "ach"}
        if rail == "card":
            body |= {"source_id": card, "destination_id": self.card("4000000000000101")[1]["id"]}
        elif rail == "real-time":
            instrument = self.call("/v1/payment_instruments", basic=True)[1]["payment_instruments"][0]["id"]
            body |= {"source_id": instrument, "destination_id": source, "preferred_settlement_speed": "real-time"}
        else:
            accounts = [held["id"] for held in self.call("/v1/accounts")[1]["accounts"]]
            body |= {"source_id": source, "destination_id": next(id for id in accounts if id != source)}
        return {**body, **changes}

    def pay(self, rail: str, **changes: object) -> dict:
        """Pays, lets a week pass, and returns the transfer."""
        body = self.payment(rail, **changes)
        self.sandbox.webhooks.deliver_pending()
        self.received.clear()
        routine = self.made(ROUTE[rail], body)
        self.refresh_later(days=8)
        self.sign_in_again()
        return self.call(f"/v1/routines/{routine['id']}/transfers")[1]["transfers"][0]

    def sign_in_again(self) -> None:
        form = {"grant_type": "refresh_token", "refresh_token": self.refresh, "redirect_uri": self.sandbox.redirect_uri}
        data = urllib.parse.urlencode(form).encode()
        self.token = json.loads(fetch(f"{self.sandbox.url}/v1/oauth/token", data, Authorization=self.basic)[1])[
            "access_token"
        ]

    def heard(self) -> tuple[str, ...]:
        """The kinds of webhooks that came, sorted as no order is promised, without those of the daily batch."""
        self.sandbox.webhooks.deliver_pending()
        kinds = (hook["webhook_type"] for hook in self.received)
        return tuple(sorted(kind for kind in kinds if not kind.startswith("batch")))


@pytest.fixture
def received() -> list[dict]:
    return []


@pytest.fixture
def integrator(sandbox, received, intent_body, card_body, bank_body) -> Iterator[Integrator]:
    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Hook) as receiver:
        thread = Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        sandbox.webhooks.register(f"http://127.0.0.1:{receiver.server_port}/astra")
        yield Integrator(sandbox, received, intent_body, card_body, bank_body)
        receiver.shutdown()
        thread.join()


def without(row: Magic, monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes a value out of the table, so that a test can see that it made the difference."""
    monkeypatch.setattr(table, "TABLE", tuple(other for other in TABLE if other is not row))


def paid_end(transfer: dict) -> tuple[str, str | None, bool]:
    return transfer["status"], transfer["failure_reason"], transfer["chargeback"] is not None


def wanted_end(row: Magic) -> tuple[str, str | None, bool]:
    if row.then in ("dispute", "reroute"):
        return "processed", None, row.then == "dispute"
    return "failed", row.result, False


def name_of(pair: tuple[Magic, str]) -> str:
    return f"{pair[0].field}-{pair[0].value}-{pair[1]}"


@pytest.mark.sampled
@pytest.mark.parametrize("pair", PAID, ids=name_of)
@pytest.mark.parametrize("kept", [True, False], ids=["in the table", "removed"])
def test_a_payment_ends_as_its_magic_value_says(pair, kept, integrator, monkeypatch):
    row, rail = pair
    if not kept:
        without(row, monkeypatch)
    integrator.sign_in()
    value = f"astra:{row.value}" if row.field == "name" and rail == "push" else row.value
    if not kept and row.field == "name" and (row.value.startswith("R") or rail == "push"):
        status, answer = integrator.call(ROUTE[rail], integrator.payment(rail, name=value))
        assert (status, "is not a magic value" in str(answer["description"]["name"])) == (400, True)
        return
    transfer = integrator.pay(rail, **{row.field: value})
    if kept:
        assert (paid_end(transfer), integrator.heard()) == (wanted_end(row), tuple(sorted(row.webhooks)))
    else:
        assert paid_end(transfer) == ("processed", None, False)


@pytest.mark.parametrize("pair", [pair for pair in PAID if pair[0].correlation], ids=name_of)
def test_a_correlation_id_says_the_same(pair, integrator):
    row, rail = pair
    integrator.sign_in()
    transfer = integrator.pay(rail, client_correlation_id=row.correlation)
    assert (paid_end(transfer), integrator.heard()) == (wanted_end(row), tuple(sorted(row.webhooks)))


@pytest.mark.parametrize("row", table.rows("first_name"), ids=lambda row: row.value)
def test_a_first_name_decides_the_review(row, integrator, monkeypatch):
    shown = integrator.call(f"/v1/user_intent/{integrator.intent(first_name=row.value)}", basic=True)[1]
    assert (shown["status"], integrator.heard()) == (row.result, tuple(sorted(row.webhooks)))
    without(row, monkeypatch)
    other = integrator.intent(first_name=row.value, email="other@example.com")
    assert integrator.call(f"/v1/user_intent/{other}", basic=True)[1]["status"] == "approved"


@pytest.mark.parametrize("row", table.rows("ssn (hosted page)"), ids=lambda row: row.value)
@pytest.mark.parametrize("kept", [True, False], ids=["in the table", "removed"])
def test_the_end_of_an_ssn_decides_the_second_check(row, kept, integrator, received, monkeypatch):
    if not kept:
        without(row, monkeypatch)
    intent = integrator.intent(first_name="retry")
    integrator.heard()
    received.clear()
    query = {
        "client_id": integrator.sandbox.client_id,
        "redirect_uri": integrator.sandbox.redirect_uri,
        "user_intent_id": intent,
    }
    url = f"{integrator.sandbox.url}/verify/personal?{urllib.parse.urlencode(query)}"
    html = fetch(url)[1]
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))
    form |= {"ssn": row.value, "date_of_birth": "1919-07-20"}
    target = urllib.parse.urljoin(
        url, re.search(r'<form method="post" action="([^"]+)"', html)[1].replace("&amp;", "&")
    )
    fetch(target, urllib.parse.urlencode(form).encode())
    shown = integrator.call(f"/v1/user_intent/{intent}", basic=True)[1]
    assert shown["status"] == (row.result if kept else "approved")
    assert integrator.heard() == tuple(sorted(row.webhooks))


@pytest.mark.parametrize("row", [row for row in TABLE if row.then == "review"], ids=lambda row: row.result)
def test_a_card_number_decides_the_review_of_the_card(row, integrator, received, monkeypatch):
    integrator.sign_in()
    integrator.heard()
    received.clear()
    assert integrator.card(row.value)[1]["status"] == row.result
    assert integrator.heard() == tuple(sorted(row.webhooks))
    without(row, monkeypatch)
    assert integrator.card(row.value)[1]["status"] == "approved"


@pytest.mark.parametrize("row", [row for row in TABLE if row.then == "one_way"], ids=lambda row: row.result)
def test_a_card_number_decides_which_way_money_goes(row, integrator, received, monkeypatch):
    integrator.sign_in()
    integrator.heard()
    received.clear()
    card, other = integrator.card(row.value)[1], integrator.card()[1]
    assert (card["pull_enabled"], card["push_enabled"]) == (row.result == "pull only", row.result == "push only")
    assert integrator.heard() == row.webhooks * 2
    for source, destination, works in ((card, other, "pull only"), (other, card, "push only")):
        body = integrator.payment("card", source_id=source["id"], destination_id=destination["id"])
        status, answer = integrator.call("/v1/routines", body)
        assert status == 201 if works == row.result else "is not enabled" in str(answer["description"])
    without(row, monkeypatch)
    card = integrator.card(row.value)[1]
    assert (card["pull_enabled"], card["push_enabled"]) == (True, True)


def test_a_rejected_instant_payment_fails_when_it_may_not_take_another_way(integrator):
    (row,) = (row for row in TABLE if row.then == "reroute")
    integrator.sign_in()
    transfer = integrator.pay("real-time", name=row.value, disable_alternative_routing=True)
    assert paid_end(transfer) == ("failed", row.result, False)
    assert integrator.heard() == tuple(sorted(table.ENDED))


@pytest.mark.parametrize("row", table.rows("routing_number"), ids=lambda row: row.value)
def test_a_real_routing_number_has_an_answer(row, integrator, monkeypatch):
    path = f"/v1/instant_payment_eligibility?routing_number={row.value}"
    (bank,) = integrator.call(path, basic=True)[1]["instant_payment_eligibility"]
    assert (bank["rtp"], bank["fednow"]) == ("rtp" in row.result, "fednow" in row.result)
    without(row, monkeypatch)
    status, answer = integrator.call(path, basic=True)
    assert (status, "does not know" in str(answer["description"])) == (400, True)


def test_an_amount_above_the_limit_is_refused(integrator, monkeypatch):
    (row,) = table.rows("amount")
    integrator.sign_in()
    body = integrator.payment("ach", amount=float(row.value))
    assert integrator.call("/v1/routines", body)[1]["description"] == row.result
    without(row, monkeypatch)
    assert integrator.call("/v1/routines", body)[0] == 201


def test_a_token_that_says_saving_links_a_savings_account(integrator, monkeypatch):
    (row,) = table.rows("processor_token")
    integrator.sign_in(accounts=False)
    body = {"processor_token": f"processor-sandbox-{row.value}"}
    without(row, monkeypatch)
    assert integrator.made("/v1/accounts/processor_token", body)["subtype"] == "checking"
    monkeypatch.undo()
    body = {"processor_token": f"processor-sandbox-2-{row.value}"}
    assert integrator.made("/v1/accounts/processor_token", body)["subtype"] == "savings"


@pytest.mark.parametrize(
    ("number", "end"),
    [("000111111113", "R02"), ("000111111116", "R03"), ("000222222227", None), ("000333333335", None)],
)
def test_only_an_account_that_is_not_there_sends_money_back(number, end, integrator):
    integrator.sign_in()
    body = integrator.payment("ach")
    destination = integrator.account(number)["id"]
    assert integrator.pay("ach", source_id=body["source_id"], destination_id=destination)["failure_reason"] == end


@pytest.mark.parametrize(
    ("rail", "changes", "field", "nearest"),
    [
        ("push", {"name": "R01"}, "name", "decline"),
        ("real-time", {"name": "R03"}, "name", "reject"),
        ("ach", {"name": "decline"}, "name", "R01"),
        ("ach", {"name": "R99"}, "name", "R"),
        ("ach", {"name": "astra:declin"}, "name", "decline"),
        ("push", {"client_correlation_id": "astraR01"}, "client_correlation_id", "decline"),
        ("push", {"account_number": "000222222227"}, "source", "decline"),
    ],
)
def test_magic_that_cannot_apply_is_refused_with_the_nearest(rail, changes, field, nearest, integrator):
    integrator.sign_in()
    status, answer = integrator.call(ROUTE[rail], integrator.payment(rail, **changes))
    assert status == 400
    assert f"`{nearest}" in answer["description"][field][0]


@pytest.mark.parametrize("name", ["Invoice R01", "r01 refund", "Declined last week", "R01 and more"])
def test_a_name_that_merely_contains_a_word_is_not_magic(name, integrator):
    integrator.sign_in()
    assert integrator.pay("ach", name=name)["status"] == "processed"


@pytest.mark.parametrize(("field", "old"), [("type", "sweep"), ("payment_type", "ledger")])
def test_a_value_of_older_documents_is_refused_with_the_reason(field, old, integrator):
    integrator.sign_in()
    status, answer = integrator.call("/v1/routines", integrator.payment("ach", **{field: old}))
    assert status == 400
    assert "older documents" in str(answer["description"][field])
