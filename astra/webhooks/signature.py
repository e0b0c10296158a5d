"""The arithmetic of `Astra-Verification`: what is signed, and how a header is compared. No I/O, no state.

Astra signs with HMAC-SHA256, keyed with the client secret, and sends standard Base64. Its reference signs the text that
Python's `json.dumps` makes of the payload; code that is known to work signs the bytes on the wire. They are the same
unless something between Astra and us changed the spacing, so the bytes come first and the re-serialisation second.
"""

from __future__ import annotations

import base64
import hmac
from typing import Final

from astra.webhooks.strict_json import PayloadError, load_payload, reserialize

SIGNATURE_LENGTH: Final = 44
"""Characters of the Base64 of a SHA-256 digest."""

RESERIALIZE_LIMIT: Final = 65_536
"""Bytes above which a body that does not match as it is is not parsed to try the other form: nobody signed it yet."""


def signature_of(key: bytes, message: bytes) -> str:
    """Returns the `Astra-Verification` value of a message: Base64 of its HMAC-SHA256.

    Args:
        key: the client secret as UTF-8.
        message: the signed text.
    """
    return base64.b64encode(hmac.digest(key, message, "sha256")).decode("ascii")


def matches_any(keys: tuple[bytes, ...], message: bytes, signature: str) -> bool:
    """Tells, in constant time per key, whether one of the keys gives this signature. All keys are always tried.

    Args:
        keys: the client secrets as UTF-8.
        message: the signed text.
        signature: an ASCII string; anything else is the caller's to refuse first.
    """
    found = False
    for key in keys:
        found |= hmac.compare_digest(signature_of(key, message), signature)
    return found


def signed_bytes(keys: tuple[bytes, ...], body: bytes, signature: str) -> bytes | None:
    """Returns the bytes that the signature vouches for, or None when it vouches for none.

    They are the body itself or its documented re-serialisation. What is read afterwards is read from these bytes, so
    that nothing unsigned in the body (the digits of a number, say) gets through.

    Args:
        keys: the client secrets as UTF-8.
        body: the raw request body.
        signature: the header's value, ASCII.
    """
    if matches_any(keys, body, signature):
        return body
    if len(body) > RESERIALIZE_LIMIT:
        return None
    try:
        documented = reserialize(load_payload(body))
    except PayloadError:
        return None
    return documented if matches_any(keys, documented, signature) else None


def header_fault(signature: object) -> str | None:
    """Says what is wrong with a header value before any secret is used, or None when it has the right shape.

    Args:
        signature: whatever the caller took for the header's value.

    Returns:
        A sentence for a person, without the value itself.
    """
    if signature is None:
        return "The Astra-Verification header is missing."
    if not isinstance(signature, str):
        return f"The Astra-Verification header must be a str, not {type(signature).__name__}; decode it as ASCII."
    if not signature:
        return "The Astra-Verification header is empty."
    if not signature.isascii():
        return "The Astra-Verification header holds characters that are not ASCII."
    if len(signature) == 64 and _is_hex(signature):
        return "The Astra-Verification header is hexadecimal; Astra sends standard Base64."
    if len(signature) != SIGNATURE_LENGTH:
        return f"The Astra-Verification header has {len(signature)} characters; Base64 of SHA-256 has 44."
    return None


def _is_hex(text: str) -> bool:
    return all(character in "0123456789abcdefABCDEF" for character in text)
