"""The names of HTTP statuses, as Astra's error bodies give them."""

from __future__ import annotations

from http import HTTPStatus


def status_name(status: int, *, unknown: str = "Unknown Error") -> str:
    """Returns the name of a status, such as "Bad Request".

    Args:
        status: the HTTP status.
        unknown: what to return for a status that has no name.
    """
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return unknown
