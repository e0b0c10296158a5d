# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors
from ...types import Response

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client

from ...models.business_profile import BusinessProfile
from ...models.business_profile_create import BusinessProfileCreate
from ...models.generic_error import GenericError
from ...models.o_auth_error_body import OAuthErrorBody
from ...models.validation_error import ValidationError


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
) -> (
    BusinessProfile
    | GenericError
    | GenericError
    | OAuthErrorBody
    | GenericError
    | ValidationError
    | None
):
    if 200 <= response.status_code < 300:
        response_200 = BusinessProfile.from_dict(response.json())

        return response_200

    if response.status_code == 400:

        def _parse_response_400(data: object) -> GenericError | ValidationError:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_400_type_0 = ValidationError.from_dict(data)

                return response_400_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_400_type_1 = GenericError.from_dict(data)

            return response_400_type_1

        response_400 = _parse_response_400(response.json())

        return response_400

    if response.status_code == 401:

        def _parse_response_401(data: object) -> GenericError | OAuthErrorBody:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_401_type_0 = OAuthErrorBody.from_dict(data)

                return response_401_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_401_type_1 = GenericError.from_dict(data)

            return response_401_type_1

        response_401 = _parse_response_401(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = GenericError.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = GenericError.from_dict(response.json())

        return response_404

    if response.status_code == 405:
        response_405 = GenericError.from_dict(response.json())

        return response_405

    if response.status_code == 406:
        response_406 = GenericError.from_dict(response.json())

        return response_406

    if response.status_code == 410:
        response_410 = GenericError.from_dict(response.json())

        return response_410

    if response.status_code == 418:
        response_418 = GenericError.from_dict(response.json())

        return response_418

    if response.status_code == 429:
        response_429 = GenericError.from_dict(response.json())

        return response_429

    if response.status_code == 500:
        response_500 = GenericError.from_dict(response.json())

        return response_500

    if response.status_code == 503:
        response_503 = GenericError.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[
    BusinessProfile | GenericError | GenericError | OAuthErrorBody | GenericError | ValidationError
]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: BusinessProfileCreate,
) -> Response[
    BusinessProfile | GenericError | GenericError | OAuthErrorBody | GenericError | ValidationError
]:
    """Submit a business for verification.

     Fills the hosted business form beforehand, or replaces it for `receive-only` and `unverified`
    businesses. Three profiles for a phone number.

    Args:
        body (BusinessProfileCreate): A business to be verified. The spelling of nested fields
            follows an integration's field names. Only sent, never received.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BusinessProfile | GenericError | GenericError | OAuthErrorBody | GenericError | ValidationError]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: BusinessProfileCreate,
) -> (
    BusinessProfile
    | GenericError
    | GenericError
    | OAuthErrorBody
    | GenericError
    | ValidationError
    | None
):
    """Submit a business for verification.

     Fills the hosted business form beforehand, or replaces it for `receive-only` and `unverified`
    businesses. Three profiles for a phone number.

    Args:
        body (BusinessProfileCreate): A business to be verified. The spelling of nested fields
            follows an integration's field names. Only sent, never received.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BusinessProfile | GenericError | GenericError | OAuthErrorBody | GenericError | ValidationError
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: BusinessProfileCreate,
) -> Response[
    BusinessProfile | GenericError | GenericError | OAuthErrorBody | GenericError | ValidationError
]:
    """Submit a business for verification.

     Fills the hosted business form beforehand, or replaces it for `receive-only` and `unverified`
    businesses. Three profiles for a phone number.

    Args:
        body (BusinessProfileCreate): A business to be verified. The spelling of nested fields
            follows an integration's field names. Only sent, never received.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BusinessProfile | GenericError | GenericError | OAuthErrorBody | GenericError | ValidationError]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: BusinessProfileCreate,
) -> (
    BusinessProfile
    | GenericError
    | GenericError
    | OAuthErrorBody
    | GenericError
    | ValidationError
    | None
):
    """Submit a business for verification.

     Fills the hosted business form beforehand, or replaces it for `receive-only` and `unverified`
    businesses. Three profiles for a phone number.

    Args:
        body (BusinessProfileCreate): A business to be verified. The spelling of nested fields
            follows an integration's field names. Only sent, never received.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BusinessProfile | GenericError | GenericError | OAuthErrorBody | GenericError | ValidationError
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
