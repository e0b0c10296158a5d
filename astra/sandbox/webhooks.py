"""Sends webhooks: signed, retried on the sandbox's clock, and on demand late, doubled or out of order."""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Literal
from urllib.parse import urlsplit

import attrs

from astra._names import names_of_the_spec
from astra.config import is_loopback
from astra.errors import ConfigurationError, InvalidRequestError
from astra.sandbox.endpoint import Endpoint
from astra.sandbox.engine.core import Engine, Event
from astra.sandbox.engine.encoding import dumps

MOST_RETRIES = 10
FIRST_RETRY_SECONDS = 18.0  # doubled ten times, the retries span about five hours
TIMEOUT_SECONDS = 10.0
LONGEST_NAP = 0.5
KEPT: Final = 10_000
"""How many attempts, and how many deliveries that were given up, are kept."""
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
        time: when it was due, in epoch seconds of the sandbox's clock.
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


def check_target(url: object, *, allowed: Sequence[str]) -> str:
    """Returns a URL that webhooks may be sent to.

    Args:
        url: the URL.
        allowed: host names that are no address of this machine.

    Raises:
        InvalidRequestError: it is no http(s) URL, or of another machine.
    """
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host or any(char <= " " or char > "~" for char in str(url)):
        raise InvalidRequestError("A webhook URL starts with https:// or http://, and names a host.", argument="url")
    if not is_loopback(host) and host not in allowed:
        raise InvalidRequestError(
            f"The sandbox sends webhooks to this machine only, and {host!r} is another one. Allow it with "
            "Sandbox(webhook_hosts=[...]) or `astra sandbox --webhook-host NAME`.",
            argument="url",
        )
    return str(url)


