"""Renders pages: the frame and the parts from here, the pages from the room that has them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
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


def assets_in(
    folder: Path, types: Mapping[str, str], *, headers: Mapping[str, str] | None = None
) -> Callable[[Request], Awaitable[Response]]:
    """Returns the endpoint of the files that pages use.

    Args:
        folder: where they are.
        types: which there are, and the media type of each.
        headers: of each answer.
    """

    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in types:
            raise HTTPException(404)
        return Response((folder / name).read_bytes(), media_type=types[name], headers=headers)

    return asset


asset: Final = assets_in(FOLDER / "assets", ASSETS)


class Pages:
    """Templates, and what all of them are given.

    Args:
        folder: templates of the room; they extend `frame.html` and import `parts.html`.
        filters: functions for templates.
        shared: values for every page.
    """

    def __init__(
        self, folder: Path, *, filters: Mapping[str, Any] | None = None, shared: Mapping[str, Any] | None = None
    ) -> None:
        # Its types leave open what filters and globals hold.
        self._templates: Any = jinja2.Environment(
            loader=jinja2.FileSystemLoader([folder, FOLDER / "templates"]),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.filters.update(filters or {})
        self._templates.globals.update(shared or {})

    def show(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Returns a page.

        Args:
            template: its name.
            status: the status.
            values: what it shows.
        """
        text: str = self._templates.get_template(template).render(**values)
        return HTMLResponse(text, status_code=status)
