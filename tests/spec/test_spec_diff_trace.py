"""A change is traced to generated symbols, facade methods, docs and cassettes by reading the repository itself."""

from __future__ import annotations

import copy
import json
import subprocess
from pathlib import Path

import pytest

from scripts.spec_diff.__main__ import main
from scripts.spec_diff.compare import compare
from scripts.spec_diff.facade import read_facade
from scripts.spec_diff.trace import Touched, Tracer
from scripts.spec_document.fast_yaml import safe_dump
from scripts.spec_document.walk import operations
from tests.spec.documents import ROOT, spec
from tests.spec.minimal import document, operation_of, thing

TEXT = {"type": "string"}
FACADE = """
from astra_api.api.things import make_thing
from astra.helpers import body_of

class AsyncThings:
    async def make(self, *, colour):
        return await self._send(body_of(colour))

    async def _send(self, body):
        return await self._call(make_thing, body)

    async def idle(self):
        return None
"""
HELPERS = """
def body_of(colour):
    return {"paint_colour": colour}

async def late(call):
    from astra_api.api.things import make_thing
    return await call(make_thing)
"""
CASSETTE = """
interactions:
- request:
    method: POST
    uri: https://api-sandbox.astra.finance/v1/things/abc
- request:
    method: GET
    uri: https://api-sandbox.astra.finance/v1/user
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A small repository with a facade, a guide and two cassettes."""
    files = {
        "astra/things.py": FACADE,
        "astra/helpers.py": HELPERS,
        "astra/_sync/things.py": FACADE,
        "docs/guide.md": "# Things\n\nCall `things.make(colour=...)`.\nIts `paint_colour` is ours.\n",
        "tests/cassettes/things/make.yaml": CASSETTE,
        "tests/cassettes/users/get.yaml": CASSETTE.replace("/things/abc", "/elsewhere"),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def traced(old: dict, new: dict, root: Path) -> dict[str, Touched]:
    tracer = Tracer(old, new, read_facade(root), root)
    return {change.rule: tracer.trace(change) for change in compare(old, new)}


def test_a_method_is_found_through_methods_and_functions_that_it_calls(repository: Path) -> None:
    index = read_facade(repository)
    found = [method.name for method in index.using_operation("things", "make_thing")]
    assert found == ["late", "AsyncThings.make", "AsyncThings._send"]


def test_a_changed_operation_is_traced_to_everything_that_touches_it(repository: Path) -> None:
    old, new = document(), document()
    operation_of(new)["security"] = [{"basic": []}]
    touched = traced(old, new, repository)["api-security-removed"]
    assert touched.generated == ["astra_api.api.things.make_thing"]
    assert "AsyncThings.make" in [method.name for method in touched.methods]
    assert touched.documents == ["docs/guide.md:3"]
    assert touched.cassettes == ["tests/cassettes/things/make.yaml"]


def test_a_changed_field_is_traced_to_code_and_docs_that_name_it(repository: Path) -> None:
    part = {"$ref": "#/components/schemas/Paint"}
    old = document(request=part, Paint=thing(paint_colour=TEXT))
    new = document(request=part, Paint=thing(paint_colour={"type": "integer"}))
    touched = traced(old, new, repository)["request-property-type-changed"]
    assert touched.generated == ["astra_api.models.Paint.paint_colour"]
    assert [method.name for method in touched.other_methods] == ["body_of"]
    assert touched.documents == ["docs/guide.md:4"]


def test_every_operation_of_the_spec_is_reached_by_a_facade_method() -> None:
    index = read_facade(ROOT)
    for operation in operations(spec()):
        users = index.using_operation(operation.node["tags"][0], operation.id)
        assert any(method.public for method in users), operation.id


def write(path: Path, content: dict) -> str:
    path.write_text(safe_dump(content), encoding="utf-8")
    return str(path)


def test_the_command_s_exit_code_tells_ci_what_it_asks_for(tmp_path: Path, capsys) -> None:
    old = write(tmp_path / "old.yaml", document(response=thing(a=TEXT)))
    wider = write(tmp_path / "wider.yaml", document(response=thing(a=TEXT, b=TEXT)))
    assert main([old, old, "--fail-on", "any"]) == 0
    assert main([old, wider]) == 0
    assert main([old, wider, "--fail-on", "any"]) == 1
    assert main([wider, old]) == 1
    assert main([wider, old, "--fail-on", "never"]) == 0
    assert main([str(tmp_path / "missing.yaml"), old]) == 2
    assert "missing.yaml" in capsys.readouterr().err


def test_a_partial_document_can_be_compared_by_what_it_has(tmp_path: Path, capsys) -> None:
    whole = document(response=thing(a=TEXT), Part=thing(a=TEXT))
    part = document(response=thing(a=TEXT, b=TEXT))
    whole["paths"]["/v1/others"] = {"get": {"operationId": "list_others", "responses": {}}}
    old, new = write(tmp_path / "old.yaml", whole), write(tmp_path / "new.yaml", part)
    assert main([old, new]) == 1
    assert main([old, new, "--shared"]) == 0
    assert "0 breaking, 0 warning, 1 info" in capsys.readouterr().out


def test_the_command_speaks_text_markdown_and_json(tmp_path: Path, capsys) -> None:
    old = write(tmp_path / "old.yaml", document(response=thing(a=TEXT)))
    new = write(tmp_path / "new.yaml", document(response=thing()))
    main([old, new])
    assert "BREAKING response POST /v1/things/{id} 200.a: field removed" in capsys.readouterr().out
    main([old, new, "--format", "markdown"])
    assert "## Breaking" in capsys.readouterr().out
    main([old, new, "--format", "json"])
    answer = json.loads(capsys.readouterr().out)
    assert answer["counts"] == {"breaking": 1, "warning": 0, "info": 0}
    assert answer["changes"][0]["operations"] == ["make_thing"]


def test_a_git_revision_is_a_source_with_and_without_a_path(repository: Path, capsys) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *arguments], cwd=repository, check=True, capture_output=True)

    (repository / "spec").mkdir()
    git("init", "-q")
    for response in (thing(a=TEXT, b=TEXT), thing(a=TEXT)):
        write(repository / "spec/astra.yaml", document(response=response))
        git("add", "spec/astra.yaml")
        git("commit", "-qm", "spec")
    assert main(["HEAD~1", "HEAD", "--root", str(repository)]) == 1
    assert main(["HEAD~1:spec/astra.yaml", "--root", str(repository)]) == 1
    assert main(["HEAD", "--root", str(repository)]) == 0
    assert "HEAD~1 -> HEAD: 1 breaking" in capsys.readouterr().out


