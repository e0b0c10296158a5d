"""Broken or hostile documents end in one line that names the file and what is wrong, and nothing else is read."""

from __future__ import annotations

import copy
import errno
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from astra.sandbox.saving.lock import StateLock
from scripts.import_spec import __main__ as command
from scripts.import_spec.__main__ import main
from scripts.import_spec.adopt import adopt
from scripts.spec_diff.__main__ import main as spec_diff
from scripts.spec_document.load import load
from tests.spec.documents import ROOT, small_spec

pytestmark = pytest.mark.guesses

THEIRS = ROOT / "tests/spec/fixtures/written_by_someone_else.yaml"
HEAD = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}}


def answering(schema: Any) -> dict[str, Any]:
    response = {"description": "x", "content": {"application/json": {"schema": schema}}}
    return {**HEAD, "paths": {"/v1/a": {"get": {"operationId": "a", "responses": {"200": response}}}}}


def taking(*parameters: Any) -> dict[str, Any]:
    return {**HEAD, "paths": {"/v1/a": {"get": {"parameters": list(parameters), "responses": {}}}}}


def parts(**schemas: Any) -> dict[str, Any]:
    return {**answering({}), "components": {"schemas": schemas}}


def reference(to: str) -> dict[str, str]:
    return {"$ref": to}


def made_of_others(count: int, times: int) -> dict[str, Any]:
    """Schemas of which each is made of the next one, so many times over."""
    schemas = {f"A{n}": {"allOf": [reference(f"#/components/schemas/A{n + 1}")] * times} for n in range(count)}
    return {**answering(reference("#/components/schemas/A0")), "components": {"schemas": {**schemas, f"A{count}": {}}}}


def levels(count: int) -> str:
    return '{"paths": ' + "[" * count + "]" * count + "}"


BOMB = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
BROKEN: dict[str, tuple[str | bytes | dict[str, Any], str]] = {
    "a reference to a file": (answering(reference("file:///etc/passwd")), "outside of the document"),
    "a reference to a neighbour": (answering(reference("neighbour.json#/secret")), "outside of the document"),
    "a reference to the web": (answering(reference("http://127.0.0.1:9/x.json")), "outside of the document"),
    "a reference to a missing component": (answering(reference("#/components/schemas/No")), "which is not there"),
    "a reference to a missing parameter": (taking(reference("#/components/parameters/No")), "which is not there"),
    "a reference to no parameter": ({**taking(reference("#/info"))}, "lacks its 'name'"),
    "a schema made of itself": (
        parts(A={"allOf": [reference("#/components/schemas/B")]}, B=reference("#/components/schemas/A")),
        "is made of itself",
    ),
    "properties as a list": (answering({"properties": [{"a": {}}]}), "properties must be an object, and is a list"),
    "required as a text": (answering({"required": "id"}), "required must be a list"),
    "a type that is a number": (answering({"type": 5}), "type must be a list"),
    "an operation that is null": ({**HEAD, "paths": {"/v1/a": {"get": None}}}, "get must be an object, and is null"),
    "a path item that is null": ({**HEAD, "paths": {"/v1/a": None}}, "must be an object, and is null"),
    "paths as a list": ({**HEAD, "paths": [{"/v1/a": {}}]}, "paths must be an object"),
    "components as a list": ({**HEAD, "paths": {}, "components": []}, "components must be an object"),
    "a parameter without its place": (taking({"name": "a"}), "parameters[0] lacks its 'in'"),
    "a parameter that is a text": (taking("cursor"), "parameters[0] must be an object"),
    "bytes that are not UTF-8": (b'{"openapi": "3.1\xff", "paths": {}}', "is not UTF-8: byte 16"),
    "5,000 levels of JSON": (levels(5_000), "levels deep"),
    "5,000 levels of YAML": (levels(5_000).replace('"', ""), "nest"),
    "100 levels": (levels(100), "levels deep"),
    "an alias bomb": (BOMB + "paths: {}\n", "once its aliases are expanded"),
    "an alias of itself": ("paths: &a {/v1/a: *a}\n", "levels deep"),
    "a bomb of references": (made_of_others(26, 3), "parts once they are put together"),
    "a chain of 3,000 references": (made_of_others(3_000, 1), "is made of what is made of others"),
    "a key that stands twice in JSON": ('{"paths": {"/v1/user": {}}, "paths": {}}', "has 'paths' twice"),
    "a key that stands twice in YAML": ("paths: {/v1/user: {}}\npaths: {}\n", "has 'paths' twice"),
    "half of a character": ('{"paths": {"/v1/user": {"get": {"description": "\\ud800"}}}}', "half of a character"),
    "Swagger 2": ({"swagger": "2.0", "paths": {"/v1/user": {"get": {"responses": {}}}}}, "convert it to OpenAPI 3"),
    "an OpenAPI that is not known": ({**answering({}), "openapi": "4.0.0"}, "this is OpenAPI '4.0.0'"),
    "a path with another line": ({**HEAD, "paths": {"/v1/a\nConfirmed: all": {}}}, "nothing that cannot be seen"),
    "another API": ({**HEAD, "paths": {"/pets": {"get": {"responses": {}}}}}, "has none of our operations (GET /pets)"),
    "no path at all": ({**HEAD, "paths": {}}, "has none of our operations (no operation at all)"),
    "half a document": ('{"paths": {', "is not YAML or JSON"),
}


