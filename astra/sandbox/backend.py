"""What a sandbox in this process is made of: the rules, the faults, the journal and the sender of webhooks."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Final

from astra.errors import ConfigurationError
from astra.sandbox.engine.build import Setup, begin_again, build_engine
from astra.sandbox.faults import FaultQueue
from astra.sandbox.journal import Journal
from astra.sandbox.saving import reading
from astra.sandbox.saving.history import History
from astra.sandbox.saving.lock import StateLock
from astra.sandbox.saving.named import NamedStates
from astra.sandbox.saving.reading import Saved
from astra.sandbox.saving.saver import Saver
from astra.sandbox.webhooks import WebhookSender, check_target

logger: Final = logging.getLogger("astra.sandbox")

SAVE_SECONDS = 1.0


class Backend:
    """The parts of one sandbox, for its controls and for its HTTP side.

    Args:
        setup: what the rules and their state are made with; the controls take the side of its client.
        state_lock: the right to the file to save to; None saves nothing.
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
        state_lock: StateLock | None,
        keep_requests: int,
        webhook_urls: Sequence[str] = (),
        webhook_hosts: Sequence[str] = (),
        allow_hosts: Sequence[str] = (),
        control_token: str | None = None,
        saved: Saved | None = None,
    ) -> None:
        self.setup = setup
        self.client_id = setup.client_id
        self.redirect_uri = setup.redirect_uris[0]
        self.keep_requests = keep_requests
        self.webhook_hosts = tuple(webhook_hosts)
        self.webhook_urls = [check_target(url, allowed=webhook_hosts) for url in webhook_urls]
        self.allow_hosts = tuple(allow_hosts)
        self.control_token = secrets.token_urlsafe(24) if control_token is None else control_token
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
        self.named = NamedStates(None if state_lock is None else state_lock.path)
        self.saver: Saver | None = None
        if state_lock is not None:
            last = None if saved is None else saved.last
            self.saver = Saver(state_lock, self.engine, history=self.history, urls=self._urls, last=last)
        self._saving: threading.Thread | None = None
        self._save_turn = threading.Lock()
        self._saved_mark: tuple[object, ...] | None = None
        self._save_failed = False

    def _begin(self, saved: Saved | None, faults: FaultQueue) -> None:
        """Makes all that changes with time, beside the engine: at the start, and at a reset."""
        self.faults = faults
        self.journal = Journal(keep=self.keep_requests)
        self.webhooks = WebhookSender(self.engine, hosts=self.webhook_hosts)
        history, urls = (None, []) if saved is None else (saved.history, saved.webhook_urls)
        self.history = History(self.engine, self.webhooks, self.journal, saved=history)
        checked = [check_target(url, allowed=self.webhook_hosts) for url in urls]
        self._webhook_urls = [*self.webhook_urls, *checked]
        # Not a method of ours: in a circle, a sandbox that nobody holds would not give its file back at once.
        self._urls = partial(urls_of, self._webhook_urls, self.webhooks)

    def reset(self) -> None:
        """Makes everything new: engine, faults, journal and webhooks are made as at the start. What is under way ends
        without a trace.

        Raises:
            ConfigurationError: the sandbox is closed.
        """
        self._begin_again(None)

    def load(self, name: str) -> None:
        """Goes on from a state that `save_as` kept; else as `reset`.

        Raises:
            InvalidRequestError: no state has this name, or it sends webhooks to another machine, which is not allowed.
            ConfigurationError: its file cannot be read, or the sandbox is closed.
        """
        self._check_open()
        path = self.named.to_read(name)
        saved = reading.load(path)
        if saved is None:
            raise ConfigurationError(f"{path} is empty, or was taken away.")
        for url in saved.webhook_urls:
            check_target(url, allowed=self.webhook_hosts)
        self._begin_again(saved)

    def _begin_again(self, saved: Saved | None) -> None:
        with self._turn, self.engine.lock:
            self._check_open()
            if self.before_reset is not None:
                self.before_reset()
            former = self.webhooks
            try:
                if saved is None:
                    begin_again(self.engine, self.setup)
                else:
                    begin_again(self.engine, self.setup, state=saved.state, random=saved.random, now=saved.now)
                self._begin(saved, FaultQueue(last=self.faults.last))
            finally:
                if self.saver is not None:
                    self.saver.go_on_with(self.history, self._urls)
            if self._is_running:
                self._register()
        former.close()

    def save_as(self, name: str) -> None:
        """Keeps the state under a name, in the place of one that had it.

        Raises:
            InvalidRequestError: it is no name.
            ConfigurationError: it cannot be kept, or the sandbox is closed.
        """
        with self._turn, nullcontext() if self.saver is None else self.saver.still():
            self._check_open()
            path = self.named.to_write(name)
            lock = StateLock(path)
            try:
                Saver(lock, self.engine, history=self.history, urls=self._urls).save()
            except OSError as error:
                raise ConfigurationError(f"The state cannot be kept as {path} ({error}).") from error
            finally:
                lock.release()

    def _check_open(self) -> None:
        if self._closing.is_set():
            raise ConfigurationError("This sandbox is closed; make a new one.")

    def resume(self) -> None:
        """Begins what goes on in the background: webhooks, and saving."""
        self._is_running = True
        self._register()
        if self.saver is not None:
            self._saving = threading.Thread(target=self._save_after_changes, name="astra-sandbox-saver", daemon=True)
            self._saving.start()

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
        if self._saving is not None:
            self._saving.join(timeout=5)
        self.named.close()
        if self.saver is not None and self.saver.is_ours:
            self.saver.save()

    def save(self) -> None:
        """Writes the state to its file now.

        Raises:
            ConfigurationError: there is no file, it cannot be written, it is the one of the process that this one was
                forked from, or the sandbox is closed.
        """
        if self.saver is None:
            raise ConfigurationError("This sandbox has no state file; give it one: Sandbox(state='sandbox.db').")
        self._check_open()
        if not self.saver.is_ours:
            raise ConfigurationError(
                f"The state {self.saver.path} belongs to the process that this one was forked from, which saves it."
            )
        try:
            self.saver.save()
        except OSError as error:
            raise ConfigurationError(f"The state cannot be saved to {self.saver.path} ({error}).") from error

    def save_changes(self) -> None:
        """Saves if something has changed since it last did. What fails is logged once, and tried again."""
        if self.saver is None or not self.saver.is_ours:
            return
        with self._save_turn:  # or one thread tells of a failure after another told that it is over
            self._save_changes(self.saver)

    def _save_changes(self, saver: Saver) -> None:
        setting = (self.engine.resets, *self.engine.clock.setting, *self._urls())
        mark = (*self.history.mark(), *setting)
        if mark == self._saved_mark and not saver.is_behind():
            return
        try:
            saver.save()
        except Exception as error:
            if not self._save_failed:
                logger.warning(
                    "the sandbox's state cannot be saved to %s (%s); it is tried again every second",
                    saver.path,
                    error,
                    exc_info=not isinstance(error, OSError),
                )
            self._save_failed, self._saved_mark = True, None
        else:
            if self._save_failed:
                logger.info("the sandbox's state is saved again to %s", saver.path)
            self._save_failed, self._saved_mark = False, mark

    def _save_after_changes(self) -> None:
        while not self._closing.wait(SAVE_SECONDS):
            self.save_changes()


def urls_of(saved: Sequence[str], webhooks: WebhookSender) -> list[str]:
    """Returns where webhooks are sent to, and will be when the sandbox starts."""
    return list(dict.fromkeys([*saved, *webhooks.urls]))
