"""What the pages say of stores in a busy state; the same over SQLite and PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from astra.payments import PaymentState
from astra.tokens.tally import Tally, Thresholds
from tests.dashboard.world import (
    BUSY_GRANTS,
    BUSY_REQUESTS,
    ME,
    NOW,
    OTHER,
    SECONDS,
    Stores,
    attempt,
    busy,
    dead,
    grant,
    payment,
    served,
    text_of,
)


@pytest.fixture(params=["sqlite", "postgresql"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Stores:
    if request.param == "sqlite":
        return Stores.in_files(tmp_path)
    url = request.getfixturevalue("postgres_url")
    return Stores(tokens=url, payments=url, requests=url)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def busy_stores(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """Filled once for the tests that only look, as the dashboard does."""
    if request.param == "sqlite":
        yield busy(Stores.in_files(tmp_path_factory.mktemp("busy")))
        return
    with request.getfixturevalue("new_database")() as url:
        yield busy(Stores(tokens=url, payments=url, requests=url))


@pytest.fixture
def browser(busy_stores: Stores) -> Iterator[httpx.Client]:
    with served(busy_stores) as browser:
        yield browser


def tiles(answer: httpx.Response) -> dict[str, str]:
    return {
        name: value
        for value, name in re.findall(r'<li class="tile[^"]*"><b>([^<]*)</b><span>([^<]*)</span>', answer.text)
    }


def keys(answer: httpx.Response) -> list[str]:
    return re.findall(r'data-label="(?:user )?key"><span class="id">([^<]*)</span>', answer.text)


def test_tokens_are_counted_as_the_command_line_does(browser: httpx.Client) -> None:
    page = browser.get("/tokens")
    counts = tiles(page)
    tally = Tally(Thresholds(), now=SECONDS)
    for one in BUSY_GRANTS:
        if one.identity == ME:
            tally.add(one)
    same = tally.status()
    assert counts == {
        "active": str(same.active),
        "dying": str(same.dying),
        "stale": str(same.due),
        "failing": str(same.failing),
        "dead": str(sum(same.dead.values())),
        "unknown": "0",
    }
    text = text_of(page)
    assert "2 grants end within 2 days unless they are refreshed: does keep-alive run?" in text
    assert "1 grants failed 3 times in a row or more" in text
    assert "of others: sandbox, client client-1 1" in text
    assert "not encrypted 45" in text


def test_the_histogram_has_each_active_grant_in_the_day_in_which_it_ends(browser: httpx.Client) -> None:
    table = browser.get("/tokens").text.split("Active grants as a table")[1].split("</table>")[0]
    rows = dict(re.findall(r'<th scope="row">([^<]*)</th>.*?<td class="right">(\d+)</td></tr>', table))
    # Those that end in whole days stand at the beginning of their day.
    expected = {"ended": 1, "today": 0, "1 d": 1, "9 d": 0, "10 d +": 0}
    for n in range(1, 41):
        name = f"{8 - n % 7} d"
        expected[name] = expected.get(name, 0) + 1
    expected["6 d"] += 1
    assert {name: int(count) for name, count in rows.items()} == expected


def test_the_grants_that_end_first_come_first(browser: httpx.Client) -> None:
    first = keys(browser.get("/tokens"))
    assert first[:2] == ["customer-ended", "customer-dying"]
    assert len(first) == 43
    assert keys(browser.get("/tokens?list=dead")) == ["customer-dead", "customer-expired"]
    assert keys(browser.get("/tokens?list=failing")) == ["customer-failing"]
    assert len(keys(browser.get("/tokens?list=due"))) == 19
    assert "customer-99" not in browser.get("/tokens").text


def test_a_list_is_paged_without_leaving_one_out_or_showing_one_twice(stores: Stores) -> None:
    many = [grant(f"customer-{n:03}", left=5 if n < 70 else 6) for n in range(130)]
    with served(stores.keep(grants=many)) as browser:
        seen: list[str] = []
        page = browser.get("/tokens")
        while True:
            seen += keys(page)
            following = re.search(r'rel="next" href="([^"]*)"', page.text)
            if following is None:
                break
            assert "customer" not in following[1]
            page = browser.get(following[1].replace("&amp;", "&"))
        assert sorted(seen) == [f"customer-{n:03}" for n in range(130)]
        assert "First page" in page.text


def test_uncertain_payments_come_first_with_their_age_their_story_and_what_cures(browser: httpx.Client) -> None:
    page = browser.get("/payments")
    assert tiles(page) == {"unknown outcome": "2", "being sent": "1", "made": "1", "refused": "1", "not sent": "1"}
    text = text_of(page)
    assert text.index("payout-4") < text.index("payout-5") < text.index("payout-2")
    assert "1 d 2 h ago" in text
    assert "astra payments reconcile --key=payout-4" in text
    assert "its sender is silent" in text
    assert '<a href="/trace?id=payout-4">' in page.text
    assert "payout-6" not in text


def test_known_payments_are_listed_by_state_the_newest_first(browser: httpx.Client) -> None:
    assert keys(browser.get("/payments")) == ["payout-2", "payout-3", "payout-1"]
    assert keys(browser.get("/payments?state=refused")) == ["payout-2"]
    assert keys(browser.get("/payments?state=not_sent")) == ["payout-3"]


def test_payments_are_paged(stores: Stores) -> None:
    many = [payment(f"payout-{n:03}", PaymentState.MADE, ago=timedelta(hours=n // 60)) for n in range(120)]
    with served(stores.keep(payments=many)) as browser:
        seen: list[str] = []
        address = "/payments"
        while address:
            page = browser.get(address)
            seen += keys(page)
            found = re.search(r'rel="next" href="([^"]*)"', page.text)
            address = found[1].replace("&amp;", "&") if found else ""
    assert sorted(seen) == [one.key for one in many]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("period", ["1h", "24h", "7d", "30d"])
def test_requests_are_counted_exactly(browser: httpx.Client, period: str) -> None:
    length = {"1h": 1, "24h": 24, "7d": 168, "30d": 720}[period]
    known = [one for one in BUSY_REQUESTS if NOW - timedelta(hours=length) <= one.time < NOW]
    page = browser.get(f"/requests?period={period}")
    counts = tiles(page)
    assert int(counts["attempts"]) == len(known)
    assert int(counts["failed"]) == sum(one.failed for one in known)
    assert int(counts["status 503"]) == sum(one.status == 503 for one in known)
    assert int(counts.get("no answer", "0")) == sum(one.status is None for one in known)
    table = page.text.split("by time and status as a table")[1].split("</table>")[0]
    by_time = [int(one) for one in re.findall(r'<td class="right">(\d+)</td></tr>', table)]
    assert sum(by_time) == len(known)


def test_operations_have_their_failures_and_their_durations(browser: httpx.Client) -> None:
    text = text_of(browser.get("/requests")).split("By operation")[1]
    assert re.search(r"get_transfer 179 0 \d+ ms \d+ ms \d+ ms \d+ ms", text)
    assert "list_accounts 19 19 100.0 %" in text
    assert "create_routine 2 2 100.0 %" in text


def test_failures_are_listed_the_newest_first_and_by_operation(browser: httpx.Client) -> None:
    page = text_of(browser.get("/requests")).split("the newest first")[1]
    assert page.index("no answer") < page.index("422")
    only = text_of(browser.get("/requests?operation=create_routine")).split("Failed: create_routine")[1]
    assert "list_accounts" not in only
    assert "UnprocessableEntityError" in only


def test_failures_are_paged(stores: Stores) -> None:
    many = [attempt(n, ago=timedelta(minutes=1 + n // 70), status=500) for n in range(130)]
    with served(stores.keep(requests=many)) as browser:
        seen: list[str] = []
        address = "/requests"
        while address:
            page = browser.get(address)
            seen += re.findall(r'href="/trace\?id=(call\d+)"', page.text)
            found = re.search(r'rel="next" href="([^"]*)"', page.text)
            address = found[1].replace("&amp;", "&") if found else ""
    assert sorted(seen) == [one.call_id for one in many]


def test_an_operation_that_was_not_called_is_told(browser: httpx.Client) -> None:
    page = browser.get("/requests?operation=create_routin")
    assert page.status_code == 400
    assert "No such operation was called in this time" in text_of(page)


@pytest.mark.parametrize("any_id", ["payout-4", "INV-payout-4", "call-payout-4", "req-payout-4"])
def test_trace_finds_a_payment_by_any_id(browser: httpx.Client, any_id: str) -> None:
    text = text_of(browser.get("/trace", params={"id": any_id}))
    assert "Payment payout-4 uncertain" in text
    assert "sent by worker-1:4711:1 -> sending" in text
    assert "create_routine, attempt 1 -> no answer after" in text
    assert "astra payments reconcile --key=payout-4" in text


def test_trace_tells_of_requests_alone_and_of_nothing(browser: httpx.Client) -> None:
    assert "these are requests alone" in text_of(browser.get("/trace?id=req000005"))
    nothing = text_of(browser.get("/trace?id=nix"))
    assert "Nothing has this id." in nothing
    assert "Looked at:" in nothing


def test_start_says_what_needs_attention_the_worst_first(browser: httpx.Client) -> None:
    text = text_of(browser.get("/"))
    assert "2 payments may or may not have been made: nobody knows what became of them." in text
    assert "20 % of the requests of the last hour failed" not in text  # too few to say anything
    assert text.index("Act:") < text.index("Trace", text.index("Act:"))


def test_start_says_when_all_is_well(stores: Stores) -> None:
    stores.keep(
        grants=[grant("customer-1")],
        payments=[payment("p", PaymentState.MADE)],
        requests=[attempt(1, ago=timedelta(minutes=5))],
    )
    with served(stores) as browser:
        text = text_of(browser.get("/"))
    assert "Nothing. All grants, payments and the requests of the last hour are as they should be." in text
    assert "Act:" not in text


def test_many_failures_of_the_last_hour_are_told(stores: Stores) -> None:
    stores.keep(
        grants=[grant("customer-1")],
        payments=[payment("p", PaymentState.MADE)],
        requests=[attempt(n, ago=timedelta(minutes=n), status=500 if n < 8 else 200) for n in range(1, 41)],
    )
    with served(stores) as browser:
        assert "18 % of the requests of the last hour failed (7 of 40)." in text_of(browser.get("/"))


def test_grants_of_another_client_alone_are_no_empty_list(stores: Stores) -> None:
    with served(stores.keep(grants=[grant("customer-1", who=OTHER), dead("customer-2", who=OTHER)])) as browser:
        text = text_of(browser.get("/tokens"))
    assert "This client has no grants here. Others have" in text


def test_payments_of_another_client_alone_are_no_empty_list(stores: Stores) -> None:
    with served(stores.keep(payments=[payment("p", PaymentState.MADE, environment="sandbox")])) as browser:
        assert "This client has no payments here. Others have 1" in text_of(browser.get("/payments"))


def test_grants_of_nobody_are_told(stores: Stores) -> None:
    from astra.tokens import UNBOUND

    with served(stores.keep(grants=[grant("customer-1", who=UNBOUND)])) as browser:
        text = text_of(browser.get("/tokens"))
    assert "1 unknown 0 unreadable, 1 of no client yet" in text


@pytest.mark.sampled
@pytest.mark.parametrize(
    "address",
    ["/tokens?list=all", "/payments?state=lost", "/requests?period=1y", "/tokens?after=x", "/payments?after=1",
     "/requests?after=", f"/trace?id={'x' * 513}"],
)  # fmt: skip
def test_an_address_that_means_nothing_is_told(browser: httpx.Client, address: str) -> None:
    page = browser.get(address)
    assert page.status_code == 400
    assert "This address means nothing here" in text_of(page)


def test_everything_has_the_headers_and_no_code_within(browser: httpx.Client) -> None:
    for address in ("/", "/tokens", "/payments", "/requests", "/trace?id=payout-4", "/nothing", "/assets/web.css"):
        answer = browser.get(address)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        if "html" in answer.headers["content-type"]:
            assert not re.search(r"<script(?! src=)| style=| on\w+=|<style", answer.text)


def test_a_page_is_for_whoever_has_the_printed_url(browser: httpx.Client) -> None:
    assert str(browser.get("/").url).endswith("/")
    cookie = next(iter(browser.cookies.jar))
    assert cookie.has_nonstandard_attr("HttpOnly")
    stranger = httpx.get(browser.base_url)
    assert stranger.status_code == 401
    assert "production" not in stranger.text
    assert httpx.get(browser.base_url, headers={"Host": "evil.example"}).status_code == 403
    assert browser.post("/tokens").status_code == 405
    assert browser.post("/tokens").headers["allow"] == "GET, HEAD"
    assert browser.head("/tokens").status_code == 200


def test_times_are_those_of_the_clock_given(browser: httpx.Client) -> None:
    assert f"As of {NOW:%Y-%m-%d %H:%M:%S} UTC" in text_of(browser.get("/"))
    assert len(BUSY_GRANTS) == 46
    assert NOW.timestamp() == SECONDS
    assert ME.environment in browser.get("/").text
