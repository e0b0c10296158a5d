"""What else here is called `astra`, and what is installed. Decisions only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from astra.doctor.findings import Finding

OURS: Final = "astra-finance"
MODULES: Final[Mapping[str, tuple[str, ...]]] = {
    "sql": ("sqlalchemy", "psycopg"),
    "redis": ("redis",),
    "crypto": ("cryptography",),
    "celery": ("celery",),
    "otel": ("opentelemetry",),
    "sandbox": ("starlette", "uvicorn", "jinja2"),
    "cli": ("typer", "rich"),
    "fast": ("httpx2",),
    "testing": ("pytest", "pytest_recording", "vcr"),
}
"""Extras, and the modules that each brings."""


def judge_distributions(distributions: Collection[str]) -> Finding:
    """Judges which distributions bring a top-level package `astra`.

    Args:
        distributions: their names.
    """
    check = "machine.distributions"
    others = sorted({name for name in distributions if _normal(name) != OURS})
    details = {"others": others}
    if not others:
        return Finding(check=check, status="ok", message=f"no package astra but that of {OURS}", details=details)
    named = ", ".join(others)
    return Finding(
        check=check,
        status="fail",
        message=f"{named} installs a package astra, too: their files overwrite each other",
        advice=f"pip uninstall {' '.join(others)}, then pip install --force-reinstall {OURS}; "
        "or give each an environment of its own.",
        details=details,
    )


def judge_shadows(shadows: Sequence[str], *, loaded: str) -> Finding:
    """Judges files and folders that an `import astra` may find instead of the SDK.

    Args:
        shadows: their paths.
        loaded: where the SDK is that runs now.
    """
    check, details = "machine.shadows", {"shadows": list(shadows), "loaded": loaded}
    if not shadows:
        return Finding(check=check, status="ok", message=f"import astra finds {loaded}", details=details)
    return Finding(
        check=check,
        status="fail",
        message=f"{', '.join(shadows)} may be imported as astra instead of {loaded}",
        advice="Rename it: a program that is started in its folder gets it in place of the SDK.",
        details=details,
    )


def judge_scripts(scripts: Sequence[str], *, own_folders: Collection[str]) -> Finding:
    """Judges the commands `astra` on the PATH.

    Args:
        scripts: their paths, in the order in which they are found.
        own_folders: where the command of this installation would be.
    """
    check, details = "machine.scripts", {"scripts": list(scripts)}
    if not scripts:
        return Finding(
            check=check,
            status="ok",
            message="no command astra is on the PATH; it can be run by its path, or as python -m astra",
            details=details,
        )
    if len(scripts) > 1:
        return Finding(
            check=check,
            status="warn",
            message=f"{len(scripts)} commands are called astra; {scripts[0]} is the one that runs, before "
            f"{', '.join(scripts[1:])}",
            advice="Call the one that is meant by its whole path, above all in cron.",
            details=details,
        )
    (only,) = scripts
    if only.rpartition("/")[0] not in own_folders:
        return Finding(
            check=check,
            status="warn",
            message=f"the command astra on the PATH is {only}, of another installation",
            advice="Call the one that is meant by its whole path, above all in cron.",
            details=details,
        )
    return Finding(check=check, status="ok", message=f"the command astra is {only}", details=details)


def judge_versions(versions: Mapping[str, str | None], *, running: str) -> Finding:
    """Judges the versions of what is installed.

    Args:
        versions: by distribution; None for what is not there.
        running: version of the SDK that runs now.
    """
    check = "machine.versions"
    shown = ", ".join(f"{name} {version or 'not installed'}" for name, version in versions.items())
    details = {"versions": {**versions}, "running": running}
    installed = versions.get(OURS)
    if installed is not None and installed != running:
        return Finding(
            check=check,
            status="warn",
            message=f"{OURS} {installed} is installed, and {running} is what runs: {shown}",
            advice="Install it again; two copies are on the path.",
            details=details,
        )
    return Finding(check=check, status="ok", message=shown, details=details)


def judge_extras(wanted: Mapping[str, str], *, missing_modules: Collection[str]) -> Finding:
    """Judges whether the extras that the settings need are installed.

    Args:
        wanted: extras, and the setting that needs each.
        missing_modules: which of the modules of all extras are not installed.
    """
    check = "machine.extras"
    missing = {extra for extra, modules in MODULES.items() if not set(missing_modules).isdisjoint(modules)}
    installed = [extra for extra in MODULES if extra not in missing]
    details = {"installed": installed, "wanted": {**wanted}, "missing": sorted(missing & wanted.keys())}
    lacking = [extra for extra in wanted if extra in missing]
    if lacking:
        reasons = ", ".join(f"{wanted[extra]} needs the extra {extra}" for extra in lacking)
        return Finding(
            check=check,
            status="fail",
            message=f"{reasons}, which is not installed",
            advice=f"pip install '{OURS}[{','.join(lacking)}]'",
            details=details,
        )
    return Finding(
        check=check, status="ok", message=f"installed extras: {', '.join(installed) or 'none'}", details=details
    )


def _normal(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
