"""The steps of hosted pages that have several, and how one page knows of those before it. No state is kept for them:
a page carries what was found out, sealed, and is good for a while."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json

import attrs

from astra._json import is_object
from astra.sandbox.engine.core import Engine
from astra.sandbox.engine.problems import Problem, refused
from astra.sandbox.engine.records import Client

SMS_CODE = "123456"
MOST_TRIES = 3


@attrs.frozen
class Step:
    """One step of a page.

    Attributes:
        name: which step: `phone`, `sms`, `search`, `sign_in`, `mfa`, or `form` for the last one.
        known: what the steps before it found out, by field.
        issued: when the page was shown, in epoch seconds of the sandbox's clock.
    """

    name: str
    known: dict[str, str] = attrs.field(factory=dict[str, str])
    issued: float = 0.0


def expired() -> Problem:
    """Returns the refusal of a page that is too old."""
    return Problem(410, {"error": "page_expired", "error_description": "Start again; nothing was changed."})


def seal(engine: Engine, client: Client, step: Step, *, path: str) -> str:
    """Returns a step as a page carries it: it cannot be changed, and is for this client and page alone."""
    issued = engine.now()
    text = base64.urlsafe_b64encode(json.dumps([step.name, step.known, issued]).encode()).decode()
    return f"{text}.{_signature(engine, client, path, text)}"


def unseal(engine: Engine, client: Client, sealed: str, *, path: str) -> Step:
    """Returns the step that a submitted page was at.

    Raises:
        Problem: 410, when the page is too old, was not made by this sandbox, or before a reset.
    """
    text, _, signature = sealed.partition(".")
    if not hmac.compare_digest(_signature(engine, client, path, text).encode(), signature.encode()):
        raise expired()
    try:
        name, known, issued = json.loads(base64.urlsafe_b64decode(text))
    except (binascii.Error, ValueError):
        raise expired() from None
    if engine.now() - issued > engine.options.page_seconds:
        raise expired()
    return Step(name, known if is_object(known) else {}, issued)


def _signature(engine: Engine, client: Client, path: str, text: str) -> str:
    said = "\n".join((client.id, path, text, str(engine.resets))).encode()
    return hmac.new(client.secret.encode(), said, hashlib.sha256).hexdigest()[:32]


def after_sms(engine: Engine, step: Step, given: str) -> Step:
    """Returns the step that follows the SMS code.

    Raises:
        Problem: the code is too old; then, or after too many wrong ones, the person asks for another.
    """
    if engine.now() - float(step.known["sent"]) > engine.options.sms_seconds:
        raise refused("This code has expired. Ask for a new one.", field="sms_code")
    if int(step.known["tries"]) >= MOST_TRIES:
        raise refused("Too many wrong codes. Ask for a new one.", field="sms_code")
    if given.strip() == SMS_CODE:
        return Step("form", {"phone": step.known["phone"]})
    return Step("sms", {**step.known, "tries": str(int(step.known["tries"]) + 1)})


def sms_sent(engine: Engine, phone: str) -> Step:
    """Returns the step at which the person enters the code of a message that was sent just now."""
    return Step("sms", {"phone": phone, "sent": str(engine.now()), "tries": "0"})
