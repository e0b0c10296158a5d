"""Sends stored webhooks again, signed, to a receiver of yours."""

from __future__ import annotations

import http.client
import json
import uuid
from urllib.parse import urlsplit

from astra.config import is_loopback
from astra.errors import ConfigurationError, WebhookPayloadError
from astra.webhooks.strict_json import PayloadError, load_payload, reserialize


def read_bodies(content: bytes) -> list[bytes]:
    """Finds the webhooks in a file.

    Args:
        content: one JSON object over any number of lines, or a JSON array of objects, or one object per line.

    Returns:
        The body of each: a line, or a lone object, as it is; members of an array as Astra writes them.

    Raises:
        WebhookPayloadError: there is something else in it; the message names the line.
    """
    stripped = content.strip()
    if stripped.startswith(b"["):
        return _members(stripped)
    if b"\n" not in stripped or _is_object(stripped):
        return [_checked(stripped, 1)]
    lines = [line.strip() for line in content.splitlines()]
    return [_checked(line, number) for number, line in enumerate(lines, start=1) if line]


def with_new_id(body: bytes) -> bytes:
    """Gives a webhook another `webhook_id`, so that a receiver that has handled it handles it again.

    Args:
        body: a body that `read_bodies` returned.
    """
    return reserialize(load_payload(body) | {"webhook_id": str(uuid.uuid4())})


def check_receiver(url: str) -> None:
    """Refuses to send webhooks where others could read them.

    Args:
        url: where the receiver listens.

    Raises:
        ConfigurationError: it is neither https nor http on this machine, or holds credentials.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(f"The receiver must be an http(s) address, not {url!r}.")
    if parts.username or parts.password:
        raise ConfigurationError("The receiver's address must not hold credentials.")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ConfigurationError(f"Plain http is for this machine only, and {parts.hostname} is not: use https.")


def post_webhook(url: str, body: bytes, signature: str, *, timeout: float = 10.0) -> int:
    """Delivers a webhook as Astra would: redirects are not followed, and 10 seconds have to do.

    Args:
        url: where the receiver listens.
        body: the body.
        signature: the value for `Astra-Verification`.
        timeout: seconds for connecting and for each wait for the answer.

    Returns:
        The status of the answer.

    Raises:
        OSError: nobody answered.
        http.client.HTTPException: the answer was no HTTP.
    """
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    try:
        target = parts._replace(scheme="", netloc="", fragment="", path=parts.path or "/").geturl()
        headers = {"Content-Type": "application/json", "Astra-Verification": signature}
        connection.request("POST", target, body=body, headers=headers)
        answer = connection.getresponse()
        answer.read(65_536)
        return answer.status
    finally:
        connection.close()


def _members(content: bytes) -> list[bytes]:
    try:
        members = json.loads(content)
        return [_checked(json.dumps(member).encode("ascii"), number) for number, member in enumerate(members, start=1)]
    except (ValueError, RecursionError) as error:
        raise WebhookPayloadError(f"The array cannot be read: {error}") from None


def _is_object(content: bytes) -> bool:
    try:
        load_payload(content)
    except PayloadError:
        return False
    return True


def _checked(body: bytes, number: int) -> bytes:
    try:
        payload = load_payload(body)
    except PayloadError as error:
        raise WebhookPayloadError(f"Webhook {number} cannot be read: {error}") from None
    if not isinstance(payload.get("webhook_type"), str):
        raise WebhookPayloadError(f"Webhook {number} has no webhook_type.")
    return body
