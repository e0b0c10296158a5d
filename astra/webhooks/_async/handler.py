"""Handles each webhook once: verify, claim, process, and only then done."""

from __future__ import annotations

import time
from collections.abc import Callable
from os import PathLike

from astra._flavours import CALLBACK_THREADS, AsyncWorkers, async_invoke
from astra.webhooks.dedupe import DEFAULT_LEASE, Claim, DedupeStore, open_dedupe
from astra.webhooks.events import AsyncCallback, WebhookEvent
from astra.webhooks.responses import Delivery, WebhookAnswer, answer_delivery, answer_error, logger
from astra.webhooks.verifier import Webhooks


class AsyncWebhookHandler:
    """Runs your callback once for each event, however often and however concurrently Astra delivers it.

    A delivery is verified, then its event is claimed in the store, then your callback runs, and only when that has
    succeeded is the event marked done. If the callback raises, the claim is given back; if the process dies, the claim
    ends by itself after `lease` seconds; in both cases the next delivery is handled. Astra delivers again until it is
    answered 200, and only a done event is.

    One case runs a callback twice: the process dies, or the store cannot be reached, after the callback's work and
    before the mark. Make the work itself repeatable where that matters, for example an upsert keyed by `event.id`.

    Args:
        webhooks: verifies and parses, for example `astra.webhooks`.
        dedupe: a store, or the URL of one for `open_dedupe`. Processes that receive the same webhooks share it.
        lease: seconds after which a claim that was neither finished nor given back counts as that of a dead process;
            longer than your callback ever takes.
        clock: current time in epoch seconds.

    Example:
        handler = AsyncWebhookHandler(astra.webhooks, dedupe="postgresql://localhost/app")

        async def on_event(event):
            print(event.type, event.resource_id)

        delivery = await handler.handle(body, headers.get("Astra-Verification"), on_event)
        assert delivery.status_code == 200
    """

    def __init__(
        self,
        webhooks: Webhooks,
        *,
        dedupe: DedupeStore | str | PathLike[str],
        lease: float = DEFAULT_LEASE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.webhooks = webhooks
        self.dedupe = open_dedupe(dedupe)
        self._owns_dedupe = self.dedupe is not dedupe
        self.lease = lease
        self._clock = clock
        self._workers = AsyncWorkers()
        self._callbacks = AsyncWorkers(threads=CALLBACK_THREADS)

    async def handle(self, body: bytes, signature: str | None, callback: AsyncCallback) -> Delivery:
        """Handles one delivery.

        Args:
            body: the raw request body.
            signature: the value of the header `Astra-Verification`, None when the request has none.
            callback: called with the event, at most once for all deliveries of it that succeed. Raise `RetryLater`
                in it to have the event delivered again later.

        Returns:
            What the delivery came to; answer its `status_code`.

        Raises:
            WebhookVerificationError: not signed by Astra, or (`WebhookPayloadError`) not a webhook; nothing was called.
            Exception: whatever the callback raises; the event stays open.
        """
        return await self.handle_event(self.webhooks.parse(body, signature), callback)

    async def handle_event(self, event: WebhookEvent, callback: AsyncCallback) -> Delivery:
        """Handles an event that was verified before, for example one that comes out of your own queue.

        Args:
            event: the event.
            callback: see `handle`.

        Returns:
            What it came to.

        Raises:
            Exception: whatever the callback raises; the event stays open.
        """
        claim = await self._workers.run(self.dedupe.claim, event.id, lease=self.lease, now=self._clock())
        if claim.state != "claimed":
            return Delivery("duplicate" if claim.state == "done" else "in_progress", event)
        try:
            await async_invoke(self._callbacks, callback, event)
        except BaseException:
            await self._give_back(event, claim)
            raise
        await self._workers.run(self.dedupe.done, event.id, now=self._clock())
        return Delivery("processed", event)

    async def respond(self, body: bytes, signature: str | None, callback: AsyncCallback) -> WebhookAnswer:
        """Handles one delivery and turns every outcome into an HTTP answer. Errors are logged as "astra.webhooks".

        Args:
            body: see `handle`.
            signature: see `handle`.
            callback: see `handle`.

        Returns:
            The answer to send; see `WebhookAnswer.status_code`.
        """
        try:
            return answer_delivery(await self.handle(body, signature, callback))
        except Exception as error:  # noqa: BLE001  (any failure of a callback has to become a 500)
            return answer_error(error)

    async def close(self) -> None:
        """Closes the store, if a URL opened it.

        Example:
            await handler.close()
        """
        if self._owns_dedupe:
            await self._workers.run(self.dedupe.close)
        self._workers.close()
        self._callbacks.close()

    async def _give_back(self, event: WebhookEvent, claim: Claim) -> None:
        # The callback's error matters more than this one, and the claim ends by itself.
        try:
            await self._workers.run(self.dedupe.release, event.id, token=claim.token)
        except Exception as error:  # noqa: BLE001  (any store)
            logger.warning(
                "the claim of webhook %s was not given back (%s); it ends after its lease",
                event.id,
                type(error).__name__,
            )
