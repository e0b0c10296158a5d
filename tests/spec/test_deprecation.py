"""Deprecated things go on working, say what to use instead, blame the caller, and cannot outstay their removal."""

from __future__ import annotations

import ast
import asyncio
import inspect
import types
import warnings

import pytest

from astra._deprecation import (
    MARK,
    AstraDeprecationWarning,
    Deprecation,
    deprecated,
    deprecated_names,
    renamed_argument,
)
from astra.version import __version__
from tests.spec.documents import ROOT


@deprecated(since="0.4", removal="0.6", instead="new_way")
def old_way(value: int) -> int:
    """Doubles."""
    return value * 2


def test_a_deprecated_function_works_and_blames_its_caller() -> None:
    with pytest.warns(AstraDeprecationWarning) as caught:
        assert old_way(3) == 6
    assert str(caught[0].message) == "old_way is deprecated since 0.4 and will be removed in 0.6. Use new_way instead."
    assert caught[0].filename == __file__
    assert (old_way.__name__, old_way.__doc__) == ("old_way", "Doubles.")


def test_it_is_a_deprecation_warning_so_that_the_usual_filters_apply() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        with pytest.raises(AstraDeprecationWarning):
            old_way(1)


async def test_a_deprecated_coroutine_function_warns_at_the_call() -> None:
    @deprecated(since="0.4", removal="0.6")
    async def old() -> str:
        await asyncio.sleep(0)
        return "done"

    with pytest.warns(AstraDeprecationWarning) as caught:
        pending = old()
    assert caught[0].filename == __file__
    assert await pending == "done"
    assert inspect.isawaitable(pending)


def test_a_deprecated_class_warns_when_made_and_stays_a_class() -> None:
    class Base:
        def __init__(self, value: int) -> None:
            self.value = value

    old = deprecated(since="0.4", removal="0.6", instead="New")(Base)
    with pytest.warns(AstraDeprecationWarning, match="Base"):
        made = old(5)
    assert isinstance(made, Base)
    assert made.value == 5

    class Derived(Base):
        pass

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Derived(1).value == 1


def test_a_renamed_argument_is_still_taken() -> None:
    @renamed_argument("fee", "debit_fee_percent", since="0.4", removal="0.6")
    def create(*, debit_fee_percent: int = 0) -> int:
        return debit_fee_percent

    with pytest.warns(AstraDeprecationWarning, match="Use debit_fee_percent instead") as caught:
        assert create(fee=2) == 2  # type: ignore[call-arg]
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert create(debit_fee_percent=3) == 3
    with pytest.raises(TypeError, match="same argument"):
        create(fee=1, debit_fee_percent=2)  # type: ignore[call-arg]


def test_a_module_can_offer_moved_names() -> None:
    module = types.ModuleType("old_home")
    gone = {"Thing": Deprecation("old_home.Thing", "0.4", "0.6", "new_home.Thing")}
    module.__getattr__ = deprecated_names("old_home", gone, lambda name: f"the {name}")  # type: ignore[method-assign]
    with pytest.warns(AstraDeprecationWarning, match=r"new_home\.Thing"):
        assert module.Thing == "the Thing"
    with pytest.raises(AttributeError, match="'old_home' has no attribute 'Other'"):
        _ = module.Other


def test_the_mark_can_be_read() -> None:
    assert getattr(old_way, MARK) == Deprecation("old_way", "0.4", "0.6", "new_way")


def overdue(source: str, version: str) -> list[str]:
    """The deprecations of a source whose removal version has come."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("deprecated", "renamed_argument"):
            named = {keyword.arg: keyword.value for keyword in node.keywords}
            removal = named.get("removal")
            if isinstance(removal, ast.Constant) and _parts(str(removal.value)) <= _parts(version):
                found.append(f"line {node.lineno}: due in {removal.value}")
    return found


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def test_nothing_deprecated_outstays_its_removal() -> None:
    for file in sorted((ROOT / "astra").rglob("*.py")):
        assert overdue(file.read_text(encoding="utf-8"), __version__) == [], file


def test_an_overdue_removal_would_be_noticed() -> None:
    source = '@deprecated(since="0.1", removal="0.2")\ndef f(): ...\n'
    assert overdue(source, "0.1.9") == []
    assert overdue(source, "0.2.0") == ["line 1: due in 0.2"]
