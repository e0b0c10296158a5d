"""What becomes of all that was found: an exit code, and JSON with names that stay. Decisions only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from astra.doctor.findings import Finding, Status

FORMAT: Final = 1
"""Version of the JSON: raised when a name goes or means something else, not when one is added."""

SHORTEST_SECRET: Final = 4
"""Characters of a secret that is looked for in texts. A shorter one is in every other word."""

HIDDEN: Final = "***"


@attrs.frozen
class Report:
    """All findings of a run.

    Attributes:
        findings: in the order in which they are shown.
    """

    findings: tuple[Finding, ...]

    def count(self, status: Status) -> int:
        """How many findings have a status.

        Args:
            status: which.
        """
        return sum(finding.status == status for finding in self.findings)

    @property
    def status(self) -> Status:
        """The worst of all."""
        return "fail" if self.count("fail") else "warn" if self.count("warn") else "ok"

    def exit_code(self, *, strict: bool) -> int:
        """0 all is well, 1 something needs people.

        Args:
            strict: whether a warning counts.
        """
        return int(self.status == "fail" or (strict and self.status == "warn"))

    def to_dict(self, *, strict: bool) -> dict[str, Any]:
        """The JSON of the command.

        Args:
            strict: as for `exit_code`.
        """
        return {
            "version": FORMAT,
            "status": self.status,
            "exit_code": self.exit_code(strict=strict),
            "counts": {"ok": self.count("ok"), "warn": self.count("warn"), "fail": self.count("fail")},
            "checks": [attrs.asdict(finding) for finding in self.findings],
        }


def without_secrets(findings: Iterable[Finding], secrets: Iterable[str]) -> tuple[Finding, ...]:
    """Takes secrets out of all texts. The last line of defense: no check puts one in.

    Args:
        findings: what was found.
        secrets: what must not be shown.
    """
    # The longest first, because one may be part of another.
    hidden = sorted({text for text in secrets if len(text) >= SHORTEST_SECRET}, key=len, reverse=True)
    return tuple(
        attrs.evolve(
            finding,
            message=_clean(finding.message, hidden),
            advice=_clean(finding.advice, hidden),
            details=_clean(finding.details, hidden),
        )
        for finding in findings
    )


def _clean(value: Any, hidden: list[str]) -> Any:
    if isinstance(value, str):
        text: str = value
        for secret in hidden:
            text = text.replace(secret, HIDDEN)
        return text
    if isinstance(value, Mapping):
        items: Mapping[Any, Any] = value  # pyright: ignore[reportUnknownVariableType]
        return {_clean(name, hidden): _clean(item, hidden) for name, item in items.items()}
    if isinstance(value, list | tuple):
        several: list[Any] = value  # type: ignore[assignment]  # pyright: ignore
        return [_clean(item, hidden) for item in several]
    return value
