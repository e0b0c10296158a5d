"""A state path that cannot be saved to is refused at the start, not at the first saving."""

import os
from pathlib import Path

import pytest

from astra.errors import ConfigurationError
from astra.sandbox import Sandbox


def test_a_folder_as_state_is_refused_by_name(tmp_path):
    with pytest.raises(ConfigurationError, match="is a folder"):
        Sandbox(state=tmp_path)


def test_a_device_or_a_pipe_as_state_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(ConfigurationError, match="is no regular file"):
            Sandbox(state=path)


def test_a_folder_that_cannot_be_made_is_refused_at_the_start(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be saved to"):
        Sandbox(state=tmp_path / "file" / "sandbox.db")


def test_a_file_that_is_no_state_is_refused_and_left_as_it_was(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_bytes(b"\xff\x00 my notes")
    with pytest.raises(ConfigurationError, match="is not a sandbox state"):
        Sandbox(state=path)
    assert path.read_bytes() == b"\xff\x00 my notes"


def test_a_read_only_state_is_refused_and_left_as_it_was(tmp_path):
    path = tmp_path / "sandbox.db"
    with Sandbox(state=path) as sandbox:
        sandbox.users.create()
    kept = path.read_bytes()
    path.chmod(0o444)
    with pytest.raises(ConfigurationError, match=r"sandbox\.db is read-only.*make it writable or name another file"):
        Sandbox(state=path)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (kept, 0o444)


def test_trying_a_path_leaves_nothing_beside_it(tmp_path):
    Sandbox(state=tmp_path / "new" / "sandbox.db")
    assert list((tmp_path / "new").iterdir()) == []
