# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
"""What the operations share about answers: how one is handed back, and how an error body is read"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from .errors import UnexpectedStatus
from .models import GenericError, OAuthErrorBody, ValidationError
from .types import Response

if TYPE_CHECKING:
    import httpx

    from .client import AuthenticatedClient, Client

T = TypeVar("T")
ErrorBody: TypeAlias = GenericError | OAuthErrorBody | ValidationError

# The kinds of error body, each with the JSON types of its fields; of two that fit alike, the first wins.
_SHAPES: tuple[tuple[type[ErrorBody], dict[str, tuple[type, ...]]], ...] = (
    (OAuthErrorBody, {"error": (str,), "error_description": (str,)}),
    (GenericError, {"code": (int,), "name": (str,), "description": (dict, str)}),
    (
        ValidationError,
        {"status_code": (int,), "code": (int,), "name": (str,), "description": (dict, str)},
    ),
)


def error_class(data: object) -> type[ErrorBody] | None:
    """Tells the kind of an error body: the one that shares most fields with it, whatever the status

    Returns:
        None if it shares a field with none of them, or is no JSON object.
    """
    if not isinstance(data, dict):
        return None

    def shared(kind: tuple[type[ErrorBody], dict[str, tuple[type, ...]]]) -> int:
        return sum(type(data.get(name)) in types for name, types in kind[1].items())

    best = max(_SHAPES, key=shared)
    return best[0] if shared(best) else None


def read_error(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorBody | None:
    """Reads the body of an answer that is no success

    Returns:
        The error body; None if it is none that is documented, such as an empty one or HTML.

    Raises:
        UnexpectedStatus: instead of None, if Client.raise_on_unexpected_status is True.
    """
    if response.status_code >= 400:
        try:
            data = response.json()
            found = error_class(data)
            if found is not None:
                return found.from_dict(data)
        except (ValueError, RecursionError):
            pass
    if client.raise_on_unexpected_status:
        raise UnexpectedStatus(response.status_code, response.content)
    return None


def build_response(response: httpx.Response, *, parsed: T | None) -> Response[T]:
    """Puts what was read beside the answer that it was read from"""
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=parsed,
    )
