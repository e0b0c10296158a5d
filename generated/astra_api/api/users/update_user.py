# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ...responses import ErrorBody, build_response, read_error
from ...types import Response

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client

from ...models.user import User
from ...models.user_update import UserUpdate


def _get_kwargs(
    user_id: str,
    *,
    body: UserUpdate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/v1/users/{user_id}".format(
            user_id=quote(str(user_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorBody | User | None:
    if 200 <= response.status_code < 300:
        response_200 = User.from_dict(response.json())

        return response_200

    return read_error(client=client, response=response)


def sync_detailed(
    user_id: str,
    *,
    client: AuthenticatedClient,
    body: UserUpdate,
) -> Response[ErrorBody | User]:
    """Change the user's email address.

    The third change within 365 days lowers the user's capabilities. Fires `user_updated`.

    Args:
        user_id (str):
        body (UserUpdate): The change of a user. Only sent, never received."""

    response = client.get_httpx_client().request(
        **_get_kwargs(
            user_id=user_id,
            body=body,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))


async def asyncio_detailed(
    user_id: str,
    *,
    client: AuthenticatedClient,
    body: UserUpdate,
) -> Response[ErrorBody | User]:
    """As `sync_detailed`, for asyncio"""

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            user_id=user_id,
            body=body,
        )
    )
    return build_response(response, parsed=_parse_response(client=client, response=response))
