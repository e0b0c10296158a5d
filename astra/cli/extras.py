"""Which extra of the distribution brings a module that is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires
from typing import Final

_NAME: Final = re.compile(r"([A-Za-z0-9._-]+).*\bextra\s*==\s*[\"']([^\"']+)[\"']")


def needed_extra(module: str) -> str:
    """Returns the name of the extra; "all" when none names the module.

    Args:
        module: what could not be imported.
    """
    try:
        return extra_of(module, requires("astra-finance") or ())
    except PackageNotFoundError:
        return "all"


def extra_of(module: str, requirements: Iterable[str]) -> str:
    """Finds the extra that brings a module; "all" when none does.

    Args:
        module: name of the module.
        requirements: as the distribution's metadata has them.
    """
    wanted = module.partition(".")[0].lower().replace("_", "-")
    for requirement in requirements:
        found = _NAME.match(requirement)
        if found is None or found[2] == "all":
            continue
        name = found[1].lower().replace("_", "-")
        if wanted in (name, name.removeprefix("python-"), name.partition("-")[0]):
            return found[2]
    return "all"
