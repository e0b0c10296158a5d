"""The controls of what goes over the network: `sandbox.faults` and `sandbox.webhooks`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from astra.sandbox.controls.calling import Controls, action
from astra.sandbox.controls.checks import check_choice, check_limit, page_of
from astra.sandbox.engine.core import Event
from astra.sandbox.engine.made_up import KINDS, make_up
from astra.sandbox.faults import Drop, Fault
from astra.sandbox.webhooks import Attempt, Delivery, Order


class Faults(Controls):
    """What should go wrong, as `sandbox.faults`: a request is hit by the first fault that fits it.

    Example:
        sandbox.faults.add(operation="create_routine", drop="after")  # the payment is made, and its answer is lost
    """

    _group = "faults"

    def add(
        self,
        *,
        operation: str | None = None,
        status: int | None = None,
        body: Any = None,
        headers: dict[str, str] | None = None,
        garbage: bool | bytes = False,
        delay: float = 0.0,
        hold: float = 0.0,
        drop: Drop | None = None,
        reset: bool = False,
        after_bytes: int | None = None,
        slow: float = 0.0,
        act: bool | None = None,
        skip: int = 0,
        times: int | None = 1,
    ) -> Fault:
        """Adds a fault.

        Args:
            operation: the operation it hits, such as `create_routine`; None hits every operation.
            status: the status to answer with. Nothing is done then, unless `act` is true.
            body: the answer's body: JSON values, or text or bytes as they are.
            headers: more headers for the answer, such as `{"Retry-After": "1"}`.
            garbage: acts, and answers with HTML in place of JSON; or with these bytes.
            delay: acts, and answers this many seconds late.
            hold: waits this many seconds before acting.
            drop: closes the connection without an answer, `before` or `after` acting.
            reset: with `drop`, resets the connection instead of closing it.
            after_bytes: acts, sends only this many bytes of the whole HTTP answer, and closes the connection.
            slow: acts, and spreads the answer's body over this many seconds.
            act: whether the operation is done; by default only a `status` or `drop="before"` keeps it from being done.
            skip: how many matching requests pass first.
            times: how many requests are hit; None hits all.

        Returns:
            The fault, whose `hits` tells how often it has hit.

        Raises:
            InvalidRequestError: there is no such operation, or an argument makes no sense.

        Example:
            fault = sandbox.faults.add(operation="get_user", status=503, times=2)
        """
        given: dict[str, Any] = {name: value for name, value in locals().items() if name != "self"}
        asked: Any = headers  # JSON brings anything
        given["headers"] = {**asked} if isinstance(asked, Mapping) else asked or {}
        return attrs.evolve(self._add(**given), count=self._hits)

    @property
    @action
    def unstruck(self) -> list[Fault]:
        """The faults that have hit nothing so far. A test that ends with one has not tested what it says."""
        return self._backend.faults.unstruck()

    @action
    def remove(self, fault_id: int) -> None:
        """Forgets one fault.

        Args:
            fault_id: the fault's `id`.

        Raises:
            InvalidRequestError: it has struck as often as it should, was forgotten, or never was there.

        Example:
            sandbox.faults.remove(fault.id)
        """
        self._backend.faults.remove(fault_id)

    @action
    def clear(self) -> None:
        """Forgets all faults.

        Example:
            sandbox.faults.clear()
        """
        self._backend.faults.clear()

    @action
    def _add(self, **fault: Any) -> Fault:
        return self._backend.faults.add(Fault(**fault))

    @action
    def _hits(self, fault_id: int) -> int:
        return self._backend.faults.count(fault_id)


class Webhooks(Controls):
    """The webhooks of the client, as `sandbox.webhooks`.

    Events go out by themselves, in the background, as soon as a URL is registered. `hold` keeps them back, and
    `release` sends them in another order or more than once.
    """

    _group = "webhooks"

    @property
    @action
    def events(self) -> list[Event]:
        """The latest events, sent or not, oldest first; `find_events` has pages."""
        with self._backend.engine.lock:
            return list(self._backend.engine.events)

    @property
    @action
    def urls(self) -> list[str]:
        """Where events are sent to."""
        return list(self._backend.webhooks.urls)

    @property
    @action
    def attempts(self) -> list[Attempt]:
        """The latest attempts to deliver an event, oldest first; `find_attempts` has pages."""
        return list(self._backend.webhooks.attempts)

    @property
    @action
    def abandoned(self) -> list[Delivery]:
        """What was never confirmed, and is not tried any more."""
        return list(self._backend.webhooks.abandoned)

    @property
    @action
    def undelivered(self) -> list[Delivery]:
        """What is held back, waits for its next attempt, or was given up, for a URL that is still registered."""
        return self._backend.webhooks.undelivered()

    @action
    def find_events(
        self,
        *,
        type: str | None = None,
        user_id: str | None = None,
        resource_id: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> list[Event]:
        """Reads a page of the events that fit, oldest first.

        Args:
            type: a `webhook_type`, such as "transfer_updated".
            user_id: Astra's id of the user.
            resource_id: Astra's id of what the events are about.
            after: id of the last event of the page before.
            limit: how many, 1 to 1000.

        Returns:
            The events.

        Raises:
            InvalidRequestError: the limit cannot be, or the event `after` is not kept any more.

        Example:
            page = sandbox.webhooks.find_events(type="transfer_updated", limit=10)
        """
        with self._backend.engine.lock:
            events = list(self._backend.engine.events)
        wanted = {"user_id": user_id, "resource_id": resource_id}
        return page_of(
            events,
            fits=lambda event: (
                type in (None, event.type)
                and all(value in (None, event.body.get(name)) for name, value in wanted.items())
            ),
            id_of=lambda event: event.id,
            after=after,
            limit=limit,
        )

    @action
    def find_attempts(
        self, *, url: str | None = None, event_id: str | None = None, delivered: bool | None = None, limit: int = 100
    ) -> list[Attempt]:
        """Reads the latest attempts that fit, oldest first.

        Args:
            url: where to.
            event_id: the `webhook_id`.
            delivered: whether the receiver confirmed.
            limit: how many, 1 to 1000.

        Returns:
            The attempts.

        Raises:
            InvalidRequestError: the limit cannot be.

        Example:
            failed = sandbox.webhooks.find_attempts(delivered=False)
        """
        fitting = [
            one
            for one in list(self._backend.webhooks.attempts)
            if url in (None, one.url) and event_id in (None, one.event.id) and delivered in (None, one.delivered)
        ]
        return fitting[-check_limit(limit) :]

    @action
    def register(self, url: str) -> None:
        """Sends events from now on to a URL.

        Args:
            url: where to send them: this machine, or a host of `Sandbox(webhook_hosts=...)`. Plain http is accepted.

        Raises:
            InvalidRequestError: it is no URL that starts with https:// or http://, or one of another machine.

        Example:
            sandbox.webhooks.register("http://127.0.0.1:8000/webhooks/astra")
        """
        self._backend.webhooks.register(url)

    @action
    def unregister(self, url: str) -> None:
        """Sends nothing more to a URL.

        Args:
            url: one that was registered.

        Raises:
            InvalidRequestError: it was not.

        Example:
            sandbox.webhooks.unregister(url)
        """
        self._backend.webhooks.unregister(url)

    @action
    def hold(self) -> None:
        """Keeps events back until `release`.

        Example:
            sandbox.webhooks.hold()
        """
        self._backend.webhooks.hold()

    @action
    def release(self, *, order: Order = "sent", copies: int = 1, seed: int = 0) -> None:
        """Sends what was kept back.

        Args:
            order: `sent` as they happened, `reversed`, or `random`.
            copies: how often each is sent, with the same `webhook_id`.
            seed: makes the order `random` another one.

        Raises:
            InvalidRequestError: the order is unknown.

        Example:
            sandbox.webhooks.release(order="reversed", copies=3)
        """
        check_choice("order", order, ("sent", "reversed", "random"))
        self._backend.webhooks.release(order=order, copies=copies, seed=seed)

    @action
    def redeliver(self, webhook_id: str) -> None:
        """Sends an event once more, as Astra does when a confirmation was lost.

        Args:
            webhook_id: the event's id.

        Raises:
            InvalidRequestError: there is no such event.

        Example:
            sandbox.webhooks.redeliver(sandbox.webhooks.events[-1].id)
        """
        self._backend.webhooks.redeliver(webhook_id)

    @action
    def make_up(
        self, type: str, *, user_id: str | None = None, resource_id: str | None = None, send: bool = True
    ) -> Event:
        """Sends an event about nothing that happened, to see what a receiver makes of it.

        It is about the newest object of its kind, so that reading it again finds something, or else about a made-up
        id. Of some types Astra's documents do not show the payload: `astra trigger` lists them, and what is assumed.

        Args:
            type: the `webhook_type`, such as "transfer_updated".
            user_id: whom it names; by default the owner of what it is about.
            resource_id: what it is about; by default the newest object of its kind.
            send: False makes it and sends it nowhere.

        Returns:
            The event.

        Raises:
            InvalidRequestError: the type is none that the spec knows.

        Example:
            sandbox.webhooks.make_up("chargeback_created")
        """
        check_choice("type", type, sorted(KINDS))
        backend = self._backend
        with backend.engine.lock:
            return make_up(
                backend.engine, type, client_id=backend.client_id, user_id=user_id, resource_id=resource_id, send=send
            )

    @action
    def deliver_pending(self) -> list[Attempt]:
        """Waits until everything that is due on the sandbox's clock was sent.

        Returns:
            The attempts that were made meanwhile.

        Example:
            assert all(attempt.delivered for attempt in sandbox.webhooks.deliver_pending())
        """
        return self._backend.webhooks.deliver_pending()