def test_a_new_operation_says_that_the_facade_lacks_it() -> None:
    new = copy.deepcopy(spec())
    new["paths"]["/v1/institutions"] = {
        "get": {"operationId": "list_institutions", "tags": ["institutions"], "responses": {}}
    }
    (change,) = compare(spec(), new)
    touched = Tracer(spec(), new, read_facade(ROOT), ROOT).trace(change)
    assert touched.methods == []
    assert "facade method" in change.hint


def test_an_inherited_method_is_named_after_the_class_that_users_hold(repository: Path) -> None:
    (repository / "astra/reading.py").write_text(
        "from astra_api.api.things import make_thing\n\n"
        "class AsyncReader:\n    async def list(self):\n        return await self._ask(make_thing)\n\n"
        "    async def get(self):\n        return await self._ask(make_thing)\n",
        encoding="utf-8",
    )
    (repository / "astra/writing.py").write_text(
        "from astra.reading import AsyncReader\n\n"
        "class AsyncBoth(AsyncReader):\n    async def get(self):\n        return None\n\n"
        "    async def first(self):\n        return await self.list()\n",
        encoding="utf-8",
    )
    found = {method.name: method.file for method in read_facade(repository).using_operation("things", "make_thing")}
    assert found["AsyncBoth.list"] == "astra/reading.py"
    assert "AsyncBoth.first" in found
    assert "AsyncBoth.get" not in found
    assert "AsyncReader.list" not in found


def test_a_changed_event_is_traced_to_the_code_that_knows_it() -> None:
    new = copy.deepcopy(spec())
    del new["webhooks"]["chargeback_created"]
    (change,) = compare(spec(), new)
    touched = Tracer(spec(), new, read_facade(ROOT), ROOT).trace(change)
    assert any(place.startswith("astra/webhooks/") for place in touched.webhooks)
