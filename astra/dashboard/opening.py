"""From settings to a dashboard, and to the URL that opens it."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime

import attrs

from astra.config import EnvironmentSettings
from astra.dashboard.masking import Masks
from astra.dashboard.pages import DashboardPages, Setting, utc_now
from astra.dashboard.sources import GrantSource, PaymentSource, RequestSource
from astra.errors import ConfigurationError
from astra.tokens.identity import Identity
from astra.web.door import Door
from astra.web.serving import HOST, serving

COMMAND = "`astra dashboard`"


@attrs.frozen(kw_only=True)
class Address:
    """Where a dashboard is.

    Attributes:
        port: its port.
        token: opens it.
    """

    port: int
    token: str = attrs.field(repr=False)

    @property
    def url(self) -> str:
        """The URL to print. Whoever has it may look."""
        return f"http://{HOST}:{self.port}/?token={self.token}"


@contextmanager
def dashboard(
    settings: EnvironmentSettings,
    *,
    listener: socket.socket,
    identity: Identity | None,
    identity_error: ConfigurationError | None = None,
    hides_keys: bool = False,
    now: Callable[[], datetime] = utc_now,
) -> Generator[Address]:
    """Serves a dashboard during the block.

    Args:
        settings: which stores.
        listener: a port of this machine; see `astra.web.serving.listen`.
        identity: whose grants and payments; None when the settings name no client.
        identity_error: why they name none.
        hides_keys: show no key of a user or payment, whatever it looks like.
        now: the time (aware).
    """
    setting = Setting(
        grants=GrantSource(settings.token_store, keys=settings.token_keys),
        payments=PaymentSource(settings.idempotency_store),
        requests=RequestSource(settings.request_log),
        identity=identity,
        identity_error=identity_error,
        masks=Masks(salt=secrets.token_bytes(16), hides_keys=hides_keys),
        now=now,
    )
    port = listener.getsockname()[1]
    address = Address(port=port, token=secrets.token_urlsafe(32))
    door = Door(
        token=address.token, session=secrets.token_urlsafe(32), cookie=f"astra_dashboard_{port}", command=COMMAND
    )
    try:
        with serving(DashboardPages(setting).app(door), listener=listener):
            yield address
    finally:
        setting.close()
