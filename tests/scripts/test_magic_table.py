"""The guide's table of magic values is the sandbox's own."""

from astra.sandbox.magic.table import TABLE
from scripts import magic_table


def test_the_guide_has_the_table_of_the_sandbox():
    assert magic_table.main(["--check"]) == 0


def test_a_guide_that_lacks_a_value_fails_the_check_until_it_is_written(tmp_path, capsys):
    guide = tmp_path / "sandbox.md"
    text = magic_table.GUIDE.read_text(encoding="utf-8")
    guide.write_text(text.replace(magic_table.row(TABLE[-1]) + "\n", ""), encoding="utf-8")
    assert magic_table.main(["--check"], guide=guide) == 1
    assert "make docs" in capsys.readouterr().err
    assert magic_table.main([], guide=guide) == 0
    assert guide.read_text(encoding="utf-8") == text
