# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...responses import ErrorBody, build_response, read_error
from ...types import Response

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client

from ...models.address_change import AddressChange
from ...models.address_change_request import AddressChangeRequest


def _get_kwargs(
    *,
    body: AddressChange,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/request_address_change",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorBody | AddressChangeRequest | None:
    if 200 <= response.status_code < 300:
        response_200 = AddressChangeRequest.from_dict(response.json())

        return response_200

    return read_error(client=client, response=response)


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: AddressChange,
) -> Response[ErrorBody | AddressChangeRequest]:
    """Ask for a new address.

    Twice in 120 days for a user. Send only what changes: neither empty strings nor nulls, unlike the
    `address2` of
    a UserIntent.

    Args:
        body (AddressChange): The parts of the address that change. No empty strings, no nulls.
            Only sent, never received."""

    response = client.get_httpx_client().request(
        **_get_kwargs(
            body=body,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: AddressChange,
) -> Response[ErrorBody | AddressChangeRequest]:
    """As `sync_detailed`, for asyncio"""

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            body=body,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))
