"""Is all well after `reconcile`? Decisions only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import attrs

from astra.payments.report import ReconcileReport

NEW: Final = timedelta(days=1)
"""A store whose first payment is younger may be another one than the one before."""


@attrs.frozen(kw_only=True)
class Run:
    """What is known of a run, beside its report.

    Attributes:
        left_out: payments of unknown outcome that were sent too shortly ago to be looked for.
        oldest: when the first of all kept keys was first used, or None when the client has no payments.
        of_others: where was looked, and whose payments are there, when the client has none.
    """

    left_out: int = 0
    oldest: datetime | None = None
    of_others: str | None = None


@attrs.frozen(kw_only=True)
class Verdict:
    """What a run comes to.

    Attributes:
        problems: what needs people, one sentence each.
        warnings: what people should know.
    """

    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 when something needs people, else 0."""
        return 1 if self.problems else 0


def judge(report: ReconcileReport, run: Run, *, now: datetime, may_be_empty: bool) -> Verdict:
    """Judges a run.

    Args:
        report: what was found.
        run: what else is known.
        now: the time (aware).
        may_be_empty: whether a store without payments is as it should be.
    """
    problems = [text for text, count in _problems(report).items() if count]
    warnings: list[str] = []
    if run.oldest is None:
        told = f"the store has no payments of this client: {run.of_others}"
        if may_be_empty:
            warnings.append(told)
        else:
            problems.append(
                f"{told}. If you paid before, this is not the store of your programs, or it was lost: then every key "
                "pays once more. In a new installation pass --may-be-empty until the first payment."
            )
    elif now - run.oldest < NEW:
        warnings.append(
            f"the first payment in this store is of {run.oldest:%Y-%m-%d %H:%M:%S} UTC. If you paid before that and "
            "did not prune, the former store was lost, and its keys pay once more."
        )
    if run.left_out:
        warnings.append(f"{run.left_out} payment(s) of unknown outcome were left out because they were just sent")
    return Verdict(problems=tuple(problems), warnings=tuple(warnings))


def _problems(report: ReconcileReport) -> dict[str, int]:
    return {
        f"{report.not_found} payment(s) were looked for in full and are not there, which is no proof that they "
        "will never be": report.not_found,
        f"{report.ambiguous} payment(s) may be one of several things, or none: a person decides": report.ambiguous,
        f"{report.failed} payment(s) could not be looked for: the next run tries again": report.failed,
        f"{report.in_progress} payment(s) are being sent just now: the next run sees what became of them": (
            report.in_progress
        ),
    }
