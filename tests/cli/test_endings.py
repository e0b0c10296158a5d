"""However a command ends, it is one line that says what to do, and an exit code that the guide has."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

import astra
from astra.cli.exits import MEANINGS, ExitCode, exit_code
from astra.cli.extras import extra_of
from astra.conformance import remote
from astra.first_contact import contact
from astra.tokens import TokenAnswer
from tests.cli.processes import ASTRA, before_others, clean, here, run, shell

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "command-line.md"
CLIENT = {"ASTRA_CLIENT_ID": "client-1", "ASTRA_CLIENT_SECRET": "SECRET"}
NO_SERVER = "http://127.0.0.1:1"


def test_the_guides_table_of_exit_codes_is_that_of_the_program() -> None:
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| (.*) \|$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(str(int(code)), code.name, meaning) for code, meaning in MEANINGS.items()]
    assert set(MEANINGS) == set(ExitCode)


@pytest.mark.parametrize(
    ("arguments", "variables", "code", "told"),
    [
        (["tokns"], {}, 2, """No such command 'tokns'. Did you mean "tokens"? More: astra --help"""),
        (["tokens", "lst"], {}, 2, """No such command 'lst'. Did you mean "list"? More: astra tokens --help"""),
        (["tokens", "list", "--jsn"], {}, 2, "No such option: --jsn. Did you mean --json? More: astra tokens list"),
        (["--vershun"], {}, 2, "Did you mean --version? More: astra --help"),
        (["tokens", "show"], {}, 2, "Missing argument 'key'. More: astra tokens show --help"),
        (["tokens", "list", "--state", "tired"], {}, 2, "'tired' is not one of 'active', 'failing', 'dead'. More: "),
        (["tokens", "list"], {}, 2, "Which token store? Set ASTRA_TOKEN_STORE"),
        (["tokens", "list", "--store", "sqlite:////nowhere/x.db"], CLIENT, 2, "There is no token store in the SQLite"),
        (["tokens", "list", "--store", "sqlite:////nowhere/x.db"], {}, 2, "Whose grants? Set ASTRA_CLIENT_ID"),
        (
            ["tokens", "list", "--store", "postgresql://app:SECRET@127.0.0.1:1/a"],
            CLIENT,
            3,
            "Is its server up",
        ),
        (["tokens", "list", "--store", "redis://:SECRET@127.0.0.1:1/0"], CLIENT, 3, "TokenStoreError: "),
        (["requests", "list", "--log", "postgresql://app:SECRET@127.0.0.1:1/a"], {}, 3, "RequestLogError: "),
        (["tokens", "list", "--store", "tokens.db"], CLIENT, 2, "ConfigurationError: "),
        (["tokens", "list", "--store", "ftp://x/y"], CLIENT, 2, "ConfigurationError: "),
        (["get", "bins", "400000"], {}, 2, "ASTRA_CLIENT_ID is not set. Find it in the Keys section"),
        (
            ["get", "bins", "400000"],
            CLIENT | {"ASTRA_BASE_URL": NO_SERVER},
            3,
            f"Is ASTRA_BASE_URL ({NO_SERVER})",
        ),
        (["webhooks", "verify", "-s", "x", "/nowhere"], {}, 2, "/nowhere cannot be read: No such file"),
        (["webhooks", "sign", "/dev/null"], {}, 2, "ASTRA_CLIENT_SECRET is not set"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_do(
    arguments: list[str], variables: dict[str, str], code: int, told: str
) -> None:
    done = here(*arguments, **variables)
    [line] = [one for one in done.stderr.splitlines() if "grants of" not in one]
    assert line.startswith("error: ")
    assert told in line
    assert "SECRET" not in line.replace("ASTRA_CLIENT_SECRET", "")
    assert (done.returncode, done.stdout) == (code, "")


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("arguments", "variables", "code"),
    [
        (["tokens", "list", "--jsn"], {}, 2),
        (["get", "bins", "400000"], CLIENT | {"ASTRA_BASE_URL": NO_SERVER}, 3),
        (["requests", "list", "--log", "postgresql://app:SECRET@127.0.0.1:1/a"], {}, 3),
    ],
    ids=["usage", "client", "store"],
)
def test_a_process_ends_as_the_command_does(arguments: list[str], variables: dict[str, str], code: int) -> None:
    done, same = run(*arguments, **variables), here(*arguments, **variables)
    told, also = (re.sub(r"call_\w+", "", one.stderr) for one in (done, same))
    assert (done.returncode, done.stdout, told) == (code, same.stdout, also)


def test_what_looks_like_markup_is_shown_as_it_is(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/tokens.db"
    with astra.Astra("client-1", "s", token_store=store) as client:
        client.tokens.store_answer("k", TokenAnswer(access_token="a", expires_in=7200, refresh_token="r"))
    done = run("tokens", "show", "[/red]x", ASTRA_TOKEN_STORE=store, **CLIENT)
    assert (done.returncode, "no grant for '[/red]x'" in done.stderr) == (7, True)


@pytest.mark.parametrize("command", ["astra --help", "astra tokens --help", "astra tokens list --help", "astra"])
def test_help_into_a_reader_that_goes_away_ends_without_a_word(command: str) -> None:
    done = shell(f"{command} | head -1; exit ${{PIPESTATUS[0]}}")
    assert done.stdout.startswith("Usage: astra")
    assert (done.stderr, done.returncode in (0, 141)) == ("", True)


def test_a_reader_that_has_gone_is_exit_code_141() -> None:
    done = shell("(sleep 0.5; astra --help; echo $? >&2) | exec true")
    assert done.stderr == "141\n"


@pytest.mark.parametrize("arguments", [["doctor"], ["tokens", "refresh", "k"]])
def test_ctrl_c_is_one_line_and_130(arguments: list[str], tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/tokens.db"
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        silent.settimeout(30)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with astra.Astra("client-1", "s", base_url=url, token_store=store) as client:
            client.tokens.store_answer("k", TokenAnswer(access_token="a", expires_in=7200, refresh_token="r"))
        settings = clean(ASTRA_BASE_URL=url, ASTRA_TOKEN_STORE=store, **CLIENT)
        with (
            subprocess.Popen([*ASTRA, *arguments], stderr=subprocess.PIPE, text=True, env=settings) as child,
            silent.accept()[0] as connection,
        ):
            connection.recv(1)  # it waits for the answer by now
            child.send_signal(signal.SIGINT)
            _, told = child.communicate(timeout=30)
    assert told.splitlines()[-1] == "error: interrupted"
    assert (child.returncode, "Traceback" in told) == (130, False)


def test_a_mistake_of_the_program_is_a_traceback_without_values_and_exit_code_70(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import astra.cli.requests as r\n"
        "def broken(url):\n    secret = 'SECRET-value'\n    return 1 / 0\n"
        "r.opened = broken\n"
    )
    done = run("requests", "list", PYTHONPATH=before_others(tmp_path))
    assert done.returncode == 70
    assert "SECRET-value" not in done.stderr.replace("secret = 'SECRET-value'", "")
    *_, last = done.stderr.splitlines()
    assert last.startswith("error: ZeroDivisionError: division by zero. This is a mistake in astra-finance ")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (astra.ConfigurationError("x"), ExitCode.COULD_NOT_RUN),
        (astra.InvalidRequestError("x"), ExitCode.COULD_NOT_RUN),
        (astra.APIConnectionError("x"), ExitCode.UNREACHABLE),
        (astra.APITimeoutError("x"), ExitCode.UNREACHABLE),
        (astra.TokenStoreError("x"), ExitCode.UNREACHABLE),
        (astra.ResponseDecodeError("x"), ExitCode.NOT_ASTRA),
        (astra.ReauthorizationRequired("x", user_key="k"), ExitCode.REFUSED),
        (astra.UnknownUserError("x", user_key="k"), ExitCode.NOT_FOUND),
        (astra.UncertainOutcomeError("x"), ExitCode.UNKNOWN_OUTCOME),
        (astra.AstraError("x"), ExitCode.FAILED),
    ],
    ids=lambda one: type(one).__name__,
)
def test_each_kind_of_error_has_its_code(error: astra.AstraError, code: ExitCode) -> None:
    assert exit_code(error) is code


def test_the_extra_that_brings_a_missing_module_is_named() -> None:
    requirements = [
        'starlette<2,>=0.40; extra == "all"',
        'starlette<2,>=0.40; extra == "sandbox"',
        'python-multipart>=0.0.18; extra == "sandbox"',
        "opentelemetry-api>=1.20; extra == 'otel'",
        "httpx>=0.27",
    ]
    assert extra_of("starlette.routing", requirements) == "sandbox"
    assert extra_of("multipart", requirements) == "sandbox"
    assert extra_of("opentelemetry.trace", requirements) == "otel"
    assert extra_of("numpy", requirements) == "all"


def test_first_contact_ends_with_the_codes_of_all_commands() -> None:
    ours = (ExitCode.COULD_NOT_RUN, ExitCode.UNREACHABLE, ExitCode.NOT_ASTRA, ExitCode.REFUSED)
    assert ours == (remote.UNUSABLE, remote.UNREACHABLE, remote.NO_ASTRA, remote.REFUSED)
    assert contact.UNDONE == ExitCode.UNKNOWN_OUTCOME


_WITHOUT = """
import sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {module!r}:
            raise ModuleNotFoundError("No module named " + name, name=name)
