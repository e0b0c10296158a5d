"""A Flask app whose client is made when the module is imported: by gunicorn's master, with --preload."""

from __future__ import annotations

import flask

from tests.forks.client import call

app = flask.Flask(__name__)


@app.get("/")
def index() -> dict[str, object]:
    return call(10)
