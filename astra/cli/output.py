"""What commands print: JSON for programs, and words for people on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any, Final

from astra.cli.table import harmless

VERSIONED: Final[dict[str, Any]] = {"version": 1}
"""Begins every object of `--json`: raised when a name goes or means something else, not when one is added."""


def json_line(value: Mapping[str, Any]) -> str:
    """Returns an object as a line of JSON that begins with the version of these outputs.

    Args:
        value: the object.
    """
    return json.dumps(VERSIONED | dict(value) | VERSIONED) + "\n"


def print_json(value: Mapping[str, Any]) -> None:
    """Prints an object as a line of JSON, at once.

    Args:
        value: the object.
    """
    sys.stdout.write(json_line(value))
    sys.stdout.flush()


def say(text: str) -> None:
    """Says something to a person, on standard error."""
    sys.stderr.write(f"{harmless(text)}\n")
