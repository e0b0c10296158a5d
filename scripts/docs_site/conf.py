"""Settings of Sphinx; `scripts.docs_site.build` runs it over the staged pages."""

from __future__ import annotations

from pathlib import Path

from astra.version import __version__

project = "astra-finance"
author = "The authors of astra-finance"
copyright = author
release = __version__

extensions = ["myst_parser", "sphinx_design", "sphinx_copybutton"]
source_suffix = {".md": "markdown"}
nitpicky = True
suppress_warnings: list[str] = []

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
smartquotes = False  # it would turn --json into a dash

html_theme = "furo"
html_title = "Astra SDK for Python"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_search_scorer = str(Path(__file__).with_name("scorer.js"))
html_sourcelink_suffix = ""
html_show_copyright = False
html_theme_options = {"top_of_page_buttons": []}
pygments_style = "tango"
pygments_dark_style = "github-dark"
copybutton_prompt_text = r"\$ |>>> "
copybutton_prompt_is_regexp = True
