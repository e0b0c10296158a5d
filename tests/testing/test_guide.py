"""The programs of the guide on testing are test files that pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "testing.md"


def test_every_program_of_the_guide_runs(pytester: pytest.Pytester) -> None:
    programs = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    pytester.makeini("[pytest]\nfilterwarnings = error\nasyncio_default_fixture_loop_scope = function\n")
    for number, program in enumerate(programs):
        (pytester.path / f"test_guide_{number}.py").write_text(program)
    wanted = "".join(programs).count("def test_")
    assert wanted >= 9
    result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", "-p", "no:randomly", timeout=90)
    result.assert_outcomes(passed=wanted)


def test_the_guide_names_every_fixture_and_helper() -> None:
    import astra.testing
    from astra.testing import plugin

    text = GUIDE.read_text()
    fixtures = [name for name in vars(plugin) if name.startswith("astra_")]
    assert len(fixtures) == 11
    for name in [
        *fixtures,
        "async_astra_client",
        "async_astra_user",
        *(n for n in astra.testing.__all__ if n[0].islower()),
    ]:
        assert name in text, name
