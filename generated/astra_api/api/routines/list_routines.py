# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...responses import ErrorBody, build_response, read_error
from ...types import UNSET, Response, Unset

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client

from ...models.routine_list import RoutineList


def _get_kwargs(
    *,
    cursor: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["cursor"] = cursor

    params["page_size"] = page_size

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/routines",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorBody | RoutineList | None:
    if 200 <= response.status_code < 300:
        response_200 = RoutineList.from_dict(response.json())

        return response_200

    return read_error(client=client, response=response)


def sync_detailed(
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
) -> Response[ErrorBody | RoutineList]:
    """The user's routines, newest first.

    Args:
        cursor (str | Unset):
        page_size (int | Unset):"""

    response = client.get_httpx_client().request(
        **_get_kwargs(
            cursor=cursor,
            page_size=page_size,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
) -> Response[ErrorBody | RoutineList]:
    """As `sync_detailed`, for asyncio"""

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            cursor=cursor,
            page_size=page_size,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))
