"""Views for Django: onboard, come back from Astra's page, show accounts, take webhooks.

    pip install 'astra-finance[sandbox]' django
    python examples/django_views.py           # then open the address that it prints

Without `ASTRA_CLIENT_ID` it brings a local Astra. In a project of yours only the views and `urls` matter; `main` makes
one file of it.
"""

# Django ships no types.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportReturnType=false

from __future__ import annotations

import argparse
import os
import secrets
from functools import cache
from socketserver import ThreadingMixIn
from types import ModuleType
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from local_astra import local_astra, serve

from astra import Astra, AuthorizationRedirectError, ReauthorizationRequired
from astra.integrations.django import webhook_view
from astra.webhooks import WebhookEvent, WebhookHandler


@cache
def astra() -> Astra:
    """The client of this process, made on first use."""
    return Astra.from_env(token_store=os.environ.get("ASTRA_TOKEN_STORE", "sqlite:///tokens.db"))


def start(request: HttpRequest) -> HttpResponse:
    """Begins. Your form goes here; this one knows the person already."""
    # Your own user's primary key, once you have one.
    customer = f"customer-{secrets.token_hex(4)}"
    request.session["customer"] = customer
    intent = astra().user_intents.create(
        email=f"{customer}@example.com",
        phone="+15557771234",
        first_name="Edmund",
        last_name="Hillary",
        address1="123 Astra Ave",
        city="Palo Alto",
        state="CA",
        postal_code="94304",
        date_of_birth="1919-07-20",
        ssn="9999",
        ip_address=request.META["REMOTE_ADDR"],
    )
    return to_astra(request, user_intent_id=intent.id)


def callback(request: HttpRequest) -> HttpResponse:
    """Where Astra's page sends the person back to."""
    state = request.session.pop("astra_state", None)
    if state is None:
        return redirect("start")
    try:
        code = astra().oauth.parse_redirect(request.get_full_path(), state=state).code
    except AuthorizationRedirectError as error:
        return HttpResponse(format_html("<h1>Not connected</h1><p>{}</p>", error.code), status=403)
    astra().oauth.exchange(code, key=request.session["customer"])
    return redirect("accounts")


def accounts(request: HttpRequest) -> HttpResponse:
    """The person's accounts."""
    if "customer" not in request.session:
        return redirect("start")
    try:
        found = astra().user(request.session["customer"]).accounts.list().to_list()
    except ReauthorizationRequired as error:
        return to_astra(request, user_id=error.astra_user_id)
    rows = format_html_join("", "<li>{}, ending in {}</li>", ((account.name, account.mask) for account in found))
    return HttpResponse(format_html("<h1>Your accounts</h1><ul>{}</ul>", rows))


def to_astra(request: HttpRequest, *, user_intent_id: str | None = None, user_id: str | None = None) -> HttpResponse:
    """Sends the person to Astra's page, and remembers the state in the person's session."""
    link = astra().oauth.authorize_url(user_intent_id=user_intent_id, user_id=user_id)
    request.session["astra_state"] = link.state
    return HttpResponseRedirect(link.url)


def on_event(event: WebhookEvent) -> None:
    """Called once for each webhook. Read the object again here: a webhook does not say what it has become."""
    print(f"webhook {event.type} {event.resource_id}", flush=True)


def urls() -> list[URLPattern]:
    """`urlpatterns`, in a function because this one file has no settings before `main`."""
    handler = WebhookHandler(astra().webhooks, dedupe="sqlite:///webhooks.db")
    return [
        path("", start, name="start"),
        path("callback", callback, name="callback"),
        path("accounts", accounts, name="accounts"),
        path("webhooks/astra", webhook_view(handler, on_event)),
    ]


class ThreadingServer(ThreadingMixIn, WSGIServer):
    """Answers webhooks while a person waits for a page."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Writes no line for each request."""

    def log_message(self, format: str, *args: object) -> None:
        pass


def main() -> None:
    """Serves the views without a project."""
    parser = argparse.ArgumentParser(description="Django views beside a local Astra.")
    parser.add_argument("--port", type=int, default=8002, help="port; 0 takes any free one")
    port: int = parser.parse_args().port
    urlconf = ModuleType("urls")
    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        SECRET_KEY=secrets.token_urlsafe(50),
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
        ],
        ROOT_URLCONF=urlconf,
    )
    django.setup()
    with make_server("127.0.0.1", port, WSGIHandler(), server_class=ThreadingServer, handler_class=Quiet) as server:
        address = f"http://127.0.0.1:{server.server_port}"
        with local_astra(redirect_uri=f"{address}/callback") as sandbox, astra():
            urlconf.__dict__["urlpatterns"] = urls()
            if sandbox is not None:
                sandbox.webhooks.register(f"{address}/webhooks/astra")
            print(f"Open {address}. Ctrl-C ends it.", flush=True)
            serve(server)


if __name__ == "__main__":
    main()
