"""A transport without a network, for tests: whatever it is asked, a function answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from astra.config import http_library
from astra.http.library import Library

if TYPE_CHECKING:
    import httpx


def mock_transport(handler: Callable[[Any], Any]) -> httpx.MockTransport:
    """Returns a transport for both kinds of client, which gives each request to a function.

    Args:
        handler: makes the response to a request; both are of the library that clients send with.
    """
    transport: httpx.MockTransport = Library(http_library()).module.MockTransport(handler)
    return transport


def response(status: int, *, headers: Mapping[str, str], content: bytes) -> httpx.Response:
    """Returns a response for a handler to give.

    Args:
        status: HTTP status.
        headers: response headers.
        content: the body.
    """
    made: httpx.Response = Library(http_library()).module.Response(status, headers=headers, content=content)
    return made
