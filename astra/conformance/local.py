"""A sandbox of one's own as the server: its forms are walked, its clock is moved, its webhooks are asked for."""

from __future__ import annotations

from astra.conformance.hosted import walk
from astra.conformance.target import Means, Target
from astra.sandbox.controls.root import SandboxControls


def target_of(sandbox: SandboxControls) -> Target:
    """Returns a sandbox as a target."""
    return Target(
        base=sandbox.url,
        app=sandbox.url,
        client_id=sandbox.client_id,
        client_secret=sandbox.client_secret,
        redirect_uri=sandbox.redirect_uri,
    )


def means_of(sandbox: SandboxControls, *, payments: bool) -> Means:
    """Returns what can be done with a sandbox, in this process or behind a URL."""

    def advance(seconds: float) -> None:
        sandbox.advance(seconds=seconds)

    def settle() -> None:
        sandbox.webhooks.deliver_pending()

    return Means(
        authorize=lambda link: walk(link, decision="allow", timeout=30.0),
        decline=lambda link: walk(link, decision="decline", timeout=30.0),
        advance=advance,
        listen=sandbox.webhooks.register,
        settle=settle,
        everybody=True,
        payments=payments,
    )
