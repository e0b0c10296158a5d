"""Enums are open for all who look at them: programs, type checkers, JSON schemas, msgspec and pydantic."""

from __future__ import annotations

import copy
import json
import pickle
import re
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Any

import astra_api.models
import httpx
import msgspec
import pydantic
import pytest
from astra_api.facts import ENUM_ALIASES
from astra_api.types import OpenEnum
from fastapi import FastAPI
from pydantic import TypeAdapter

from astra.types import Transfer, TransferStatus
from tests.spec.documents import spec

ROOT = Path(__file__).resolve().parents[2]
KNOWN = sorted({*spec()["components"]["schemas"]["TransferStatus"]["enum"]} - ENUM_ALIASES["TransferStatus"].keys())
EXHAUSTIVE = """
from astra.types import Transfer, TransferStatus

def tell(transfer: Transfer) -> str:
    match transfer.status:
        case TransferStatus.PENDING:
            return "wait"
        case TransferStatus.PROCESSED:
            return "done"
        case TransferStatus.FAILED | TransferStatus.CANCELLED:
            return "never"
        case {pattern}:
            {action}

def ask(status: TransferStatus) -> str:
    if status is TransferStatus.PENDING or status is TransferStatus.PROCESSED:
        return "fine"
    if status is TransferStatus.FAILED or status is TransferStatus.CANCELLED:
        return "not fine"
    {end}
"""
OPEN = EXHAUSTIVE.format(pattern="_", action="return 'unknown'", end="return status.value")
CLOSED = "from typing import assert_never" + EXHAUSTIVE.format(
    pattern="other", action="assert_never(other)", end="assert_never(status)"
)


def lines_refused(checker: str, program: str, folder: Path) -> set[int]:
    """The lines of a program that a type checker finds an error in, unreachable code among them."""
    file = folder / "program.py"
    file.write_text(program, encoding="utf-8")
    if checker == "mypy":
        options = ["--strict", "--warn-unreachable", "--no-error-summary", f"--cache-dir={folder / 'cache'}"]
        command = [sys.executable, "-m", "mypy", *options, str(file)]
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
        return {int(line) for line in re.findall(r"program\.py:(\d+): error", said)}
    settings = {"typeCheckingMode": "strict", "extraPaths": [str(ROOT), str(ROOT / "generated")]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(folder)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return {item["range"]["start"]["line"] + 1 for item in json.loads(done.stdout)["generalDiagnostics"]}


@pytest.mark.long
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
@pytest.mark.timeout(300)
def test_type_checkers_ask_for_the_case_of_an_unknown_value(checker: str, tmp_path: Path) -> None:
    assert lines_refused(checker, OPEN, tmp_path) == set()
    wrong = {number for number, line in enumerate(CLOSED.splitlines(), start=1) if "assert_never(" in line}
    assert len(wrong) == 2
    assert lines_refused(checker, CLOSED, tmp_path) == wrong


def test_what_type_checkers_count_as_one_more_member_is_none_when_the_program_runs() -> None:
    assert [status.value for status in TransferStatus] == KNOWN
    assert "_OTHER" not in TransferStatus.__members__
    match TransferStatus("teleported"):
        case TransferStatus.PENDING | TransferStatus.PROCESSED | TransferStatus.FAILED | TransferStatus.CANCELLED:
            pytest.fail("it is none of them")
        case other:
            assert other == "teleported"


def test_every_enum_is_open_and_has_members_alone() -> None:
    enums = [kind for name in astra_api.models.__all__ if issubclass(kind := getattr(astra_api.models, name), StrEnum)]
    assert len(enums) > 12
    for kind in enums:
        assert issubclass(kind, OpenEnum)
        assert "_missing_" not in vars(kind)
        unknown = kind("a value of tomorrow")
        assert type(unknown) is kind
        assert f"{unknown}" == str(unknown) == unknown.value == "a value of tomorrow"
        assert unknown == pickle.loads(pickle.dumps(unknown)) == copy.deepcopy(unknown)
        assert msgspec.json.decode(b'"a value of tomorrow"', type=kind) == unknown
        assert msgspec.json.encode(unknown) == b'"a value of tomorrow"'
        schema = TypeAdapter(kind).json_schema()
        assert schema == {"title": kind.__name__, "anyOf": [{"type": "string", "enum": list(kind)}, {"type": "string"}]}
        with pytest.raises(ValueError):
            kind(7)


def is_open(schema: dict[str, Any]) -> bool:
    """Whether a JSON schema of an enum takes any text, and names the known values."""
    first, second = schema["anyOf"]
    return first == {"type": "string", "enum": KNOWN} and second == {"type": "string"} and "enum" not in schema


def test_the_json_schema_takes_any_text_and_names_the_known_values() -> None:
    class Payout(pydantic.BaseModel):
        status: TransferStatus
        transfer: Transfer
        before: TransferStatus | None = None

    for mode in ("validation", "serialization"):
        assert is_open(TypeAdapter(TransferStatus).json_schema(mode=mode))
    definitions = Payout.model_json_schema()["$defs"]
    assert is_open(definitions["TransferStatus"])
    assert "enum" not in definitions["RoutineType"]
    assert definitions["TransferStatus"]["title"] == "TransferStatus"
    found = Payout.model_validate({"status": "new", "transfer": {"id": "t", "amount": 1, "status": "newer"}})
    assert (found.status, found.transfer.status) == ("new", "newer")
    assert isinstance(found.status, TransferStatus)
    assert json.loads(found.model_dump_json())["status"] == "new"
    with pytest.raises(pydantic.ValidationError):
        TypeAdapter(TransferStatus).validate_python(7)
    assert TypeAdapter(TransferStatus).validate_json('"canceled"') is TransferStatus.CANCELLED


async def test_openapi_of_fastapi_takes_any_status() -> None:
    app = FastAPI()

    @app.get("/transfer")
    async def read(status: TransferStatus) -> Transfer:
        return Transfer.from_dict({"id": "t", "amount": 1, "status": status})

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/transfer", params={"status": "teleported"})).json()["status"] == "teleported"
        document = (await client.get("/openapi.json")).json()
    assert is_open(document["components"]["schemas"]["TransferStatus"])
