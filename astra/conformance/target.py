"""What is tested, and what can be done there beside calling it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs

from astra.conformance.outcome import Need

WHY: Final[dict[Need, str]] = {
    "person": "a user: ASTRA_REFRESH_TOKEN, --code, or --interactive and a person who authorizes",
    "code": "a person who opens a link and authorizes (--interactive)",
    "decline": "a person who opens a link and declines, as a sandbox of one's own has",
    "another person": "a second person who authorizes, as a sandbox of one's own has",
    "clock": "a clock that can be moved, which only a sandbox of one's own has",
    "webhooks": "a receiver of webhooks (--webhook-url)",
    "payments": "leave to move money (--with-payments)",
}


@attrs.frozen(kw_only=True)
class Target:
    """A server and a client's credentials there.

    Attributes:
        base: origin of the API, such as `https://api-sandbox.astra.finance`.
        app: origin of the hosted module.
        client_id: the OAuth client's id.
        client_secret: its secret.
        redirect_uri: a registered redirect URI.
        refresh_token: of a user who has authorized already; None lets a person authorize.
        code: that such a user came back with, which has not been exchanged yet.
        phone: of the person who authorizes; None makes one up, which only a sandbox accepts.
        timeout: seconds that a whole answer may take.
    """

    base: str
    app: str
    client_id: str
    client_secret: str = attrs.field(repr=False)
    redirect_uri: str
    refresh_token: str | None = attrs.field(default=None, repr=False)
    code: str | None = attrs.field(default=None, repr=False)
    phone: str | None = attrs.field(default=None, repr=False)
    timeout: float = 30.0


@attrs.frozen(kw_only=True)
class Means:
    """What a run can do beside calling the API. Checks that need what is None are not run.

    Attributes:
        authorize: opens a link of the hosted module, lets a person agree, and returns where it was redirected to.
        decline: the same for a person who declines.
        advance: moves the server's clock, by seconds.
        listen: sends the server's webhooks to a URL of this machine.
        webhook_port: port of this machine to receive webhooks on; 0 takes any free one.
        settle: waits until the webhooks that are due were sent.
        patience: seconds to wait for a webhook, where there is no `settle`.
        everybody: whether `authorize` works for any number of people, as a sandbox's forms do.
        payments: whether money may be moved.
    """

    authorize: Callable[[str], str] | None = None
    decline: Callable[[str], str] | None = None
    advance: Callable[[float], None] | None = None
    listen: Callable[[str], None] | None = None
    webhook_port: int = 0
    settle: Callable[[], None] | None = None
    patience: float = 60.0
    everybody: bool = False
    payments: bool = False

    def lacks(self, need: Need, target: Target) -> str | None:
        """Returns what has to be there to meet a need, or None when it is met."""
        met = {
            "person": self.authorize is not None or target.refresh_token is not None,
            "code": self.authorize is not None,
            "decline": self.decline is not None,
            "another person": self.authorize is not None and self.everybody,
            "clock": self.advance is not None,
            "webhooks": self.listen is not None,
            "payments": self.payments,
        }
        return None if met[need] else WHY[need]
