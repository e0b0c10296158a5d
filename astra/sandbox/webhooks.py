"""Sends webhooks: signed, retried on the sandbox's clock, and on demand late, doubled or out of order."""

from __future__ import annotations

import base64
import hashlib
import heapq
import hmac
import http.client
import random
import ssl
import threading
from typing import Literal
from urllib.parse import urlsplit

import attrs

from astra.errors import InvalidRequestError
from astra.sandbox.engine.core import Engine, Event
from astra.sandbox.engine.encoding import dumps

MOST_RETRIES = 10
FIRST_RETRY_SECONDS = 18.0  # doubled ten times, the retries span about five hours
TIMEOUT_SECONDS = 10.0
LONGEST_NAP = 0.5
Order = Literal["sent", "reversed", "random"]


def sign(body: bytes, *, secret: str) -> str:
    """Signs a body as Astra does.

    Args:
        body: the bytes of a webhook.
        secret: the client secret.

    Returns:
        The value of the header `Astra-Verification`: base64 of the HMAC-SHA256.

    Example:
        >>> sign(b"{}", secret="s")
        'IDJDKk1grFctt2XCf/cbWG+MlG8tCwbT3pHFhQFA3lw='
    """
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


@attrs.define(eq=False)
class Delivery:
    """An event on its way to one URL, in `sandbox.webhooks.abandoned`.

    Attributes:
        event: what is sent.
        url: where to.
        retries: how often it was sent again.
    """

    event: Event
    url: str
    retries: int = 0


@attrs.frozen
class Attempt:
    """One attempt to deliver an event, in `sandbox.webhooks.attempts`.

    Attributes:
        time: when, in epoch seconds of the sandbox's clock.
        event: what was sent.
        url: where to.
        number: 1 for the first attempt, up to 11.
        status: what the receiver answered; None when it did not.
        error: why there was no answer.
    """

    time: float
    event: Event
    url: str
    number: int
    status: int | None = None
    error: str | None = None

    @property
    def delivered(self) -> bool:
        """True when the receiver confirmed, which only 200 does."""
        return self.status == 200


