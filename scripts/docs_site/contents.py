"""What is on the site, and in which order. A page that no part lists makes the build fail."""

from __future__ import annotations

from pathlib import Path

PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Start", ("overview", "quickstart", "guides/hand-written-clients", "guides/glossary", "guides/faq")),
    (
        "Guides",
        tuple(
            f"guides/{name}"
            for name in (
                "onboarding",
                "payments",
                "pay-once",
                "operating-payments",
                "payouts-elsewhere",
                "tokens",
                "token-stores",
                "celery",
                "queues",
                "operations",
                "webhooks",
                "errors",
                "request-ids",
                "pagination",
                "models",
                "values",
                "configuration",
                "command-line",
                "not-yet-known",
                "observability",
                "dashboard",
                "doctor",
                "sandbox",
                "workbench",
                "testing",
                "troubleshooting",
                "production-checklist",
            )
        ),
    ),
    ("Recipes", ("recipes/*",)),
    ("Reference", ("reference/*",)),
    (
        "About",
        (
            "guides/how-sure-we-are",
            "guides/first-contact",
            "guides/conformance",
            "guides/drift",
            "performance",
            "architecture",
            "api-changed",
            "versioning",
            "contributing",
            "security",
            "changelog",
            "license",
            "examples/*",
        ),
    ),
)

OUTSIDE = {
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
    "LICENSE": "license.md",
    "Dockerfile": "examples/dockerfile.md",
    "compose.yaml": "examples/compose.md",
    "README.md": "overview.md",
    "docs/index.md": "index.md",
    "docs": "index.md",
    "examples": "examples/index.md",
}
"""Where on the site a file is that is no page of docs/."""

TITLES = {"overview": "Overview and install"}
"""What the table of contents calls a page, where not by its own title."""

SPEC_PAGE = "reference/models.md"
"""What stands on the site for spec/astra.yaml."""


def place_of(path: str) -> str | None:
    """Returns the page of the site that shows a file of the repository, or None when none does.

    Args:
        path: the file by its path from the root of the repository.
    """
    if path in OUTSIDE:
        return OUTSIDE[path]
    if path == "spec/astra.yaml":
        return SPEC_PAGE
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if path.startswith("examples/") and path.endswith(".py"):
        return f"{path.removesuffix('.py')}.md"
    return None


def toctrees(pages: set[str]) -> str:
    """Returns the toctrees of the first page: one for each part, in order.

    Args:
        pages: every page without its suffix, as in "guides/tokens".
    """
    written: list[str] = []
    for title, entries in PARTS:
        listed: list[str] = []
        for entry in entries:
            if entry.endswith("/*"):
                folder = entry.removesuffix("*")
                index = f"{folder}index"
                if index in pages:
                    listed.append(index)
            elif entry in pages:
                listed.append(f"{TITLES[entry]} <{entry}>" if entry in TITLES else entry)
        if listed:
            body = "\n".join(listed)
            written.append(f"```{{toctree}}\n:hidden:\n:caption: {title}\n\n{body}\n```")
    return "\n\n".join(written)


def children(folder: str, pages: dict[str, str]) -> str:
    """Returns the toctree of a folder's own first page: first what that page links to, in its order.

    Args:
        folder: as in "reference".
        pages: the Markdown of each page, by its path with suffix.
    """
    text = pages[f"{folder}/index.md"]
    inside = {page for page in pages if page.startswith(f"{folder}/") and page != f"{folder}/index.md"}
    listed = [page.removeprefix(f"{folder}/") for page in inside if not nested(page, folder, pages)]
    listed.sort(key=lambda page: (text.find(f"]({page}") % (len(text) + 1), page))
    body = "\n".join(page.removesuffix(".md") for page in listed)
    return f"```{{toctree}}\n:hidden:\n\n{body}\n```" if body else ""


def nested(page: str, folder: str, pages: dict[str, str]) -> bool:
    """Tells whether a page belongs to a folder in the folder that has a first page of its own."""
    inner = Path(page.removeprefix(f"{folder}/")).parent
    return inner != Path() and f"{folder}/{inner.as_posix()}/index.md" in pages and Path(page).stem != "index"