sys.meta_path.insert(0, Finder())
"""


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("module", "arguments", "extra"),
    [
        ("sqlalchemy", ["tokens", "list", "--store", "postgresql://a@127.0.0.1/b"], "sql"),
        ("redis", ["tokens", "list", "--store", "redis://127.0.0.1:1/0"], "redis"),
        ("cryptography", ["tokens", "export", "backup.grants"], "crypto"),
        ("starlette", ["sandbox", "--port", "0"], "sandbox"),
        ("starlette", ["dashboard", "--no-open"], "dashboard"),
        ("typer", ["tokens", "list"], "cli"),
    ],
)
def test_a_missing_extra_is_named_with_its_brackets(
    module: str, arguments: list[str], extra: str, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(_WITHOUT.format(module=module))
    settings = CLIENT | {"ASTRA_TOKEN_KEYS": "x", "ASTRA_TOKEN_STORE": f"sqlite:///{tmp_path}/tokens.db"}
    done = run(*arguments, PYTHONPATH=before_others(tmp_path), **settings)
    [line] = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert f"pip install 'astra-finance[{extra}]'" in line
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.sampled(1)
@pytest.mark.parametrize("arguments", [["get", "--help"], ["list", "--help"], ["tokens", "list", "--help"]])
def test_what_needs_no_key_needs_no_cryptography(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(_WITHOUT.format(module="cryptography"))
    done = run(*arguments, PYTHONPATH=before_others(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")


class _Other(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_a_server_that_is_not_astra_is_no_missing_object() -> None:
    with HTTPServer(("127.0.0.1", 0), _Other) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        done = run("get", "bins", "400000", ASTRA_BASE_URL=url, **CLIENT)
        server.shutdown()
    assert (done.returncode, f"Is ASTRA_BASE_URL ({url}) right?" in done.stderr) == (4, True)
