# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...responses import ErrorBody, build_response, read_error
from ...types import Response

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client

from ...models.business_profile import BusinessProfile
from ...models.business_profile_create import BusinessProfileCreate


def _get_kwargs(
    *,
    body: BusinessProfileCreate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/business_profile",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorBody | BusinessProfile | None:
    if 200 <= response.status_code < 300:
        response_200 = BusinessProfile.from_dict(response.json())

        return response_200

    return read_error(client=client, response=response)


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: BusinessProfileCreate,
) -> Response[ErrorBody | BusinessProfile]:
    """Submit a business for verification.

    Fills the hosted business form beforehand, or replaces it for `receive-only` and `unverified`
    businesses. Three profiles for a phone number.

    Args:
        body (BusinessProfileCreate): A business to be verified. The spelling of nested fields
            follows an integration's field names. Only sent, never received."""

    response = client.get_httpx_client().request(
        **_get_kwargs(
            body=body,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: BusinessProfileCreate,
) -> Response[ErrorBody | BusinessProfile]:
    """As `sync_detailed`, for asyncio"""

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            body=body,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))
