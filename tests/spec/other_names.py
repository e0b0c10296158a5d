"""A client whose fields travel under other names than the SDK gives them, and what a program sees that uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from scripts.spec_document.fast_yaml import safe_dump
from tests.spec.documents import ROOT, travels_as


def rename(schema: dict[str, Any], ours: str, theirs: str) -> None:
    """Lets a field of a schema travel under another name."""
    fields = schema["properties"]
    known = travels_as(fields, ours)
    fields[theirs] = {**fields.pop(known), "x-sdk-name": ours}
    if "required" in schema:
        schema["required"] = [theirs if name == known else name for name in schema["required"]]


def told_by(program: str, document: dict[str, Any], folder: Path, *arguments: str) -> dict[str, Any]:
    """Generates a client in a folder, and returns the JSON that a program prints which imports it."""
    file = folder / "spec.yaml"
    file.write_text(safe_dump(document), encoding="utf-8")
    generate = [sys.executable, "scripts/generate.py", "--spec", str(file), "--output", str(folder / "astra_api")]
    ran = subprocess.run(generate, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, *arguments],
        cwd=ROOT, env={"PYTHONPATH": f"{folder}:{ROOT}"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found
