"""Takes pictures of every screen of the workbench and of the dashboard in a busy sandbox, to be looked at.

python -m scripts.pictures                   # all screens at both widths into build/pictures, with an index.html
python -m scripts.pictures --only money,now  # those whose name has one of these in it
python -m scripts.pictures --docs            # the pictures that stand in docs and README
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx
from playwright.sync_api import Browser, Page

from astra.config import EnvironmentSettings
from astra.dashboard.opening import dashboard
from astra.sandbox import Sandbox, SandboxClock
from astra.web.serving import listen
from tests.chromium import chromium
from tests.dashboard import world as stores
from tests.sandbox.conftest import TUESDAY, Person, Program
from tests.sandbox.receiver import Receiver
from tests.workbench.bench import ROOT
from tests.workbench.world import busy

HERE: Final = Path(__file__).resolve().parents[1]
WIDTHS: Final = {1280: 900, 390: 844}
IN_DOCS: Final = {
    "workbench-now": ("now", 1280, 860),
    "workbench-transfer": ("transfer-pending", 1280, 960),
    "workbench-request": ("request-refused", 1280, 1000),
}
"""The pictures of docs and README: screen, width and height."""
DARK: Final = ("now", "request", "money", "faults", "webhooks", "user", "dashboard-start", "dashboard-tokens")
FRESH: Final = {
    path.strip("/").replace("/", "-") or "now": path
    for path in (
        *("", "/requests", "/users", "/intents", "/money", "/money/balances", "/transfers"),
        *("/webhooks", "/faults", "/hosted", "/search"),
    )
}
"""The screens of a sandbox in which nothing has happened."""
LONG: Final = (
    "Quarterly settlement of all that was ordered, returned and ordered once more in the north-west: part two of 2"
)
UNBROKEN: Final = "INV" + "0123456789abcdef" * 4


def main(arguments: list[str] | None = None) -> None:
    """Takes the pictures that were asked for."""
    parser = argparse.ArgumentParser(description="Take pictures of every screen, to be looked at.")
    parser.add_argument("--only", default="", help="parts of the names of the screens, with commas between them")
    parser.add_argument("--docs", action="store_true", help="write the pictures of docs and README")
    parser.add_argument("--output", type=Path, default=HERE / "build" / "pictures")
    given = parser.parse_args(arguments)
    with screens() as addresses, chromium("--headless", "--hide-scrollbars") as browser:
        if given.docs:
            for name, (screen, width, height) in IN_DOCS.items():
                with looking(browser, addresses, width=width, height=height) as page:
                    page.goto(addresses[screen])
                    page.screenshot(path=HERE / "docs" / "images" / f"{name}.png")
            return
        given.output.mkdir(parents=True, exist_ok=True)
        taken = list(pictures(browser, addresses, only=given.only, folder=given.output))
    rows = "".join(f'<h2>{name}</h2><img src="{name}" style="max-width:100%;border:1px solid">' for name in taken)
    (given.output / "index.html").write_text(f"<!doctype html><title>Screens</title>{rows}", encoding="utf-8")
    print(f"{len(taken)} pictures: {given.output / 'index.html'}")


def pictures(browser: Browser, addresses: Mapping[str, str], *, only: str, folder: Path) -> Iterator[str]:
    """Takes a picture of each screen, whole, at each width; of some in the dark, too."""
    for width, height in WIDTHS.items():
        for scheme in ("light", "dark"):
            with looking(browser, addresses, width=width, height=height, scheme=scheme) as page:
                for screen, address in addresses.items():
                    if (
                        not wanted(screen, only)
                        or screen.startswith("open-")
                        or (scheme == "dark" and screen not in DARK)
                    ):
                        continue
                    page.goto(address)
                    wide = page.evaluate("document.documentElement.scrollWidth")
                    if wide > width:
                        print(f"{screen} is {wide} px wide on a screen of {width} px")
                    name = f"{screen}-{width}{'-dark' if scheme == 'dark' else ''}.png"
                    page.screenshot(path=folder / name, full_page=True)
                    yield name


def wanted(screen: str, only: str) -> bool:
    """Whether a screen is asked for, by parts of names with commas between them."""
    return any(part in screen for part in only.split(","))


@contextmanager
def looking(
    browser: Browser, addresses: Mapping[str, str], *, width: int, height: int, scheme: Any = "light"
) -> Iterator[Page]:
    """A page that may see the workbench and the dashboard."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    for name, address in addresses.items():
        if name.startswith("open-"):
            page.goto(address)
    yield page
    context.close()


