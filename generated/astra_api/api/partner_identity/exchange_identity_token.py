# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...responses import ErrorBody, build_response, read_error
from ...types import Response

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client

from ...models.identity_token_request import IdentityTokenRequest
from ...models.token_response import TokenResponse


def _get_kwargs(
    *,
    body: IdentityTokenRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/partner/identity/token",
    }

    _kwargs["data"] = body.to_dict()
    headers["Content-Type"] = "application/x-www-form-urlencoded"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorBody | TokenResponse | None:
    if 200 <= response.status_code < 300:
        response_200 = TokenResponse.from_dict(response.json())

        return response_200

    return read_error(client=client, response=response)


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: IdentityTokenRequest,
) -> Response[ErrorBody | TokenResponse]:
    """Exchange a verification token for a grant without any hosted page.

    Form body as seen in an integration; the content type of the newest page is not known.

    Args:
        body (IdentityTokenRequest): Form that trades a verification token for a grant. Only sent,
            never received."""

    response = client.get_httpx_client().request(
        **_get_kwargs(
            body=body,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: IdentityTokenRequest,
) -> Response[ErrorBody | TokenResponse]:
    """As `sync_detailed`, for asyncio"""

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            body=body,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))
