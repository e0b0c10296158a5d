"""What a sandbox in this process is made of: the rules, the faults, the journal and the sender of webhooks."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from astra.errors import ConfigurationError
from astra.sandbox.engine.core import Engine
from astra.sandbox.faults import FaultQueue
from astra.sandbox.journal import Journal
from astra.sandbox.saving.history import History
from astra.sandbox.saving.lock import StateLock
from astra.sandbox.saving.saver import Last, Saver
from astra.sandbox.webhooks import WebhookSender, check_target

logger: Final = logging.getLogger("astra.sandbox")

SAVE_SECONDS = 1.0


class Backend:
    """The parts of one sandbox, for its controls and for its HTTP side.

    Args:
        engine: the rules and their state.
        client_id: the OAuth client whose side the controls take.
        redirect_uri: the client's first redirect URI.
        state_lock: the right to the file to save to; None saves nothing.
        keep_requests: how many received requests are remembered.
        webhook_urls: where a saved state sent webhooks to; registered by `resume`.
        webhook_hosts: host names of other machines that webhooks may be sent to.
        allow_hosts: names by which the sandbox may be reached, beside those of this machine.
        control_token: what control requests over HTTP have to show; None mints one.
        history: what a saved state was asked, told, and had to tell.
        last: what stands in the file of the state, to add to it; None writes it anew.

    Raises:
        InvalidRequestError: a saved state sends webhooks to another machine, which was not allowed this time.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        client_id: str,
        redirect_uri: str,
        state_lock: StateLock | None,
        keep_requests: int,
        webhook_urls: Sequence[str] = (),
        webhook_hosts: Sequence[str] = (),
        allow_hosts: Sequence[str] = (),
        control_token: str | None = None,
        history: dict[str, Any] | None = None,
        last: Last | None = None,
    ) -> None:
        self.engine = engine
        self.client_id = client_id
        self.allow_hosts = tuple(allow_hosts)
        self.control_token = secrets.token_urlsafe(24) if control_token is None else control_token
        self.redirect_uri = redirect_uri
        self.faults = FaultQueue()
        self.journal = Journal(keep=keep_requests)
        self.webhooks = WebhookSender(engine, hosts=webhook_hosts)
        self.url = ""
        self.secure_url = ""
        self.history = History(engine, self.webhooks, self.journal, saved=history)
        self._webhook_urls = [check_target(url, allowed=webhook_hosts) for url in webhook_urls]
        self._closing = threading.Event()
        self.saver: Saver | None = None
        if state_lock is not None:
            # Not a method of ours: in a circle, a sandbox that nobody holds would not give its file back at once.
            urls = partial(urls_of, self._webhook_urls, self.webhooks)
            self.saver = Saver(state_lock, engine, history=self.history, urls=urls, last=last)
        self._saving: threading.Thread | None = None
        self._saved_mark: tuple[object, ...] | None = None
        self._save_failed = False

    def resume(self) -> None:
        """Begins what goes on in the background: webhooks to the URLs of a saved state, and saving."""
        for url in self._webhook_urls:
            self.webhooks.register(url)
        self._webhook_urls.clear()
        self.history.resume()
        if self.saver is not None:
            self._saving = threading.Thread(target=self._save_after_changes, name="astra-sandbox-saver", daemon=True)
            self._saving.start()

    def close(self) -> None:
        """Ends what goes on in the background, and saves for the last time."""
        self._closing.set()
        self.webhooks.close()
        if self._saving is not None:
            self._saving.join(timeout=5)
        if self.saver is not None and self.saver.is_ours:
            self.saver.save()

    def save(self) -> None:
        """Writes the state to its file now.

        Raises:
            ConfigurationError: there is no file, or it is the one of the process that this one was forked from.
            OSError: the file cannot be written.
        """
        if self.saver is None:
            raise ConfigurationError("This sandbox has no state file; give it one: Sandbox(state='sandbox.db').")
        if not self.saver.is_ours:
            raise ConfigurationError(
                f"The state {self.saver.path} belongs to the process that this one was forked from, which saves it."
            )
        self.saver.save()

    def save_changes(self) -> None:
        """Saves if something has changed since it last tried to. What fails is logged once, and tried again at the next
        change."""
        if self.saver is None or not self.saver.is_ours:
            return
        mark = (*self.history.mark(), *self.engine.clock.setting, *urls_of(self._webhook_urls, self.webhooks))
        if mark == self._saved_mark and not self.saver.is_behind():
            return
        self._saved_mark = mark
        try:
            self.save()
        except OSError as error:
            if not self._save_failed:
                logger.warning(
                    "the sandbox's state cannot be saved to %s (%s); the next change tries again",
                    self.saver.path,
                    error,
                )
            self._save_failed = True
        else:
            if self._save_failed:
                logger.info("the sandbox's state is saved again to %s", self.saver.path)
            self._save_failed = False

    def _save_after_changes(self) -> None:
        while not self._closing.wait(SAVE_SECONDS):
            self.save_changes()


def urls_of(saved: Sequence[str], webhooks: WebhookSender) -> list[str]:
    """Returns where webhooks are sent to, and will be when the sandbox starts."""
    return list(dict.fromkeys([*saved, *webhooks.urls]))
