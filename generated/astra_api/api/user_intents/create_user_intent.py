# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...responses import ErrorBody, build_response, read_error
from ...types import Response

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client

from ...models.user_intent_create import UserIntentCreate
from ...models.user_intent_created import UserIntentCreated


def _get_kwargs(
    *,
    body: UserIntentCreate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/user_intent",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorBody | UserIntentCreated | None:
    if 200 <= response.status_code < 300:
        response_200 = UserIntentCreated.from_dict(response.json())

        return response_200

    return read_error(client=client, response=response)


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: UserIntentCreate,
) -> Response[ErrorBody | UserIntentCreated]:
    """Submit a person for verification.

    Not idempotent: each call makes another intent, and an email address may have three, in the sandbox
    too. The
    newest decoders read only `id` from the answer; guides say that a status comes back with it.

    Args:
        body (UserIntentCreate): A person to be verified. Only sent, never received."""

    response = client.get_httpx_client().request(
        **_get_kwargs(
            body=body,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: UserIntentCreate,
) -> Response[ErrorBody | UserIntentCreated]:
    """As `sync_detailed`, for asyncio"""

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            body=body,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))
