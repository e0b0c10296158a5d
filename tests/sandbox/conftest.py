import datetime as dt
from collections.abc import Iterator

import httpx
import pytest

from astra.sandbox import Sandbox, SandboxClock
from tests.names import our_names
from tests.sandbox.receiver import Receiver
from tests.sandbox.saving.same import Notes

# A Tuesday, 11 am in New York: after the first ACH window of the day, and not beside a holiday.
TUESDAY = dt.datetime(2026, 3, 3, 16, 0, tzinfo=dt.UTC)

INTENT = {
    "email": "sir.edmund.hillary@example.com",
    "phone": "+15557771234",
    "first_name": "Edmund",
    "last_name": "Hillary",
    "address1": "123 Astra Ave",
    "address2": "",
    "city": "Palo Alto",
    "state": "CA",
    "postal_code": "94304",
    "date_of_birth": "1919-07-20",
    "ssn": "9999",
    "ip_address": "203.0.113.7",
}
CARD = {
    "card_number": "4000000000000002",
    "card_security_code": "123",
    "expiration_date": "12/49",
    "first_name": "Edmund",
    "last_name": "Hillary",
    "street_line_1": "123 Astra Ave",
    "city": "Palo Alto",
    "state": "CA",
    "zip_code": "94304",
}
BANK = {
    "institution_id": "astra_ins_131",
    "bank_account_type": "checking",
    "name": "Main",
    "account_number": "0012345",
    "routing_number": "222222226",
}


class Person:
    """A user as the client's program sees one: an HTTP client with their access token."""

    def __init__(self, program: "Program", tokens: dict) -> None:
        self.program = program
        self.tokens = tokens
        self.http = httpx.Client(base_url=program.sandbox.url, trust_env=False, transport=our_names())
        self.use(tokens)
        self.id = self.get("/v1/user")["id"]

    def use(self, tokens: dict) -> None:
        self.tokens = tokens
        self.http.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    def refresh(self) -> dict:
        answer = self.program.token(grant_type="refresh_token", refresh_token=self.tokens["refresh_token"])
        assert answer.status_code == 200, answer.text
        self.use(answer.json())
        return answer.json()

    def get(self, path: str, **query: object) -> dict:
        answer = self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, **body: object) -> dict:
        answer = self.http.post(path, json=body)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def refused(self, method: str, path: str, **body: object) -> object:
        answer = self.http.request(method, path, json=body)
        assert answer.status_code == 400, answer.text
        return answer.json()["description"]

    def accounts(self) -> list[dict]:
        return self.get("/v1/accounts")["accounts"]

    def pay(self, **changes: object) -> dict:
        return self.post("/v1/routines", **self.payment(**changes))

    def payment(self, **changes: object) -> dict:
        newest, oldest = self.accounts()[0], self.accounts()[-1]
        body = {
            "type": "one-time",
            "name": "Top-up",
            "payment_type": "ach",
            "source_id": oldest["id"],
            "destination_id": newest["id"],
            "amount": 20.25,
        }
        return {**body, **changes}

    def transfer_of(self, routine: dict) -> dict:
        return self.get(f"/v1/routines/{routine['id']}/transfers")["transfers"][0]


class Program:
    """An integrator's program: an HTTP client with the client's credentials."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        credentials = (sandbox.client_id, sandbox.client_secret)
        self.http = httpx.Client(base_url=sandbox.url, auth=credentials, trust_env=False, transport=our_names())
        self.people: list[Person] = []

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()
        for person in self.people:
            person.http.close()

    def token(self, **form: object) -> httpx.Response:
        return self.http.post("/v1/oauth/token", data=form)

    def exchange(self, code: str) -> dict:
        answer = self.token(grant_type="authorization_code", code=code, redirect_uri=self.sandbox.redirect_uri)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def intent(self, **changes: object) -> str:
        answer = self.http.post("/v1/user_intent", json={**INTENT, **changes})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def signed_in(self, *, user_id: str | None = None, accounts: int = 2, **parameters: str) -> Person:
        if user_id is None and not parameters:
            user_id = self.sandbox.users.create().id
        return self.signed_in_with(self.sandbox.authorize(user_id=user_id, accounts=accounts, **parameters))

    def signed_in_with(self, code: str) -> Person:
        person = Person(self, self.exchange(code))
        self.people.append(person)
        return person

    def business(self) -> Person:
        return self.signed_in(business_profile_id=self.sandbox.client_business_profile_id)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=SandboxClock(frozen_at=TUESDAY), seed=1) as sandbox:
        notes = Notes(sandbox._backend.engine)
        yield sandbox
        assert not notes.missing(), "these records have changed without a note, so they would not be saved"


@pytest.fixture
def program(sandbox: Sandbox) -> Iterator[Program]:
    with Program(sandbox) as program:
        yield program


@pytest.fixture
def person(program: Program) -> Person:
    return program.signed_in()


@pytest.fixture
def intent_body() -> dict:
    return dict(INTENT)


@pytest.fixture
def card_body() -> dict:
    return dict(CARD)


@pytest.fixture
def bank_body() -> dict:
    return dict(BANK)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()
