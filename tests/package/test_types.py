"""`astra.types` has every model and enum, at run time and for type checkers."""

from __future__ import annotations

import enum
import subprocess
import sys
from pathlib import Path

import astra_api.literals
import astra_api.models
import pytest
from astra_api.types import Model

import astra.types

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(file.stem for file in (ROOT / "generated/astra_api/models").glob("*.py") if file.stem != "__init__")


def test_every_model_and_enum_is_exported_and_the_error_of_their_fields() -> None:
    assert len(astra_api.models.__all__) == len(NAMES) > 80
    assert set(astra.types.__all__) == {"FieldDecodeError", *astra_api.literals.__all__, *astra_api.models.__all__}
    assert dir(astra.types) == sorted(astra.types.__all__)
    for name in astra_api.models.__all__:
        found = getattr(astra.types, name)
        assert found is getattr(astra_api.models, name)
        assert issubclass(found, (Model, enum.StrEnum)), name


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(AttributeError, match=r"module 'astra\.types' has no attribute 'Transfers'"):
        _ = astra.types.Transfers
    with pytest.raises(ImportError, match="Transfers"):
        from astra.types import Transfers  # noqa: F401


def test_importing_one_type_loads_neither_a_client_nor_all_models() -> None:
    program = "from astra.types import Bin; import sys; print(*sys.modules, sep='\\n')"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = ran.stdout.split()
    assert not {"httpx", "pydantic", "astra._sync.client"} & set(loaded)
    assert [name for name in loaded if name.startswith("astra_api.models.")] == ["astra_api.models.bin_"]


@pytest.mark.long
@pytest.mark.parametrize("checker", ["mypy --strict --cache-dir {cache}", "pyright"])
@pytest.mark.timeout(300)
def test_type_checkers_know_every_name_and_refuse_others(checker: str, tmp_path: Path) -> None:
    file = tmp_path / "uses_types.py"
    lines = [f"from astra.types import {', '.join(astra.types.__all__)}", "import astra.types"]
    lines += [
        f"x{number}: {name} | None = None"
        if name.endswith("Literal")
        else f"x{number}: type[{name}] = astra.types.{name}"
        for number, name in enumerate(astra.types.__all__)
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, "-m", *checker.format(cache=tmp_path / "cache").split(), str(file)]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0
    file.write_text("from astra.types import Transfer\nreveal: int = Transfer\n", encoding="utf-8")
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 1
