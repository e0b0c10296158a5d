"""Nobody refreshes for ten days: the grant has ended, and the person has to authorize again."""

from __future__ import annotations

from astra import ReauthorizationRequired, UserSession
from astra.sandbox import SandboxControls


def test_ten_idle_days(astra_sandbox: SandboxControls, astra_user: UserSession) -> None:
    """The first call after the lifetime of the refresh token says that the person is needed."""
    astra_user.profile.get()
    astra_sandbox.advance(days=11)
    try:
        astra_user.profile.get()
        raise AssertionError("the grant has outlived its refresh token")
    except ReauthorizationRequired:
        pass
