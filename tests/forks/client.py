"""A client as programs make it at the top of a module, and used there, before any fork."""

from __future__ import annotations

import os

from astra import Astra
from tests.forks import KEY

astra = Astra.from_env()
astra.bins.get("400022")
astra.user(KEY).profile.get()


def call(times: int) -> dict[str, object]:
    """Makes some calls and says what came of them, and in which process."""
    failed = []
    user = astra.user(KEY)
    for _ in range(times):
        try:
            assert user.profile.get().id == os.environ["ASTRA_USER_ID"]
        except Exception as error:
            failed.append(repr(error))
    return {"process": os.getpid(), "made": times - len(failed), "failed": failed}