@pytest.mark.sampled(8)
@pytest.mark.parametrize(("content", "message"), BROKEN.values(), ids=list(BROKEN))
def test_a_broken_document_is_refused_in_one_line_that_names_the_file(tmp_path: Path, capsys, content, message) -> None:
    if isinstance(content, dict):
        content = json.dumps(content)
    file = tmp_path / "theirs.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    started = time.monotonic()
    assert main([str(file)]) == 2
    assert time.monotonic() - started < 10
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "theirs.json" in said.err
    assert message in said.err


def test_the_comparison_refuses_a_broken_document_as_well(tmp_path: Path, capsys) -> None:
    file = tmp_path / "theirs.json"
    file.write_text(json.dumps(answering(reference("#/components/schemas/No"))), encoding="utf-8")
    assert spec_diff(["spec/astra.yaml", str(file)]) == 2
    assert "theirs.json: paths./v1/a.get" in capsys.readouterr().err


def test_a_fragment_may_refer_to_what_another_fragment_holds(tmp_path: Path) -> None:
    text = json.dumps(answering(reference("#/components/schemas/A"))).replace("/v1/a", "/v1/user")
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    (tmp_path / "b.json").write_text(json.dumps({**parts(A={"type": "object"}), "paths": {}}), encoding="utf-8")
    assert main([str(tmp_path), "--format", "json"]) == 0
    (tmp_path / "b.json").unlink()
    assert main([str(tmp_path), "--format", "json"]) == 2


def test_references_that_are_written_as_in_a_url_are_followed(tmp_path: Path) -> None:
    document = answering({"type": "object"})
    document["paths"]["/v1/transfers/{id}"] = document["paths"].pop("/v1/a")
    answer = reference("#/paths/~1v1~1transfers~1%7Bid%7D/get/responses/200")
    document["paths"]["/v1/user"] = {"get": {"responses": {"200": answer}}}
    (tmp_path / "theirs.json").write_text(json.dumps(document), encoding="utf-8")
    assert main([str(tmp_path / "theirs.json")]) == 0


def test_what_is_no_file_is_called_so_and_not_waited_for(tmp_path: Path, capsys) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert main([str(tmp_path / "pipe")]) == 2
    assert f"{tmp_path / 'pipe'} is neither a file nor a folder" in capsys.readouterr().err


def test_no_name_of_theirs_is_obeyed_by_a_terminal(tmp_path: Path, capsys) -> None:
    document = answering({"type": "object", "properties": {"\x1b]0;owned\x07": {"type": "string"}}})
    document["paths"]["/v1/user"] = document["paths"].pop("/v1/a")
    (tmp_path / "theirs.json").write_text(json.dumps(document), encoding="utf-8")
    assert main([str(tmp_path / "theirs.json"), "--format", "markdown"]) == 0
    document["paths"]["/v1/user"]["get"]["responses"]["200"]["content"]["\x1b[2J"] = 5
    (tmp_path / "theirs.json").write_text(json.dumps(document), encoding="utf-8")
    assert main([str(tmp_path / "theirs.json")]) == 2
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err


