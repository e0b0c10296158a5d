"""Beside what users have in the same environment: each is imported, and the frameworks serve what is ours."""

from __future__ import annotations

import importlib

import pytest

from astra import Astra
from astra.types import Account
from astra.webhooks import WebhookHandler, Webhooks

BODY = b'{"webhook_type": "user_updated", "webhook_id": "wh_1", "resource_id": "usr_1"}'


@pytest.mark.parametrize("name", ["openai", "mcp", "fastapi", "django", "typer", "flask"])
def test_it_can_be_imported_after_ours(name: str) -> None:
    importlib.import_module(name)


def test_fastapi_returns_a_model(astra: Astra) -> None:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    app = FastAPI()

    @app.get("/typed")
    def typed() -> list[Account]:
        return astra.user("customer-42").accounts.list(limit=1).to_list()

    @app.get("/plain")
    def plain():  # type: ignore[no-untyped-def]
        return astra.user("customer-42").accounts.list(limit=1).to_list()

    [account] = astra.user("customer-42").accounts.list(limit=1).to_list()
    client = TestClient(app)
    assert [client.get(path).json()[0]["id"] for path in ("/typed", "/plain")] == [account.id] * 2


def test_flask_takes_a_webhook() -> None:
    import flask

    from astra.integrations.flask import webhook_view

    webhooks = Webhooks("sandbox-secret")
    app = flask.Flask(__name__)
    view = webhook_view(WebhookHandler(webhooks, dedupe="memory://"), lambda event: None)
    app.add_url_rule("/hook", view_func=view, methods=["POST"])
    headers = {"Astra-Verification": webhooks.sign(BODY)}
    assert app.test_client().post("/hook", data=BODY, headers=headers).status_code == 200


def test_django_takes_a_webhook() -> None:
    import django
    from django.conf import settings
    from django.test import RequestFactory

    from astra.integrations.django import webhook_view

    settings.configure(ALLOWED_HOSTS=["testserver"], SECRET_KEY="smoke", LOGGING_CONFIG=None)
    django.setup()
    webhooks = Webhooks("sandbox-secret")
    view = webhook_view(WebhookHandler(webhooks, dedupe="memory://"), lambda event: None)
    request = RequestFactory().post(
        "/hook", data=BODY, content_type="application/json", HTTP_ASTRA_VERIFICATION=webhooks.sign(BODY)
    )
    assert view(request).status_code == 200
