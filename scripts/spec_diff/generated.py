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
        """The attribute of a model that reads a field of the JSON: `type_` for `type`."""
        node = self._classes.get(model)
        for child in node.body if node else []:
            if isinstance(child, ast.FunctionDef) and child.decorator_list and _reads(child, field):
                return child.name
        return f"{field}_" if keyword.iskeyword(field) or field in ("type", "bin") else field

    def member(self, enum: str, value: str) -> str:
        """The member of an enum for a value: `T0` for `T+0`."""
        node = self._classes.get(enum)
        for child in node.body if node else []:
            if isinstance(child, ast.Assign) and isinstance(child.value, ast.Constant) and child.value.value == value:
                return ast.unparse(child.targets[0])
        return re.sub(r"\W+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", value.replace("+", ""))).upper()


def _reads(getter: ast.FunctionDef, field: str) -> bool:
    """Whether a getter reads the field. Its docstring does not count."""
    body = getter.body[1:] if ast.get_docstring(getter) else getter.body
    return any(isinstance(node, ast.Constant) and node.value == field for part in body for node in ast.walk(part))