@contextmanager
def screens() -> Iterator[dict[str, str]]:
    """The address of every screen, by name; those that begin with "open-" give the cookies."""
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(clock=SandboxClock(frozen_at=TUESDAY), seed=1, keep_requests=10_000))
        program = stack.enter_context(Program(sandbox))
        ids = crowd(sandbox, program, stack)
        fresh = stack.enter_context(Sandbox(clock=SandboxClock(frozen_at=TUESDAY), seed=1))
        yield {
            "open-workbench": sandbox.control_url,
            **workbench(sandbox, ids),
            "no-token": f"{other(fresh.url, 'stranger')}{ROOT}",
            **dashboards(stack),
            "open-fresh": other(fresh.control_url, "fresh"),
            **{f"fresh-{name}": f"{other(fresh.url, 'fresh')}{ROOT}{path}" for name, path in FRESH.items()},
        }


def workbench(sandbox: Sandbox, ids: Mapping[str, str]) -> dict[str, str]:
    """The address of every screen of a busy workbench, by name."""
    paths = {
        "now": "",
        "now-attempts": "?kind=attempt",
        "requests": "/requests",
        "requests-none": "/requests?user=nobody",
        "request": f"/requests/{ids['request']}",
        "request-refused": f"/requests/{ids['refused']}",
        "request-deep": f"/requests/{ids['deep']}",
        "users": "/users",
        "users-document": "/users?status=document",
        "user": f"/users/{ids['user']}",
        "user-review": f"/users/{ids['review']}",
        "intents": "/intents",
        "intent": f"/intents/{ids['intent']}",
        "money": "/money",
        "balances": "/money/balances",
        "transfers": "/transfers",
        "transfers-failed": "/transfers?lane=failed",
        "transfer": f"/transfers/{ids['transfer']}",
        "transfer-pending": f"/transfers/{ids['pending']}",
        "transfer-charged": f"/transfers/{ids['charged']}",
        "transfer-large": f"/transfers/{ids['large']}",
        "routine": f"/routines/{ids['routine']}",
        "routine-long": f"/routines/{ids['long']}",
        "webhooks": "/webhooks",
        "event": f"/webhooks/events/{ids['event']}",
        "faults": "/faults",
        "scenarios": "/scenarios",
        "hosted": "/hosted",
        "search-none": f"/search?id={UNBROKEN}x",
        "search-many": f"/search?id={ids['user'][:4]}",
        "search": "/search",
        "nowhere": "/nowhere",
        "gone": "/transfers/nobody",
    }
    hosted = {
        "hosted-authorize": f"/login/oauth/authorize?client_id={sandbox.client_id}&response_type=code"
        f"&redirect_uri={sandbox.redirect_uri}&user_id={ids['user']}",
        "hosted-wrong": "/login/oauth/authorize?client_id=nobody&response_type=code&redirect_uri=https://x.example",
        "start-page": "/",
    }
    return {name: f"{sandbox.url}{ROOT}{path}" for name, path in paths.items()} | {
        name: f"{sandbox.url}{path}" for name, path in hosted.items()
    }


def crowd(sandbox: Sandbox, program: Program, stack: ExitStack) -> dict[str, str]:
    """Makes a sandbox busy: 200 users, 5,000 transfers, webhooks that fail, faults, and names that no page expects."""
    good, bad = Receiver(), Receiver()
    stack.callback(good.close)
    stack.callback(bad.close)
    bad.status = 500
    sandbox.webhooks.register(good.url)
    sandbox.webhooks.register(bad.url.replace("/hooks?tenant=1", "/astra/webhooks/of/a/tenant/" + UNBROKEN))
    sandbox.webhooks.register("http://127.0.0.1:9/hooks")
    ids = busy(sandbox, program, users=200, transfers=5_000)
    sandbox.webhooks.deliver_pending()
    person = program.people[-1]
    ids["event"] = next(one.id for one in reversed(sandbox.webhooks.events) if one.type == "transfer_updated")
    sandbox.faults.clear()  # one of them would strike the payments that follow
    ids |= more_payments(sandbox, person)
    ids["review"] = sandbox.users.create(status="pending").id
    sandbox.users.create(status="retry")
    killed = sandbox.users.create(accounts=2)
    sandbox.users.kill_access_token(killed.id)
    sandbox.webhooks.deliver_pending()
    sandbox.faults.add(operation="get_user", status=503, times=2)
    person.http.get("/v1/user")
    sandbox.faults.add(operation="create_routine", drop="after")
    with suppress(httpx.TransportError):
        person.pay(name="Lost", amount=5)
    sandbox.advance(seconds=42)
    for amount in (-1, 10_000_000, "twenty"):
        answer = person.http.post("/v1/routines", json={**person.payment(), "amount": amount})
    ids["refused"] = answer.headers.get("request-id") or sandbox.requests[-1].request_id
    deep: Any = "the innermost"
    for level in range(14):
        deep = {f"level_{level}": deep, "beside": [level, UNBROKEN]}
    person.http.post("/v1/routines", json={**person.payment(), "name": LONG, "metadata": deep})
    ids["deep"] = sandbox.requests[-1].request_id
    sandbox.advance(minutes=2)
    sandbox.webhooks.deliver_pending()
    sandbox.webhooks.hold()
    person.pay(name="Held back", amount=31)
    sandbox.faults.add(operation="create_card", delay=3, status=502, skip=1, times=5)
    sandbox.faults.add(operation="list_accounts", drop="before")
    return ids


