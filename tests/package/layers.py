"""The rules of the house, as functions of a folder that holds the package `astra`.

They take a folder, so that a test can plant a violation in a copy and see that it is found.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[2]

LAYERS: tuple[frozenset[str], ...] = tuple(
    frozenset(rooms.split())
    for rooms in (
        "__main__",
        "cli",
        "first_contact",
        "testing integrations",
        "conformance",
        "dashboard doctor sandbox",
        "web",
        "_async _sync",
        "resources",
        "drift oauth pagination",
        "http tokens request_log payments webhooks types",
        "instrumentation",
        "storage _names",
        "config _spec",
        "_closing _flavours _intact _json _misuse _printable _public _secret _status money version",
        "errors",
        "_candidates",
    )
)
"""Rooms from the top floor to the ground. A room may import what is below it, never what is beside or above it."""

_HTTP = ("astra/http/library.py",)
DOORS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("httpx", "httpcore", "httpx2", "httpcore2", "httpx_aiohttp", "aiohttp", "requests"), _HTTP),
    **dict.fromkeys(("sqlalchemy", "psycopg", "redis"), ("astra/storage/",)),
    "sqlite3": ("astra/storage/", "astra/sandbox/saving/"),
}
"""Who alone may import what reaches outside: files, and folders with all that is in them."""

ENVIRONMENT_DOOR = "astra/config.py"
ENVIRONMENT_NAMES = frozenset({"environ", "environb", "getenv", "getenvb", "getproxies", "getproxies_environment"})
SEAM = "astra/http/operations.py"
PRIVATE_NAMES_OF_GENERATED_CODE = frozenset({"_get_kwargs", "_parse_response"})

DECISIONS: tuple[str, ...] = tuple(
    tomllib.loads((ROOT / "scripts" / "mutants" / "mutants.toml").read_text(encoding="utf-8"))["tests"]
)
"""The modules that decide: those that `make mutants` changes."""

PURE = frozenset({
    "__future__", "attrs", "base64", "binascii", "collections", "datetime", "decimal", "difflib", "email", "enum",
    "functools", "hashlib", "hmac", "http", "itertools", "json", "math", "random", "re", "secrets", "shlex", "typing",
    "unicodedata", "urllib.parse", "zlib", "astra._json", "astra._names", "astra._printable", "astra._public",
    "astra._secret", "astra.payments.links", "astra.doctor.addresses", "astra.doctor.findings", "astra.doctor.grants",
    "astra.errors", "astra.http.failures", "astra.http.payment_match", "astra.http.personal_data",
    "astra.http.responses", "astra.http.retry", "astra.instrumentation.record", "astra.money",
    "astra.payments.record", "astra.payments.report", "astra.payments.transitions", "astra.resources.inputs",
    "astra.tokens.envelope", "astra.tokens.grant", "astra.tokens.identity", "astra.tokens.policy",
    "astra.webhooks.strict_json", "astra_api.errors", "astra_api.facts", "astra_api.literals", "astra_api.types",
})  # fmt: skip
"""What a decision may import: nothing that waits, reads a clock, a file, a socket or the environment. Of our own
packages, module by module. `astra._names` reads what the package was generated from, and nothing else."""


@cache
def _parsed(text: str) -> ast.Module:
    """Most modules of a copy with one violation are those of every other copy."""
    return ast.parse(text)


def modules(root: Path) -> Iterator[tuple[str, ast.Module]]:
    """Yields path and syntax tree of every module of the package."""
    for path in sorted((root / "astra").rglob("*.py")):
        yield path.relative_to(root).as_posix(), _parsed(path.read_text(encoding="utf-8"))


def imported(tree: ast.AST, *, types_too: bool = False) -> Iterator[str]:
    """Yields the dotted names that a module imports, wherever in it, by statement or by `import_module("...")`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING" and not types_too:
            for other in node.orelse:
                yield from imported(other)
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
            yield from (a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str))
        yield from imported(node, types_too=types_too)


@cache
def _reached(tree: ast.Module) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(imported(tree)), frozenset(_names_used(tree))


def wrong_doors(root: Path) -> list[str]:
    """Modules that reach outside through another door than the one there is."""
    found = set()
    for path, tree in modules(root):
        imports, names = _reached(tree)
        for name in imports:
            package = name.split(".")[0]
            doors = DOORS.get(package)
            if doors is not None and not path.startswith(doors):
                found.add(f"{path} imports {package}; only {', '.join(doors)} may")
        for name in names:
            if name in ENVIRONMENT_NAMES and path != ENVIRONMENT_DOOR:
                found.add(f"{path} reads the environment; only {ENVIRONMENT_DOOR} may")
            if name in PRIVATE_NAMES_OF_GENERATED_CODE and path != SEAM:
                found.add(f"{path} uses {name}; only {SEAM} may")
    return sorted(found)


def _names_used(tree: ast.AST) -> Iterator[str]:
    """Yields the names that a module takes from others, whatever it calls those: `o.environ`, `from os import environ`,
    `getattr(o, "environ")`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "getattr":
            yield from (a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str))


def upward_imports(root: Path) -> list[str]:
    """Imports from a room into one beside or above it, also by way of others, those in functions included.

    grimp finds the package on the path, so each folder is read in a process of its own.
    """
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {[str(root), str(ROOT)]!r}\n{_IN_A_PROCESS}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
    )
    found: list[str] = json.loads(done.stdout)
    return found


_IN_A_PROCESS = """
import json
from tests.package.layers import print_upward_imports
print_upward_imports()
"""


def print_upward_imports() -> None:
    """Prints what `upward_imports` returns, for the package `astra` that this process would import."""
    graph = grimp.build_graph("astra", exclude_type_checking_imports=True, cache_dir=None)
    placed = {f"astra.{room}" for rooms in LAYERS for room in rooms}
    found = [f"{room} has no floor" for room in sorted(graph.find_children("astra") - placed)]
    layers = [grimp.Layer(*sorted(rooms), independent=True) for rooms in LAYERS]
    for broken in graph.find_illegal_dependencies_for_layers(layers=layers, containers={"astra"}):
        for route in broken.routes:
            chain = [sorted(route.heads)[0], *route.middle, sorted(route.tails)[0]]
            found.append(f"{broken.importer} must not import {broken.imported}: {' -> '.join(chain)}")
    print(json.dumps(sorted(found)))


def impure_decisions(root: Path) -> list[str]:
    """Decision modules that import what does I/O, or await."""
    found = set()
    for path, tree in modules(root):
        if path not in DECISIONS:
            continue
        for name in imported(tree):
            if not _is_pure(name):
                found.add(f"{path} imports {name}")
        for node in ast.walk(tree):
            if isinstance(node, (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)):
                found.add(f"{path}:{node.lineno} awaits")
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("open", "print", "input"):
                found.add(f"{path}:{node.lineno} calls {ast.unparse(node.func)}")
    return sorted(found)


def _is_pure(name: str) -> bool:
    # The module itself, or something in it.
    parts = name.split(".")
    return any(".".join(parts[:end]) in PURE for end in range(1, len(parts) + 1))
