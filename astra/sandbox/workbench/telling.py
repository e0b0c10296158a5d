"""Webhooks: how endpoints do, and how a signature comes about, step by step. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import attrs

from astra.sandbox.webhooks import Attempt, sign

LATEST: Final = 100
"""Attempts by which the health of an endpoint is told."""


@attrs.frozen(kw_only=True)
class Health:
    """How one endpoint does.

    Attributes:
        url: where it is.
        waiting: how many events wait for it.
        next: when the next of them is due, in epoch seconds, or None.
        confirmed: how many of the latest attempts were confirmed.
        tried: how many of the latest attempts there were.
        last: the latest attempt, or None.
    """

    url: str
    waiting: int
    next: float | None
    confirmed: int
    tried: int
    last: Attempt | None

    @property
    def level(self) -> str:
        """Its colour."""
        if not self.tried:
            return ""
        if self.last is not None and not self.last.delivered:
            return "bad"
        return "good" if self.confirmed == self.tried else "warn"

    @property
    def word(self) -> str:
        """How it does, in a word."""
        return {"good": "confirms", "warn": "recovered", "bad": "fails", "": "not tried"}[self.level]


def health_of(urls: Sequence[str], waiting: Sequence[tuple[float, str]], attempts: Sequence[Attempt]) -> list[Health]:
    """Returns how each endpoint does.

    Args:
        urls: where events are sent to.
        waiting: when each waiting delivery is due, and where it goes.
        attempts: oldest first.
    """
    latest: Mapping[str, list[Attempt]] = {url: [] for url in urls}
    for attempt in reversed(attempts):
        mine = latest.get(attempt.url)
        if mine is not None and len(mine) < LATEST:
            mine.append(attempt)
    return [
        Health(
            url=url,
            waiting=sum(target == url for _, target in waiting),
            next=min((due for due, target in waiting if target == url), default=None),
            confirmed=sum(attempt.delivered for attempt in latest[url]),
            tried=len(latest[url]),
            last=latest[url][0] if latest[url] else None,
        )
        for url in urls
    ]


def deliveries(attempts: Sequence[Attempt], *, wanted: Collection[str]) -> dict[str, tuple[int, int]]:
    """Returns how many endpoints have confirmed an event, and how many it was sent to, by the event's id.

    Args:
        attempts: those that are kept.
        wanted: the ids of the events.
    """
    went: dict[str, dict[str, bool]] = {}
    for attempt in attempts:
        if attempt.event.id in wanted:
            urls = went.setdefault(attempt.event.id, {})
            urls[attempt.url] = urls.get(attempt.url, False) or attempt.delivered
    return {id: (sum(urls.values()), len(urls)) for id, urls in went.items()}


@attrs.frozen(kw_only=True)
class Working:
    """How a signature comes about.

    Attributes:
        body: the bytes that are signed, as text.
        size: how many bytes they are.
        digest: the HMAC-SHA256, in hexadecimal digits.
        signature: the same in base64: the header `Astra-Verification`.
    """

    body: str
    size: int
    digest: str
    signature: str


def worked_out(body: bytes, *, secret: str) -> Working:
    """Works a signature out, step by step.

    Args:
        body: the bytes of a webhook.
        secret: the client secret.
    """
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    text = body.decode("utf-8", "replace")
    return Working(body=text, size=len(body), digest=digest.hex(), signature=base64.b64encode(digest).decode())


def verdict(body: str, given: str, *, sent: bytes, secret: str) -> tuple[bool, str]:
    """Tells whether a body and a signature that a program has got belong together, and if not, why.

    Args:
        body: what the program has signed.
        given: the signature that it compares with.
        sent: the bytes that were sent.
        secret: the client secret.
    """
    # A browser writes the line ends of a text as two characters each, whatever they were.
    raw, signature = body.replace("\r\n", "\n").encode("utf-8", "replace"), given.strip().encode("utf-8", "replace")
    if hmac.compare_digest(sign(raw, secret=secret).encode(), signature):
        return True, "They belong together: this body, signed with this client secret, has this signature."
    if hmac.compare_digest(sign(raw.strip(), secret=secret).encode(), signature):
        return False, (
            "They belong together but for blanks or line ends around it, which the signature does not cover: "
            "verify the bytes as they came."
        )
    if raw == sent:
        return False, "The body is right, byte by byte, and the signature is another one: look at the client secret."
    if raw.strip() == sent:
        return False, "The body is right but for blanks or line ends around it, and the signature is another one."
    try:
        same = json.loads(raw) == json.loads(sent)
    except (ValueError, RecursionError):
        same = False
    if same:
        return False, (
            "The body says the same in other bytes: it was decoded and written again. The signature covers the bytes "
            "as they came; keep them, and do not parse before you verify."
        )
    return False, "The body is another one than what was sent."
