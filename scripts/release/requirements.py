"""What `pyproject.toml` says that users install, as lists for a resolver. Decisions only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

NEIGHBOURS: Final = ("openai", "mcp", "fastapi", "django", "typer", "flask")
"""What users have in the same environment, and what shares dependencies with us."""


def declared(project: Mapping[str, Any]) -> list[str]:
    """Returns the dependencies of the core and of every extra, without those on our own extras.

    PostgreSQL's driver is asked for with a client library of its own: which one a system has is not what is tried.

    Args:
        project: table `project` of `pyproject.toml`.
    """
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    found = {one for group in groups for one in group if not one.startswith(f"{project['name']}[")}
    return sorted(re.sub(r"^psycopg(?=[<>=!~])", "psycopg[binary]", one) for one in found)


def lower_bound(requirement: str) -> str | None:
    """Returns the lower bound of a requirement.

    Args:
        requirement: as in `pyproject.toml`.
    """
    found = re.search(r">=([\w.]+)", requirement)
    return found[1] if found else None


def upper_bound(requirement: str) -> str | None:
    """Returns the upper bound of a requirement.

    Args:
        requirement: as in `pyproject.toml`.
    """
    found = re.search(r"(?<!=)<=?([\w.]+)|==([\w.]+)", requirement)
    return (found[1] or found[2]) if found else None
