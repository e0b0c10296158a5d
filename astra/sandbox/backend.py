"""What a sandbox in this process is made of: the rules, the faults, the journal and the sender of webhooks."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from astra.errors import ConfigurationError
from astra.sandbox import storage
from astra.sandbox.engine.build import Setup, begin_again, build_engine
from astra.sandbox.faults import FaultQueue
from astra.sandbox.history import History
from astra.sandbox.journal import Journal
from astra.sandbox.webhooks import WebhookSender, check_target

logger: Final = logging.getLogger("astra.sandbox")

SAVE_SECONDS = 1.0


class Backend:
    """The parts of one sandbox, for its controls and for its HTTP side.

    Args:
        setup: what the rules and their state are made with; the controls take the side of its client.
        state_path: file to save to; None saves nothing.
        keep_requests: how many received requests are remembered.
        webhook_urls: where webhooks are sent to from the start, and again after a reset.
        webhook_hosts: host names of other machines that webhooks may be sent to.
        allow_hosts: names by which the sandbox may be reached, beside those of this machine.
        control_token: what control requests over HTTP have to show; None mints one.
        saved: a state to continue from.

    Raises:
        InvalidRequestError: webhooks would be sent to another machine, which was not allowed.
    """

    def __init__(
        self,
        setup: Setup,
        *,
        state_path: Path | None,
        keep_requests: int,
        webhook_urls: Sequence[str] = (),
        webhook_hosts: Sequence[str] = (),
        allow_hosts: Sequence[str] = (),
        control_token: str | None = None,
        saved: storage.Saved | None = None,
    ) -> None:
        self.setup = setup
        self.client_id = setup.client_id
        self.redirect_uri = setup.redirect_uris[0]
        self.keep_requests = keep_requests
        self.webhook_hosts = tuple(webhook_hosts)
        self.webhook_urls = [check_target(url, allowed=webhook_hosts) for url in webhook_urls]
        self.allow_hosts = tuple(allow_hosts)
        self.control_token = secrets.token_urlsafe(24) if control_token is None else control_token
        self.state_path = state_path
        self.url = ""
        self.secure_url = ""
        self.before_reset: Callable[[], None] | None = None
        self.engine = (
            build_engine(setup) if saved is None else build_engine(setup, state=saved.state, random=saved.random)
        )
        self._begin(saved, FaultQueue())
        self._turn = threading.Lock()
        self._is_running = False
        self._closing = threading.Event()
        self._saving = threading.Lock()
        self._saver: threading.Thread | None = None
        self._saved_mark: tuple[int, ...] | None = None
        self._save_failed = False

    def _begin(self, saved: storage.Saved | None, faults: FaultQueue) -> None:
        """Makes all that changes with time, beside the engine: at the start, and at a reset."""
        self.faults = faults
        self.journal = Journal(keep=self.keep_requests)
        self.webhooks = WebhookSender(self.engine, hosts=self.webhook_hosts)
        history, urls = (None, []) if saved is None else (saved.history, saved.webhook_urls)
        self.history = History(self.engine, self.webhooks, self.journal, saved=history)
        checked = [check_target(url, allowed=self.webhook_hosts) for url in urls]
        self._webhook_urls = [*self.webhook_urls, *checked]

    def reset(self) -> None:
        """Makes everything new: engine, faults, journal and webhooks are made as at the start. What is under way ends
        without a trace.

        Raises:
            ConfigurationError: the sandbox is closed.
        """
        # No save may be half-way through, and no request: each holds one of the locks.
        with self._turn, self._saving, self.engine.lock:
            if self._closing.is_set():
                raise ConfigurationError("This sandbox is closed; make a new one.")
            if self.before_reset is not None:
                self.before_reset()
            former = self.webhooks
            begin_again(self.engine, self.setup)
            self._begin(None, FaultQueue(last=self.faults.last))
            self.forget_saved()
            if self._is_running:
                self._register()
        former.close()

    def resume(self) -> None:
        """Begins what goes on in the background: webhooks, and saving."""
        self._is_running = True
        self._register()
        if self.state_path is not None:
            self._saver = threading.Thread(target=self._save_after_changes, name="astra-sandbox-saver", daemon=True)
            self._saver.start()

    def _register(self) -> None:
        for url in self._webhook_urls:
            self.webhooks.register(url)
        self._webhook_urls.clear()
        self.history.resume()

    def close(self) -> None:
        """Ends what goes on in the background, and saves for the last time."""
        with self._turn:
            self._closing.set()
        self.webhooks.close()
        if self._saver is not None:
            self._saver.join(timeout=5)
        if self.state_path is not None:
            self.save()

    def save(self) -> None:
        """Writes the state to its file now.

        Raises:
            ConfigurationError: there is no file.
        """
        if self.state_path is None:
            raise ConfigurationError("This sandbox has no state file; give it one: Sandbox(state='sandbox.json').")
        with self._saving:
            urls = list(dict.fromkeys([*self._webhook_urls, *self.webhooks.urls]))
            storage.save(self.engine, self.state_path, webhook_urls=urls, history=self.history)

    def save_changes(self) -> None:
        """Saves if something has changed since it last tried to. What fails is logged once, and tried again at the next
        change."""
        totals = (self.engine.event_total, self.webhooks.attempt_total)
        mark = (self.engine.resets, self.journal.total, self.engine.state.seq, *totals)
        if mark == self._saved_mark:
            return
        self._saved_mark = mark
        try:
            self.save()
        except OSError as error:
            if not self._save_failed:
                logger.warning(
                    "the sandbox's state cannot be saved to %s (%s); the next change tries again",
                    self.state_path,
                    error,
                )
            self._save_failed = True
        else:
            if self._save_failed:
                logger.info("the sandbox's state is saved again to %s", self.state_path)
            self._save_failed = False

    def forget_saved(self) -> None:
        """Takes nothing for saved any more: the state is another one."""
        self._saved_mark = None

    def _save_after_changes(self) -> None:
        while not self._closing.wait(SAVE_SECONDS):
            self.save_changes()
