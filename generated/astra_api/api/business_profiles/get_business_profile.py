# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ...responses import ErrorBody, build_response, read_error
from ...types import Response

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client

from ...models.business_profile import BusinessProfile


def _get_kwargs(
    business_profile_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/business_profile/{business_profile_id}".format(
            business_profile_id=quote(str(business_profile_id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorBody | BusinessProfile | None:
    if 200 <= response.status_code < 300:
        response_200 = BusinessProfile.from_dict(response.json())

        return response_200

    return read_error(client=client, response=response)


def sync_detailed(
    business_profile_id: str,
    *,
    client: AuthenticatedClient,
) -> Response[ErrorBody | BusinessProfile]:
    """One business profile.

    Args:
        business_profile_id (str):"""

    response = client.get_httpx_client().request(
        **_get_kwargs(
            business_profile_id=business_profile_id,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))


async def asyncio_detailed(
    business_profile_id: str,
    *,
    client: AuthenticatedClient,
) -> Response[ErrorBody | BusinessProfile]:
    """As `sync_detailed`, for asyncio"""

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            business_profile_id=business_profile_id,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))
