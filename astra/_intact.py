"""Says what happened when another distribution that brings a package `astra` has overwritten or removed ours."""

from __future__ import annotations

import sys


def mixed_up(missing: str = "") -> str | None:
    """Returns what is wrong with this installation and what to type, or None when `astra` is ours.

    Args:
        missing: name of a module of ours that could not be imported; empty to look at the package itself.
    """
    if not missing and hasattr(sys.modules.get("astra"), "_HOMES"):
        return None
    from importlib.metadata import packages_distributions

    found = {name.lower().replace("_", "-") for name in packages_distributions().get("astra", ())}
    others = sorted(found - {"astra-finance"})
    if others:
        cause = f"{' and '.join(others)} installs a package astra, too, and pip lets one overwrite the other"
        cure = f"pip uninstall {' '.join(others)}, then pip install --force-reinstall astra-finance"
    else:
        cause = "another distribution with a package astra was perhaps uninstalled, and took files of ours along"
        cure = "pip install --force-reinstall astra-finance"
    what = f"The module {missing} of astra-finance is missing"
    return f"{what if missing else 'The package astra is not of astra-finance'}: {cause}. Type: {cure}"
