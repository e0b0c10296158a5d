"""Webhooks: their signature, their payload, and when they are sent again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Final

from astra.conformance.checks.payments import NEEDS, pay, transfers_of
from astra.conformance.outcome import CannotTell, Failed, check
from astra.conformance.receiver import Hook
from astra.conformance.world import DAY, World

WEBHOOKS = "reference/webhooks"
FIELDS: Final = ("webhook_type", "webhook_id", "user_id", "resource_id")


def events(world: World) -> list[Hook]:
    """Returns webhooks of this run; a new user intent makes one.

    Raises:
        CannotTell: none came.
    """
    receiver = world.listening()
    if not receiver.hooks:
        world.intent()
        world.hooks()
    if not receiver.hooks:
        raise CannotTell("no webhook came after a new user intent")
    return list(receiver.hooks)


def sign(secret: str, message: bytes) -> str:
    """Returns what `Astra-Verification` is for a message."""
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()


@check("webhook.signature", "`Astra-Verification` is the base64 HMAC-SHA256 of the payload by the client secret.",
       evidence="documented", source=WEBHOOKS, needs=["webhooks"])  # fmt: skip
def signature(world: World) -> None:
    """The signatures of all webhooks."""
    for hook in events(world):
        given = hook.headers.get("astra-verification")
        if not given:
            raise Failed("a webhook has no `Astra-Verification`")
        # The documents hash Python's spelling of the payload; integrating code hashes the bytes.
        spelled = json.dumps(hook.event).encode()
        if given not in (sign(world.target.client_secret, message) for message in (hook.body, spelled)):
            raise Failed("the signature of a webhook is not that of its payload by the client secret")


@check("webhook.payload", "A webhook names its type, its id, the user and the resource.", evidence="documented",
       source=WEBHOOKS, needs=["webhooks"])  # fmt: skip
def payload(world: World) -> None:
    """The payloads of all webhooks."""
    for hook in events(world):
        lacks = [name for name in FIELDS if name not in hook.event]
        if lacks:
            raise Failed(f"a webhook lacks {', '.join(lacks)}")
        if not all(isinstance(hook.event[name], str) for name in ("webhook_type", "webhook_id", "resource_id")):
            raise Failed("a webhook has another type than text in webhook_type, webhook_id or resource_id")


@check("webhook.no-status", "A webhook does not carry the new status; the object has to be read.",
       evidence="documented", source="knowledge base 8301933223", needs=["webhooks"])  # fmt: skip
def no_status(world: World) -> None:
    """The payloads of all webhooks."""
    for hook in events(world):
        if not hook.event:
            raise CannotTell("a webhook is no JSON object")
        if "status" in hook.event:
            raise Failed(f"a webhook of the type {hook.event.get('webhook_type')!r} carries a status")


@check("webhook.intent", "A new user intent is announced by `user_intent_updated` with the intent's id.",
       evidence="documented", source="reference/user-webhooks", needs=["webhooks"])  # fmt: skip
def intent(world: World) -> None:
    """The event of an intent."""
    since = len(world.listening().hooks)
    made = world.intent().expect(200, 201).text("id")
    found = [hook.event for hook in world.hooks(since=since) if hook.event.get("resource_id") == made]
    if not any(event.get("webhook_type") == "user_intent_updated" for event in found):
        raise Failed("no `user_intent_updated` with the intent's id came")


@check("webhook.transfer", "A payment is announced by `transfer_created` with the transfer's id.",
       evidence="documented", source="reference/transfer-webhooks", needs=["webhooks", *NEEDS])  # fmt: skip
def transfer(world: World) -> None:
    """The events of a payment."""
    since = len(world.listening().hooks)
    answer = pay(world)
    if answer.status not in (200, 201):
        raise CannotTell(f"the payment was refused: {answer.name}")
    ids = {str(found.get("id")) for found in transfers_of(world, answer.text("id"))}
    came = [hook.event for hook in world.hooks(since=since, at_least=2)]
    named = {str(event.get("resource_id")) for event in came if event.get("webhook_type") == "transfer_created"}
    if not ids & named:
        raise Failed("no `transfer_created` with the transfer's id came")


def id_of(hooks: list[Hook]) -> str:
    """Returns the id of the first of some webhooks.

    Raises:
        CannotTell: there is none.
    """
    if not hooks:
        raise CannotTell("no webhook came after a new user intent")
    found: object = hooks[0].event.get("webhook_id")
    if not isinstance(found, str) or not found:
        raise CannotTell("a webhook has no text in `webhook_id`")
    return found


def answered(world: World, status: int, *, wait: float) -> list[Hook]:
    """Returns the webhooks of an event whose first one got this answer, within some seconds after it."""
    receiver = world.listening()
    world.hooks(at_least=0)
    since = len(receiver.hooks)
    with receiver.lock:
        receiver.refuse_next[:] = [status]
    world.intent()
    wanted = id_of(world.hooks(since=since))
    if world.means.advance is not None:
        world.advance(wait)
    return [hook for hook in world.hooks(since=since, at_least=2) if hook.event.get("webhook_id") == wanted]


def sent_again(world: World, status: int) -> None:
    """Holds a webhook that got a status to being sent again, unchanged."""
    hooks = answered(world, status, wait=120)
    if len(hooks) < 2:
        raise Failed(f"a webhook that was answered {status} was not sent again with the same webhook_id")
    if hooks[0].body != hooks[1].body:
        raise Failed("a webhook that was sent again has another body")


@check("webhook.retry", "A webhook that is answered 500 is sent again with the same webhook_id.",
       evidence="documented", source=WEBHOOKS, needs=["webhooks"])  # fmt: skip
def retry(world: World) -> None:
    """An answer of 500."""
    sent_again(world, 500)


@check("webhook.only-200", "Only 200 confirms: a webhook that is answered 202 is sent again.",
       evidence="documented", source=WEBHOOKS, needs=["webhooks"])  # fmt: skip
def only_200(world: World) -> None:
    """An answer of 202."""
    sent_again(world, 202)


@check("webhook.confirmed", "A webhook that was confirmed is not sent again.", evidence="documented",
       source=WEBHOOKS, needs=["webhooks", "clock"])  # fmt: skip
def confirmed(world: World) -> None:
    """An answer of 200."""
    hooks = answered(world, 200, wait=6 * 3600)
    if len(hooks) > 1:
        raise Failed("a webhook that was answered 200 was sent again")


@check("webhook.gives-up", "A webhook that is never confirmed is sent eleven times, within about five hours.",
       evidence="documented", source=f"{WEBHOOKS}; a profile of 2026", needs=["webhooks", "clock"])  # fmt: skip
def gives_up(world: World) -> None:
    """A receiver that is out of order."""
    receiver = world.listening()
    world.hooks(at_least=0)
    since = len(receiver.hooks)
    with receiver.lock:
        receiver.refuse_next[:] = [500] * 40
    try:
        world.intent()
        first = world.hooks(since=since)
        world.advance(1.5 * DAY)
        sent = [hook for hook in world.hooks(since=since) if hook.event.get("webhook_id") == id_of(first)]
    finally:
        with receiver.lock:
            receiver.refuse_next.clear()
    if len(sent) != 11:
        raise Failed(f"it was sent {len(sent)} times")


HOOKS = (signature, payload, no_status, intent, transfer, retry, only_200, confirmed, gives_up)
