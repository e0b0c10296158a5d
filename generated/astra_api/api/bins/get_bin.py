# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ...responses import ErrorBody, build_response, read_error
from ...types import Response

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client

from ...models.bin_ import Bin


def _get_kwargs(
    bin_: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/bins/{bin_}".format(
            bin_=quote(str(bin_), safe=""),
        ),
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorBody | Bin | None:
    if 200 <= response.status_code < 300:
        response_200 = Bin.from_dict(response.json())

        return response_200

    return read_error(client=client, response=response)


def sync_detailed(
    bin_: str,
    *,
    client: AuthenticatedClient,
) -> Response[ErrorBody | Bin]:
    """What is known about a card number's first digits.

    The sandbox answers for 400000, 400022, 440393, 460369, 475833, 498503, 510805, 520082 and 559430.

    Args:
        bin_ (str):"""

    response = client.get_httpx_client().request(
        **_get_kwargs(
            bin_=bin_,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))


async def asyncio_detailed(
    bin_: str,
    *,
    client: AuthenticatedClient,
) -> Response[ErrorBody | Bin]:
    """As `sync_detailed`, for asyncio"""

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            bin_=bin_,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))
