"""Webhooks as the local Astra sends them: doubled, in the wrong order, early, and again until they are answered 200."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from flask import Flask
from werkzeug.serving import make_server

from astra import Astra, NotFoundError
from astra.integrations.flask import webhook_view
from astra.sandbox import Sandbox
from astra.webhooks import TransferEvent, WebhookEvent, WebhookHandler, retry_later


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def astra(sandbox: Sandbox) -> Iterator[Astra]:
    with Astra(
        sandbox.client_id, sandbox.client_secret, base_url=sandbox.url, redirect_uri=sandbox.redirect_uri
    ) as client:
        user = sandbox.users.create(accounts=2)
        client.oauth.exchange(sandbox.authorize(user_id=user.id), key="customer-42")
        yield client


@contextmanager
def receiving(sandbox: Sandbox, astra: Astra, on_event: Callable[[WebhookEvent], None], folder: Path) -> Iterator[None]:
    handler = WebhookHandler(astra.webhooks, dedupe=f"sqlite:///{folder}/webhooks.db")
    app = Flask("receiver")
    app.add_url_rule("/hooks", view_func=webhook_view(handler, on_event), methods=["POST"])
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/hooks"
    sandbox.webhooks.register(url)
    try:
        yield
    finally:
        sandbox.webhooks.unregister(url)
        server.shutdown()
        thread.join()
        server.server_close()
        handler.dedupe.close()


def pay(astra: Astra) -> str:
    user = astra.user("customer-42")
    source, destination = user.accounts.list(limit=2).to_list()
    routine = user.routines.create(
        type="one-time",
        name="Top-up",
        payment_type="ach",
        source_id=source.id,
        destination_id=destination.id,
        amount="20.00",
    )
    transfer = user.routines.transfers(routine.id).first()
    assert transfer is not None
    return transfer.id


@pytest.mark.parametrize("order", ["sent", "reversed", "random"])
def test_whatever_the_order_each_event_is_handled_once_and_the_state_comes_out_right(
    sandbox: Sandbox, astra: Astra, tmp_path: Path, order: Literal["sent", "reversed", "random"]
) -> None:
    statuses: dict[str, str] = {}
    handled: Counter[str] = Counter()

    def on_event(event: WebhookEvent) -> None:
        handled[event.id] += 1
        if isinstance(event, TransferEvent) and event.resource_id is not None:
            transfer = astra.user(astra_user_id=event.user_id).transfers.get(event.resource_id)
            statuses[transfer.id] = str(transfer.status)

    with receiving(sandbox, astra, on_event, tmp_path):
        sandbox.webhooks.hold()
        transfer_id = pay(astra)
        final = astra.user("customer-42").transfers.get(transfer_id).status
        while final == "pending":
            sandbox.advance(days=1)
            final = astra.user("customer-42").transfers.get(transfer_id).status
        sandbox.webhooks.release(order=order, copies=3)
        sandbox.webhooks.deliver_pending()
        attempts = list(sandbox.webhooks.attempts)
    ids = {event.id for event in sandbox.webhooks.events}
    assert len(ids) >= 3
    assert len(attempts) == 3 * len(ids)
    # Two copies may be on their way at once; the later of them is told to come again.
    assert {attempt.status for attempt in attempts} <= {200, 409}
    assert {attempt.event.id for attempt in attempts if attempt.delivered} == ids
    assert handled == dict.fromkeys(ids, 1)
    assert statuses == {transfer_id: str(final)}
    assert final == "processed"


def test_an_event_that_comes_before_its_object_is_delivered_again_until_it_is_there(
    sandbox: Sandbox, astra: Astra, tmp_path: Path
) -> None:
    known: set[str] = set()
    outcomes: list[str] = []

    def on_event(event: WebhookEvent) -> None:
        with retry_later(NotFoundError):
            if event.resource_id not in known:
                outcomes.append("put off")
                raise NotFoundError("not yet", status_code=404)
        outcomes.append(event.type)

    with receiving(sandbox, astra, on_event, tmp_path):
        sandbox.webhooks.hold()
        transfer_id = pay(astra)
        held = sandbox._backend.webhooks.kept
        held[:] = [one for one in held if one.event.type == "transfer_created"]
        sandbox.webhooks.release()
        sandbox.webhooks.deliver_pending()
        (first,) = sandbox.webhooks.attempts
        assert (first.status, outcomes) == (503, ["put off"])
        known.add(transfer_id)
        sandbox.webhooks.hold()
        held = sandbox._backend.webhooks.kept
        held[:] = [one for one in held if one.event.type == "transfer_created"]
        sandbox.webhooks.release()
        sandbox.webhooks.deliver_pending()
        _, second = sandbox.webhooks.attempts
    assert (second.status, second.number, outcomes) == (200, 2, ["put off", "transfer_created"])
