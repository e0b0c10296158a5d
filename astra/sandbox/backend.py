"""What a sandbox in this process is made of: the rules, the faults, the journal and the sender of webhooks."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from astra.errors import ConfigurationError
from astra.sandbox import storage
from astra.sandbox.answers import Answers
from astra.sandbox.engine.core import Engine
from astra.sandbox.faults import FaultQueue
from astra.sandbox.history import History
from astra.sandbox.journal import Journal
from astra.sandbox.webhooks import WebhookSender, check_target

logger: Final = logging.getLogger("astra.sandbox")

SAVE_SECONDS = 1.0


class Backend:
    """The parts of one sandbox, for its controls and for its HTTP side.

    Args:
        engine: the rules and their state.
        client_id: the OAuth client whose side the controls take.
        redirect_uri: the client's first redirect URI.
        state_path: file to save to; None saves nothing.
        keep_requests: how many received requests are remembered.
        webhook_urls: where a saved state sent webhooks to; registered by `resume`.
        webhook_hosts: host names of other machines that webhooks may be sent to.
        allow_hosts: names by which the sandbox may be reached, beside those of this machine.
        control_token: what control requests over HTTP have to show; None mints one.
        history: what a saved state was asked, told, and had to tell.

    Raises:
        InvalidRequestError: a saved state sends webhooks to another machine, which was not allowed this time.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        client_id: str,
        redirect_uri: str,
        state_path: Path | None,
        keep_requests: int,
        webhook_urls: Sequence[str] = (),
        webhook_hosts: Sequence[str] = (),
        allow_hosts: Sequence[str] = (),
        control_token: str | None = None,
        history: dict[str, Any] | None = None,
    ) -> None:
        self.engine = engine
        self.client_id = client_id
        self.allow_hosts = tuple(allow_hosts)
        self.control_token = secrets.token_urlsafe(24) if control_token is None else control_token
        self.redirect_uri = redirect_uri
        self.state_path = state_path
        self.faults = FaultQueue()
        self.journal = Journal(keep=keep_requests)
        self.answers = Answers(keep=keep_requests)
        self.webhooks = WebhookSender(engine, hosts=webhook_hosts)
        self.url = ""
        self.secure_url = ""
        self.history = History(engine, self.webhooks, self.journal, saved=history)
        self._webhook_urls = [check_target(url, allowed=webhook_hosts) for url in webhook_urls]
        self._closing = threading.Event()
        self._saving = threading.Lock()
        self._saver: threading.Thread | None = None
        self._saved_mark: tuple[int, ...] | None = None
        self._save_failed = False

    def resume(self) -> None:
        """Begins what goes on in the background: webhooks to the URLs of a saved state, and saving."""
        for url in self._webhook_urls:
            self.webhooks.register(url)
        self._webhook_urls.clear()
        self.history.resume()
        if self.state_path is not None:
            self._saver = threading.Thread(target=self._save_after_changes, name="astra-sandbox-saver", daemon=True)
            self._saver.start()

    def close(self) -> None:
        """Ends what goes on in the background, and saves for the last time."""
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
        mark = (self.journal.total, self.engine.state.seq, *totals)
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

    def _save_after_changes(self) -> None:
        while not self._closing.wait(SAVE_SECONDS):
            self.save_changes()
