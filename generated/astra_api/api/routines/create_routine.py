# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...responses import ErrorBody, build_response, read_error
from ...types import Response

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client

from ...models.routine import Routine
from ...models.routine_create import RoutineCreate


def _get_kwargs(
    *,
    body: RoutineCreate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/routines",
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
    body: RoutineCreate,
) -> Response[ErrorBody | Routine]:
    """Move money between accounts, or between cards.

    Card to card, and account to account at every settlement speed. There is no documented idempotency
    key: do not
    repeat a call whose outcome is unknown. For `real-time` and `T+0` the source is the client's own
    payment
    instrument. What the user may do is bounded by their capabilities; the amount was capped by the
    user's limit, and
    the balance was checked first (documented-old).

    Args:
        body (RoutineCreate): A routine between accounts, or between cards. Only sent, never
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
    body: RoutineCreate,
) -> Response[ErrorBody | Routine]:
    """As `sync_detailed`, for asyncio"""

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            body=body,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))