class WebhookSender:
    """Sends the events of a sandbox's client as soon as a URL is registered: in order to each, and to none of them
    later because another one hangs.

    Args:
        engine: whose events.
        hosts: host names that are no address of this machine, and may be sent to.
    """

    def __init__(self, engine: Engine, *, hosts: Sequence[str] = ()) -> None:
        self.engine = engine
        self.hosts = tuple(hosts)
        self.endpoints: dict[str, Endpoint[Delivery]] = {}
        self.attempts: deque[Attempt] = deque(maxlen=KEPT)
        self.attempt_total = 0
        self.abandoned: deque[Delivery] = deque(maxlen=KEPT)
        self.abandoned_total = 0
        self.plan_total = 0
        self.kept: list[Delivery] = []
        self.holding = False
        self.changed = threading.Condition()
        self.ticker: threading.Thread | None = None
        self.closed = False
        self.timeout = TIMEOUT_SECONDS
        engine.on_event = self.accept

    @property
    def urls(self) -> list[str]:
        """Where events are sent to."""
        return list(self.endpoints)

    def register(self, url: str) -> None:
        """Sends events from now on to this URL. Plain http is accepted, for receivers on this machine.

        Raises:
            InvalidRequestError: it is no URL, or one of another machine.
            ConfigurationError: the sandbox is closed, or was reset in this moment.
        """
        checked = check_target(url, allowed=self.hosts)
        with self.changed:
            if self.closed:
                raise ConfigurationError(f"The sandbox was closed or reset meanwhile; {checked} is not registered.")
            if checked in self.endpoints:
                return
            endpoint = self.endpoints[checked] = Endpoint[Delivery](checked)
            self._begin(lambda: self._serve(endpoint), endpoint)
            if self.ticker is None:
                self.ticker = self._begin(self._tick)

    def unregister(self, url: str) -> None:
        """Sends nothing more to this URL.

        Raises:
            InvalidRequestError: it is not registered.
        """
        with self.changed:
            endpoint = self.endpoints.pop(url, None)
            if endpoint is None:
                raise InvalidRequestError(f"{url!r} is not registered.", argument="url")
            endpoint.is_over = True
            self.changed.notify_all()

    def accept(self, event: Event) -> None:
        """Takes a new event from the engine."""
        with self.changed:
            for url in self.endpoints:
                self.plan(Delivery(event, url), due=event.time)

    def hold(self) -> None:
        """Keeps events back until `release`."""
        with self.changed:
            self.holding = True
            waiting = [one for endpoint in self.endpoints.values() for one in endpoint.take_all()]
            self.kept.extend(delivery for _, _, delivery in sorted(waiting, key=lambda one: one[:2]))

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
                self.plan(Delivery(delivery.event, delivery.url, delivery.retries), due=now)

    def redeliver(self, webhook_id: str) -> None:
        """Sends an event once more, as Astra does when a confirmation was lost.

        Raises:
            InvalidRequestError: there is no such event.
        """
        with self.engine.lock:
            event = next((event for event in self.engine.events if event.id == webhook_id), None)
        if event is None:
            raise InvalidRequestError(f"There is no event {webhook_id!r}.", argument="webhook_id")
        self.accept(attrs.evolve(event, time=self.engine.clock()))

    def body_of(self, event: Event) -> bytes:
        """Returns the bytes of an event, in Python's JSON spelling, which is what the signature covers."""
        names = names_of_the_spec()
        return dumps(event.body if names is None else names.announced(event.type, event.body)).encode()

    def signature_of(self, event: Event) -> str:
        """Returns the value of `Astra-Verification` for an event."""
        secret = self.engine.state.clients[event.client_id].secret
        return sign(self.body_of(event), secret=secret)

    def deliver_pending(self) -> list[Attempt]:
        """Waits until everything that is due on the sandbox's clock was sent.

        Returns:
            The attempts that were made meanwhile.
        """
        with self.engine.lock:
            self.engine.settle()
        with self.changed:
            start = self.attempt_total
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.closed or not self._is_behind())
            made = self.attempt_total - start
            return list(self.attempts)[-made:] if made else []

    def undelivered(self) -> list[Delivery]:
        """Returns what no receiver that is still registered has confirmed, oldest event first."""
        with self.changed:
            confirmed = {(attempt.event.id, attempt.url) for attempt in self.attempts if attempt.delivered}
            waiting = [one for endpoint in self.endpoints.values() for _, one in endpoint.waiting()]
            left = [one for one in (*waiting, *self.kept, *self.abandoned) if one.url in self.endpoints]
        found = {(one.event.id, one.url): one for one in left}
        return sorted(
            (one for key, one in found.items() if key not in confirmed), key=lambda one: (one.event.time, one.url)
        )

    def next_due(self) -> float | None:
        """Returns when the next event is sent, or sent again, on the sandbox's clock (epoch seconds)."""
        with self.changed:
            moments = [moment for endpoint in self.endpoints.values() if (moment := endpoint.due()) is not None]
        return min(moments, default=None)

    def waiting(self) -> list[tuple[float, Delivery]]:
        """Returns what waits or is under way, and when it is due; the caller holds the lock."""
        return [one for endpoint in self.endpoints.values() for one in endpoint.waiting()]

    def wake(self) -> None:
        """Tells the background that the clock has moved."""
        with self.changed:
            self.changed.notify_all()

    def close(self) -> None:
        """Ends what goes on in the background; what was not delivered stays undelivered."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()
            endpoints = list(self.endpoints.values())
        for endpoint in endpoints:
            endpoint.abort()
        ends = time.monotonic() + 1
        for thread in (self.ticker, *(endpoint.thread for endpoint in endpoints)):
            if thread is not None and thread is not threading.current_thread():
                thread.join(timeout=max(0.0, ends - time.monotonic()))

    def _begin(self, work: Callable[[], None], endpoint: Endpoint[Delivery] | None = None) -> threading.Thread:
        thread = threading.Thread(target=work, name="astra-sandbox-webhooks", daemon=True)
        if endpoint is not None:
            endpoint.thread = thread
        thread.start()
        return thread

    def plan(self, delivery: Delivery, *, due: float) -> None:
        """Plans a delivery; the caller holds the lock."""
        self.plan_total += 1
        if self.holding:
            self.kept.append(delivery)
        elif delivery.url in self.endpoints:
            self.endpoints[delivery.url].add(delivery, due=due)
            self.changed.notify_all()

    def _is_behind(self) -> bool:
        now = self.engine.clock()
        return any(endpoint.is_busy or endpoint.is_due(now) for endpoint in self.endpoints.values())

    def _is_over(self, endpoint: Endpoint[Delivery]) -> bool:
        return self.closed or endpoint.is_over

    def _serve(self, endpoint: Endpoint[Delivery]) -> None:
        """Sends to one URL what is due there, one after the other."""
        while True:
            with self.changed:
                while not (self._is_over(endpoint) or endpoint.is_due(self.engine.clock())):
                    # The clock may have been moved without a word.
                    self.changed.wait(timeout=self._nap(endpoint.due()))
                if self._is_over(endpoint):
                    return
                due, delivery = endpoint.take()
                endpoint.is_busy = True
            attempt = self._attempt(endpoint, delivery, due=due)
            with self.changed:
                endpoint.is_busy = False
                # What the end of the sandbox cut off was no attempt: it is saved as waiting.
                if attempt.delivered or not self._is_over(endpoint):
                    endpoint.under_way = None
                    self._note(attempt, delivery)
                self.changed.notify_all()

    def _attempt(self, endpoint: Endpoint[Delivery], delivery: Delivery, *, due: float) -> Attempt:
        status, error = None, None
        try:
            event = delivery.event
            signed = {"Content-Type": "application/json", "Astra-Verification": self.signature_of(event)}
            status = endpoint.post(self.body_of(event), signed, timeout=self.timeout)
        except Exception as problem:  # noqa: BLE001 - whatever a URL does, the next event is sent to it, too
            error = f"{type(problem).__name__}: {problem}"
        number = delivery.retries + 1
        return Attempt(time=due, event=delivery.event, url=delivery.url, number=number, status=status, error=error)

    def _note(self, attempt: Attempt, delivery: Delivery) -> None:
        """Keeps an attempt, and plans the next one after one that was not confirmed; the caller holds the lock."""
        self.attempts.append(attempt)
        self.attempt_total += 1
        if attempt.delivered:
            return
        if delivery.retries < MOST_RETRIES:
            # From when it was due: after a jump of the clock each retry happens at its own time, too.
            wait = FIRST_RETRY_SECONDS * 2**delivery.retries
            delivery.retries += 1
            self.plan(delivery, due=attempt.time + wait)
        else:
            self.abandoned.append(delivery)
            self.abandoned_total += 1

    def _tick(self) -> None:
        """Lets due things happen although nobody asks."""
        while True:
            with self.engine.lock:
                self.engine.settle()
                due = self.engine.next_due()
            with self.changed:
                if self.closed:
                    return
                for endpoint in self.endpoints.values():
                    endpoint.abort_late()
                self.changed.wait(timeout=self._nap(due))

    def _nap(self, due: float | None) -> float:
        left = LONGEST_NAP if due is None else due - self.engine.clock()
        return min(max(left, 0.01), LONGEST_NAP)
