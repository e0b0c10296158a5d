"""Whether a store is there, of which version, and for whose eyes. Decisions only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from astra.doctor.findings import Finding, Kept

READABLE_BY_OTHERS: Final = 0o077


def judge_place(kept: Kept, *, shown: str, is_there: bool, is_relative: bool, has_folder: bool) -> Finding:
    """Judges whether there is anything.

    Args:
        kept: what should be there.
        shown: absolute path, or URL without password.
        is_there: whether there is a file, a table or something in Redis.
        is_relative: whether the URL names a file below the current folder.
        has_folder: whether the folder of a file is there.
    """
    check, details = f"{kept.check}.place", {"place": shown, "exists": is_there}
    if not has_folder:
        return Finding(
            check=check,
            status="fail",
            message=f"the folder of {shown} does not exist, so no {kept.name} can be there",
            advice=f"Correct {kept.variable}, or make the folder.",
            details=details,
        )
    if not is_there:
        correct = f"If one should be there, correct {kept.variable}."
        if is_relative:
            correct += " The path is relative to the current folder; an absolute one has four slashes."
        return Finding(
            check=check,
            status="fail" if kept.is_vital else "warn",
            message=f"there is no {kept.name} at {shown}",
            advice=f"{correct} In a new installation the first use makes it.",
            details=details,
        )
    if is_relative:
        return Finding(
            check=check,
            status="warn",
            message=f"{shown}, by a path relative to the current folder",
            advice=f"Write an absolute path into {kept.variable} (sqlite:////var/lib/app/x.db): "
            "cron and services start in other folders.",
            details=details,
        )
    return Finding(check=check, status="ok", message=shown, details=details)


def judge_schema(kept: Kept, version: int) -> Finding:
    """Judges the version of the tables.

    Args:
        kept: what is kept there.
        version: as found; 0 for no tables.
    """
    check, details = f"{kept.check}.schema", {"found": version, "known": kept.version}
    known = kept.version or 0
    if not 0 <= version <= known:
        return Finding(
            check=check,
            status="fail",
            message=f"a newer release wrote it: it has schema {version}, this release knows {known}",
            advice="Upgrade astra-finance here.",
            details=details,
        )
    if version == known:
        return Finding(check=check, status="ok", message=f"schema {version}, as this release has it", details=details)
    if version == 0:
        return Finding(
            check=check,
            status="fail" if kept.is_vital else "warn",
            message=f"the file is there, and no {kept.name} in it",
            advice=f"If one should be there, correct {kept.variable}. In a new installation the first use makes it.",
            details=details,
        )
    return Finding(
        check=check,
        status="warn",
        message=f"schema {version}, and this release has {known}; the rows were not looked at",
        advice="The first use by this release brings it up to date in place; stop programs of the former release "
        "before. This command changes nothing.",
        details=details,
    )


def judge_mode(kept: Kept, mode: int, *, path: str) -> Finding:
    """Judges who may read a file.

    Args:
        kept: what is kept in it.
        mode: its permission bits.
        path: the file.
    """
    check, details = f"{kept.check}.mode", {"mode": f"{mode:04o}"}
    if mode & READABLE_BY_OTHERS:
        return Finding(
            check=check,
            status="warn",
            message=f"mode {mode:04o}: others on this machine may use {path}",
            advice=f"chmod 600 {path}; programs of the SDK that own the file do that when they open it.",
            details=details,
        )
    return Finding(check=check, status="ok", message=f"mode {mode:04o}: its owner's alone", details=details)


def judge_durability(kept: Kept, facts: Mapping[str, str]) -> Finding:
    """Judges whether Redis keeps what it is given.

    Args:
        kept: what is kept there.
        facts: what the server says of itself; nothing where it may not be asked.
    """
    check = f"{kept.check}.durability"
    if "aof_enabled" not in facts:
        return Finding(
            check=check,
            status="warn",
            message="Redis does not tell this account whether it keeps what it is given",
            advice="Look yourself: it needs persistence (AOF), and no eviction.",
            details={**facts},
        )
    policy = str(facts.get("maxmemory_policy"))
    if policy.startswith("allkeys"):
        return Finding(
            check=check,
            status="fail",
            message=f"Redis throws keys away when its memory is full (maxmemory-policy {policy})",
            advice="Set maxmemory-policy noeviction, or keep this in a Redis of its own.",
            details={**facts},
        )
    if facts["aof_enabled"] == "1":
        return Finding(check=check, status="ok", message="Redis writes to disk (AOF)", details={**facts})
    return Finding(
        check=check,
        status="warn",
        message="Redis writes snapshots at most: a crash loses what came after the last one"
        if facts.get("save")
        else "Redis does not write to disk: a restart loses everything",
        advice="Set appendonly yes.",
        details={**facts},
    )
