"""Runs the scenarios against the sandbox of the workbench, and hands them out as tests."""

from __future__ import annotations

import inspect
import traceback
from importlib import import_module
from typing import Any, Final

import attrs

from astra.errors import AstraError
from astra.sandbox.controls.root import SandboxControls
from astra.sandbox.workbench.masking import cut, masked_text


@attrs.frozen(kw_only=True)
class Play:
    """One scenario.

    Attributes:
        name: of its module, and of its test.
        title: for people.
        text: what it shows.
        clock: what it does to the clock of this sandbox, or an empty text.
    """

    name: str
    title: str
    text: str
    clock: str = ""


PLAYS: Final = (
    Play(
        name="lost_answer",
        title="Lost answer",
        text="A payment is made and its answer is lost. The program finds it again, and does not pay twice.",
    ),
    Play(
        name="ten_idle_days",
        title="Ten idle days",
        text="Nobody refreshes for ten days. The grant has ended, and the person has to authorize again.",
        clock="moves the clock by 11 days",
    ),
    Play(
        name="return_after_payout",
        title="Return after payout",
        text="A transfer is processed and comes back days later. Paid is not for ever.",
        clock="moves the clock by 7 days",
    ),
    Play(
        name="two_workers",
        title="Two workers refresh",
        text="Two workers find the access token ended at the same moment. Both go on with one new one.",
        clock="moves the clock by 3 hours",
    ),
    Play(
        name="early_webhook",
        title="Webhook before the answer",
        text="The webhook of a payment is there before the answer to the request that made it.",
    ),
)
_PACKAGE: Final = "astra.sandbox.workbench.plays"


def find(name: str) -> Play | None:
    """Returns a scenario by name, or None.

    Args:
        name: its name.
    """
    return next((play for play in PLAYS if play.name == name), None)


def source_of(play: Play) -> str:
    """Returns a scenario as a test file.

    Args:
        play: the scenario.
    """
    return inspect.getsource(import_module(f"{_PACKAGE}.{play.name}"))


def run(play: Play, controls: SandboxControls) -> tuple[bool, str]:
    """Runs a scenario with a new user, over the network.

    Args:
        play: the scenario.
        controls: of the sandbox.

    Returns:
        Whether it went as it should, and what to say of it.
    """
    from astra import Astra

    if not __debug__:
        return False, "Python was started with -O, which takes the checks out of it."
    test: Any = getattr(import_module(f"{_PACKAGE}.{play.name}"), f"test_{play.name}")
    user = controls.users.create(accounts=2)
    try:
        with Astra(
            client_id=controls.client_id,
            client_secret=controls.client_secret,
            base_url=controls.url,
            secure_base_url=controls.secure_url,
            app_url=controls.url,
            redirect_uri=controls.redirect_uri,
            clock=controls.clock,
            allow_insecure_http=True,
        ) as client:
            session = client.oauth.exchange(controls.authorize(user_id=user.id), key="scenario")
            test(controls, session)
    except (AstraError, AssertionError) as error:
        line = traceback.extract_tb(error.__traceback__)[-1]
        return False, cut(masked_text(f"{type(error).__name__}: {error} ({line.name}: {line.line})"), longest=600)
    return True, f"With the new user {user.id}: search for the id to see what happened."
