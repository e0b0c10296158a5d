"""What a maintainer finds beside the code: workflows, forms, settings of editors. They call the make targets."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"(?m)^([a-z-]+):", MAKEFILE))
WORKFLOWS = {path.stem: path for path in (ROOT / ".github" / "workflows").glob("*.yml")}
JOBS: list[tuple[str, dict[str, Any]]] = [
    (f"{name}.{job}", settings)
    for name, path in WORKFLOWS.items()
    for job, settings in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items()
]
SCHEMAS = {
    "vendor.github-workflows": sorted(map(str, WORKFLOWS.values())),
    "vendor.dependabot": [f"{ROOT}/.github/dependabot.yml"],
    "vendor.github-issue-forms": [f"{ROOT}/.github/ISSUE_TEMPLATE/{name}.yml" for name in ("api", "bug", "feature")],
    "vendor.github-issue-config": [f"{ROOT}/.github/ISSUE_TEMPLATE/config.yml"],
}


def targets_of(command: str) -> list[str]:
    """The targets that a command names; with a matrix, each of its kinds."""
    words = command.split()
    assert words[0] == "make", command
    names = [word for word in words[1:] if "=" not in word]
    return ["lowest", "newest", "beside"] if names[:1] == ["${{"] else names


def test_the_workflows_are_those_that_a_maintainer_expects() -> None:
    assert set(WORKFLOWS) == {"ci", "nightly", "release", "spec-drift"}


@pytest.mark.parametrize(("name", "job"), JOBS, ids=[name for name, _ in JOBS])
def test_a_job_calls_make_targets_that_exist_and_nothing_else(name: str, job: dict[str, Any]) -> None:
    for step in job["steps"]:
        assert set(targets_of(step["run"]) if "run" in step else []) <= TARGETS, step
    assert job["permissions"].items() <= {"contents": "read", "id-token": "write"}.items()
    assert job["timeout-minutes"] <= 180


def test_every_action_is_pinned_to_a_commit_with_its_version_beside_it() -> None:
    used = [line for path in WORKFLOWS.values() for line in path.read_text().splitlines() if "uses:" in line]
    assert len(used) > 10
    for line in used:
        assert re.search(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_only_the_job_that_runs_nothing_of_ours_can_publish() -> None:
    [(name, job)] = [(name, job) for name, job in JOBS if "id-token" in job["permissions"]]
    assert name == "release.publish"
    assert [step for step in job["steps"] if "run" in step] == []
    assert job["steps"][-1]["with"] == {"attestations": True}
    assert (job["needs"], job["environment"]) == ("check", "pypi")


def test_the_lowest_and_the_newest_dependencies_and_those_of_others_are_tried_for_every_change() -> None:
    job = dict(JOBS)["ci.resolved"]
    assert sorted(job["strategy"]["matrix"]["kind"]) == ["beside", "lowest", "newest"]
    assert [step["run"] for step in job["steps"] if "run" in step] == ["make ${{ matrix.kind }}"]


def test_the_matrix_has_every_python_that_the_metadata_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {one.rpartition(" ")[2] for one in project["classifiers"] if re.search(r":: 3\.\d+$", one)}
    matrix = dict(JOBS)["ci.test"]["strategy"]["matrix"]["python"]
    assert named <= set(matrix)
    assert project["requires-python"] == f">={matrix[0]}"


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_file_fits_its_schema(schema: str) -> None:
    from check_jsonschema import main  # takes two seconds, so not a process for each

    done = CliRunner().invoke(main, ["--builtin-schema", schema, *SCHEMAS[schema]])
    assert done.exit_code == 0, done.output
    assert "ok" in done.output


def test_actionlint_and_zizmor_find_nothing() -> None:
    done = run(str(BIN / "actionlint"), "-shellcheck=", "-pyflakes=")
    assert (done.returncode, done.stdout) == (0, "")
    done = run(str(BIN / "zizmor"), "--offline", "--no-progress", "--strict-collection", ".github")
    assert done.returncode == 0, done.stdout


def test_the_linters_find_what_is_planted(tmp_path: Path) -> None:
    text = WORKFLOWS["ci"].read_text(encoding="utf-8")
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "ci.yml").write_text(text.replace("matrix.python }}", "matrix.pyhton }}", 1))
    done = subprocess.run([BIN / "actionlint", folder / "ci.yml"], capture_output=True, text=True, check=False)
    assert "pyhton" in done.stdout
    (folder / "ci.yml").write_text(re.sub(r"checkout@\w+", "checkout@main", text))
    done = run(str(BIN / "zizmor"), "--offline", "--no-progress", str(folder))
    assert "unpinned-uses" in done.stdout


def test_the_editors_container_and_the_hooks_call_make_targets() -> None:
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert set(targets_of(container["postCreateCommand"])) <= TARGETS
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    commands = [hook["entry"] for repository in hooks for hook in repository["hooks"]]
    assert commands
    assert {target for command in commands for target in targets_of(command)} <= TARGETS


def test_every_form_asks_for_something() -> None:
    for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"):
        form = yaml.safe_load(path.read_text(encoding="utf-8"))
        required = [one for one in form["body"] if one.get("validations", {}).get("required")]
        assert required, path.name


def test_the_linter_looks_at_every_file_that_was_written_by_hand() -> None:
    """A folder that is left out by its name is left out wherever it stands: `spec` was also tests/spec."""
    listed = ["git", "ls-files", "*.py", ":!generated", ":!spec", ":!docs"]
    written = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    shown = subprocess.run(
        [BIN / "ruff", "check", "--show-files", "."], cwd=ROOT, capture_output=True, text=True, check=True
    )
    seen = {str(Path(line).relative_to(ROOT)) for line in shown.stdout.splitlines()}
    assert set(written) - seen == set()
    assert len(written) > 500
