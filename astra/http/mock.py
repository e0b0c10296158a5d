"""A transport without a network, for tests: whatever it is asked, a function answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import httpx


def mock_transport(handler: Callable[[httpx.Request], httpx.Response]) -> httpx.MockTransport:
    """Returns a transport for both kinds of client, which gives each request to a function.

    Args:
        handler: makes the response to a request.
    """
    return httpx.MockTransport(handler)


def response(status: int, *, headers: Mapping[str, str], content: bytes) -> httpx.Response:
    """Returns a response for a handler to give.

    Args:
        status: HTTP status.
        headers: response headers.
        content: the body.
    """
    return httpx.Response(status, headers=headers, content=content)
