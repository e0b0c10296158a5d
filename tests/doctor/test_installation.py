"""What is found of other things called astra, in real folders."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import astra
from astra.doctor.findings import Finding
from astra.doctor.probe_machine import find_scripts, find_shadows, machine_probes
from astra.doctor.running import run_all

OWN = Path(astra.__file__).resolve().parent


def look(folder: Path, *arguments: str, **variables: str) -> dict[str, str]:
    """What the check says in a process that was started in a folder: each name with its message."""
    program = (
        "from astra.doctor.probe_machine import machine_probes\n"
        "from astra.doctor.running import run_all\n"
        "for one in run_all(machine_probes({}), limit=30): print(one.check, one.status, one.message, sep='|')"
    )
    path = os.pathsep.join([*arguments, str(OWN.parent), str(OWN.parent / "generated")])
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.split("|")[0]: line.split("|", 1)[1] for line in done.stdout.splitlines()}


def test_a_local_file_or_package_that_shadows_is_found(tmp_path: Path) -> None:
    assert look(tmp_path)["machine.shadows"].startswith("ok|")
    (tmp_path / "astra.py").touch()
    assert f"{tmp_path}/astra.py may be imported" in look(tmp_path)["machine.shadows"]
    (tmp_path / "astra.py").unlink()
    (tmp_path / "astra").mkdir()
    assert look(tmp_path)["machine.shadows"].startswith("ok|"), "a folder that is no package loses against one"
    (tmp_path / "astra" / "__init__.py").touch()
    assert f"{tmp_path}/astra may be imported" in look(tmp_path)["machine.shadows"]


def test_compiled_modules_shadow_too_and_ours_does_not(tmp_path: Path) -> None:
    (tmp_path / "astra.cpython-311-x86_64-linux-gnu.so").touch()
    assert find_shadows([str(tmp_path), str(tmp_path), str(OWN.parent)], own=OWN) == [
        str(tmp_path / "astra.cpython-311-x86_64-linux-gnu.so")
    ]


def distribution(folder: Path, name: str, version: str) -> None:
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "RECORD").write_text("astra/__init__.py,,\n")


def test_another_distribution_that_brings_a_package_astra_is_found(tmp_path: Path) -> None:
    assert look(tmp_path)["machine.distributions"].startswith("ok|")
    distribution(tmp_path, "astra", "1.2")
    assert look(tmp_path, str(tmp_path))["machine.distributions"].startswith("fail|astra installs a package astra")


def test_another_version_of_ours_is_found(tmp_path: Path) -> None:
    distribution(tmp_path, "astra_finance", "9.9")
    assert look(tmp_path, str(tmp_path))["machine.versions"].startswith("warn|astra-finance 9.9 is installed")


def command(folder: Path, *, executable: bool = True) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "astra"
    path.touch()
    path.chmod(0o755 if executable else 0o644)
    return path


def test_the_commands_on_the_path_are_found_in_its_order_and_once(tmp_path: Path) -> None:
    first, second = command(tmp_path / "b"), command(tmp_path / "a")
    command(tmp_path / "c", executable=False)
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "astra").symlink_to(second)
    (tmp_path / "e" / "astra").mkdir(parents=True)
    folders = [str(tmp_path / name) for name in ("b", "a", "c", "d", "e", "none", "b")]
    assert find_scripts(folders) == [str(first), str(second)]


def test_several_commands_on_the_path_are_a_warning(tmp_path: Path) -> None:
    command(tmp_path / "a")
    command(tmp_path / "b")
    found = look(tmp_path, PATH=f"{tmp_path}/a:{tmp_path}/b")["machine.scripts"]
    assert found.startswith(f"warn|2 commands are called astra; {tmp_path}/a/astra is the one that runs")
    found = look(tmp_path, PATH=f"{tmp_path}/a")["machine.scripts"]
    assert found == f"warn|the command astra on the PATH is {tmp_path}/a/astra, of another installation"


def test_a_folder_that_is_gone_or_may_not_be_read_hides_nothing(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    program = f"import os; os.chdir({str(gone)!r}); os.rmdir({str(gone)!r})\n"
    (tmp_path / "start.py").write_text(
        f"{program}from astra.cli.main import run\nrun(['doctor', '--offline', '--json'])"
    )
    path = os.pathsep.join([str(OWN.parent), str(OWN.parent / "generated"), "/proc/1/cwd"])
    done = subprocess.run(
        [sys.executable, str(tmp_path / "start.py")],
        env={**os.environ, "PYTHONPATH": path, "PATH": "/proc/1/cwd:/none", "ASTRA_TOKEN_STORE": "sqlite:///x.db"},
        capture_output=True,
        text=True,
    )
    found = {one["check"]: one for one in json.loads(done.stdout)["checks"]}
    assert [name for name, one in found.items() if "check itself" in one["message"]] == []
    assert found["machine.shadows"]["status"] == "ok"
    assert found["token_store.reach"]["status"] == "fail"


def test_versions_and_extras_are_told() -> None:
    found: dict[str, Finding] = {
        one.check: one for one in run_all(machine_probes({"redis": "ASTRA_TOKEN_STORE"}), limit=30)
    }
    versions = found["machine.versions"].details["versions"]
    assert list(versions) == ["Python", "astra-finance", "httpx", "httpx2", "attrs", "msgspec"]
    assert None not in versions.values()
    assert found["machine.extras"].details["wanted"] == {"redis": "ASTRA_TOKEN_STORE"}


def test_a_missing_extra_that_the_settings_need_is_named(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['redis'] = None\n"
        "from astra.doctor.examine import examine\n"
        "for one in examine(offline=True).findings: print(one.check, one.status, one.message, one.advice, sep='|')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "ASTRA_TOKEN_STORE": "redis://127.0.0.1:1/0"},
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("machine.extras")]
    assert "ASTRA_TOKEN_STORE needs the extra redis" in line
    assert line.endswith("pip install 'astra-finance[redis]'")
