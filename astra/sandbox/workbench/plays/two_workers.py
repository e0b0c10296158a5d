"""Two workers find the access token ended at the same moment: both go on, and neither ends the other's token."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from astra import UserSession
from astra.sandbox import SandboxControls


def test_two_workers(astra_sandbox: SandboxControls, astra_user: UserSession) -> None:
    """Both calls succeed, and the grant was refreshed once."""
    user_id = astra_user.profile.get().id
    before = astra_sandbox.refreshes(user_id)
    astra_sandbox.advance(hours=3)
    with ThreadPoolExecutor(max_workers=2) as workers:
        answers = [workers.submit(astra_user.profile.get) for _ in range(2)]
    assert [answer.result().id for answer in answers] == [user_id, user_id]
    assert astra_sandbox.refreshes(user_id) == before + 1
