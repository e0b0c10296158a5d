# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...responses import ErrorBody, build_response, read_error
from ...types import Response

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client

from ...models.card import Card
from ...models.card_create import CardCreate


def _get_kwargs(
    *,
    body: CardCreate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/cards",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorBody | Card | None:
    if 200 <= response.status_code < 300:
        response_200 = Card.from_dict(response.json())

        return response_200

    return read_error(client=client, response=response)


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: CardCreate,
) -> Response[ErrorBody | Card]:
    """Add a debit card by its number.

    Exists only on the secure host. One older page prints the production URL without `/v1`; the newest
    ones have it.
    A client-issued card (`added_by_user` false) must have a BIN registered for the client. Older text
    allowed
    external cards only through the hosted page; the newest allows both here.

    Args:
        body (CardCreate): A card by its number. In 2022 no address was needed. Only sent, never
            received."""

    response = client.get_httpx_client().request(
        **_get_kwargs(
            body=body,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: CardCreate,
) -> Response[ErrorBody | Card]:
    """As `sync_detailed`, for asyncio"""

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            body=body,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))
