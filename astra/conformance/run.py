"""Runs the checks against a server, and keeps how each ended."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Final

import attrs

from astra._printable import printable
from astra.conformance.checks import CHECKS
from astra.conformance.outcome import CannotTell, Check, Failed, Result, ServerGone, Verdict
from astra.conformance.target import Means, Target
from astra.conformance.wire import Exchange
from astra.conformance.world import World

SHORTEST_SECRET: Final = 6
WIDTH: Final = 32
AN_ANSWER: Final = "a server that answers"
STOPPED: Final = "time: it was stopped"
VERDICTS: Final[tuple[Verdict, ...]] = ("pass", "fail", "cannot-tell", "not-run")
CANNOT_BE_READ: Final = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError)
"""What a check runs into when an answer is of another form than anything that was thought of."""


@attrs.frozen(kw_only=True)
class Report:
    """How a run ended.

    Attributes:
        base: the server.
        results: of each check, in their order.
        exchanges: every call of the run; they hold secrets and personal data.
        gone: why the run was ended early; empty when it was not.
    """

    base: str
    results: Sequence[Result]
    exchanges: Sequence[Exchange] = attrs.field(repr=False)
    gone: str = ""

    def count(self, verdict: Verdict) -> int:
        """Returns how many checks ended so."""
        return Counter(result.verdict for result in self.results)[verdict]

    def failed(self) -> list[str]:
        """Returns the ids of the checks that failed."""
        return [result.check.id for result in self.results if result.verdict == "fail"]

    def not_run(self) -> dict[str, list[str]]:
        """Returns the ids of the checks that were not run, by what they need."""
        found: dict[str, list[str]] = {}
        for result in self.results:
            if result.verdict == "not-run":
                found.setdefault(result.reason, []).append(result.check.id)
        return found

    def summary(self) -> str:
        """Returns the counts, and what was not run and why."""
        counts = ", ".join(f"{self.count(verdict)} {verdict}" for verdict in VERDICTS)
        lines = [f"{counts} of {len(self.results)} checks, {len(self.exchanges)} calls to {self.base}"]
        for needs, ids in self.not_run().items():
            lines.append(f"{len(ids)} check{'s' * (len(ids) > 1)} not run, for want of {needs}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Returns the report as JSON values."""
        return {
            "base": self.base,
            "counts": {verdict: self.count(verdict) for verdict in VERDICTS},
            "not_run": self.not_run(),
            "calls": len(self.exchanges),
            "results": [
                {
                    "id": result.check.id,
                    "verdict": result.verdict,
                    "reason": result.reason,
                    "says": result.check.says,
                    "evidence": result.check.evidence,
                    "source": result.check.source,
                    "needs": list(result.check.needs),
                }
                for result in self.results
            ],
        }

    def to_json(self) -> str:
        """Returns the report as JSON."""
        return json.dumps(self.to_dict(), indent=2)

    def to_text(self) -> str:
        """Returns a line for each check, and why it is no pass."""
        lines: list[str] = []
        for result in self.results:
            lines.append(f"{result.verdict:<12}{result.check.id:<{WIDTH}}{result.check.evidence}")
            if result.verdict in ("fail", "cannot-tell"):
                lines += [f"            {result.check.says}", f"            {result.reason} [{result.check.source}]"]
        return "\n".join([*lines, "", self.summary()])


def chosen(only: Collection[str]) -> list[Check]:
    """Returns the checks with these ids, or all of a family that is named; all when nothing is named.

    Raises:
        ValueError: there is none of a name.
    """
    for name in only:
        if not any(check.id == name or check.id.startswith(f"{name}.") for check in CHECKS):
            raise ValueError(f"there is no check {name!r}; --list shows them")
    return [check for check in CHECKS if not only or {check.id, check.id.partition(".")[0]} & set(only)]


def run(
    target: Target, *, means: Means, only: Collection[str] = (), each: Callable[[Result], None] | None = None
) -> Report:
    """Runs the checks.

    Args:
        target: the server.
        means: what can be done beside calling it.
        only: ids or families of checks; all by default.
        each: is told how each ended.

    Raises:
        ValueError: there is no check of a name in `only`.
    """
    checks = chosen(only)
    world = World(target, means)
    results: list[Result] = []
    gone = ""
    try:
        for check in checks:
            ended: tuple[Verdict, str] = ("not-run", gone) if gone else judge(check, world)
            verdict, reason = ended
            if verdict == "not-run" and reason.startswith((AN_ANSWER, STOPPED)):
                gone = reason
            result = Result(check, verdict, without(reason, world.secrets))
            results.append(result)
            if each is not None:
                each(result)
    finally:
        world.close()
    return Report(base=target.base, results=results, exchanges=world.exchanges, gone=gone)


def judge(check: Check, world: World) -> tuple[Verdict, str]:
    """Makes one check."""
    for need in check.needs:
        if lacks := world.means.lacks(need, world.target):
            return "not-run", lacks
    try:
        check.test(world)
    except Failed as error:
        return "fail", str(error)
    except CannotTell as error:
        return "cannot-tell", str(error)
    except ServerGone as error:
        return "not-run", f"{AN_ANSWER}: {error}"
    except KeyboardInterrupt:
        return "not-run", STOPPED
    except CANNOT_BE_READ as error:
        return "cannot-tell", f"an answer cannot be read ({type(error).__name__})"
    return "pass", ""


def without(text: str, secrets: Iterable[str]) -> str:
    """Returns a text without what must not be shown; a second net, as reasons name no values. Names come from the
    server, too, and may not move a terminal's cursor."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, "[hidden]")
    return printable(text)
