"""Names in the generated package, read from its sources: which attribute reads a field, which member is a value."""

from __future__ import annotations

import ast
import keyword
import re
from functools import cached_property
from pathlib import Path

MODELS = "generated/astra_api/models"


class GeneratedNames:
    """The generated models of a repository. What is not generated yet is named as the generator would."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @cached_property
    def _classes(self) -> dict[str, ast.ClassDef]:
        found: dict[str, ast.ClassDef] = {}
        for file in sorted((self._root / MODELS).glob("*.py")):
            for node in ast.parse(file.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef):
                    found[node.name] = node
        return found

    def attribute(self, model: str, field: str) -> str:
        """The attribute of a model that reads a field of the JSON: `from_` for `from`."""
        node = self._classes.get(model)
        for child in node.body if node else []:
            if isinstance(child, ast.Assign) and ast.unparse(child.targets[0]) == "_json_names":
                renamed: dict[str, str] = ast.literal_eval(child.value)
                return next((attribute for attribute, name in renamed.items() if name == field), field)
        return f"{field}_" if keyword.iskeyword(field) else field

    def member(self, enum: str, value: str) -> str:
        """The member of an enum for a value: `T0` for `T+0`."""
        node = self._classes.get(enum)
        for child in node.body if node else []:
            if isinstance(child, ast.Assign) and isinstance(child.value, ast.Constant) and child.value.value == value:
                return ast.unparse(child.targets[0])
        return re.sub(r"\W+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", value.replace("+", ""))).upper()
