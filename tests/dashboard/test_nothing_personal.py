"""No token, secret or personal datum is on any page: stores that hold them wherever they can are crawled whole."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import attrs
import httpx
import pytest

from astra.payments import HistoryEntry, PaymentState
from astra.tokens import UNBOUND
from tests.dashboard.world import ME, NOW, Stores, attempt, busy, dead, grant, payment, served

SECRETS = {
    "access token": "SECRETaccess0123456789",
    "refresh token": "SECRETrefresh0123456789",
    "encrypted token": "astra1:0a1b2c3d:SECRETsealed",
    "client secret": "SECRETclient0123456789",
    "password": "hunter2",
    "bearer": "eyJhbGciOiJIUzI1NiJ9",
}
PERSONAL = {
    "name": "Zyzzyvason",
    "email": "jane.zyzzyvason@example.com",
    "other email": "joe@example.org",
    "phone": "+14155550123",
    "bare phone": "4155550124",
    "ssn": "123-45-6789",
    "birth": "1990-05-04",
    "card": "4242424242424242",
    "street": "Elm Street",
    "account": "000123456789",
}
EVERYTHING = {**SECRETS, **PERSONAL}


KEYS = ["Jane Zyzzyvason", SECRETS["bearer"], SECRETS["encrypted token"], *list(PERSONAL.values())[1:]]
"""What a key may be by which it is told that it says something about a person; one word alone is not."""


def line(text: str) -> HistoryEntry:
    return HistoryEntry(time=NOW, event="looked", state=PaymentState.UNCERTAIN, detail=text, by="Jane Zyzzyvason")


def seeded(stores: Stores) -> Stores:
    grants = [
        grant(PERSONAL["email"], access_token=SECRETS["access token"], refresh_token=SECRETS["refresh token"]),
        grant(PERSONAL["phone"], astra_user_id=PERSONAL["other email"], left=1),
        grant(PERSONAL["ssn"], failures=9, refresh_token=SECRETS["encrypted token"]),
        dead(PERSONAL["card"], reason="Zyzzyvason said no"),
        grant("Jane Zyzzyvason", who=UNBOUND),
        *(grant(f"joe@example.org/{n}", left=2) for n in range(120)),
    ]
    told = [line(f"BadRequestError: {text} is wrong") for text in EVERYTHING.values()]
    told += [line(text) for text in EVERYTHING.values()]
    resolved = HistoryEntry(
        time=NOW, event="resolved", state=PaymentState.MADE, by="Jane Zyzzyvason", detail="Elm Street"
    )
    payments = [
        payment(
            PERSONAL["email"],
            PaymentState.UNCERTAIN,
            user_key=PERSONAL["ssn"],
            client_correlation_id=PERSONAL["phone"],
            resource_id=SECRETS["bearer"],
            transfer_id=PERSONAL["account"],
            call_id="call-1",
            request_ids=(PERSONAL["card"], "req-1"),
            match_fields={"amount": PERSONAL["card"], "name": "Zyzzyvason", "source_id": PERSONAL["account"]},
            result='{"name": "Zyzzyvason", "note": "Elm Street"}',
            error="BadRequestError",
            error_detail=" ".join(EVERYTHING.values()),
            holder="Jane Zyzzyvason's machine",
            fingerprint=SECRETS["bearer"],
            history=(*told, resolved),
        ),
        *(payment(f"joe@example.org/{n}", PaymentState.MADE, call_id=f"call-2-{n}") for n in range(70)),
        payment("Jane Zyzzyvason", PaymentState.SENDING, error=PERSONAL["email"], call_id="call-3"),
    ]
    requests = [
        attempt(
            n,
            ago=timedelta(minutes=n + 1),
            status=400,
            user_key=user,
            operation="create_routine" if n % 2 else "Jane Zyzzyvason",
            error_name="BadRequestError" if n % 2 else PERSONAL["email"],
            path="/v1/users/jane.zyzzyvason@example.com" if n % 2 else "/v1/routines",
            resource_id=user,
            request_id=user if n % 2 else f"req-{n}",
            client_correlation_id=user,
            call_id=f"call-1{n}" if n % 3 else user,
        )
        for n, user in enumerate([*KEYS] * 6)
    ]
    return stores.keep(grants=grants, payments=payments, requests=requests)


def crawl(browser: httpx.Client) -> dict[str, str]:
    """Every page that a link leads to, and some that none does; with its headers and its address."""
    waiting = ["/", "/nothing", "/trace", "/tokens?list=x", "/tokens?after=x", "/requests?operation=x"]
    waiting += [f"/trace?id=call-{name}" for name in ("1", "3", "2-1", "11", "12", "14")]
    seen: dict[str, str] = {}
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        answer = browser.get(address)
        seen[address] = f"{address} {answer.headers} {unescape(answer.text)}"
        found = [unescape(one).partition("#")[0] for one in re.findall(r'(?:href|src|action)="([^"]*)"', answer.text)]
        waiting += [one for one in found if one.startswith("/")]
        assert all(one.startswith("/") or not one for one in found)
    return seen


@pytest.mark.sampled(1)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "redis and lines"])
@pytest.mark.parametrize("hides_keys", [False, True])
def test_no_token_no_secret_and_nothing_personal_is_on_any_page(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, hides_keys: bool
) -> None:
    stores = Stores.in_files(tmp_path)
    if kind == "postgresql":
        url = request.getfixturevalue("postgres_url")
        stores = Stores(tokens=url, payments=url, requests=url)
    elif kind == "redis and lines":
        redis = request.getfixturevalue("redis_url")
        stores = attrs.evolve(stores, tokens=redis, requests=f"jsonl:///{tmp_path}/requests.jsonl")
    with served(seeded(stores), hides_keys=hides_keys) as browser:
        pages = crawl(browser)
    assert len(pages) > 30
    assert any("after=" in address for address in pages), "no list has a second page"
    assert any(address.startswith("/payments?state=made&after=") for address in pages)
    for address, page in pages.items():
        shown = [name for name, text in EVERYTHING.items() if text.lower() in page.lower()]
        assert not shown, f"{address} shows {shown}"


def test_what_is_asked_for_is_not_shown_again_where_it_looks_personal(tmp_path: Path) -> None:
    with served(seeded(Stores.in_files(tmp_path))) as browser:
        for text in PERSONAL.values():
            answer = browser.get("/trace", params={"id": text})
            if text not in ("Zyzzyvason", "000123456789"):
                assert text not in unescape(answer.text)


def test_with_hidden_keys_no_key_of_a_program_is_on_any_page(tmp_path: Path) -> None:
    with served(busy(Stores.in_files(tmp_path)), hides_keys=True) as browser:
        pages = crawl(browser)
    for address, page in pages.items():
        assert not re.search(r"(?<!call-)(?<!req-)payout-\d|customer-|INV-", page.partition(" ")[2]), address


def test_settings_are_not_shown(tmp_path: Path, postgres_url: str) -> None:
    url = postgres_url.replace("postgresql://postgres:@", "postgresql://postgres:hunter2@")
    assert "hunter2" in url or "@" in url
    stores = Stores(tokens=url, payments=url, requests=url)
    with served(busy(stores), identity=ME) as browser:
        for page in crawl(browser).values():
            assert "hunter2" not in page
            assert "postgres:" not in page
