"""What `make release-check` refuses before a release, without the package index that the rest of it asks."""

from __future__ import annotations

import io
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from astra.version import __version__
from scripts.release.checks import IN_SDIST, check_changelog, check_contents, check_urls, check_version

ROOT = Path(__file__).resolve().parents[2]
WHEEL = "astra_finance-1.2.0-py3-none-any.whl"


def test_every_place_says_the_same_version() -> None:
    assert check_version("1.2.0", module="1.2.0", wheel=WHEEL, tag="v1.2.0") == []
    assert check_version("1.2.0", module="1.2.0", wheel=WHEEL, tag=None) == []
    assert check_version("1.2.0", module="1.1.0", wheel=WHEEL.replace("1.2", "1.3"), tag="v1.4.0") == [
        "astra/version.py says 1.1.0, pyproject.toml 1.2.0",
        "the wheel says 1.3.0, pyproject.toml 1.2.0",
        "the tag says 1.4.0, pyproject.toml 1.2.0",
    ]


@pytest.mark.parametrize(
    ("text", "dated", "wrong"),
    [
        ("# C\n\n## Unreleased\n\n- new\n", False, []),
        ("# C\n\n## [Unreleased]\n\n- new\n", False, []),
        ("# C\n\n## Unreleased\n\n## 1.1.0 - 2026-01-01\n- old\n", False, ["nothing stands under '## Unreleased'"]),
        ("# C\n\n## 1.1.0 - 2026-01-01\n- old\n", False, ["neither a section '## 1.2.0' nor '## Unreleased'"]),
        ("# C\n\n## Unreleased\n- new\n", True, ["no section '## 1.2.0 - <day>'"]),
        ("# C\n\n## 1.2.0\n- new\n", True, ["'## 1.2.0' has no day, such as 2026-12-01"]),
        ("# C\n\n## 1.2.0 - 2026-12-01\n- new\n", True, []),
        ("# C\n\n## 11.2.0 - 2026-12-01\n- new\n", True, ["no section '## 1.2.0 - <day>'"]),
    ],
)
def test_the_changelog_has_what_is_released(text: str, dated: bool, wrong: list[str]) -> None:
    assert check_changelog(text, "1.2.0", dated=dated) == wrong


def test_what_is_published_names_a_repository_and_who_answers_for_it() -> None:
    urls = {"Repository": "https://a.example", "Changelog": "https://b.example", "Issues": "https://c.example"}
    assert check_urls({"urls": urls}, "* @people") == []
    assert len(check_urls({}, "* @OWNER/maintainers")) == 4


def test_the_repository_as_it_stands_passes_what_holds_on_any_day() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    wheel = f"astra_finance-{project['version']}-py3-none-any.whl"
    assert check_version(project["version"], module=__version__, wheel=wheel, tag=None) == []
    assert check_changelog(changelog, project["version"], dated=False) == []


def distributions(folder: Path, in_wheel: list[str], in_sdist: list[str]) -> tuple[Path, Path]:
    with zipfile.ZipFile(folder / "a.whl", "w") as archive:
        for name in in_wheel:
            archive.writestr(name, "")
    with tarfile.open(folder / "a.tar.gz", "w:gz") as archive:
        for name in in_sdist:
            archive.addfile(tarfile.TarInfo(f"a-1/{name}"), io.BytesIO())
    return folder / "a.whl", folder / "a.tar.gz"


def test_what_the_distributions_hold_and_lack_is_told(tmp_path: Path) -> None:
    good = ["astra/py.typed", "astra_api/py.typed", "astra_finance-1.dist-info/METADATA"]
    assert check_contents(*distributions(tmp_path, good, [*IN_SDIST])) == []
    assert check_contents(*distributions(tmp_path, [*good[:1], "tests/a.py", "astra/x.db"], [*IN_SDIST[1:]])) == [
        "the wheel has tests",
        "the wheel has no astra_api/py.typed",
        "the sdist has no pyproject.toml",
        "astra/x.db is no source",
    ]
