"""`astra list`: objects of Astra's."""

from __future__ import annotations

from astra.cli.reading.commands import make_app

app = make_app("list", help="List objects of Astra's: astra list transfers --user KEY --all. Only reads.")
