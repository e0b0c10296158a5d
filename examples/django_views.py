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
import logging
import os
import secrets
from collections.abc import Callable
from functools import cache
from socketserver import ThreadingMixIn
from types import ModuleType
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from local_astra import cannot_listen, local_astra, serve

from astra import Astra, AstraError, AuthorizationRedirectError, ReauthorizationRequired
from astra.integrations.django import webhook_view
from astra.oauth import States
from astra.webhooks import WebhookEvent, WebhookHandler

log = logging.getLogger("django_views")


@cache
def astra() -> Astra:
    """The client of this process, made on first use."""
    return Astra.from_env(token_store=os.environ.get("ASTRA_TOKEN_STORE", "sqlite:///tokens.db"))


@cache
def states() -> States:
    """The states of links, beside the tokens: a session that lives in a cookie cannot say what was used before."""
    return States(os.environ.get("ASTRA_TOKEN_STORE", "sqlite:///tokens.db"))


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
    if "browser" not in request.session:
        return redirect("start")
    try:
        used = states().use(request.GET, cookie=request.session["browser"])
        code = astra().oauth.parse_redirect(request.GET, state=used.state).code
    except AuthorizationRedirectError as error:
        if error.code == "access_denied":
            return again("Not connected", "You declined on Astra's page.", status=403)
        # A link that is too old, was used, or belongs to another browser. Nothing is wrong with Astra.
        log.warning("GET /callback: %s: %s", type(error).__name__, error)
        return again("Please start again", "This link is not valid any more.", status=400)
    astra().oauth.exchange(code, key=used.key)
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


def again(title: str, text: str, *, status: int) -> HttpResponse:
    """A page that says what happened, with the way back to the start."""
    link = reverse("start")
    return HttpResponse(
        format_html('<h1>{}</h1><p>{}</p><p><a href="{}">Start again</a></p>', title, text, link), status=status
    )


class ExplainAstraErrors:
    """Middleware: what Astra, or the way to it, did not let happen is a page, and a line in the log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Called by Django for what a view raises."""
        if not isinstance(error, AstraError):
            return None
        log.error("%s %s: %s: %s", request.method, request.path, type(error).__name__, error)
        text = f"Please try again in a moment. If it goes on, tell us this: {error.request_id or 'no request id'}"
        return again("That did not work", text, status=502)


def to_astra(request: HttpRequest, *, user_intent_id: str | None = None, user_id: str | None = None) -> HttpResponse:
    """Sends the person to Astra's page, with a state that this browser alone can bring back."""
    issued = states().issue(request.session["customer"], cookie=request.session.get("browser"))
    request.session["browser"] = issued.cookie
    link = astra().oauth.authorize_url(user_intent_id=user_intent_id, user_id=user_id, state=issued.state)
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
            f"{__name__}.ExplainAstraErrors",
        ],
        LOGGING_CONFIG=None,
        ROOT_URLCONF=urlconf,
    )
    django.setup()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        server = make_server("127.0.0.1", port, WSGIHandler(), server_class=ThreadingServer, handler_class=Quiet)
    except OSError as error:
        raise cannot_listen(port, error) from None
    with server:
        address = f"http://127.0.0.1:{server.server_port}"
        with local_astra(redirect_uri=f"{address}/callback") as sandbox, astra(), states():
            urlconf.__dict__["urlpatterns"] = urls()
            if sandbox is not None:
                sandbox.webhooks.register(f"{address}/webhooks/astra")
            print(f"Open {address}. Ctrl-C ends it.", flush=True)
            serve(server)


if __name__ == "__main__":
    main()
