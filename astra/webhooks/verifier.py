"""`Webhooks`: verify, parse, both, and sign for tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from astra.errors import ConfigurationError, WebhookPayloadError, WebhookVerificationError
from astra.webhooks.events import WebhookEvent
from astra.webhooks.parser import read_event
from astra.webhooks.signature import header_fault, signature_of, signed_bytes
from astra.webhooks.strict_json import BODY_LIMIT, PayloadError

_RAW_BODY_HINT = (
    "Pass the request body exactly as it came, as bytes: `await request.body()` in Starlette and FastAPI, "
    "`request.get_data()` in Flask, `request.body` in Django. A body that was parsed and written again does not verify."
)
_MISMATCH_HINT = (
    "Check that the secret is the client secret of the same environment (sandbox or production), and that the body is "
    "the raw request body."
)
_HEADER_HINT = "Astra sends its signature in the header Astra-Verification; read it with `headers.get(...)`."


class Webhooks:
    """Verifies and reads Astra's webhooks. Immutable, free of I/O, safe to share between threads and tasks.

    Astra signs every webhook with HMAC-SHA256 under your client secret and puts the Base64 of it in the header
    `Astra-Verification` (reference: "Webhooks"). It signs no time, so a copied delivery stays valid forever:
    de-duplicate by `event.id`, for which `WebhookHandler` is the ready-made way.

    Args:
        secret: the client secret; or several while you rotate it, the current one first. Any of them verifies, the
            first one signs.

    Raises:
        ConfigurationError: no secret, or an empty one.

    Example:
        webhooks = Webhooks("your_client_secret")
        body = b'{"webhook_type": "transfer_updated", "webhook_id": "w1", "user_id": "u1", "resource_id": "t1"}'
        event = webhooks.parse(body, webhooks.sign(body))
        assert event.type == "transfer_updated"
    """

    __slots__ = ("_keys",)

    def __init__(self, secret: str | Iterable[str]) -> None:
        self._keys = tuple(_key(item) for item in _listed(secret))
        if not self._keys or not all(self._keys):
            raise ConfigurationError("Webhooks are signed with the client secret: give one, or several, none empty.")

    def __repr__(self) -> str:
        return f"<Webhooks, {len(self._keys)} secret(s)>"

    def verify(self, body: bytes, signature: str | None) -> None:
        """Checks that Astra signed a request body. Nothing is parsed unless the bytes as they are do not match.

        Args:
            body: the raw request body.
            signature: the value of the header `Astra-Verification`, None when the request has none.

        Raises:
            WebhookVerificationError: the signature is missing, malformed or of something else, or the body is not
                bytes. Do not act on the request; answer 401.
        """
        self._signed(body, signature)

    def parse(self, body: bytes, signature: str | None) -> WebhookEvent:
        """Verifies a request body, then reads the event in it.

        Args:
            body: the raw request body.
            signature: the value of the header `Astra-Verification`, None when the request has none.

        Returns:
            The event, of the class of its family; `UnknownEvent` when its type is new.

        Raises:
            WebhookVerificationError: see `verify`.
            WebhookPayloadError: the signature is right and the body is not a webhook.

        Example:
            event = astra.webhooks.parse(body, headers.get("Astra-Verification"))
        """
        return _read(self._signed(body, signature))

    def parse_unverified(self, body: bytes) -> WebhookEvent:
        """Reads an event without checking who sent it: for bodies that were verified before and stored, and for tests.

        Args:
            body: a body that you trust already, for example `event.body` of a former event.

        Raises:
            WebhookPayloadError: the body is not a webhook.
        """
        return _read(_raw_bytes(body))

    def sign(self, body: bytes) -> str:
        """Signs a body as Astra would, to test your own receiver.

        Args:
            body: the bytes that will be sent.

        Returns:
            The value for the header `Astra-Verification`.

        Example:
            client.post("/webhooks", content=body, headers={"Astra-Verification": webhooks.sign(body)})
        """
        return signature_of(self._keys[0], _raw_bytes(body))

    def _signed(self, body: bytes, signature: str | None) -> bytes:
        raw = _raw_bytes(body)
        header = signature.strip(" \t") if isinstance(signature, str) else signature
        fault = header_fault(header)
        if fault is not None:
            raise WebhookVerificationError(fault, hint=_HEADER_HINT)
        signed = signed_bytes(self._keys, raw, str(header))
        if signed is None:
            raise WebhookVerificationError("The signature is not that of this body.", hint=_MISMATCH_HINT)
        return signed


def _listed(secret: object) -> tuple[object, ...]:
    if isinstance(secret, str | bytes) or not isinstance(secret, Iterable):
        return (secret,)
    return tuple(cast("Iterable[object]", secret))


def _key(secret: object) -> bytes:
    if not isinstance(secret, str):
        raise ConfigurationError(f"A secret of webhooks must be text, not {type(secret).__name__}.")
    try:
        return secret.encode("utf-8")
    except UnicodeEncodeError:
        raise ConfigurationError("A secret of webhooks holds half of a character.") from None


def _raw_bytes(body: object) -> bytes:
    if isinstance(body, bytearray):
        body = bytes(body)
    if not isinstance(body, bytes):
        raise WebhookVerificationError(f"The body must be bytes, not {type(body).__name__}.", hint=_RAW_BODY_HINT)
    if len(body) > BODY_LIMIT:
        raise WebhookVerificationError(f"The body has {len(body)} bytes; no webhook is that long.")
    return body


def _read(signed: bytes) -> WebhookEvent:
    try:
        return read_event(signed)
    except PayloadError as error:
        raise WebhookPayloadError(str(error)) from None
