"""What a user gets by `pip install astra-finance`: the wheel, in an environment with nothing but the core."""

from __future__ import annotations

import configparser
import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from scripts.release.requirements import declared, lower_bound, upper_bound

ROOT = Path(__file__).resolve().parents[2]
CORE = ("httpx", "attrs", "msgspec", "anyio", "certifi", "h11", "httpcore", "idna", "sniffio", "typing_extensions")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--no-deps", "--no-build-isolation"]
    done = subprocess.run(
        [*pip, "--quiet", "--wheel-dir", str(folder), str(ROOT)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def files(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with the wheel and the core dependencies, and not one extra."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(folder, with_pip=False, symlinks=True)
    interpreter = folder / "bin" / "python"
    found = subprocess.run(
        [interpreter, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    packages = Path(found.stdout.strip())
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    # The core is linked from here, so that the test needs no package index.
    for name in CORE:
        link(name, packages)
    return interpreter


def link(name: str, packages: Path) -> None:
    try:
        distribution = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return  # a dependency of some versions only
    tops = {file.parts[0] for file in distribution.files or () if file.parts[0] not in ("..", "__pycache__")}
    for top in tops:
        source = Path(str(distribution.locate_file(top)))
        if source.exists() and not (packages / top).exists():
            os.symlink(source, packages / top)


def run(python: Path, program: str, tmp_path: Path) -> str:
    done = subprocess.run(
        [python, "-I", "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    return (done.stdout + done.stderr).strip()


def test_the_wheel_holds_the_facade_the_generated_client_and_the_sandboxs_pages(files: set[str]) -> None:
    assert {"astra/__init__.py", "astra/py.typed", "astra_api/__init__.py", "astra_api/py.typed"} <= files
    for folder in ("astra", "generated/astra_api"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert str(path.relative_to(ROOT)).removeprefix("generated/") in files
    assert not [
        name for name in files if name.split("/")[0] not in ("astra", "astra_api") and ".dist-info/" not in name
    ]


def test_an_error_of_an_installed_sdk_names_a_page_that_is_there(python: Path, tmp_path: Path) -> None:
    program = """
import os, pathlib, traceback, astra
kinds = [kind for kind in map(astra.__dict__.get, astra.__all__) if isinstance(kind, type)]
kinds += [astra.NotFoundError, astra.UncertainOutcomeError]
for kind in kinds:
    if issubclass(kind, astra.AstraError):
        assert os.path.isabs(kind.__new__(kind).docs) and os.path.isfile(kind.__new__(kind).docs), kind
try:
    astra.Astra("", "secret")
except astra.ConfigurationError as error:
    last = traceback.format_exception(error)[-1].splitlines()[-1]
    text = pathlib.Path(last.removeprefix("Causes, and what to do: ")).read_text(encoding="utf-8")
    print(text.startswith("# ConfigurationError") and "## What to do" in text)
"""
    assert run(python, program, tmp_path) == "True"


def test_the_wheel_brings_the_command_and_the_pytest_plugin(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        points = configparser.ConfigParser()
        points.read_string(archive.read(name).decode())
    assert dict(points["console_scripts"]) == {"astra": "astra.cli:main"}
    assert dict(points["pytest11"]) == {"astra": "astra.testing.plugin"}
    assert dict(points["opentelemetry_instrumentor"]) == {
        "astra": "astra.integrations.opentelemetry_instrumentor:AstraInstrumentor"
    }


def test_the_core_works_with_nothing_but_httpx_attrs_and_msgspec(python: Path, tmp_path: Path) -> None:
    program = """
import asyncio, astra, astra_api
from astra_api.models import Transfer
with astra.Astra("id", "secret", token_store="sqlite:///tokens.db", request_log="sqlite:///requests.db") as client:
    assert client.webhooks.sign(b"{}")
    client.bins
async def main():
    async with astra.AsyncAstra("id", "secret"):
        pass
asyncio.run(main())
print(astra.__version__, Transfer.from_dict({"id": "t", "amount": 1.1}).amount)
"""
    assert run(python, program, tmp_path) == f"{PROJECT['version']} 1.10"


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("extra", "statement"),
    [
        ("sql", "astra.Astra('id', 'secret', token_store='postgresql://localhost/x')"),
        ("sql", "astra.Astra('id', 'secret', request_log='postgresql://localhost/x')"),
        ("redis", "astra.Astra('id', 'secret', token_store='redis://localhost')"),
        ("crypto", "astra.Astra('id', 'secret', token_keys=['x' * 43 + '='])"),
        ("celery", "import astra.integrations.celery"),
        ("otel", "from astra.integrations.opentelemetry import instrument; instrument(astra.Astra('id', 'secret'))"),
        ("sandbox", "from astra.sandbox import Sandbox; Sandbox().start()"),
        ("cli", "from astra.cli import main; main()"),
    ],
)
def test_a_missing_extra_is_named_by_the_error(extra: str, statement: str, python: Path, tmp_path: Path) -> None:
    program = f"""
import astra
try:
    {statement}
except (astra.ConfigurationError, SystemExit) as error:
    print(error)
"""
    assert f"pip install 'astra-finance[{extra}]'" in run(python, program, tmp_path)


@pytest.mark.parametrize("group", ["dependencies", *PROJECT["optional-dependencies"]])
def test_a_dependency_has_a_lower_bound_and_an_upper_one_only_for_a_reason(group: str) -> None:
    """Whether the lower bounds are true is what `make lowest` tries."""
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    dependencies = PROJECT["dependencies"] if group == "dependencies" else PROJECT["optional-dependencies"][group]
    for dependency in dependencies:
        if not dependency.startswith("astra-finance["):
            assert lower_bound(dependency), dependency
            if upper_bound(dependency):
                [line] = [line for line in lines if line.lstrip().startswith(f'"{dependency}"')]
                assert re.search(r",  # \w.{10}", line), f"{dependency} is capped without a reason beside it"


def test_bounds_are_read_as_a_resolver_reads_them() -> None:
    assert [lower_bound(one) for one in ("a>=1.2", "a[x]>=1,<2", "a", "a<2", "a==3")] == ["1.2", "1", None, None, None]
    assert [upper_bound(one) for one in ("a>=1.2", "a[x]>=1,<2", "a<=2", "a==3", "a")] == [None, "2", "2", "3", None]
    project = {"name": "us", "dependencies": ["a>=1"], "optional-dependencies": {"x": ["us[y]", "psycopg>=3"]}}
    assert declared(project) == ["a>=1", "psycopg[binary]>=3"]


def test_the_driver_is_asked_for_without_a_client_library_of_its_own() -> None:
    assert not [one for one in PROJECT["optional-dependencies"]["sql"] if "binary" in one]


def test_a_driver_that_finds_no_client_library_says_what_to_install(tmp_path: Path) -> None:
    program = """
import sys, types
import importlib.abc

class NoLibpq(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "psycopg":
            raise ImportError("no pq wrapper available.")

sys.meta_path.insert(0, NoLibpq())
from astra import ConfigurationError
from astra.tokens import open_store
try:
    open_store("postgresql://app@127.0.0.1:1/app").count()
except ConfigurationError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'generated'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "psycopg finds no libpq" in done.stdout
    assert "pip install 'psycopg[binary]'" in done.stdout


def test_the_core_depends_on_httpx_attrs_and_msgspec_alone() -> None:
    assert sorted(re.match(r"[\w-]+", item).group() for item in PROJECT["dependencies"]) == [
        "attrs",
        "httpx",
        "msgspec",
    ]  # type: ignore[union-attr]


def test_the_extra_all_holds_every_other_extra() -> None:
    extras = PROJECT["optional-dependencies"]
    listed = re.findall(r"[\w]+", extras["all"][0].partition("[")[2])
    assert sorted(listed) == sorted(set(extras) - {"all"})
    assert PROJECT["version"] == importlib.metadata.version("astra-finance")