def applied(folder: Path, *more: str) -> int:
    """Applies their document to a copy of our spec in a folder."""
    ours = str(folder / "astra.yaml")
    return main([str(THEIRS), "--ours", ours, "--overlay", str(ROOT / "spec/overlay.yaml"), "--apply", *more])


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    (tmp_path / "astra.yaml").write_text(small_spec(), encoding="utf-8")
    return tmp_path


def test_a_spec_that_cannot_be_written_is_as_it_was_and_said_so(copied: Path, capsys, monkeypatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = (copied / "astra.yaml").read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        assert applied(copied) == 2
    assert "astra.yaml cannot be written, and is as it was: No space left on device" in capsys.readouterr().err
    (copied / "astra.yaml").chmod(0o444)
    assert applied(copied) == 2
    assert "astra.yaml cannot be written, and is as it was: it is read-only" in capsys.readouterr().err
    assert [(file.name, file.read_bytes()) for file in copied.iterdir()] == [("astra.yaml", before)]


def test_a_spec_that_is_a_link_stays_one(copied: Path, capsys) -> None:
    (copied / "astra.yaml").rename(copied / "real.yaml")
    (copied / "astra.yaml").symlink_to(copied / "real.yaml")
    (copied / "real.yaml").chmod(0o640)
    assert applied(copied) == 0
    assert (copied / "astra.yaml").is_symlink()
    assert (copied / "real.yaml").read_bytes() != small_spec().encode()
    assert (copied / "real.yaml").stat().st_mode & 0o777 == 0o640


def test_what_somebody_writes_into_the_spec_while_an_import_runs_stays(copied: Path, capsys, monkeypatch) -> None:
    ours = copied / "astra.yaml"

    def meanwhile(*given: Any, **more: Any) -> Any:
        ours.write_text(ours.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
        return adopt(*given, **more)

    monkeypatch.setattr(command, "adopt", meanwhile)
    assert applied(copied) == 2
    assert "astra.yaml was changed while this ran" in capsys.readouterr().err
    assert ours.read_bytes() == small_spec().encode() + b"# mine\n"


def test_two_imports_do_not_write_at_once(copied: Path, capsys) -> None:
    lock = StateLock(copied / "astra.yaml")
    assert applied(copied) == 2
    assert "astra.yaml is written by another import" in capsys.readouterr().err
    lock.release()
    assert [(file.name, file.read_bytes()) for file in copied.iterdir()] == [("astra.yaml", small_spec().encode())]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a file that is always full")
def test_nothing_is_written_when_nobody_can_be_told_what_to_do_about_it(copied: Path) -> None:
    given = [str(THEIRS), "--ours", str(copied / "astra.yaml"), "--apply"]
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "scripts.import_spec", *given], cwd=ROOT, stdout=full, stderr=subprocess.PIPE
        )
    assert ended.returncode == 2
    assert ended.stderr.decode().splitlines() == [
        "What there is to say cannot be printed, so nothing is written: No space left on device"
    ]
    assert (copied / "astra.yaml").read_bytes() == small_spec().encode()


def test_a_document_that_cannot_be_put_aside_is_said_so(tmp_path: Path, capsys) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert main([str(THEIRS), "--output", str(tmp_path / "file" / "imported.yaml")]) == 2
    assert "imported.yaml cannot be written: " in capsys.readouterr().err


def test_a_field_that_holds_itself_many_times_over_is_added_in_a_size_that_can_be_read(copied: Path, capsys) -> None:
    node = reference("#/components/schemas/Node")
    schemas = {"Node": {"type": "object", "properties": {f"branch_{n}": node for n in range(12)}}}
    document = {**answering({"type": "object", "properties": {"id": {"type": "string"}, "tree": node}})}
    document["paths"]["/v1/user"] = document["paths"].pop("/v1/a")
    (copied / "theirs.json").write_text(json.dumps({**document, "components": {"schemas": schemas}}), encoding="utf-8")
    ours = ["--ours", str(copied / "astra.yaml"), "--overlay", str(ROOT / "spec/overlay.yaml")]
    before = (copied / "astra.yaml").stat().st_size
    assert main([str(copied / "theirs.json"), *ours, "--apply"]) == 0
    assert "field added: User.tree" in capsys.readouterr().out
    assert (copied / "astra.yaml").stat().st_size - before < 20_000


