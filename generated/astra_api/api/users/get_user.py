# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...responses import ErrorBody, build_response, read_error
from ...types import Response

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client

from ...models.user import User


def _get_kwargs() -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/user",
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorBody | User | None:
    if 200 <= response.status_code < 300:
        response_200 = User.from_dict(response.json())

        return response_200

    return read_error(client=client, response=response)


def sync_detailed(
    *,
    client: AuthenticatedClient,
) -> Response[ErrorBody | User]:
    """Profile of the user who owns the access token."""

    response = client.get_httpx_client().request(**_get_kwargs())
    return build_response(response, parsed=_parse_response(client=client, response=response))


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
) -> Response[ErrorBody | User]:
    """As `sync_detailed`, for asyncio"""

    response = await client.get_async_httpx_client().request(**_get_kwargs())
    return build_response(response, parsed=_parse_response(client=client, response=response))
