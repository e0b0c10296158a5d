# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...responses import ErrorBody, build_response, read_error
from ...types import Response

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client

from ...models.identity_verification import IdentityVerification
from ...models.identity_verification_create import IdentityVerificationCreate


def _get_kwargs(
    *,
    body: IdentityVerificationCreate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/partner/identity/verification",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorBody | IdentityVerification | None:
    if 200 <= response.status_code < 300:
        response_200 = IdentityVerification.from_dict(response.json())

        return response_200

    return read_error(client=client, response=response)


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: IdentityVerificationCreate,
) -> Response[ErrorBody | IdentityVerification]:
    """Vouch for a user who was authenticated by the partner.

    Needs exactly one of the three ids. The token lives one minute and works once. Newest pages list
    only the ids;
    a knowledge article of 2025 still sends `client_id`, `provider` and `provider_data` with empty
    strings, and
    the page of 2023 required the provider pair.

    Args:
        body (IdentityVerificationCreate): Names the user by exactly one of the three ids. Only
            sent, never received."""

    response = client.get_httpx_client().request(
        **_get_kwargs(
            body=body,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: IdentityVerificationCreate,
) -> Response[ErrorBody | IdentityVerification]:
    """As `sync_detailed`, for asyncio"""

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            body=body,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))
