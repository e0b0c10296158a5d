"""Public classes say where users import them from, so that reprs, pickles and editors are right."""

from __future__ import annotations

import importlib
import pickle
import subprocess
import sys
import typing

import pytest

import astra
from astra.errors import AstraError
from astra.tokens import TokenAnswer

ROOMS = ("astra", "astra.tokens", "astra.webhooks", "astra.instrumentation", "astra.request_log", "astra.testing")
ROOMS += ("astra.sandbox", "astra.oauth")


def public_classes() -> dict[type, str]:
    """Every exported class, and the room to import it from: `astra` itself where it has the class."""
    found: dict[type, str] = {}
    for room in ROOMS:
        module = importlib.import_module(room)
        for name in module.__all__:
            value = getattr(module, name)
            if isinstance(value, type):
                found.setdefault(value, room)
    return found


CLASSES = public_classes()


def test_the_clients_and_the_errors_are_among_them() -> None:
    assert {astra.Astra, astra.AsyncAstra, astra.NotFoundError, astra.RetryLater} <= set(CLASSES)
    assert len(CLASSES) >= 80


@pytest.mark.parametrize(("kind", "room"), CLASSES.items(), ids=lambda value: getattr(value, "__name__", value))
def test_a_public_class_says_where_users_import_it_from(kind: type, room: str) -> None:
    assert kind.__module__ == room
    assert repr(kind) == f"<class '{room}.{kind.__name__}'>"
    assert pickle.loads(pickle.dumps(kind)) is kind


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_the_annotations_of_a_public_class_can_be_resolved(kind: type) -> None:
    """As cattrs, pydantic and msgspec do it: they look up text in the module that the class names."""
    hints = typing.get_type_hints(kind)
    assert not [name for name, hint in hints.items() if isinstance(hint, (str, typing.ForwardRef))]


def test_every_error_of_the_tree_is_exported_by_astra() -> None:
    def below(kind: type[AstraError]) -> set[type[AstraError]]:
        return {kind}.union(*(below(child) for child in kind.__subclasses__()))

    tree = {kind for kind in below(AstraError) if kind.__module__ == "astra"}
    assert tree == {kind for kind in CLASSES if issubclass(kind, AstraError) and CLASSES[kind] == "astra"}


@pytest.mark.parametrize(
    "first",
    [
        "from astra._sync.client import Astra; from astra.tokens.grant import Grant",
        "from astra.webhooks.events import TransferEvent; from astra.instrumentation.record import RequestRecord",
        "from astra.errors import NotFoundError; from astra.pagination._async.pager import AsyncPage",
        "import astra.cli.requests",
        "import astra",
    ],
)
def test_a_pickle_finds_its_class_whatever_was_imported_first(first: str) -> None:
    rooms = {kind.__name__: room for kind, room in CLASSES.items() if room != "astra.sandbox"}
    program = f"""
import pickle, sys
{first}
for name, room in {rooms!r}.items():
    kind = pickle.loads(b"c" + f"{{room}}\\n{{name}}\\n.".encode())
    assert (kind.__module__, kind.__name__) == (room, name), kind
    assert f"{{room}}\\n{{name}}".encode() in pickle.dumps(kind, protocol=0), kind
print("found")
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("found\n", "")


def test_values_of_public_classes_cross_a_process_border() -> None:
    answer = TokenAnswer(access_token="a", refresh_token="r", expires_in=7200)
    grant = astra.Grant.issued("k", answer=answer, now=0.0, former=None)
    for value in (grant, astra.Timeout(5.0), astra.TokenSettings()):
        assert pickle.loads(pickle.dumps(value)) == value


def test_a_subclass_of_a_user_keeps_the_module_of_the_user() -> None:
    class Mine(astra.Astra):
        pass

    assert Mine.__module__ == __name__
