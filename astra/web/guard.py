"""Puts the door in front of an app, and the headers on whatever comes out of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from starlette.responses import RedirectResponse, Response

from astra.web.door import METHODS, Answer, Door

POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""No code and no style within a page, nothing from elsewhere, nothing sent elsewhere."""

PRIVATE: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""What no cache, frame or other site gets to see."""

HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    **PRIVATE,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_RAW: Final = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


class Guard:
    """An ASGI app in front of another.

    Args:
        app: what is behind the door.
        door: the rules.
        refusal: makes the page of a refusal.
    """

    def __init__(self, app: Any, *, door: Door, refusal: Callable[[Answer], Response]) -> None:
        self._app = app
        self._door = door
        self._refusal = refusal

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            return

        async def send_guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *_RAW]}
            await send(message)

        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        query = scope["query_string"].decode("latin-1")
        answer = self._door.answer(scope["method"], scope["path"], query, headers)
        app = self._app if answer is None else self._respond(answer)
        await app(scope, receive, send_guarded)

    def _respond(self, answer: Answer) -> Response:
        if answer.location is None:
            response = self._refusal(answer)
            if answer.status == 405:
                response.headers["Allow"] = ", ".join(METHODS)
            return response
        response = RedirectResponse(answer.location, answer.status)
        if answer.cookie:
            response.set_cookie(self._door.cookie, self._door.session, httponly=True, samesite="strict")
        return response
