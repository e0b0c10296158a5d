"""Deprecated things say what to use instead, blame the caller, and cannot outstay their removal."""

from __future__ import annotations

import ast
import re
import warnings

import pytest

import astra
from astra.version import __version__
from tests.spec.documents import ROOT

GUIDE = ROOT / "docs" / "versioning.md"
REMOVAL = re.compile(r"will be removed in (\d+\.\d+)")


def recipe() -> str:
    """The maintainers' example in the guide."""
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    [found] = [block for block in blocks if "category=AstraDeprecationWarning" in block]
    return str(found)


def test_the_recipe_of_the_guide_warns_and_blames_the_caller() -> None:
    names: dict[str, object] = {}
    exec(recipe(), names)
    make = names["make"]
    assert callable(make)
    with pytest.warns(astra.AstraDeprecationWarning, match=REMOVAL) as caught:
        make()
    assert caught[0].filename == __file__


def test_it_is_a_deprecation_warning_so_that_the_usual_filters_apply() -> None:
    assert issubclass(astra.AstraDeprecationWarning, DeprecationWarning)
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        with pytest.raises(astra.AstraDeprecationWarning):
            warnings.warn("old", astra.AstraDeprecationWarning, stacklevel=1)


def overdue(source: str, version: str) -> list[str]:
    """The deprecations of a source whose removal version has come, or that name none."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if not any(ast.unparse(value).endswith("AstraDeprecationWarning") for value in given):
            continue
        removal = REMOVAL.search(ast.unparse(node))
        if removal is None:
            found.append(f"line {node.lineno}: does not say 'will be removed in X.Y'")
        elif _parts(removal[1]) <= _parts(version):
            found.append(f"line {node.lineno}: due in {removal[1]}")
    return found


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def test_nothing_deprecated_outstays_its_removal() -> None:
    for file in sorted((ROOT / "astra").rglob("*.py")):
        assert overdue(file.read_text(encoding="utf-8"), __version__) == [], file


@pytest.mark.parametrize(
    "source",
    [
        '@deprecated("make will be removed in 0.2: use create.", category=AstraDeprecationWarning)\ndef f(): ...',
        'warnings.warn(f"{name} will be removed in 0.2.", astra.AstraDeprecationWarning, stacklevel=2)',
    ],
)
def test_an_overdue_removal_would_be_noticed(source: str) -> None:
    assert overdue(source, "0.1.9") == []
    assert overdue(source, "0.2.0") == ["line 1: due in 0.2"]


def test_a_deprecation_without_a_removal_would_be_noticed() -> None:
    assert overdue('warn("old", AstraDeprecationWarning)', "0.1.0") == ["line 1: does not say 'will be removed in X.Y'"]
