"""Renders pages: the frame and the parts from here, the pages from the room that has them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import jinja2
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

FOLDER: Final = Path(__file__).parent
ASSETS: Final = {
    "web.css": "text/css; charset=utf-8",
    "web.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


async def asset(request: Request) -> Response:
    """Returns a file that the pages use."""
    name = request.path_params["name"]
    if name not in ASSETS:
        raise HTTPException(404)
    return Response((FOLDER / "assets" / name).read_bytes(), media_type=ASSETS[name])


class Pages:
    """Templates, and what all of them are given.

    Args:
        folder: templates of the room; they extend `frame.html` and import `parts.html`.
        filters: functions for templates.
        shared: values for every page.
    """

    def __init__(self, folder: Path, *, filters: Mapping[str, Any], shared: Mapping[str, Any]) -> None:
        # Its types leave open what filters and globals hold.
        self._templates: Any = jinja2.Environment(
            loader=jinja2.FileSystemLoader([folder, FOLDER / "templates"]),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.filters.update(filters)
        self._templates.globals.update(shared)

    def show(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Returns a page.

        Args:
            template: its name.
            status: the status.
            values: what it shows.
        """
        text: str = self._templates.get_template(template).render(**values)
        return HTMLResponse(text, status_code=status)
