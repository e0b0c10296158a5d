"""Many at once: what may happen once happens once, and nothing that was promised is lost."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from astra.sandbox import Sandbox


def at_once(number: int, call: Callable[[httpx.Client], httpx.Response], **client: Any) -> list[httpx.Response]:
    def one(_: int) -> httpx.Response:
        with httpx.Client(trust_env=False, **client) as http:
            return call(http)

    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(one, range(number)))


def test_one_code_is_exchanged_once_however_many_try(program: Any, sandbox: Sandbox) -> None:
    form = {"grant_type": "authorization_code", "redirect_uri": sandbox.redirect_uri}
    form["code"] = sandbox.authorize(user_id=sandbox.users.create().id)
    auth = (sandbox.client_id, sandbox.client_secret)
    answers = at_once(50, lambda http: http.post(f"{sandbox.url}/v1/oauth/token", data=form), auth=auth)
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 49}
    assert {answer.json()["error"] for answer in answers if answer.status_code == 400} == {"invalid_grant"}


@pytest.mark.long
def test_a_transfer_is_cancelled_once_and_a_hundred_payments_are_a_hundred(person: Any, sandbox: Sandbox) -> None:
    def available() -> Any:
        return next(one["available_balance"] for one in person.accounts() if one["id"] == body["source_id"])

    body = person.payment(amount=1, client_correlation_id="SAME0001")
    headers, before = {"Authorization": f"Bearer {person.tokens['access_token']}"}, available()
    made = at_once(100, lambda http: http.post(f"{sandbox.url}/v1/routines", json=body), headers=headers)
    assert {answer.status_code for answer in made} == {201}
    assert len({answer.json()["id"] for answer in made}) == 100
    assert before - available() == 100
    transfer = person.transfer_of(made[0].json())["id"]
    url = f"{sandbox.url}/v1/transfers/{transfer}/cancel"
    answers = at_once(50, lambda http: http.post(url), headers=headers)
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 49}
    assert before - available() == 99


def test_closing_waits_for_nothing() -> None:
    """uvicorn's own end sleeps for a tenth of a second each time."""
    took: list[float] = []
    for _ in range(7):
        sandbox = Sandbox().start()
        httpx.get(f"{sandbox.url}/healthz", trust_env=False)
        began = time.perf_counter()
        sandbox.close()
        took.append(time.perf_counter() - began)
    assert min(took) < 0.05
