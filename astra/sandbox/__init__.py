"""A local Astra that behaves as documented, with a clock that can be moved and faults on demand.

Needs the `sandbox` extra: `pip install 'astra-finance[sandbox]'`.

Example:
    from astra.sandbox import Sandbox

    with Sandbox() as sandbox:
        print(sandbox.url, sandbox.client_id, sandbox.client_secret)
"""

from __future__ import annotations

from astra._public import publish
from astra.sandbox.controls.root import SandboxControls
from astra.sandbox.engine.clock import SandboxClock
from astra.sandbox.engine.options import Options, Quirks
from astra.sandbox.faults import Fault
from astra.sandbox.journal import ReceivedRequest
from astra.sandbox.remote import RemoteSandbox
from astra.sandbox.sandbox import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, Sandbox
from astra.sandbox.seeding import SeededUser
from astra.sandbox.webhooks import Attempt, Delivery, sign

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "REDIRECT_URI",
    "Attempt",
    "Delivery",
    "Fault",
    "Options",
    "Quirks",
    "ReceivedRequest",
    "RemoteSandbox",
    "Sandbox",
    "SandboxClock",
    "SandboxControls",
    "SeededUser",
    "sign",
]

publish(__name__, __all__)
