"""Renders the sandbox's pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
from starlette.responses import HTMLResponse

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Pages:
    """The templates of the hosted module and of the start page."""

    def __init__(self) -> None:
        self.templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def show(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Returns a page."""
        return HTMLResponse(self.templates.get_template(template).render(**values), status_code=status, headers=HEADERS)
