# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...responses import ErrorBody, build_response, read_error
from ...types import UNSET, Response, Unset

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client

from ...models.instant_payment_eligibility_list import InstantPaymentEligibilityList


def _get_kwargs(
    *,
    routing_number: str | Unset = UNSET,
    institution_routing_number: str | Unset = UNSET,
    participant_id: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["routing_number"] = routing_number

    params["institution_routing_number"] = institution_routing_number

    params["participant_id"] = participant_id

    params["cursor"] = cursor

    params["page_size"] = page_size

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/instant_payment_eligibility",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorBody | InstantPaymentEligibilityList | None:
    if 200 <= response.status_code < 300:
        response_200 = InstantPaymentEligibilityList.from_dict(response.json())

        return response_200

    return read_error(client=client, response=response)


def sync_detailed(
    *,
    client: AuthenticatedClient,
    routing_number: str | Unset = UNSET,
    institution_routing_number: str | Unset = UNSET,
    participant_id: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
) -> Response[ErrorBody | InstantPaymentEligibilityList]:
    """Banks that can receive RTP or FedNow.

    Eligibility is that of a routing number, from the lists of The Clearing House and the Federal
    Reserve: not every
    routing number of a participant is eligible (article 5332053600 of knowledge.astrafi.com).

    Args:
        routing_number (str | Unset):
        institution_routing_number (str | Unset):
        participant_id (str | Unset):
        cursor (str | Unset):
        page_size (int | Unset):"""

    response = client.get_httpx_client().request(
        **_get_kwargs(
            routing_number=routing_number,
            institution_routing_number=institution_routing_number,
            participant_id=participant_id,
            cursor=cursor,
            page_size=page_size,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    routing_number: str | Unset = UNSET,
    institution_routing_number: str | Unset = UNSET,
    participant_id: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
) -> Response[ErrorBody | InstantPaymentEligibilityList]:
    """As `sync_detailed`, for asyncio"""

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            routing_number=routing_number,
            institution_routing_number=institution_routing_number,
            participant_id=participant_id,
            cursor=cursor,
            page_size=page_size,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))
