"""Builds the site into build/docs: `make docs`.

    python -m scripts.docs_site.build [--output build/docs]

Any warning is a failure: a page that no table of contents lists, a link or an anchor that leads nowhere, a block of
code that is not in its language. Nothing is fetched.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.docs_site.contents import OUTSIDE, children, toctrees
from scripts.docs_site.llms import llms
from scripts.docs_site.stage import staged

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
KEPT = (".png", ".svg", ".json")
"""Files of docs/ that are copied as they are."""


def main(arguments: list[str] | None = None) -> int:
    """Builds the site; answers what Sphinx answered."""
    parser = argparse.ArgumentParser(description="Build the documentation as a web site.")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "docs")
    output: Path = parser.parse_args(arguments).output
    source = output.with_name(f"{output.name}-source")
    if not source.exists() and output.exists() and any(output.iterdir()):
        parser.error(f"{output} is not a site that was built before; nothing was removed")
    pages = collect(ROOT)
    for folder in (source, output):
        shutil.rmtree(folder, ignore_errors=True)
    write(pages, source)
    for file in (ROOT / "docs").rglob("*"):
        if file.suffix in KEPT:
            target = source / file.relative_to(ROOT / "docs")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    done = run_sphinx(source, output)
    if done.returncode == 0:
        for name, text in llms(pages).items():
            (output / name).write_text(text, encoding="utf-8")
        print(f"{output}: {len(pages)} pages; open index.html, or: python -m http.server -d {output} 8000")
    return done.returncode


def run_sphinx(source: Path, output: Path) -> subprocess.CompletedProcess[bytes]:
    """Runs Sphinx over staged pages; a warning makes it fail."""
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-n", "-E", "-j", "auto"]
    command += ["-d", str(source / ".doctrees"), "-c", str(HERE), str(source), str(output)]
    return subprocess.run(command, check=False, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})


def collect(root: Path) -> dict[str, str]:
    """Returns the Markdown of every page of the site, by its path there."""
    pages: dict[str, str] = {}
    for file in sorted((root / "docs").rglob("*.md")):
        page = file.relative_to(root / "docs").as_posix()
        pages[page] = staged(file.read_text(encoding="utf-8"), source=f"docs/{page}", page=page)
    for source, page in OUTSIDE.items():
        if source.endswith(".md") and page not in pages:
            pages[page] = staged((root / source).read_text(encoding="utf-8"), source=source, page=page)
    pages["license.md"] = f"# License\n\n```text\n{(root / 'LICENSE').read_text(encoding='utf-8')}```\n"
    pages |= programs(root)
    for page in [page for page in pages if page.endswith("/index.md")]:
        pages[page] += f"\n{children(page.removesuffix('/index.md'), pages)}\n"
    pages["index.md"] += f"\n{toctrees({page.removesuffix('.md') for page in pages})}\n"
    return pages


def programs(root: Path) -> dict[str, str]:
    """Returns a page for each example, and one that lists them."""
    shown: dict[str, str] = {}
    listed: list[str] = []
    for file in [*sorted((root / "examples").rglob("*.py")), root / "Dockerfile", root / "compose.yaml"]:
        name = file.relative_to(root).as_posix()
        page = OUTSIDE.get(name, f"{name.removesuffix('.py')}.md")
        language = {".py": "python", ".yaml": "yaml"}.get(file.suffix, "docker")
        text = file.read_text(encoding="utf-8")
        shown[page] = f"# {name}\n\n````{language}\n{text.rstrip()}\n````\n"
        about = text.split('"""')[1].strip().splitlines()[0] if language == "python" and '"""' in text else ""
        listed.append(f"- [{name}]({page.removeprefix('examples/')}){': ' * bool(about)}{about}")
    intro = "# Example programs\n\nThey are run by tests, as they are."
    shown["examples/index.md"] = f"{intro}\n\n{chr(10).join(listed)}\n"
    return shown


def write(pages: dict[str, str], folder: Path) -> None:
    """Writes the pages where Sphinx reads them."""
    for page, text in pages.items():
        (folder / page).parent.mkdir(parents=True, exist_ok=True)
        (folder / page).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
