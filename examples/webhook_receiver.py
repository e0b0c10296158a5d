"""A webhook receiver in Flask: verified, each event handled once, the object read again, answered in time.

    pip install 'astra-finance[sandbox]' flask
    python examples/webhook_receiver.py       # then open the address that it prints

Without `ASTRA_CLIENT_ID` it brings a local Astra, makes a payment there, and receives its webhooks.

It shows: the signature check on the raw body, the store that remembers handled events over a restart, and the rule that
makes late and reversed events harmless: a webhook says that something changed, so read what it has become.
"""

from __future__ import annotations

import argparse
import logging
import os
import socket
from collections import deque

from flask import Flask
from local_astra import authorize_users, cannot_listen, local_astra, serve
from werkzeug.serving import make_server

from astra import Astra
from astra.integrations.flask import webhook_view
from astra.webhooks import TransferEvent, WebhookEvent, WebhookHandler

KEY = "customer-42"


def create_app(astra: Astra, *, dedupe: str) -> Flask:
    """Makes the app.

    Args:
        astra: the client; it needs the token store of the processes that onboard your users.
        dedupe: URL of the store that remembers handled events, for all processes.
    """
    app = Flask(__name__)
    seen: deque[str] = deque(maxlen=20)

    def on_event(event: WebhookEvent) -> None:
        if isinstance(event, TransferEvent) and event.user_id and event.resource_id:
            transfer = astra.user(astra_user_id=event.user_id).transfers.get(event.resource_id)
            seen.append(f"transfer {transfer.id} of ${transfer.amount:.2f} is {transfer.status}")
        else:
            # A type that this program does not know yet is no failure: it is answered 200, and shown.
            seen.append(f"{event.type} {event.resource_id}")

    handler = WebhookHandler(astra.webhooks, dedupe=dedupe)
    app.add_url_rule("/webhooks/astra", view_func=webhook_view(handler, on_event), methods=["POST"])

    @app.get("/")
    def news() -> dict[str, list[str]]:
        return {"events": list(seen)}

    return app


def pay(astra: Astra) -> None:
    """Makes a payment, so that there is something to be told about."""
    user = astra.user(KEY)
    source, destination = user.accounts.list(limit=2).to_list()
    user.routines.create(
        type="one-time",
        name="Top-up",
        payment_type="ach",
        source_id=source.id,
        destination_id=destination.id,
        amount="20.00",
        on_uncertain="reconcile",
    )


def main() -> None:
    """Serves the receiver."""
    parser = argparse.ArgumentParser(description="Receives Astra's webhooks.")
    parser.add_argument("--port", type=int, default=8001, help="port; 0 takes any free one")
    parser.add_argument("--dedupe", default="sqlite:///webhooks.db", help="store of handled events")
    arguments = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    with local_astra() as sandbox, Astra.from_env(token_store=os.environ.get("ASTRA_TOKEN_STORE")) as astra:
        app = create_app(astra, dedupe=arguments.dedupe)
        # Made here, because werkzeug ends the process by itself where the port is taken.
        try:
            listener = socket.create_server(("127.0.0.1", arguments.port))
        except OSError as error:
            raise cannot_listen(arguments.port, error) from None
        with listener:
            server = make_server("127.0.0.1", arguments.port, app, threaded=True, fd=listener.fileno())
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            print(f"{address} shows what comes to {address}/webhooks/astra. Ctrl-C ends it.", flush=True)
            if sandbox is not None:
                sandbox.webhooks.register(f"{address}/webhooks/astra")
                authorize_users(astra, sandbox, [KEY])
                pay(astra)
            serve(server)


if __name__ == "__main__":
    main()
