"""Renders the sandbox's pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

FOLDER = Path(__file__).parent
ASSETS = {"style.css": "text/css", "code.js": "text/javascript"}
POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'"
"""No code and no style within a page. Forms may lead on to the app, wherever that is."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


async def asset(request: Request) -> Response:
    """Returns a file that the pages use."""
    name = request.path_params["name"]
    if name not in ASSETS:
        raise HTTPException(404)
    return Response((FOLDER / "assets" / name).read_bytes(), media_type=ASSETS[name], headers=HEADERS)


class Pages:
    """The templates of the hosted module and of the start page."""

    def __init__(self) -> None:
        self.templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def show(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Returns a page."""
        return HTMLResponse(self.templates.get_template(template).render(**values), status_code=status, headers=HEADERS)
