"""The main job, end to end, on this machine.

    make demo

or, where there is no make:

    pip install 'astra-finance[sandbox,cli]'
    python examples/demo.py

A user is onboarded and authorizes by OAuth, a bank-to-bank transfer is made and processed, its webhook is verified,
and the request id of every call is shown. The tokens are kept in `.demo/tokens.db`, so a second run goes on with them.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from rich.console import Console
from rich.table import Table

from astra import Astra, UserSession, WebhookVerificationError
from astra.instrumentation import CapturedRequests
from astra.sandbox import Sandbox
from astra.webhooks import WebhookEvent, Webhooks

FOLDER = Path(".demo")
KEY = "customer-42"
console = Console()


def main() -> None:
    """Runs the demo."""
    logging.getLogger("astra").setLevel(logging.WARNING)
    FOLDER.mkdir(exist_ok=True)
    with (
        Sandbox(state=FOLDER / "sandbox.db") as sandbox,
        Astra(
            sandbox.client_id,
            sandbox.client_secret,
            base_url=sandbox.url,
            app_url=sandbox.url,
            redirect_uri=sandbox.redirect_uri,
            token_store=f"sqlite:///{FOLDER / 'tokens.db'}",
            request_log=f"sqlite:///{FOLDER / 'requests.db'}",
        ) as astra,
        webhook_receiver(astra.webhooks) as (url, events),
    ):
        console.print(f"A local Astra listens on [bold]{sandbox.url}[/]; nothing leaves this machine.")
        sandbox.webhooks.register(url)
        with astra.capture_requests() as calls:
            user = authorized_user(astra, sandbox)
            transfer_id = pay(user)
            # A transfer settles on a banking day; the sandbox's clock does not wait for it.
            transfer = user.transfers.get(transfer_id)
            while transfer.status == "pending":
                sandbox.advance(days=1)
                transfer = user.transfers.get(transfer_id)
            console.print(
                "The clock was moved by days, so access tokens expired: each 401 below made the SDK refresh one and "
                "ask again."
            )
            event = wait_for_transfer(events, transfer_id)
        console.print(f"Transfer [bold]{transfer.id}[/] of ${transfer.amount:.2f} is [bold]{transfer.status}[/].")
        console.print(f"Webhook [bold]{event.id}[/] ({event.type}) arrived, and its signature is genuine.")
        show(calls)


def authorized_user(astra: Astra, sandbox: Sandbox) -> UserSession:
    """Goes on with the tokens of an earlier run, or onboards the user and has the user authorize."""
    grant = astra.tokens.get(KEY)
    if grant is not None and grant.state == "active":
        user = astra.user(KEY)
        profile = user.profile.get()
        renewed = astra.tokens.get(KEY)
        how = "renewed" if renewed is not None and renewed.version != grant.version else "reused"
        console.print(f"{KEY} is authorized since an earlier run: tokens {how}, Astra user {profile.id}.")
        return user
    intent = astra.user_intents.create(
        email="sir.edmund.hillary@example.com",
        phone="+15557771234",
        first_name="Edmund",
        last_name="Hillary",
        address1="123 Astra Ave",
        city="Palo Alto",
        state="CA",
        postal_code="94304",
        date_of_birth="1919-07-20",
        ssn="9999",
        ip_address="203.0.113.7",
    )
    astra.oauth.authorize_url(user_intent_id=intent.id)
    code = sandbox.authorize(user_intent_id=intent.id)
    user = astra.oauth.exchange(code, key=KEY)
    console.print(f"{KEY} was onboarded (intent {intent.id}) and authorized; the tokens are in {FOLDER / 'tokens.db'}.")
    return user


def pay(user: UserSession) -> str:
    """Makes a transfer between the user's first two accounts and returns its id."""
    source, destination = user.accounts.list(limit=2).to_list()
    routine = user.routines.create(
        type="one-time",
        name="Top-up",
        payment_type="ach",
        source_id=source.id,
        destination_id=destination.id,
        amount="20.00",
        preferred_settlement_speed="T+1",
        on_uncertain="reconcile",
    )
    transfer = user.routines.transfers(routine.id).first()
    if transfer is None:
        raise SystemExit("the sandbox made no transfer")
    console.print(f"Routine {routine.id} made transfer {transfer.id}: {source.mask} to {destination.mask}.")
    return transfer.id


@contextmanager
def webhook_receiver(webhooks: Webhooks) -> Iterator[tuple[str, queue.Queue[WebhookEvent]]]:
    """Takes webhooks on a port of this machine and lets through those whose signature is genuine."""
    events: queue.Queue[WebhookEvent] = queue.Queue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                events.put(webhooks.parse(body, self.headers.get("Astra-Verification")))
            except WebhookVerificationError:
                self.send_response(400)
            else:
                self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/webhooks/astra", events
        server.shutdown()


def wait_for_transfer(events: queue.Queue[WebhookEvent], transfer_id: str) -> WebhookEvent:
    """Returns the first update of the transfer."""
    while True:
        event = events.get(timeout=30)
        if event.type == "transfer_updated" and event.resource_id == transfer_id:
            return event


def show(calls: CapturedRequests) -> None:
    """Prints the request id of every call."""
    table = Table(
        "operation", "status", "ms", "request id", title="Every call, with the id that Astra's support asks for"
    )
    for call in calls:
        table.add_row(call.operation, str(call.status), f"{call.duration_ms:.1f}", call.request_id or "-")
    console.print(table)


if __name__ == "__main__":
    main()
