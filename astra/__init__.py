"""The Python SDK for Astra (astra.finance).

Everything public is here. Names are loaded when they are first used, so that `import astra` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from astra.version import __version__

if TYPE_CHECKING:
    from astra._async.client import AsyncAstra as AsyncAstra
    from astra._async.session import AsyncUserSession as AsyncUserSession
    from astra._sync.client import Astra as Astra
    from astra._sync.session import UserSession as UserSession
    from astra.config import Timeout as Timeout
    from astra.errors import AmbiguousPaymentError as AmbiguousPaymentError
    from astra.errors import APIConnectionError as APIConnectionError
    from astra.errors import APIError as APIError
    from astra.errors import APITimeoutError as APITimeoutError
    from astra.errors import AstraConfigurationWarning as AstraConfigurationWarning
    from astra.errors import AstraDeprecationWarning as AstraDeprecationWarning
    from astra.errors import AstraDuplicateUserWarning as AstraDuplicateUserWarning
    from astra.errors import AstraError as AstraError
    from astra.errors import AstraMemoryStoreWarning as AstraMemoryStoreWarning
    from astra.errors import AuthenticationError as AuthenticationError
    from astra.errors import AuthorizationRedirectError as AuthorizationRedirectError
    from astra.errors import BadRequestError as BadRequestError
    from astra.errors import CallError as CallError
    from astra.errors import ClientClosedError as ClientClosedError
    from astra.errors import ConfigurationError as ConfigurationError
    from astra.errors import ConflictError as ConflictError
    from astra.errors import DedupeStoreError as DedupeStoreError
    from astra.errors import GoneError as GoneError
    from astra.errors import IdempotencyConflictError as IdempotencyConflictError
    from astra.errors import IdempotencyStoreError as IdempotencyStoreError
    from astra.errors import InternalServerError as InternalServerError
    from astra.errors import InvalidRequestError as InvalidRequestError
    from astra.errors import MethodNotAllowedError as MethodNotAllowedError
    from astra.errors import NotAcceptableError as NotAcceptableError
    from astra.errors import NotFoundError as NotFoundError
    from astra.errors import OAuthError as OAuthError
    from astra.errors import PaginationError as PaginationError
    from astra.errors import PaymentInProgressError as PaymentInProgressError
    from astra.errors import PermissionDeniedError as PermissionDeniedError
    from astra.errors import RateLimitError as RateLimitError
    from astra.errors import ReauthorizationRequired as ReauthorizationRequired
    from astra.errors import RequestLogError as RequestLogError
    from astra.errors import ResponseDecodeError as ResponseDecodeError
    from astra.errors import ResponseTooLargeError as ResponseTooLargeError
    from astra.errors import RetryLater as RetryLater
    from astra.errors import ServiceUnavailableError as ServiceUnavailableError
    from astra.errors import StateStoreError as StateStoreError
    from astra.errors import StorageError as StorageError
    from astra.errors import TokensNotKeptError as TokensNotKeptError
    from astra.errors import TokenStoreError as TokenStoreError
    from astra.errors import TokenUnavailableError as TokenUnavailableError
    from astra.errors import UncertainOutcomeError as UncertainOutcomeError
    from astra.errors import UnknownUserError as UnknownUserError
    from astra.errors import UnprocessableEntityError as UnprocessableEntityError
    from astra.errors import UnreadableGrantError as UnreadableGrantError
    from astra.errors import UserMismatchError as UserMismatchError
    from astra.errors import WebhookPayloadError as WebhookPayloadError
    from astra.errors import WebhookVerificationError as WebhookVerificationError
    from astra.http.payment_match import PaymentCandidate as PaymentCandidate
    from astra.instrumentation import capture_requests as capture_requests
    from astra.instrumentation.raw_response import RawResponse as RawResponse
    from astra.oauth.links import Link as Link
    from astra.pagination._async.pager import AsyncPage as AsyncPage
    from astra.pagination._async.pager import AsyncPager as AsyncPager
    from astra.pagination._sync.pager import Page as Page
    from astra.pagination._sync.pager import Pager as Pager
    from astra.tokens.grant import Grant as Grant
    from astra.tokens.policy import TokenSettings as TokenSettings

_ERRORS = (
    "AmbiguousPaymentError",
    "APIConnectionError",
    "APIError",
    "APITimeoutError",
    "AstraDeprecationWarning",
    "AstraConfigurationWarning",
    "AstraMemoryStoreWarning",
    "AstraError",
    "AuthenticationError",
    "AuthorizationRedirectError",
    "BadRequestError",
    "CallError",
    "ClientClosedError",
    "ConfigurationError",
    "ConflictError",
    "DedupeStoreError",
    "AstraDuplicateUserWarning",
    "GoneError",
    "IdempotencyConflictError",
    "IdempotencyStoreError",
    "InternalServerError",
    "InvalidRequestError",
    "MethodNotAllowedError",
    "NotAcceptableError",
    "NotFoundError",
    "OAuthError",
    "PaginationError",
    "PaymentInProgressError",
    "PermissionDeniedError",
    "RateLimitError",
    "ReauthorizationRequired",
    "RequestLogError",
    "ResponseDecodeError",
    "ResponseTooLargeError",
    "RetryLater",
    "ServiceUnavailableError",
    "StateStoreError",
    "StorageError",
    "TokensNotKeptError",
    "TokenStoreError",
    "TokenUnavailableError",
    "UncertainOutcomeError",
    "UnknownUserError",
    "UnprocessableEntityError",
    "UnreadableGrantError",
    "UserMismatchError",
    "WebhookPayloadError",
    "WebhookVerificationError",
)
_HOMES = {
    "Astra": "astra._sync.client",
    "AsyncAstra": "astra._async.client",
    "AsyncPage": "astra.pagination._async.pager",
    "AsyncPager": "astra.pagination._async.pager",
    "AsyncUserSession": "astra._async.session",
    "Grant": "astra.tokens.grant",
    "Link": "astra.oauth.links",
    "Page": "astra.pagination._sync.pager",
    "Pager": "astra.pagination._sync.pager",
    "PaymentCandidate": "astra.http.payment_match",
    "RawResponse": "astra.instrumentation.raw_response",
    "Timeout": "astra.config",
    "TokenSettings": "astra.tokens.policy",
    "UserSession": "astra._sync.session",
    "capture_requests": "astra.instrumentation",
    **dict.fromkeys(_ERRORS, "astra.errors"),
}

__all__ = ["__version__", *_HOMES]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'astra' has no attribute {name!r}")
    try:
        value = getattr(import_module(home), name)
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("astra"):
            raise
        from astra._intact import mixed_up

        raise ImportError(mixed_up(error.name), name=error.name) from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