def more_payments(sandbox: Sandbox, person: Person) -> dict[str, str]:
    """Payments that pages have no room for, and one that was charged back."""
    account = person.payment()["source_id"]
    sandbox.accounts.set_balance(account, current="999999999.99")
    long = person.pay(name=LONG, amount=48.5, client_correlation_id=UNBROKEN)
    large = person.pay(name="A" * 120, amount=9_999.99)
    pending = person.pay(name="Rent for March", amount=1_250, client_correlation_id="RENT202603")
    card = sandbox.cards.create(person.id).id
    own = next(one["id"] for one in person.accounts() if one["name"] == "Main")
    body = {"name": "Top-up by card", "amount": 64, "client_correlation_id": "TOPUP001", "source": {"id": card}}
    person_to = {"destination": {"id": own, "user_id": person.id}}
    charged = person.transfer_of(person.post("/v1/routines/card-to-account", **body, **person_to))["id"]
    sandbox.advance(minutes=1)
    sandbox.transfers.charge_back(charged)
    day = sandbox.now().date()
    for number in range(8):
        sandbox.advance(minutes=3, seconds=17)
        person.pay(
            name=f"Savings, plan {number}",
            amount=7 + number,
            type="recurring",
            frequency="weekly",
            start_date=(day + timedelta(days=number // 2)).isoformat(),
        )
    return {
        "long": long["id"],
        "large": person.transfer_of(large)["id"],
        "pending": person.transfer_of(pending)["id"],
        "charged": charged,
    }


def dashboards(stack: ExitStack) -> dict[str, str]:
    """The address of every screen of a busy dashboard and of one over empty stores, by name."""
    found: dict[str, str] = {}
    for name in ("dashboard", "bare"):
        held = stores.Stores.in_files(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        if name == "dashboard":
            stores.busy(held).keep(payments=many_payments())
        else:
            held.keep(grants=[], payments=[], requests=[])
        settings = EnvironmentSettings(
            token_store=held.tokens, idempotency_store=held.payments, request_log=held.requests
        )
        served = dashboard(settings, listener=listen(0), identity=stores.ME, now=lambda: stores.NOW)
        address = stack.enter_context(served)
        paths = {"start": "/", "tokens": "/tokens", "payments": "/payments", "requests": "/requests"}
        if name == "dashboard":
            paths |= {"dead": "/tokens?list=dead", "trace": "/trace?id=payout-4", "untraced": "/trace?id=nix"}
            paths |= {"failed": "/requests?operation=list_accounts", "search": "/trace", "nowhere": "/nix"}
        found[f"open-{name}"] = address.url
        found |= {f"{name}-{screen}": f"http://127.0.0.1:{address.port}{path}" for screen, path in paths.items()}
    return found


def other(address: str, name: str) -> str:
    """The same address by a name of its own: a browser keeps the cookies of each name apart."""
    return address.replace("127.0.0.1", f"{name}.localhost")


def many_payments() -> list[Any]:
    """Payments whose keys and amounts no page expects."""
    made = stores.PaymentState.MADE
    return [
        stores.payment(UNBROKEN, stores.PaymentState.UNCERTAIN, error="UncertainOutcomeError", ago=timedelta(days=3)),
        *(
            stores.payment(
                f"order-{n}", made, match_fields={"amount": f"{n * 137.5:.2f}"}, ago=timedelta(minutes=9 * n)
            )
            for n in range(1, 60)
        ),
        stores.payment("large", made, match_fields={"amount": "98765432109.87"}, ago=timedelta(minutes=2)),
    ]


if __name__ == "__main__":
    main()
