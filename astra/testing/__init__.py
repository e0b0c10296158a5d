"""Help for tests of programs that use the SDK.

The pytest plugin (`astra.testing.plugin`) is active wherever the SDK and pytest are installed, and gives the fixtures
`astra_sandbox`, `astra_clean_sandbox`, `astra_shared_sandbox`, `astra_class_sandbox`, `astra_module_sandbox`,
`astra_session_sandbox`, `astra_client`, `async_astra_client`, `astra_clock`, `astra_user`, `async_astra_user`,
`astra_deliver_webhooks` and `astra_canned`. This package gives what needs no fixture. Names are loaded when they are
first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from astra.testing.canned import CannedAnswers as CannedAnswers
    from astra.testing.errors import construct_error as construct_error
    from astra.testing.vcr import vcr_settings as vcr_settings
    from astra.testing.webhook_apps import WebhookDelivery as WebhookDelivery
    from astra.testing.webhooks import SignedWebhook as SignedWebhook
    from astra.testing.webhooks import sign_webhook as sign_webhook
    from astra.testing.webhooks import webhook_event as webhook_event

_HOMES = {
    "CannedAnswers": "canned",
    "SignedWebhook": "webhooks",
    "WebhookDelivery": "webhook_apps",
    "construct_error": "errors",
    "sign_webhook": "webhooks",
    "vcr_settings": "vcr",
    "webhook_event": "webhooks",
}

__all__ = [
    "CannedAnswers",
    "SignedWebhook",
    "WebhookDelivery",
    "construct_error",
    "sign_webhook",
    "vcr_settings",
    "webhook_event",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
