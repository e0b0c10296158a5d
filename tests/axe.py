"""Looks for barriers on a page with axe-core, which comes as a wheel. There is no skip: without it a test fails."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}

RUN = """async (rules) => {
    const found = await axe.run(document, rules);
    return {passes: found.passes.length, violations: found.violations};
}"""
"""Without every element that is well: to bring those here takes longer than to look for barriers."""


def barriers(page: Page) -> list[str]:
    """What axe-core finds on a page, by WCAG 2.2 AA and its own best practice: a line for each element.

    Args:
        page: as it is shown now.
    """
    page.wait_for_load_state()
    if not page.evaluate("'axe' in window"):
        script = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
        page.add_init_script(script)  # what the browser is given once it does not read anew for each page
        page.evaluate(script)
    found: Any = page.evaluate(RUN, RULES)
    assert found["passes"], "axe-core has looked at nothing"
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:200]}" for one in found["violations"] for node in one["nodes"]
    ]
