"""Regenerates `generated/astra_api` from `spec/astra.yaml`.

    python scripts/generate.py              # write
    python scripts/generate.py --check      # write nothing; exit 1 and name what differs

The generator and its formatter are pinned in pyproject.toml (group `codegen`). Another version is tried
with `GENERATOR=0.30.0 python scripts/generate.py`, fetched into a temporary environment.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.spec_document.answers import answers_module  # noqa: E402
from scripts.spec_document.complete import missing  # noqa: E402
from scripts.spec_document.errors import UnnamedErrorError, error_shapes  # noqa: E402
from scripts.spec_document.fast_yaml import safe_dump, safe_load  # noqa: E402
from scripts.spec_document.guesses import guesses_module  # noqa: E402
from scripts.spec_document.money import moves_money, without_mark  # noqa: E402
from scripts.spec_document.names import MARK, NamesakeError, in_our_names, travels  # noqa: E402
from scripts.spec_document.walk import Operation, of_one_name, operations, resolve  # noqa: E402

SPEC = ROOT / "spec" / "astra.yaml"
SETTINGS = ROOT / "spec" / "generator"
OUTPUT = ROOT / "generated" / "astra_api"
HEADER = "# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.\n"
BODIES = {"application/json": "json", "application/x-www-form-urlencoded": "form"}

UNEXPECTED = (
    "if the API returns a\n            status code that was not documented in the source OpenAPI document.",
    "if the API answers\n            with neither a success nor an error body that it documents.",
    "error bodies are told by their shape",
)

HEADERS = (
    '_headers: dict[str, str] = field(factory=dict, kw_only=True, alias="headers")',
    '_headers: dict[str, str] = field(factory=dict, kw_only=True, alias="headers", repr=False)',
    "the first call puts the token into the headers, which the generator prints",
)

# Sentences by which templates know a schema or a field; see say_what_templates_need().
SENT = "Only sent, never received."
HIDDEN = "Hidden in a repr."
ITEMS = "Iterating the object gives these."

# Changes of one line that are not worth a copy of a whole template. Each must match, or the run fails.
PATCHES = {
    "client.py": [
        ("    token: str\n", "    token: str = field(repr=False)\n", "the generator prints the token in its repr"),
        *2 * [HEADERS],
        *2 * [UNEXPECTED],
    ],
}


def main() -> int:
    """Reads the command line and runs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spec", type=Path, default=SPEC, help="OpenAPI document")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder of the generated package")
    parser.add_argument("--check", action="store_true", help="only compare with what is there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch) / "astra_api"
        generate(options.spec, fresh, scratch=Path(scratch), version=os.environ.get("GENERATOR"))
        if options.check:
            return report(differences(options.output, fresh), options.output)
        shutil.rmtree(options.output, ignore_errors=True)
        shutil.copytree(fresh, options.output)
    return 0


def generate(spec: Path, output: Path, *, scratch: Path, version: str | None = None) -> None:
    """Writes the package of a spec into `output`.

    Args:
        spec: OpenAPI document.
        output: folder to make.
        scratch: folder for intermediate files.
        version: version of the generator; None takes the pinned one.
    """
    document = safe_load(spec.read_text(encoding="utf-8"))
    lacks = missing(document)
    if lacks:
        listed = "".join(f"  {line}\n" for line in lacks)
        raise SystemExit(
            f"nothing can be generated from {spec}:\n{listed}"
            "If it is Astra's own document, take it over into spec/astra.yaml: make import-spec FILE=... APPLY=1"
        )
    unmarked = without_mark(document)
    if unmarked:
        raise SystemExit(ask_for_marks(spec, unmarked))
    try:
        in_our_names(document)
    except NamesakeError as error:
        raise SystemExit(f"{spec.name}: {error}") from error
    for one, other in of_one_name(document):
        raise SystemExit(
            f"{spec.name}: {one.label} and {other.label} have one operationId, {one.id} ({other.id}): give each its own"
        )
    try:
        shapes = error_shapes(document)
    except UnnamedErrorError as error:
        raise SystemExit(f"{spec.name}: {error}") from error
    whole = json.dumps(document, ensure_ascii=False, indent=1)
    aliases = take_aliases(document)
    say_what_templates_need(document)
    prepared = scratch / "prepared.yaml"
    prepared.write_text(safe_dump(in_our_names(document), sort_keys=False, allow_unicode=True), encoding="utf-8")
    command = [
        *generator(version, scratch), "generate",
        "--path", str(prepared),
        "--config", str(SETTINGS / "config.yaml"),
        "--custom-template-path", str(SETTINGS / "templates"),
        "--meta", "none",
        "--output-path", str(output),
        "--overwrite",
        "--fail-on-warning",
    ]  # fmt: skip
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=scratch)
    if done.returncode != 0:
        raise SystemExit(f"the generator failed:\n{done.stdout}{done.stderr}")
    for name, changes in PATCHES.items():
        patch(output / name, changes)
    for module in sorted((SETTINGS / "modules").glob("*.py")):
        shutil.copy(module, output)
    (output / "py.typed").write_text("", encoding="utf-8")
    (output / "openapi.json").write_text(f"{whole}\n", encoding="utf-8")
    (output / "answers.py").write_text(answers_module(document, aliases), encoding="utf-8")
    (output / "facts.py").write_text(facts_module(document, aliases), encoding="utf-8")
    (output / "guesses.py").write_text(guesses_module(document), encoding="utf-8")
    (output / "literals.py").write_text(literals_module(document), encoding="utf-8")
    (output / "operations.py").write_text(operations_module(document), encoding="utf-8")
    (output / "responses.py").write_text(responses_module(shapes), encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--no-cache", "--line-length", "100", "-q", str(output)],
        check=True,
    )
    for file in sorted(output.rglob("*.py")):
        file.write_text(HEADER + file.read_text(encoding="utf-8"), encoding="utf-8")


