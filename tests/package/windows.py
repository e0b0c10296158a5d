"""Makes this process look like one on Windows, as far as that can be had elsewhere: what is not there is not there.

Read before the SDK is imported. Other libraries are imported first: they were tried on Windows by their makers.
`os.name` stays, because `pathlib` asks it which kind of path to make.
"""

import fcntl
import importlib
import os
import select
import signal
import socket
import sys
import types

OTHERS = """
asyncio multiprocessing subprocess ssl sqlite3 shutil tempfile webbrowser zoneinfo concurrent.futures http.server
urllib.request importlib.metadata httpx httpx2 httpcore httpcore2 trio anyio anyio._backends._asyncio uvicorn
uvicorn.loops.auto uvicorn.loops.asyncio uvicorn.protocols.http.auto uvicorn.protocols.websockets.auto
uvicorn.lifespan.on starlette.templating jinja2 python_multipart segno typer rich.console rich.progress rich.table
click.testing msgspec attrs certifi truststore cryptography.fernet sqlalchemy
"""
for other in OTHERS.split():
    importlib.import_module(other)

ABSENT_MODULES = ("fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "syslog", "readline")
ABSENT = {
    os: (
        "O_CLOEXEC O_NOFOLLOW O_NONBLOCK O_DIRECTORY O_SYNC fork forkpty register_at_fork geteuid getuid getgid "
        "getegid killpg setsid getpgid chown fchown mkfifo sched_getaffinity statvfs uname sysconf"
    ),
    signal: "SIGHUP SIGKILL SIGQUIT SIGUSR1 SIGUSR2 SIGALRM SIGPIPE SIGCHLD pause alarm sigwait pthread_sigmask",
    select: "poll epoll",
    socket: "SO_REUSEPORT",
}


def locking(descriptor: int, _mode: int, _count: int) -> None:
    """Of `msvcrt`: takes a lock, or fails at once."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise PermissionError(13, "Permission denied") from error


msvcrt = types.ModuleType("msvcrt")
msvcrt.locking, msvcrt.LK_NBLCK = locking, 2  # type: ignore[attr-defined]
sys.modules["msvcrt"] = msvcrt
for module in ABSENT_MODULES:
    sys.modules[module] = None  # type: ignore[assignment]
for place, names in ABSENT.items():
    for name in names.split():
        if hasattr(place, name):
            delattr(place, name)
os.O_BINARY = 0  # type: ignore[attr-defined]
sys.platform = "win32"
