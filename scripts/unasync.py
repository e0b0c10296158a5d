"""Derive every ``_sync`` module of the facade from its ``_async`` twin.

Async is the source. ``astra/**/_async/name.py`` gives ``astra/**/_sync/name.py``, which nobody edits::

    python scripts/unasync.py            # write the twins that changed, remove those whose source is gone
    python scripts/unasync.py --check    # write nothing; name every twin that drifted and exit 1

How names travel (in code, docstrings, comments and strings alike):

* ``async def/for/with`` and ``await`` are dropped;
* ``AsyncThing`` becomes ``Thing``, except the names of ``NAMES`` below, which say their own twin;
* ``async_thing`` becomes ``thing``: a helper with two flavours lives in a shared module under both names,
  for example ``async_sleep`` beside ``sleep``;
* ``_async`` in a module path becomes ``_sync``.

So a source file uses no ``asyncio`` by itself: what has no twin under these rules goes into a shared module.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
# This file has the name of the library that it uses: its own folder must not be searched first.
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != HERE]

import tokenize_rt  # noqa: E402
import unasync  # noqa: E402

REPOSITORY = HERE.parent
HEADER = "# Derived from {source} by scripts/unasync.py: edit that file.\n"

NAMES = {
    "AbstractAsyncContextManager": "AbstractContextManager",
    "AsyncBaseTransport": "BaseTransport",
    "AsyncByteStream": "SyncByteStream",
    "AsyncContextManager": "ContextManager",
    "AsyncExitStack": "ExitStack",
    "StopAsyncIteration": "StopIteration",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
    "aclose": "close",
    "aiter": "iter",
    "aiter_bytes": "iter_bytes",
    "aiter_lines": "iter_lines",
    "aiter_raw": "iter_raw",
    "aiter_text": "iter_text",
    "anext": "next",
    "aread": "read",
    "asynccontextmanager": "contextmanager",
    "async_auth_flow": "sync_auth_flow",
    "enter_async_context": "enter_context",
    "handle_async_request": "handle_request",
    "push_async_callback": "callback",
    "_async": "_sync",
}
PATTERNED = re.compile(r"\b(?:Async[A-Z]\w*|async_[a-z]\w*)\b")
WORD = re.compile(r"\b[A-Za-z_]\w*\b")
KEYWORDS = re.compile(r"\bawait\s+(?=[\w(\[{\"'])|\basync\s+(?=(?:def|for|with)\b)")
AWAITABLE = re.compile(r"\b(?:Awaitable|Coroutine)\b")


def translate_name(name: str) -> str:
    """Return the sync twin of one identifier; an identifier without one stays as it is."""
    if name in NAMES:
        return NAMES[name]
    if PATTERNED.fullmatch(name):
        return name.removeprefix("Async").removeprefix("async_")
    return name


def translate_text(text: str) -> str:
    """Translate what stands inside a comment or a string: prose, an example, a forward reference."""
    return WORD.sub(lambda match: translate_name(match.group()), KEYWORDS.sub("", text))


def replacements(source: str) -> dict[str, str]:
    """Return the table for the library: the fixed names, and every ``Async…`` and ``async_…`` of this source."""
    found = {match.group() for match in PATTERNED.finditer(source)}
    return NAMES | {name: translate_name(name) for name in sorted(found)}


def strip_awaitables(source: str) -> str:
    """``Awaitable[X]`` is ``X`` once nothing waits; ``Coroutine[A, B, X]`` too.

    A token pass would have to count brackets, so this one does, on the text.
    """
    while match := re.search(r"\b(?:Awaitable|Coroutine)\[", source):
        depth, position, last_comma = 1, match.end(), match.end()
        while depth:
            character = source[position]
            depth += (character in "[(") - (character in "])")
            if character == "," and depth == 1:
                last_comma = position + 1
            position += 1
        source = source[: match.start()] + source[last_comma : position - 1].strip() + source[position:]
    return source


def translate(source: str, relative: str) -> str:
    """Return the sync twin of an async module.

    Args:
        source: The text of the async module.
        relative: Its path in the repository, with slashes, for the header line.
    """
    with tempfile.TemporaryDirectory() as folder:
        original = Path(folder, "_async", "module.py")
        original.parent.mkdir()
        original.write_text(source, encoding="utf-8")
        rule = unasync.Rule("/_async/", "/_sync/", additional_replacements=replacements(source))
        unasync.unasync_files([str(original)], [rule])
        derived = Path(folder, "_sync", "module.py").read_text(encoding="utf-8")
    tokens = [
        token._replace(src=translate_text(token.src))
        if token.name in {"STRING", "COMMENT", "FSTRING_MIDDLE", "FSTRING_START"}
        else token
        for token in tokenize_rt.src_to_tokens(derived)
    ]
    body = strip_awaitables(tokenize_rt.tokens_to_src(tokens))
    return HEADER.format(source=relative) + tidy(body, drop_awaitable_imports=bool(AWAITABLE.search(body)))


def tidy(body: str, *, drop_awaitable_imports: bool) -> str:
    """Sort the imports (two names may have become one) and format, with our ruff and no other configuration."""
    select = "I,F401" if drop_awaitable_imports else "I"
    first_party = 'lint.isort.known-first-party = ["astra", "astra_api"]'
    common = ["--isolated", "--no-cache", "--target-version", "py311", "--line-length", "120"]
    body = ruff("check", "--fix-only", "--quiet", "--select", select, "--config", first_party, *common, text=body)
    return ruff("format", "--quiet", *common, text=body)


def ruff(command: str, *options: str, text: str) -> str:
    """Run the ruff that is installed beside this interpreter."""
    program = Path(sys.executable).parent / "ruff"
    arguments = [str(program), command, *options, "--stdin-filename", "module.py", "-"]
    done = subprocess.run(arguments, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"ruff {command} refused a derived module:\n{done.stderr}{done.stdout}")
    return done.stdout


def derive(root: Path) -> dict[Path, str | None]:
    """Return what every twin under ``root/astra`` should hold; None for one whose source is gone."""
    wanted: dict[Path, str | None] = {}
    for source in sorted((root / "astra").rglob("_async/*.py")):
        twin = source.parent.parent / "_sync" / source.name
        wanted[twin] = translate(source.read_text(encoding="utf-8"), source.relative_to(root).as_posix())
    for twin in sorted((root / "astra").rglob("_sync/*.py")):
        wanted.setdefault(twin, None)
    return wanted


def main(arguments: list[str] | None = None) -> int:
    """Write the twins, or with ``--check`` only tell which of them drifted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a twin drifted")
    parser.add_argument("--root", type=Path, default=REPOSITORY, help="the repository (default: this one)")
    options = parser.parse_args(arguments)
    root: Path = options.root.resolve()
    wanted = derive(root)
    drifted = [twin for twin, text in wanted.items() if (twin.read_text("utf-8") if twin.exists() else None) != text]
    for twin in drifted:
        print(f"{'drifted' if options.check else 'wrote'}: {twin.relative_to(root).as_posix()}")
        if options.check:
            continue
        text = wanted[twin]
        if text is None:
            twin.unlink()
        else:
            twin.parent.mkdir(exist_ok=True)
            twin.write_text(text, encoding="utf-8")
    if options.check and drifted:
        print(f"{len(drifted)} of {len(wanted)} derived files are out of date: run python scripts/unasync.py")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
