"""The command line: `astra COMMAND`, and `python -m astra COMMAND` where its script is not on the PATH."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line; without the extra that it needs, it says so instead of failing at an import."""
    from astra._intact import mixed_up

    if wrong := mixed_up():
        sys.stderr.write(f"{wrong}\n")
        raise SystemExit(2)
    try:
        try:
            import rich  # noqa: F401  # pyright: ignore[reportUnusedImport]
            import typer  # noqa: F401  # pyright: ignore[reportUnusedImport]
        except ImportError:
            sys.stderr.write("error: the command line needs an extra: pip install 'astra-finance[cli]'\n")
            raise SystemExit(2) from None
        from astra.cli.main import run

        run()
    except KeyboardInterrupt:  # while modules are imported
        sys.stderr.write("error: interrupted\n")
        raise SystemExit(130) from None
