"""`astra get`: one object of Astra's."""

from __future__ import annotations

from astra.cli.reading.commands import make_app

app = make_app("get", help="Get one object of Astra's: astra get transfers ID --user KEY. Only reads.")
