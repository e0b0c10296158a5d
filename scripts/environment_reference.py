"""docs/reference/environment.md: every variable that the SDK reads, from `astra.config` itself.

`scripts/reference.py` writes and checks it.
"""

from __future__ import annotations

import re

from astra.config import TOOLS, EnvironmentSettings

INTRO = "Written by `make docs` from `astra.config`. [All pages](index.md)."
ABOUT = """`Astra.from_env()`, the command line and the tools read them when they are called, not at import. An
argument wins over a variable. A variable whose name is nearly one of these raises a warning; see
[AstraConfigurationWarning](errors/astra-configuration-warning.md)."""
OF_TOOLS = {
    "ASTRA_HTTP": "`httpx` or `httpx2`: the library that clients send with; by default httpx2 where it is installed",
    "ASTRA_RECORD": "`real` records cassettes against Astra's own sandbox; for maintainers",
    "ASTRA_REFRESH_TOKEN": "refresh token of a test user, for `astra first-contact`",
    "ASTRA_SANDBOX_TOKEN": "token of the local sandbox's controls, for `RemoteSandbox` and the command line",
}
PROXIES = "`HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` are honored as well, in capital or small letters."


def build_environment_page() -> dict[str, str]:
    """Returns the page by its name.

    Raises:
        ValueError: a variable is described nowhere, or one that is described is not read.
    """
    described = re.findall(
        r"^\s+\w+: `(ASTRA_\w+)`,? ?(.*?)\.$", EnvironmentSettings.__doc__ or "", re.MULTILINE | re.DOTALL
    )
    wanted = {f"ASTRA_{name.upper()}" for name in EnvironmentSettings.__annotations__}
    if odd := (wanted ^ {name for name, _ in described}) | (TOOLS ^ OF_TOOLS.keys()):
        raise ValueError(
            f"Variables without a description, or descriptions without a variable: {', '.join(sorted(odd))}"
        )
    rows = [f"| `{name}` | {row(name, text)} |" for name, text in described]
    tools = [f"| `{name}` | {text} |" for name, text in sorted(OF_TOOLS.items())]
    head = "| variable | |\n|---|---|\n"
    parts = ["# Environment variables", INTRO, ABOUT, head + "\n".join(rows)]
    parts += ["## For tools and tests", head + "\n".join(tools), PROXIES]
    return {"environment.md": "\n\n".join(parts) + "\n"}


def row(name: str, text: str) -> str:
    """Returns what a variable says, with the argument that it stands for."""
    argument = f"as the argument `{name.removeprefix('ASTRA_').lower()}`"
    return f"{' '.join(text.split())}; {argument}" if text else argument