def generator(version: str | None, scratch: Path) -> list[str]:
    """Returns the command of the generator, after fetching it when another version is asked for."""
    if version is None:
        return [sys.executable, "-m", "openapi_python_client"]
    home = scratch / "generator"
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "-q", f"openapi-python-client=={version}"], check=True)
    return [str(python), "-m", "openapi_python_client"]


def take_aliases(document: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Takes the alternative spellings out of the enums, so that one value has one member.

    The generator drops extensions of a schema, and the enum template needs to know which spelling means which.
    """
    aliases: dict[str, dict[str, str]] = {}
    for name, schema in document["components"]["schemas"].items():
        found = schema.get("x-enum-aliases")
        if found:
            aliases[name] = dict(found)
            schema["enum"] = [value for value in schema["enum"] if value not in found]
    return aliases


def say_what_templates_need(document: dict[str, Any]) -> None:
    """Says in descriptions what templates need to know, since the generator passes extensions on to nobody.

    A schema that only requests use says SENT: its constructor takes text for enums and days. A field marked `x-secret`
    or `x-personal` says HIDDEN: a `repr` does not show its value. The field that `x-items` of an operation names says
    ITEMS: its object is iterated like the list.
    """
    for schema in sent_only(document):
        add_sentence(schema, SENT)
    for schema in properties_of(document, "x-secret", "x-personal"):
        add_sentence(schema[1], HIDDEN)
    marked: set[int] = set()
    for field in list_fields(document):
        if id(field) not in marked:
            marked.add(id(field))
            add_sentence(field, ITEMS)


def list_fields(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields the schema of each field that an operation's `x-items` names, once for each operation."""
    for operation in operations(document):
        name = operation.node.get("x-items")
        for media in resolve(document, operation.node["responses"].get("200", {})).get("content", {}).values():
            pending = [media.get("schema", {})]
            while pending:
                schema = resolve(document, pending.pop())
                pending += schema.get("allOf", [])
                if name in schema.get("properties", {}):
                    yield schema["properties"][name]


def sent_only(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns the schemas that requests use and answers do not."""
    requests: dict[int, dict[str, Any]] = {}
    answers: dict[int, dict[str, Any]] = {}

    def collect(node: Any, found: dict[int, dict[str, Any]]) -> None:
        if isinstance(node, list):
            for item in node:
                collect(item, found)
        if not isinstance(node, dict) or id(node) in found:
            return
        if "$ref" in node:
            target: Any = document
            for part in str(node["$ref"]).removeprefix("#/").split("/"):
                target = target[part]
            collect(target, found)
        if "properties" in node:
            found[id(node)] = node
        for name, value in node.items():
            if name != "requestBody" or found is requests:
                collect(value, found)

    for operation in operations(document):
        collect(operation.node.get("requestBody"), requests)
        collect({"responses": operation.node.get("responses")}, answers)
    collect(document.get("webhooks"), answers)
    return [schema for key, schema in requests.items() if key not in answers]


def add_sentence(schema: dict[str, Any], sentence: str) -> None:
    """Adds a sentence to a description."""
    schema["description"] = f"{schema.get('description', '')} {sentence}".strip()


def facts_module(document: dict[str, Any], aliases: dict[str, dict[str, str]]) -> str:
    """Returns the source of `facts.py`: what the facade and the enums need of the spec and the generator does not
    pass on."""
    parts = ['"""What the spec says and the generator does not pass on"""\n']
    for name, mark in (("SECRET_FIELDS", "x-secret"), ("PERSONAL_FIELDS", "x-personal")):
        # What holds JSON has their names, what holds arguments has ours.
        names = {name for field, node in properties_of(document, mark) for name in (field, node.get(MARK, field))}
        lines = "".join(f"    {name!r},\n" for name in sorted(names))
        parts.append(f"{name}: frozenset[str] = frozenset((\n{lines}))\n")
    parts.append("# By name of a field or a parameter, the others that it travels under\n")
    parts.append(f"TRAVELS: dict[str, tuple[str, ...]] = {travels(document)!r}\n")
    parts.append(f"ENUM_ALIASES: dict[str, dict[str, str]] = {aliases!r}\n")
    return "\n".join(parts)


def literals_module(document: dict[str, Any]) -> str:
    """Returns the source of `literals.py`: what a request may say where the spec has an enum."""
    names = sent_enums(document)
    schemas = document["components"]["schemas"]
    values = {
        name: tuple(value for value in schemas[name]["enum"] if value not in schemas[name].get("x-old-values", ()))
        for name in names
    }
    closed = sorted(name for name in names if schemas[name].get("x-closed"))
    parts = [LITERALS_HEAD]
    parts += [f"{name}Literal: TypeAlias = Literal{list(listed)!r}\n" for name, listed in values.items()]
    parts.append(f"SENT_VALUES: dict[str, tuple[str, ...]] = {values!r}\n")
    parts.append(f"CLOSED: frozenset[str] = frozenset({closed!r})\n")
    parts.append("__all__ = (" + "".join(f"'{name}Literal', " for name in names) + ")\n")
    return "\n".join(parts)


def sent_enums(document: dict[str, Any]) -> list[str]:
    """Returns the names of the enums that request bodies hold."""
    found: set[str] = set()
    seen: set[str] = set()

    def collect(node: Any) -> None:
        if isinstance(node, list):
            for item in node:
                collect(item)
        if not isinstance(node, dict):
            return
        reference = node.get("$ref")
        if isinstance(reference, str) and reference not in seen:
            seen.add(reference)
            target = resolve(document, node)
            if "enum" in target:
                found.add(reference.rpartition("/")[2])
            collect(target)
        for value in node.values():
            collect(value)

    for operation in operations(document):
        collect(operation.node.get("requestBody"))
    return sorted(found)


def properties_of(node: Any, *marks: str) -> list[tuple[str, dict[str, Any]]]:
    """Returns all properties that carry one of the marks, with their names."""
    found: list[tuple[str, dict[str, Any]]] = []
    if isinstance(node, dict):
        properties = node.get("properties")
        if isinstance(properties, dict):
            for name, schema in properties.items():
                if isinstance(schema, dict) and any(schema.get(mark) is True for mark in marks):
                    found.append((name, schema))
        for value in node.values():
            found += properties_of(value, *marks)
    elif isinstance(node, list):
        for value in node:
            found += properties_of(value, *marks)
    return found


def ask_for_marks(spec: Path, unmarked: list[str]) -> str:
    """Returns what to tell somebody who left out whether operations move money."""
    named = "".join(f"  {operation}\n" for operation in unmarked)
    return (
        f"{spec.name}: these operations do not say whether they move money:\n{named}"
        "Write `x-money: true` into each that starts, changes or stops a payment, so that a lost answer raises\n"
        "UncertainOutcomeError, and `x-money: false` into each that does not. In doubt: true.\n"
    )


def operations_module(document: dict[str, Any]) -> str:
    """Returns the source of `operations.py`: one row for each operation."""
    rows = []
    for operation in operations(document):
        node = operation.node
        row = (
            operation.id,
            node["tags"][0],
            operation.method.upper(),
            operation.path,
            next(iter(node["security"][0])),
            "secure" if node.get("x-host") == "secure" else "api",
            moves_money(operation),
            node.get("x-evidence", "documented"),
            node.get("x-astra-slug", ""),
            body_of(document, operation),
        )
        rows.append(f"    {operation.id!r}: Operation{row!r},\n")
    return OPERATIONS_HEAD + "OPERATIONS: dict[str, Operation] = {\n" + "".join(rows) + "}\n"


def body_of(document: dict[str, Any], operation: Operation) -> str:
    """Returns how an operation's request body is written: "none", "json" or "form"."""
    kinds = list(resolve(document, operation.node.get("requestBody", {})).get("content", {}))
    if len(kinds) > 1 or not BODIES.keys() >= set(kinds):
        raise SystemExit(f"{operation.label}: the request body is {kinds}, and has to be one of {list(BODIES)}")
    return BODIES[kinds[0]] if kinds else "none"


LITERALS_HEAD = '''"""What a request may say where the spec has an enum, and which of these lists are complete

`SENT_VALUES` leaves out the values that only old documents know. `CLOSED` names the enums that have no other values in
a request; of the rest, the spec may not know all.
"""

from typing import Literal, TypeAlias
'''

OPERATIONS_HEAD = '''"""Every operation of the spec"""

from typing import Literal, NamedTuple


class Operation(NamedTuple):
    """One operation: where it goes, what it needs, and how sure the spec is of it"""

    id: str
    tag: str
    method: str
    path: str
    auth: Literal["basic", "bearer"]
    host: Literal["api", "secure"]
    money: bool = True  # what is not known to be harmless moves money
    evidence: str = "inferred"
    slug: str = ""
    body: Literal["none", "json", "form"] = "none"


'''


def responses_module(shapes: dict[str, dict[str, list[str]]]) -> str:
    """Returns the source of `responses.py`: what the operations share about answers."""
    names = sorted(shapes)
    rows = []
    for name in sorted(shapes, key=lambda name: (len(shapes[name]), name)):
        fields = ", ".join(
            f"{field!r}: ({', '.join(JSON_TYPES[kind] for kind in kinds)}{',' * (len(kinds) == 1)})"
            for field, kinds in shapes[name].items()
        )
        rows.append(f"    ({name}, {{{fields}}}),\n")
    return (
        RESPONSES_HEAD
        + f"from .models import {', '.join(names)}\n"
        + "from .types import Response\n\n"
        + "if TYPE_CHECKING:\n    import httpx\n\n    from .client import AuthenticatedClient, Client\n\n"
        + 'T = TypeVar("T")\n'
        + f"ErrorBody: TypeAlias = {' | '.join(names)}\n\n"
        + "# The kinds of error body, each with the JSON types of its fields; of two that fit alike, the first wins.\n"
        + f"_SHAPES: tuple[tuple[type[ErrorBody], dict[str, tuple[type, ...]]], ...] = (\n{''.join(rows)})\n"
        + RESPONSES_TAIL
    )


JSON_TYPES = {
    "string": "str",
    "integer": "int",
    "number": "int, float, Decimal",
    "boolean": "bool",
    "object": "dict",
    "array": "list",
}

RESPONSES_HEAD = '''"""What the operations share about answers: how one is handed back, and how an error body is read"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from .errors import UnexpectedStatus
'''

RESPONSES_TAIL = '''

def error_class(data: object) -> type[ErrorBody] | None:
    """Tells the kind of an error body: the one that shares most fields with it, whatever the status

    Returns:
        None if it shares a field with none of them, or is no JSON object.
    """
    if not isinstance(data, dict):
        return None

    def shared(kind: tuple[type[ErrorBody], dict[str, tuple[type, ...]]]) -> int:
        return sum(type(data.get(name)) in types for name, types in kind[1].items())

    best = max(_SHAPES, key=shared)
    return best[0] if shared(best) else None


def read_error(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ErrorBody | None:
    """Reads the body of an answer that is no success

    Returns:
        The error body; None if it is none that is documented, such as an empty one or HTML.

    Raises:
        UnexpectedStatus: instead of None, if Client.raise_on_unexpected_status is True.
    """
    if response.status_code >= 400:
        try:
            data = response.json()
            found = error_class(data)
            if found is not None:
                return found.from_dict(data)
        except (ValueError, RecursionError):
            pass
    if client.raise_on_unexpected_status:
        raise UnexpectedStatus(response.status_code, response.content)
    return None


def build_response(response: httpx.Response, *, parsed: T | None) -> Response[T]:
    """Puts what was read beside the answer that it was read from"""
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=parsed,
    )
'''


def patch(file: Path, changes: list[tuple[str, str, str]]) -> None:
    """Applies the one-line changes to a generated file."""
    text = file.read_text(encoding="utf-8")
    for old, new, reason in changes:
        if old not in text:
            raise SystemExit(f"{file.name} has changed, and this patch ({reason}) matches no more: {old!r}")
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf-8")


def differences(there: Path, fresh: Path) -> list[str]:
    """Returns the files that differ, are missing, or should not be there."""
    names = {
        path.relative_to(base).as_posix()
        for base in (there, fresh)
        for path in base.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    return [
        name
        for name in sorted(names)
        if not (there / name).is_file()
        or not (fresh / name).is_file()
        or not filecmp.cmp(there / name, fresh / name, shallow=False)
    ]


def report(changed: list[str], output: Path) -> int:
    """Says what drifted; returns the exit status."""
    for name in changed:
        sys.stderr.write(f"drifted: {output.name}/{name}\n")
    if changed:
        sys.stderr.write("run: make generate\n")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
