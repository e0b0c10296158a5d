"""`python -m astra` is the command `astra`, for where its script is not on the PATH."""

from __future__ import annotations

from astra.cli import main

if __name__ == "__main__":
    main()