def test_statuses_and_field_names_that_yaml_reads_as_numbers_are_texts(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("paths: {/v1/a: {get: {responses: {200: {description: x}}}}}\n", encoding="utf-8")
    document = load(str(tmp_path / "x.yaml"), root=tmp_path)
    assert list(document["paths"]["/v1/a"]["get"]["responses"]) == ["200"]


IMPORTED: dict[str, tuple[dict[str, Any], str]] = {
    "no components": (answering({}), "`components.schemas` is missing"),
    "no tags": ({**parts(), "components": {"schemas": {}}}, "GET /v1/a has no tag"),
    "no credential": ({**parts(), "components": {"schemas": {}}}, "GET /v1/a has no credential"),
    "no operationId": ({**taking(), "components": {"schemas": {}}}, "GET /v1/a has no operationId"),
}


@pytest.mark.parametrize(("document", "message"), IMPORTED.values(), ids=list(IMPORTED))
def test_generating_from_a_document_that_is_not_ours_says_what_it_lacks(tmp_path: Path, document, message) -> None:
    file = tmp_path / "imported.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    command = [sys.executable, "scripts/generate.py", "--spec", str(file), "--output", str(tmp_path / "out")]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert message in ran.stderr
    assert "make import-spec" in ran.stderr
    assert not (tmp_path / "out").exists()


def places(node: Any, trail: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [trail, *(place for key, child in children for place in places(child, (*trail, key)))]


JUNK: tuple[Any, ...] = (None, True, 5, "x", [], {}, [None], ["x", {}], {"x": None}, {"$ref": "#/paths"}, {"$ref": 5})


@pytest.mark.sampled(2)
@pytest.mark.parametrize("seed", range(12))
def test_whatever_stands_in_the_wrong_place_is_read_or_refused_but_no_traceback(
    tmp_path: Path, capsys, seed: int
) -> None:
    dice = random.Random(seed)
    theirs = load(str(THEIRS), root=ROOT)
    for _ in range(6):
        broken = copy.deepcopy(theirs)
        *trail, last = dice.choice([place for place in places(theirs) if place])
        node = broken
        for key in trail:
            node = node[key]
        node[last] = copy.deepcopy(dice.choice(JUNK))
        file = tmp_path / "theirs.json"
        file.write_text(json.dumps(broken), encoding="utf-8")
        status = main([str(file)])
        said = capsys.readouterr().err
        assert (status, said.count("\n")) in ((0, 0), (2, 1)), (trail, last, said)
        assert status == 0 or "theirs.json" in said, (trail, last, said)


@pytest.mark.long
def test_ten_megabytes_of_json_are_judged_in_five_seconds(tmp_path: Path) -> None:
    """Processor time of a process of its own, so that what else runs on the machine does not count."""
    operation = load(str(THEIRS), root=ROOT)["paths"]["/v1/accounts"]["get"]
    fields = {f"field_{number}": {"type": "string", "description": "A field. " * 8} for number in range(100)}
    operation["responses"]["200"]["content"]["application/json"]["schema"] = {"type": "object", "properties": fields}
    paths = {f"/v1/things_{number}": {"get": operation} for number in range(465)}
    document = {**HEAD, "paths": {**paths, "/v1/accounts": {"get": operation}}}
    file = tmp_path / "theirs.json"
    file.write_text(json.dumps(document, indent=2), encoding="utf-8")
    assert 10_000_000 < file.stat().st_size < 11_000_000
    measured = (
        "import sys, time; from scripts.import_spec.__main__ import main; "
        "status = main(sys.argv[1:]); sys.stderr.write(str(time.process_time())); sys.exit(status)"
    )
    command = [sys.executable, "-c", measured, str(file)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    assert float(ran.stderr) < 5


@pytest.mark.long
def test_a_reader_that_closes_early_ends_the_command_quietly() -> None:
    for module, arguments in (("spec_diff", "spec/astra.yaml " + str(THEIRS)), ("import_spec", str(THEIRS))):
        command = f"{sys.executable} -m scripts.{module} {arguments} | head -n 1"
        ran = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
        assert ran.stdout.count("\n") == 1
        assert ran.stderr == ""
