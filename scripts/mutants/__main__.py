"""Changes the modules that decide, one place at a time, and lists the changes that their tests do not see.

    python -m scripts.mutants [module ...]

`mutants.toml` pairs each module with its test module and lists the mutants that change no behavior. Each mutant runs in
a forked child, which has pytest loaded already and imports the changed code in place of the file; no file is touched.
The exit status is 1 when a mutant survives, or when an entry of the list is out of date.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.abc
import importlib.machinery
import os
import signal
import sys
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, NoReturn

import hypothesis
import pytest

from scripts.mutants.mutations import mutants_of

CONFIG = Path(__file__).with_name("mutants.toml")
SECONDS_FOR_EACH = 60
# Exit statuses: pytest has 1 for a failed test and 2 for a test module that cannot be imported. A mutant that never
# ends is noticed as well.
SURVIVED, KILLED = 0, (1, 2, -signal.SIGALRM)


class ChangedModule(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from compiled code instead of its file."""

    def __init__(self, name: str, code: CodeType) -> None:
        self._name, self._code = name, code

    def find_spec(self, fullname: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(fullname, self) if fullname == self._name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(self._code, module.__dict__)


def name_of(module: str) -> str:
    """Returns the import name of a module's path."""
    return module.removesuffix(".py").replace("/", ".")


def preload(root: Path, modules: Sequence[str]) -> None:
    """Imports what the modules need, then forgets all modules below the root: each child imports them anew."""
    for module in modules:
        importlib.import_module(name_of(module))
    for name, file in [(name, getattr(module, "__file__", None)) for name, module in sys.modules.items()]:
        inside = file is not None and Path(file).is_relative_to(root) and "site-packages" not in file
        if inside and name.split(".")[0] not in ("scripts", "__main__"):
            del sys.modules[name]


def test_in_child(root: Path, module: str, test: str, code: CodeType) -> NoReturn:
    """Runs the test module against the changed module; the exit status of the process is that of pytest."""
    status = 70
    try:
        signal.alarm(SECONDS_FOR_EACH)
        silent = os.open(os.devnull, os.O_RDWR)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        sys.meta_path.insert(0, ChangedModule(name_of(module), code))
        # Without the settings, fixtures and plugins of the repository: a test of a decision needs none.
        options = ["-c", os.devnull, f"--rootdir={root}", "--import-mode=importlib", "--noconftest", "-W", "error"]
        status = int(pytest.main([*options, "-x", "-q", "-p", "no:cacheprovider", str(root / test)]))
    finally:
        os._exit(status)


def statuses(root: Path, module: str, test: str, codes: Sequence[CodeType], workers: int) -> list[int]:
    """Runs the test module against each code and returns how each ended: exit status, or negative signal number."""
    running: dict[int, int] = {}
    ends = [0] * len(codes)
    for index in range(len(codes) + workers):
        if index < len(codes):
            child = os.fork()
            if child == 0:
                test_in_child(root, module, test, codes[index])
            running[child] = index
        if running and (len(running) == workers or index >= len(codes)):
            child, status = os.wait()
            ends[running.pop(child)] = os.waitstatus_to_exitcode(status)
    return ends


def check(root: Path, module: str, test: str, equivalents: list[dict[str, str]], workers: int) -> bool:
    """Tests the mutants of one module, prints what came of it, and tells whether all is well."""
    started = time.monotonic()
    source = (root / module).read_text(encoding="utf-8")
    mutants = mutants_of(module, source)
    unchanged = compile(source, module, "exec", dont_inherit=True)
    first, *ends = statuses(root, module, test, [unchanged, *(mutant.code for mutant in mutants)], workers)
    if first != SURVIVED:
        print(f"{test} fails without any change (pytest: {first}); run it by itself first")
        return False
    listed = {(entry["function"], entry["line"], entry["change"]) for entry in equivalents if entry["module"] == module}
    counts = {"killed": 0, "equivalent": 0, "survived": 0}
    findings: list[str] = []
    for mutant, end in zip(mutants, ends, strict=True):
        identity = (mutant.function, mutant.line, mutant.change)
        known = identity in listed
        listed.discard(identity)
        where = f"{module}:{mutant.number} {mutant.function}: {mutant.change}"
        if end == SURVIVED:
            counts["equivalent" if known else "survived"] += 1
            findings += [] if known else [f"SURVIVED {where}\n    {mutant.line}"]
        elif end in KILLED:
            counts["killed"] += 1
            findings += [f"STALE, it is killed: {where}"] if known else []
        else:
            findings.append(f"UNCLEAR, the tests ended with {end}: {where}")
    findings += [f"STALE, there is no such mutant: {module} {function}: {change}" for function, _, change in listed]
    totals = ", ".join(f"{count} {name}" for name, count in counts.items())
    print(f"{module}: {len(mutants)} mutants, {totals} ({time.monotonic() - started:.0f} s)")
    print("".join(f"  {finding}\n" for finding in findings), end="", flush=True)
    return not findings


def main() -> int:
    """Reads the arguments, tests every module, and returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m scripts.mutants", description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", help="paths of modules; all of the configuration when none is given")
    parser.add_argument("--config", type=Path, default=CONFIG, help="TOML with [tests] and [[equivalent]]")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="folder that the paths start from")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes at once")
    options = parser.parse_args()
    config: dict[str, Any] = tomllib.loads(options.config.read_text(encoding="utf-8"))
    tests: dict[str, str] = config["tests"]
    unknown = set(options.modules) - set(tests)
    if unknown:
        parser.error(f"no test module is named in {options.config} for {', '.join(sorted(unknown))}")
    root = options.root.resolve()
    sys.path.insert(0, str(root))
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    # The same examples in each run, and no search for the smallest one: the first failure is all that matters.
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile("mutants", derandomize=True, database=None, deadline=None, phases=phases)
    hypothesis.settings.load_profile("mutants")
    preload(root, list(tests))
    chosen = options.modules or list(tests)
    results = [check(root, module, tests[module], config.get("equivalent", []), options.workers) for module in chosen]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
