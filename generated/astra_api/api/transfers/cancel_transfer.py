# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ...responses import ErrorBody, build_response, read_error
from ...types import Response

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client

from ...models.transfer import Transfer


def _get_kwargs(
    id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/transfers/{id}/cancel".format(
            id=quote(str(id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorBody | Transfer | None:
    if 200 <= response.status_code < 300:
        response_200 = Transfer.from_dict(response.json())

        return response_200

    return read_error(client=client, response=response)


def sync_detailed(
    id: str,
    *,
    client: AuthenticatedClient,
) -> Response[ErrorBody | Transfer]:
    """Cancel a transfer.

    A refusal is final, says the newest text; an older rule allowed it until 5 pm Eastern on the first
    banking day
    after initiation. This page spells the status `canceled`, other places `cancelled`.

    Args:
        id (str):"""

    response = client.get_httpx_client().request(
        **_get_kwargs(
            id=id,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))


async def asyncio_detailed(
    id: str,
    *,
    client: AuthenticatedClient,
) -> Response[ErrorBody | Transfer]:
    """As `sync_detailed`, for asyncio"""

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            id=id,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))
