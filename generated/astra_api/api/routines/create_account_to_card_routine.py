# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...responses import ErrorBody, build_response, read_error
from ...types import Response

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client

from ...models.account_to_card_routine_create import AccountToCardRoutineCreate
from ...models.routine import Routine


def _get_kwargs(
    *,
    body: AccountToCardRoutineCreate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/routines/account-to-card",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorBody | Routine | None:
    if 200 <= response.status_code < 300:
        response_200 = Routine.from_dict(response.json())

        return response_200

    return read_error(client=client, response=response)


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: AccountToCardRoutineCreate,
) -> Response[ErrorBody | Routine]:
    """Pay out from an account to a card at once.

    Needs an enhanced client configuration. Gross debit pulls each amount from the source account; net
    debit pays
    from a reserve and debits the client once a day. Earlier integrations sent a `transfer` object
    instead of
    `settlement_mode`. An `Idempotency-Key` header has been sent by one integrator; nothing says that it
    is honoured.

    Args:
        body (AccountToCardRoutineCreate): A payout to a card. Gross debit needs
            `client_correlation_id`; net debit has been sent without it and without a fee. Only sent,
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
    body: AccountToCardRoutineCreate,
) -> Response[ErrorBody | Routine]:
    """As `sync_detailed`, for asyncio"""

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            body=body,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))
