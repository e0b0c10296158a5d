"""Names, unions and cycles that a spec may come to have: the generated classes stay whole, and say the truth."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from astra_api.types import Model

from scripts.spec_document.fast_yaml import safe_dump, safe_load

ROOT = Path(__file__).resolve().parents[2]
TEXT = {"type": "string"}
OURS = [name for name in dir(Model) if name != "__module__"]
# Keywords, names that annotations use, and what the generator itself would rename.
OTHERS = [
    "class",
    "from",
    "None",
    "str",
    "list",
    "int",
    "bool",
    "datetime",
    "field",
    "frozen",
    "self",
    "id-x",
    "type",
    "id",
]
OTHERS += ["Decimal", "Model", "additional_properties", "bin", "hash", "_origin", "_plan", "_json_names"]


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


SCHEMAS: dict[str, Any] = {
    "Odd": {"type": "object", "properties": {name: TEXT for name in [*OURS, *OTHERS]}},
    "Node": {
        "type": "object",
        "required": ["id"],
        "properties": {"id": TEXT, "next": reference("Link"), "parts": {"type": "array", "items": reference("Node")}},
    },
    "Link": {"type": "object", "properties": {"node": reference("Node"), "odd": reference("Odd")}},
    "ByCard": {
        "type": "object",
        "required": ["kind", "mask"],
        "properties": {"kind": {"const": "card"}, "mask": TEXT, "note": TEXT},
    },
    "ByBank": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"const": "bank"}, "name": TEXT, "note": TEXT},
    },
    "First": {"type": "object", "properties": {"cb_id": TEXT}},
    "Second": {"type": "object", "properties": {"case_id": TEXT}},
    "Holder": {
        "type": "object",
        "properties": {
            "way": {"oneOf": [reference("ByCard"), reference("ByBank"), {"type": "null"}]},
            "plain": {"oneOf": [reference("First"), reference("Second"), reference("First"), TEXT]},
            "numbers": {"type": "array", "items": {"type": "number", "format": "decimal"}},
            "times": {"type": "array", "items": {"type": "string", "format": "date-time"}},
            "anything": {},
            "secret": {"type": "string", "x-secret": True},
        },
    },
}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the package that is generated of `SCHEMAS`."""
    folder = tmp_path_factory.mktemp("awkward")
    document = safe_load((ROOT / "spec/astra.yaml").read_text(encoding="utf-8"))
    document["components"]["schemas"] |= SCHEMAS
    headers = [{"name": name, "in": "header", "schema": TEXT} for name in ("Astra-Version", "Authorization")]
    document["paths"]["/v1/transfers/{id}/cancel"]["post"].setdefault("parameters", []).extend(headers)
    spec = folder / "spec.yaml"
    spec.write_text(safe_dump(document), encoding="utf-8")
    command = [sys.executable, "scripts/generate.py", "--spec", str(spec), "--output", str(folder / "astra_api")]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return folder


def run(package: Path, program: str) -> Any:
    """What a program that uses the package prints, as JSON."""
    head = "import json, pickle, copy, attrs\nfrom astra_api.models import *\nfrom astra_api.plans import plan_of\n"
    environment = {"PYTHONPATH": str(package)}
    command = [sys.executable, "-W", "error", "-c", head + program]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_a_field_named_like_a_member_of_ours_cannot_break_the_object(package: Path) -> None:
    data = {name: f"value of {name}" for name in [*OURS, *OTHERS]}
    program = f"""
data = {data!r}
odd = Odd.from_json(json.dumps(data))
names = plan_of(Odd).json_names
assert odd == Odd.from_dict(data) == pickle.loads(pickle.dumps(odd)) == copy.deepcopy(odd)
assert odd.to_dict() == data == dict(odd) and json.loads(odd.to_json()) == data
assert odd.request_id is None and odd.context is None and odd.additional_properties == {{}}
assert {{names[field.name]: getattr(odd, field.name) for field in attrs.fields(Odd)}} == data
made = Odd(**{{attribute: data[name] for attribute, name in names.items()}})
assert made.to_dict() == data and made == odd and hash(made) == hash(odd) and "value of type" in repr(made)
print(json.dumps({{name: attribute for attribute, name in names.items()}}))
"""
    attributes = run(package, program)
    for name in ("request_id", "to_dict", "to_json", "from_dict", "from_json", "context", "attach", "keys", "class"):
        assert attributes[name] == f"{name}_"
    assert attributes["additional_properties"] == "additional_properties_"
    for name in ("type", "id", "bin", "hash"):
        assert attributes[name] == name
    assert not set(attributes.values()) & set(dir(Model))