class WebhookSender:
    """Sends the events of a sandbox's client, in a thread of its own, as soon as a URL is registered."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.urls: list[str] = []
        self.attempts: list[Attempt] = []
        self.abandoned: list[Delivery] = []
        self.waiting: list[tuple[float, int, Delivery]] = []
        self.kept: list[Delivery] = []
        self.holding = False
        self.in_flight = 0
        self.counter = 0
        self.changed = threading.Condition()
        self.thread: threading.Thread | None = None
        self.closed = False
        self.timeout = TIMEOUT_SECONDS
        engine.on_event = self.accept

    def register(self, url: str) -> None:
        """Sends events from now on to this URL. Plain http is accepted, for receivers on this machine."""
        if urlsplit(url).scheme not in ("http", "https"):
            raise InvalidRequestError("A webhook URL starts with https:// or http://.", argument="url")
        with self.changed:
            if url not in self.urls:
                self.urls.append(url)
            if self.thread is None and not self.closed:
                self.thread = threading.Thread(target=self.work, name="astra-sandbox-webhooks", daemon=True)
                self.thread.start()

    def unregister(self, url: str) -> None:
        """Sends nothing more to this URL."""
        with self.changed:
            if url not in self.urls:
                raise InvalidRequestError(f"{url!r} is not registered.", argument="url")
            self.urls.remove(url)

    def accept(self, event: Event) -> None:
        """Takes a new event from the engine."""
        with self.changed:
            for url in self.urls:
                self.enqueue(Delivery(event, url), due=event.time)

    def enqueue(self, delivery: Delivery, *, due: float) -> None:
        """Plans a delivery; the caller holds the lock."""
        if self.holding:
            self.kept.append(delivery)
            return
        self.counter += 1
        heapq.heappush(self.waiting, (due, self.counter, delivery))
        self.changed.notify_all()

    def hold(self) -> None:
        """Keeps events back until `release`."""
        with self.changed:
            self.holding = True
            self.kept.extend(delivery for _, _, delivery in sorted(self.waiting))
            self.waiting.clear()

    def release(self, *, order: Order = "sent", copies: int = 1, seed: int = 0) -> None:
        """Sends what was kept back.

        Args:
            order: as they happened, the other way round, or shuffled.
            copies: how often each is sent, with the same `webhook_id`.
            seed: for `random`.
        """
        with self.changed:
            self.holding = False
            kept = [delivery for delivery in self.kept for _ in range(copies)]
            self.kept.clear()
            if order == "reversed":
                kept.reverse()
            elif order == "random":
                random.Random(seed).shuffle(kept)  # noqa: S311  (an order for tests)
            now = self.engine.clock()
            for delivery in kept:
                self.enqueue(Delivery(delivery.event, delivery.url, delivery.retries), due=now)

    def redeliver(self, webhook_id: str) -> None:
        """Sends an event once more, as Astra does when a confirmation was lost."""
        with self.engine.lock:
            event = next((event for event in self.engine.events if event.id == webhook_id), None)
        if event is None:
            raise InvalidRequestError(f"There is no event {webhook_id!r}.", argument="webhook_id")
        self.accept(attrs.evolve(event, time=self.engine.clock()))

    def body_of(self, event: Event) -> bytes:
        """Returns the bytes of an event, in Python's JSON spelling, which is what the signature covers."""
        return dumps(event.body).encode()

    def signature_of(self, event: Event) -> str:
        """Returns the value of `Astra-Verification` for an event."""
        secret = self.engine.state.clients[event.client_id].secret
        return sign(self.body_of(event), secret=secret)

    def deliver_pending(self) -> list[Attempt]:
        """Delivers everything that is due on the sandbox's clock, now, and waits for what is under way.

        Returns:
            The attempts that were made meanwhile, in the background too.
        """
        with self.engine.lock:
            self.engine.settle()
        start = len(self.attempts)
        while (delivery := self.next_due()) is not None:
            self.attempt(delivery)
        with self.changed:
            self.changed.wait_for(lambda: self.in_flight == 0, timeout=self.timeout + 1)
            return self.attempts[start:]

    def undelivered(self) -> list[Delivery]:
        """Returns what no receiver that is still registered has confirmed, oldest event first."""
        with self.changed:
            confirmed = {(attempt.event.id, attempt.url) for attempt in self.attempts if attempt.delivered}
            left = [*(delivery for _, _, delivery in self.waiting), *self.kept, *self.abandoned]
            found = {(one.event.id, one.url): one for one in left if one.url in self.urls}
        return sorted(
            (one for key, one in found.items() if key not in confirmed), key=lambda one: (one.event.time, one.url)
        )

    def next_due(self) -> Delivery | None:
        """Takes the next delivery whose time has come."""
        with self.changed:
            if self.waiting and self.waiting[0][0] <= self.engine.clock():
                self.in_flight += 1
                return heapq.heappop(self.waiting)[2]
            return None

    def attempt(self, delivery: Delivery) -> None:
        """Sends an event once and plans the retry when it is not confirmed."""
        status, error = None, None
        try:
            status = self.post(delivery)
        except (OSError, http.client.HTTPException) as problem:
            error = f"{type(problem).__name__}: {problem}"
        now = self.engine.clock()
        attempt = Attempt(
            time=now, event=delivery.event, url=delivery.url, number=delivery.retries + 1, status=status, error=error
        )
        with self.changed:
            self.attempts.append(attempt)
            self.in_flight -= 1
            if not attempt.delivered and delivery.url in self.urls:
                if delivery.retries < MOST_RETRIES:
                    wait = FIRST_RETRY_SECONDS * 2**delivery.retries
                    delivery.retries += 1
                    self.enqueue(delivery, due=now + wait)
                else:
                    self.abandoned.append(delivery)
            self.changed.notify_all()

    def post(self, delivery: Delivery) -> int:
        """POSTs the signed body; gives the status."""
        parts = urlsplit(delivery.url)
        host = parts.hostname or ""
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(host, parts.port, timeout=self.timeout, context=context)
        else:
            connection = http.client.HTTPConnection(host, parts.port, timeout=self.timeout)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Content-Type": "application/json", "Astra-Verification": self.signature_of(delivery.event)}
        try:
            connection.request("POST", target, self.body_of(delivery.event), headers)
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()

    def work(self) -> None:
        """Lets due things happen and delivers what is due, in the background thread."""
        while True:
            with self.engine.lock:
                self.engine.settle()
                due = self.engine.next_due()
            while not self.closed and (delivery := self.next_due()) is not None:
                self.attempt(delivery)
            with self.changed:
                if self.closed:
                    return
                now = self.engine.clock()
                soonest = [moment for moment in (due, self.waiting[0][0] if self.waiting else None) if moment]
                nap = min([LONGEST_NAP, *(max(0.0, moment - now) for moment in soonest)])
                self.changed.wait(timeout=max(nap, 0.01))

    def wake(self) -> None:
        """Tells the background thread that the clock has moved."""
        with self.changed:
            self.changed.notify_all()

    def close(self) -> None:
        """Ends the background thread; what was not delivered stays undelivered."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()
        if self.thread is not None and self.thread is not threading.current_thread():
            self.thread.join(timeout=1)
