"""Runs the sandbox's ASGI apps with uvicorn in a thread: no signal handlers, quick to start and to stop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Generator
from typing import Any

import uvicorn

from astra.sandbox.http.wire import Transports, protocol_class


class QuickServer(uvicorn.Server):
    """uvicorn's server without its tick (it only renews a Date header, which is off) and without signals."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopping = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leaves signals alone: they belong to the program around the sandbox."""
        yield

    async def main_loop(self) -> None:
        """Waits for the end."""
        await self.stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Leaves at once. uvicorn's own waits a tenth of a second for answers under way, and these are cut off here."""
        for server in self.servers:
            server.close()
        for listener in sockets or ():
            listener.close()
        # Those that were aborted hear of it in the next turn; those that were just accepted show up in it.
        for _ in range(2):
            await asyncio.sleep(0)
            for connection in list(self.server_state.connections):
                connection.transport.abort()


class ServerThread:
    """One or two apps, each on its own socket, in one thread and event loop.

    Args:
        transports: where open connections are noted, for faults.
    """

    def __init__(self, *, transports: Transports) -> None:
        self.transports = transports
        self.sockets: list[tuple[Any, socket.socket]] = []
        self.servers: list[QuickServer] = []
        self.loop: asyncio.AbstractEventLoop | None = None
        self.thread: threading.Thread | None = None
        self.ready = threading.Event()
        self.failure: BaseException | None = None

    def bind(self, app: Any, *, host: str, port: int) -> int:
        """Reserves a port for an app; 0 takes any free one.

        Returns:
            The port.

        Raises:
            OSError: it cannot be listened on; says which.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # With the protocol named, asyncio turns off Nagle: an answer in two writes would wait 40 ms for an ACK.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
        except OSError as error:
            listener.close()
            raise type(error)(error.errno, f"{error.strerror}: port {port} of {host}") from error
        self.sockets.append((app, listener))
        bound: int = listener.getsockname()[1]
        return bound

    def start(self) -> None:
        """Starts to serve; returns when connections are accepted."""
        self.thread = threading.Thread(target=self.run, name="astra-sandbox", daemon=True)
        self.thread.start()
        self.ready.wait()
        if self.failure is not None:
            self.thread.join()
            raise self.failure

    def run(self) -> None:
        """Serves, in the thread."""
        try:
            asyncio.run(self.serve())
        except BaseException as error:  # noqa: BLE001  (handed to the thread that started this one)
            self.failure = error
        finally:
            self.ready.set()

    async def serve(self) -> None:
        """Serves every app until `stop`."""
        self.loop = asyncio.get_running_loop()
        protocol = protocol_class(self.transports)
        tasks: list[asyncio.Future[None]] = []
        for app, listener in self.sockets:
            config = uvicorn.Config(
                app,
                http=protocol,
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                backlog=2048,
                timeout_keep_alive=75,
            )
            server = QuickServer(config)
            self.servers.append(server)
            tasks.append(asyncio.ensure_future(server.serve(sockets=[listener])))
        while not all(server.started for server in self.servers):
            await asyncio.sleep(0.001)
            for task in tasks:
                if task.done():
                    task.result()
        self.ready.set()
        await asyncio.gather(*tasks)

    def stop(self) -> None:
        """Ends the server; open connections are cut off."""
        if self.loop is not None and self.thread is not None and self.thread.is_alive():
            with contextlib.suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self.end)
            self.thread.join(timeout=5)
        for _, listener in self.sockets:
            listener.close()

    def end(self) -> None:
        """Asks every server to leave at once; runs in the loop."""
        for server in self.servers:
            server.force_exit = True
            server.should_exit = True
            server.stopping.set()
        for transport in list(self.transports.values()):
            transport.abort()
