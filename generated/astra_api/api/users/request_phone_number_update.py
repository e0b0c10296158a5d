# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...responses import ErrorBody, build_response, read_error
from ...types import Response

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client

from ...models.phone_number_change_request import PhoneNumberChangeRequest
from ...models.phone_number_update import PhoneNumberUpdate


def _get_kwargs(
    *,
    body: PhoneNumberUpdate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/request_user_phone_number_update",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorBody | PhoneNumberChangeRequest | None:
    if 200 <= response.status_code < 300:
        response_200 = PhoneNumberChangeRequest.from_dict(response.json())

        return response_200

    return read_error(client=client, response=response)


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: PhoneNumberUpdate,
) -> Response[ErrorBody | PhoneNumberChangeRequest]:
    """Ask for a new phone number.

    Once in 30 days for a user; reviewed, normally within one business day. The UserIntent keeps the old
    number, so
    links to the hosted page must use `user_id` from then on.

    Args:
        body (PhoneNumberUpdate): The new phone number. Only sent, never received."""

    response = client.get_httpx_client().request(
        **_get_kwargs(
            body=body,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: PhoneNumberUpdate,
) -> Response[ErrorBody | PhoneNumberChangeRequest]:
    """As `sync_detailed`, for asyncio"""

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            body=body,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))
