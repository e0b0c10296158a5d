"""What the engine raises when Astra would refuse: a status and one of Astra's three error envelopes."""

from __future__ import annotations

from typing import Any

from astra._status import status_name

JSON = Any

DESCRIPTIONS = {
    401: "The server could not verify that you are authorized to access the URL requested.",
    404: (
        "The requested URL was not found on the server. If you entered the URL manually please check your spelling "
        "and try again."
    ),
    405: "The method is not allowed for the requested URL.",
    406: "The resource identified by the request is only capable of generating JSON.",
    413: "The data value transmitted exceeds the capacity limit.",
    500: "The server encountered an internal error and was unable to complete your request.",
    501: "The sandbox does not support this operation yet.",
    503: "The server is temporarily unable to service your request due to maintenance. Please try again later.",
}


class Problem(Exception):
    """A refusal, ready to be sent.

    Args:
        status: the HTTP status.
        body: the error envelope, as JSON values.
        headers: more headers for the answer, such as `Allow`.
        field: on a hosted page, the field of the form that is wrong.
    """

    def __init__(self, status: int, body: JSON, *, headers: dict[str, str] | None = None, field: str = "") -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers = headers or {}
        self.field = field


def generic(
    status: int, description: str | None = None, *, headers: dict[str, str] | None = None, field: str = ""
) -> Problem:
    """Returns a `generic_error`: code, name, description."""
    name = status_name(status)
    text = description if description is not None else DESCRIPTIONS.get(status, name)
    return Problem(status, {"code": status, "name": name, "description": text}, headers=headers, field=field)


def refused(description: str, *, field: str = "") -> Problem:
    """Returns a 400 with a text, as for the messages of Astra's "common error responses"."""
    return generic(400, description, field=field)


def missing() -> Problem:
    """Returns a 404 for a resource that is not there, or is somebody else's."""
    return generic(404)


def invalid(fields: dict[str, JSON]) -> Problem:
    """Returns a `validation_error`: a description keyed by field."""
    return Problem(400, {"status_code": 400, "name": status_name(400), "description": fields})


def oauth(status: int, error: str, description: str) -> Problem:
    """Returns `oauth_error` and `oauth_error_description`."""
    return Problem(status, {"error": error, "error_description": description})
