# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ...responses import ErrorBody, build_response, read_error
from ...types import Response

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client

from ...models.routine import Routine
from ...models.routine_update import RoutineUpdate


def _get_kwargs(
    id: str,
    *,
    body: RoutineUpdate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/v1/routines/{id}".format(
            id=quote(str(id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorBody | Routine | None:
    if 200 <= response.status_code < 300:
        response_200 = Routine.from_dict(response.json())

        return response_200

    return read_error(client=client, response=response)


def sync_detailed(
    id: str,
    *,
    client: AuthenticatedClient,
    body: RoutineUpdate,
) -> Response[ErrorBody | Routine]:
    """Change a routine.

    The type cannot change; other optional fields of that type can, says the newest reference. A
    knowledge article
    of May 2026 says that amount, start and frequency of a recurring routine are fixed: delete and
    create again.

    Args:
        id (str):
        body (RoutineUpdate): The fields of a routine that change. The full list is not visible.
            Only sent, never received."""

    response = client.get_httpx_client().request(
        **_get_kwargs(
            id=id,
            body=body,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))


async def asyncio_detailed(
    id: str,
    *,
    client: AuthenticatedClient,
    body: RoutineUpdate,
) -> Response[ErrorBody | Routine]:
    """As `sync_detailed`, for asyncio"""

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            id=id,
            body=body,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))
