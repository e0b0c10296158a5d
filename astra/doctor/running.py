"""Runs checks side by side, each in its time: a store or a host that hangs holds up its own check alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping

from astra.doctor.findings import Finding
from astra.errors import AstraError

Probe = Callable[[], Iterable[Finding]]


def run_all(probes: Mapping[str, Probe], *, limit: float) -> list[Finding]:
    """Runs checks, and returns what they found, in the order in which they are given.

    What a check has found before its time is up counts.

    Args:
        probes: checks by name.
        limit: seconds that each may take; all of them together take no longer.
    """
    deadline = time.monotonic() + limit
    runs = [_Run(name, probe) for name, probe in probes.items()]
    for run in runs:
        run.thread.join(max(0.0, deadline - time.monotonic()))
    return [finding for run in runs for finding in run.end(limit)]


class _Run:
    def __init__(self, name: str, probe: Probe) -> None:
        self._name = name
        self._probe = probe
        self._found: list[Finding] = []
        self._is_over = False
        # Nobody waits for one that hangs, neither here nor at the end of the process.
        self.thread = threading.Thread(target=self._work, daemon=True, name=f"astra-doctor-{name}")
        self.thread.start()

    def end(self, limit: float) -> list[Finding]:
        """What was found by now. A check that is late goes no further: it must not write into a store later."""
        self._is_over = True
        late = self.thread.is_alive()
        found = list(self._found)
        return [*found, too_late(self._name, limit)] if late else found

    def _work(self) -> None:
        try:
            for finding in self._probe():
                self._found.append(finding)
                if self._is_over:
                    return
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is told in a line
            self._found.append(failed(self._name, error))


def failed(check: str, error: BaseException) -> Finding:
    """What a check comes to that raised.

    Args:
        check: its name.
        error: what it raised. The text is shown of an error of the SDK alone: that of another may hold anything.
    """
    kind = type(error).__name__
    if isinstance(error, AstraError):
        return Finding(check=check, status="fail", message=f"{kind}: {error}", details={"error": kind})
    return Finding(
        check=check,
        status="fail",
        message=f"the check itself failed: {kind}",
        advice="Please report it, with your versions.",
        details={"error": kind},
    )


def too_late(check: str, limit: float) -> Finding:
    """What a check comes to whose time was up.

    Args:
        check: its name.
        limit: the seconds that it had.
    """
    return Finding(
        check=check,
        status="fail",
        message=f"no answer within {limit:g} s, and it was not waited for any longer",
        advice="Find out what hangs; --timeout gives it more time.",
        details={"error": "timeout"},
    )
