"""Search stops nobody: the programs that a developer looks at go on meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from astra.sandbox import Sandbox
from astra.sandbox.workbench.finding import find


class GrowingProfile(dict[str, Any]):
    """The data of a person; whenever somebody reads them, one more person comes."""

    def __init__(self, sandbox: Sandbox, data: dict[str, Any]) -> None:
        super().__init__(data)
        self._sandbox = sandbox

    def get(self, name: str, default: Any = None) -> Any:
        self._sandbox.users.create()
        return super().get(name, default)


@pytest.mark.parametrize("asked", ["nobody@example.org", "zzzz"])
def test_what_comes_while_somebody_searches_is_no_error(sandbox: Sandbox, asked: str) -> None:
    sandbox.users.create()
    state = sandbox._backend.engine.state
    for user in state.users:
        user.profile = GrowingProfile(sandbox, dict(user.profile))
    before = len(state.users)
    find(asked, state=state, requests=(), events=())
    assert len(state.users) > before