def test_a_union_is_the_member_that_fits(package: Path) -> None:
    program = """
holders = [Holder.from_json(json.dumps(data)) for data in (
    {"way": {"kind": "card", "mask": "1"}}, {"way": {"kind": "bank", "note": "n"}}, {"way": None},
    {"plain": {"cb_id": "c"}}, {"plain": {"case_id": "c"}}, {"plain": "text"},
)]
print(json.dumps([type(h.way or h.plain).__name__ for h in holders]))
"""
    assert run(package, program) == ["ByCard", "ByBank", "NoneType", "First", "Second", "str"]


def test_an_annotation_names_no_class_twice_and_no_binary_fraction(package: Path) -> None:
    text = (package / "astra_api/models/holder.py").read_text(encoding="utf-8")
    assert "plain: First | Second | str | None = None" in text
    assert "way: ByBank | ByCard | None = None" in text or "way: ByCard | ByBank | None = None" in text
    assert "float" not in text
    program = """
body = '{"numbers": [20.10, 1, "7.5"], "times": ["2026-05-04T12:00:00"], "anything": {"a": 1.10}, "secret": "s3cret"}'
holder = Holder.from_json(body)
assert "s3cret" not in repr(holder)
print(json.dumps([str(number) for number in holder.numbers] + [str(holder.times[0]), str(holder.anything["a"])]))
"""
    assert run(package, program) == ["20.10", "1.00", "7.50", "2026-05-04 12:00:00+00:00", "1.10"]


def test_models_that_refer_to_each_other_can_each_be_imported_first_and_read(package: Path) -> None:
    program = """
data = {"id": "a", "next": {"node": {"id": "b"}, "odd": {"class": "c"}}, "parts": [{"id": "d", "parts": []}]}
for read in (lambda: Node.from_dict(data), lambda: Node.from_json(json.dumps(data))):
    node = read()
    assert (node.next.node.id, node.next.odd.class_, node.parts[0].id) == ("b", "c", "d")
    assert node.next.odd.to_dict() == {"class": "c"} and node.parts[0].to_dict() == {"id": "d", "parts": []}
schema = __import__("pydantic").TypeAdapter(Node).json_schema()
print(json.dumps(sorted(schema["$defs"])))
"""
    assert run(package, program) == ["Link", "Node", "Odd"]
    for module in ("node", "link", "odd"):
        assert run(package, f"import astra_api.models.{module}; print(1)") == 1


def test_a_header_parameter_that_the_spec_comes_to_have_is_sent(package: Path) -> None:
    program = f"""
import sys
sys.path.append({str(ROOT)!r})
import astra
from astra.http.operations import build_call
from astra_api.api.transfers import cancel_transfer
from tests.engine import httpx
sent = []
answer = lambda request: sent.append(request) or httpx.Response(200, json={{"id": "tr_1"}})
with astra.Astra("id", "secret", http_client=httpx.MockTransport(answer)) as client:
    call = build_call(cancel_transfer, "tr_1", query={{"astra_version": "2", "authorization": "mine"}}, bearer="token")
    client._pipeline.call(call)
print(json.dumps([sent[0].headers["astra-version"], sent[0].headers["authorization"], str(sent[0].url.query, "ascii")]))
"""
    assert run(package, program) == ["2", "Bearer token", ""]


def test_the_generated_client_never_shows_the_token() -> None:
    from astra_api import AuthenticatedClient

    client = AuthenticatedClient(base_url="https://example.com", token="s3cret", headers={"X-Key": "k3y"})
    client.get_httpx_client().close()
    assert "s3cret" in str(client._headers)
    assert "s3cret" not in repr(client)
    assert "k3y" not in repr(client)


@pytest.mark.long
def test_mypy_finds_nothing_in_awkward_classes(package: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={package / 'cache'}"]
    ran = subprocess.run(
        [*command, "-p", "astra_api"],
        cwd=package,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
