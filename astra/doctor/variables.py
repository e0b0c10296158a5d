"""Variables that do not do what somebody meant: misspelled, empty, quoted. Decisions only."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Final

from astra.doctor.findings import Finding

CHECK: Final = "settings.variables"
QUOTES: Final = "\"'"
ALIKE: Final = 0.8
"""How much of a name has to be the same, from 0 to 1."""


def nearest(name: str, known: Collection[str]) -> str | None:
    """Returns the variable that was probably meant, or None.

    Args:
        name: a variable that nobody reads.
        known: those that are read.
    """
    name = name.upper()
    close = get_close_matches(name, known, cutoff=ALIKE)
    if close:
        return close[0]
    # ASTRA_ENV and ASTRA_KEYS: the beginning or the end of one.
    word = name.removeprefix("ASTRA")
    matches = [one for one in sorted(known) if len(word) > 2 and (one.startswith(name) or one.endswith(word))]
    return matches[0] if matches else None


def judge_names(names: Collection[str], *, known: Collection[str], tools: Collection[str]) -> list[Finding]:
    """Judges the names of the variables that begin with `ASTRA_`.

    Args:
        names: those that are set.
        known: the settings.
        tools: others that are read.
    """
    unknown = [name for name in names if name not in known and name not in tools]
    meant = {name: nearest(name, known) for name in unknown}
    findings = [
        Finding(
            check=CHECK,
            status="warn",
            message=f"{name} is read by nothing and has no effect; did you mean {near}?",
            advice=f"Set {near}, or unset {name}.",
            details={"variable": name, "nearest": near},
        )
        for name, near in meant.items()
        if near is not None
    ]
    foreign = [name for name, near in meant.items() if near is None]
    if foreign:
        message = f"not of this SDK, and not read: {', '.join(foreign)}"
        findings.append(Finding(check=CHECK, status="ok", message=message, details={"foreign": foreign}))
    return findings or [Finding(check=CHECK, status="ok", message="every ASTRA_* variable that is set is read")]


def judge_value(name: str, value: str) -> str | None:
    """Returns what is odd about the value of a variable, or None. The value is not shown.

    Args:
        name: the variable.
        value: as it is set.
    """
    text = value.strip()
    if not text:
        return f"{name} is set, but empty, which counts as not set"
    if len(text) > 1 and text[0] == text[-1] in QUOTES:
        return f"{name} has quotation marks around its value, and they are part of it"
    if any(not letter.isprintable() for letter in text):
        return f"{name} has a line break or another character in it that cannot be printed"
    return None


def source(name: str, variables: Mapping[str, str]) -> str:
    """Returns where a setting comes from: its variable, or "default".

    Args:
        name: the variable.
        variables: those that are set.
    """
    return name if variables.get(name, "").strip() else "default"
