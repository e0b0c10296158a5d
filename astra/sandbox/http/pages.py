"""What is not the API: the start page, the hosted module, and the control API."""

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import JSONResponse

from astra.sandbox.engine.problems import generic
from astra.sandbox.http.control import control_routes

if TYPE_CHECKING:
    from starlette.requests import Request

    from astra.sandbox.sandbox import Sandbox


async def not_found(_: "Request", __: Exception) -> JSONResponse:
    """Astra's 404."""
    return JSONResponse(generic(404).body, status_code=404)


def build_pages(sandbox: "Sandbox") -> Starlette:
    """The Starlette app of the pages and of the control API."""
    return Starlette(routes=[*control_routes(sandbox)], exception_handlers={404: not_found})
