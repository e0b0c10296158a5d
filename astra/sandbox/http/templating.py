"""Renders the sandbox's pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.responses import HTMLResponse

from astra.web import pages
from astra.web.guard import PRIVATE

FOLDER = Path(__file__).parent
POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'"
"""No code and no style within a page. Forms may lead on to the app, wherever that is."""

HEADERS = {"Content-Security-Policy": POLICY, **PRIVATE}

asset = pages.assets_in(FOLDER / "assets", {"style.css": "text/css", "code.js": "text/javascript"}, headers=HEADERS)


class Pages(pages.Pages):
    """The templates of the hosted module and of the start page."""

    def __init__(self) -> None:
        super().__init__(FOLDER / "templates")

    def show(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Returns a page."""
        page = super().show(template, status=status, **values)
        page.headers.update(HEADERS)
        return page
