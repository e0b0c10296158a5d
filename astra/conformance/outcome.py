"""What a check is, and how it can end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Literal

import attrs

if TYPE_CHECKING:
    from astra.conformance.wire import Exchange
    from astra.conformance.world import World

Evidence = Literal["documented", "documented-old", "observed", "inferred", "assumed"]
Need = Literal["person", "code", "decline", "another person", "clock", "webhooks", "payments"]
Verdict = Literal["pass", "fail", "cannot-tell", "not-run"]


class Failed(Exception):
    """The server does not keep the rule. The text shows names, statuses and request ids, never values."""


class CannotTell(Exception):
    """What was there does not show whether the server keeps the rule."""


class NoAnswer(CannotTell):
    """A call got no answer."""


class Busy(CannotTell):
    """A call was answered, again and again, that it cannot be served now.

    Args:
        exchange: the last one.
    """

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(f"the server does not serve it now: {exchange.name}")
        self.exchange = exchange


class ServerGone(Exception):
    """Several calls in a row got no answer, so that the rest would only wait."""


@attrs.frozen(kw_only=True)
class Check:
    """One rule of Astra, and the calls that show whether a server keeps it.

    Attributes:
        id: never changes; a report, a ticket and a list of exceptions name it.
        says: the rule, in a line.
        evidence: how well the rule is known: `documented`, `documented-old`, `observed` (in code that ran against
            Astra), `inferred` (from names or neighbours) or `assumed`.
        source: the page or the code that says so.
        needs: what has to be there beside the client's credentials.
        test: makes the calls; raises `Failed` or `CannotTell`.
    """

    id: str
    says: str
    evidence: Evidence
    source: str
    needs: tuple[Need, ...]
    test: Callable[[World], None] = attrs.field(repr=False)


def check(
    id: str, says: str, *, evidence: Evidence, source: str, needs: Iterable[Need] = ()
) -> Callable[[Callable[[World], None]], Check]:
    """Returns a decorator that makes a check of a function."""

    def make(test: Callable[[World], None]) -> Check:
        return Check(id=id, says=says, evidence=evidence, source=source, needs=tuple(needs), test=test)

    return make


@attrs.frozen
class Result:
    """How a check ended.

    Attributes:
        check: which.
        verdict: `pass`; `fail`; `cannot-tell`, when what was there does not show it; or `not-run`, when something that
            it needs was not there.
        reason: why it is no pass; empty for a pass.
    """

    check: Check
    verdict: Verdict
    reason: str = ""
