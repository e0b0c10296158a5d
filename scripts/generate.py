"""Regenerates `generated/astra_api` from `spec/astra.yaml`.

    python scripts/generate.py              # write
    python scripts/generate.py --check      # write nothing; exit 1 and name what differs

The generator and its formatter are pinned in pyproject.toml (group `codegen`). Another version is tried
with `GENERATOR=0.30.0 python scripts/generate.py`, fetched into a temporary environment.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
SPEC = ROOT / "spec" / "astra.yaml"
SETTINGS = ROOT / "spec" / "generator"
OUTPUT = ROOT / "generated" / "astra_api"
HEADER = "# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.\n"
METHODS = ("get", "put", "post", "delete", "patch")
BODIES = {"application/json": "json", "application/x-www-form-urlencoded": "form"}

# Changes of one line that are not worth a copy of a whole template. Each must match, or the run fails.
PATCHES = {
    "client.py": [
        ("    token: str\n", "    token: str = field(repr=False)\n", "the generator prints the token in its repr"),
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
    document = yaml.safe_load(spec.read_text(encoding="utf-8"))
    aliases = take_aliases(document)
    prepared = scratch / "prepared.yaml"
    prepared.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")
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
    (output / "py.typed").write_text("", encoding="utf-8")
    (output / "facts.py").write_text(facts_module(document, aliases), encoding="utf-8")
    (output / "operations.py").write_text(operations_module(document), encoding="utf-8")
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


def facts_module(document: dict[str, Any], aliases: dict[str, dict[str, str]]) -> str:
    """Returns the source of `facts.py`: what templates need of the spec and the generator does not pass on."""
    secret = sorted(secret_names(document))
    lines = "".join(f"    {name!r},\n" for name in secret)
    return (
        '"""What the spec says and the generator does not pass on"""\n\n'
        f"SECRET_FIELDS: frozenset[str] = frozenset((\n{lines}))\n\n"
        f"ENUM_ALIASES: dict[str, dict[str, str]] = {aliases!r}\n"
    )


def secret_names(node: Any) -> set[str]:
    """Returns the names of all properties that the spec marks as secret."""
    found: set[str] = set()
    if isinstance(node, dict):
        properties = node.get("properties")
        if isinstance(properties, dict):
            found |= {
                name for name, schema in properties.items() if isinstance(schema, dict) and schema.get("x-secret")
            }
        for value in node.values():
            found |= secret_names(value)
    elif isinstance(node, list):
        for value in node:
            found |= secret_names(value)
    return found


def operations_module(document: dict[str, Any]) -> str:
    """Returns the source of `operations.py`: one row for each operation."""
    rows = []
    for path, item in document["paths"].items():
        for method in METHODS:
            operation = item.get(method)
            if operation is None:
                continue
            name = operation["operationId"]
            row = (
                name,
                operation["tags"][0],
                method.upper(),
                path,
                next(iter(operation["security"][0])),
                "secure" if operation.get("x-host") == "secure" else "api",
                bool(operation.get("x-money")),
                operation.get("x-evidence", "documented"),
                operation.get("x-astra-slug", ""),
                body_of(operation),
            )
            rows.append(f"    {name!r}: Operation{row!r},\n")
    return OPERATIONS_HEAD + "OPERATIONS: dict[str, Operation] = {\n" + "".join(rows) + "}\n"


def body_of(operation: dict[str, Any]) -> str:
    """Returns how an operation's request body is written: "none", "json" or "form"."""
    kinds = list(operation.get("requestBody", {}).get("content", {}))
    if len(kinds) > 1 or (kinds and kinds[0] not in BODIES):
        raise SystemExit(f"{operation['operationId']} has a request body of another kind than {list(BODIES)}: {kinds}")
    return BODIES[kinds[0]] if kinds else "none"


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
    money: bool
    evidence: str
    slug: str
    body: Literal["none", "json", "form"]


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
