"""Runs the scenarios against the sandbox of the workbench, and hands them out as tests."""

from __future__ import annotations

import contextlib
import copy
import inspect
import logging
import traceback
from importlib import import_module
from typing import Any, Final

import attrs

from astra.errors import InvalidRequestError
from astra.sandbox.controls.network import Faults
from astra.sandbox.controls.root import SandboxControls
from astra.sandbox.faults import Fault
from astra.sandbox.workbench.masking import cut, masked_text

log = logging.getLogger("astra.sandbox")


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
        text="A transfer is processed and comes back days later. Paid is not forever.",
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


class NotedFaults(Faults):
    """The faults of a sandbox, of which those that are added here can be taken back."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(faults._target)
        self._noted: list[Fault] = []

    def _add(self, **fault: Any) -> Fault:
        added: Fault = super()._add(**fault)
        self._noted.append(added)
        return added

    def take_back(self) -> None:
        """Forgets those that have not struck as often as they should."""
        for fault in self._noted:
            with contextlib.suppress(InvalidRequestError):
                self.remove(fault.id)


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
    lent = copy.copy(controls)
    lent.faults = faults = NotedFaults(controls.faults)
    try:
        user = controls.users.create(accounts=2)
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
            test(lent, session)
    except Exception as error:
        log.info("the scenario %s went another way", play.name, exc_info=True)
        line = traceback.extract_tb(error.__traceback__)[-1]
        return False, cut(masked_text(f"{type(error).__name__}: {error} ({line.name}: {line.line})"), longest=600)
    finally:
        faults.take_back()
    return True, f"With the new user {user.id}: search for the id to see what happened."
