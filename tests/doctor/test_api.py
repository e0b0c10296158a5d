"""The one request to Astra, against real servers on this machine."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from astra.doctor.findings import Finding
from astra.doctor.probe_api import probe_api
from astra.sandbox import Sandbox, SandboxClock
from tests.http.servers import Listener, RawServer

NOW = 1_795_521_600.0


def answer(head: str, status: str = "404 Not Found") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n{head}\r\n".encode()


def serving(content: bytes) -> RawServer:
    return RawServer(lambda connection, _: connection.sendall(content))


def ask(origin: str, *, limit: float = 5.0) -> dict[str, Finding]:
    return {finding.check: finding for finding in probe_api(origin, limit=limit, clock=lambda: NOW)}


@pytest.mark.parametrize(("off", "status"), [(0, "ok"), (-29, "ok"), (120, "warn"), (-120, "warn"), (4000, "fail")])
def test_the_clock_is_compared_with_the_date_of_the_answer(off: int, status: str) -> None:
    with serving(answer(f"Date: {formatdate(NOW + off, usegmt=True)}\r\n")) as server:
        found = ask(server.origin)
    assert {check: one.status for check, one in found.items()} == {"api.connection": "ok", "api.clock": status}
    assert found["api.clock"].details == {"seconds": -off - 0.5}


def test_one_request_is_sent_that_holds_no_credentials() -> None:
    with serving(answer("")) as server:
        assert ask(server.origin)["api.clock"].status == "warn"
    (request,) = server.requests
    head = request.decode().lower()
    assert head.startswith("get / http/1.1\r\n")
    assert {line.partition(":")[0] for line in head.splitlines()[1:] if line} == {"host", "user-agent", "accept"}


def test_a_local_sandbox_tells_the_time_of_this_machine() -> None:
    with Sandbox(clock=SandboxClock(frozen_at=datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC))) as sandbox:
        found = {finding.check: finding for finding in probe_api(sandbox.url, limit=5.0, clock=time.time)}
    assert found["api.clock"].status == "ok"


def test_the_path_of_a_proxy_of_ones_own_is_kept() -> None:
    with serving(answer("")) as server:
        ask(f"{server.origin}/astra")
    assert server.requests[0].startswith(b"GET /astra/ HTTP/1.1\r\n")


def test_an_answer_of_503_is_a_warning() -> None:
    with serving(answer("", "503 Service Unavailable")) as server:
        assert ask(server.origin)["api.connection"].status == "warn"


def test_a_host_that_nobody_serves_is_a_fault() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        found = ask(f"http://127.0.0.1:{held.getsockname()[1]}")
    assert found["api.connection"].status == "fail"
    assert found["api.connection"].advice.startswith("Nobody listens there")


def test_a_host_that_hangs_costs_its_time_and_no_more() -> None:
    never = threading.Event()
    with RawServer(lambda _connection, _request: (never.wait(10), None)[1]) as server:
        began = time.monotonic()
        found = ask(server.origin, limit=0.5)
        assert time.monotonic() - began < 2
        never.set()
    assert found["api.connection"].details["timed_out"] is True


def test_an_answer_that_is_none_of_http_is_a_fault() -> None:
    with serving(b"SSH-2.0-OpenSSH_9.6\r\n") as server:
        assert ask(server.origin)["api.connection"].status == "fail"


class Plain(Listener):
    """Answers whatever comes in plain HTTP, as a web server does that speaks no TLS."""

    def talk(self, connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(answer("", "400 Bad Request"))


def test_https_to_what_speaks_no_tls_is_a_fault_that_says_so() -> None:
    with Plain() as server:
        found = ask(server.origin.replace("http:", "https:"))
    assert found["api.connection"].status == "fail"
    assert found["api.connection"].advice.startswith("TLS failed")


@pytest.fixture
def untrusted(tmp_path: Path) -> Iterator[str]:
    """Origin of a server whose certificate nobody has signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def test_a_certificate_that_is_not_trusted_is_a_fault_that_says_so(untrusted: str) -> None:
    found = ask(untrusted)["api.connection"]
    assert found.status == "fail"
    assert found.advice.startswith("The certificate is not trusted")


@pytest.mark.parametrize("refusal", ["407 Proxy Authentication Required", "403 Forbidden"])
def test_a_proxy_that_refuses_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch, refusal: str) -> None:
    with serving(answer("", refusal)) as proxy:
        place = proxy.origin.removeprefix("http://")
        for name in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://user:s3cret@{place}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        found = ask("https://astra.invalid")["api.connection"]
    assert proxy.requests[0].startswith(b"CONNECT astra.invalid:443")
    assert found.status == "fail"
    assert found.details["proxy"] == f"http://{place}"
    assert refusal.partition(" ")[0] in found.message
    assert "HTTPS_PROXY" in found.advice
    assert "s3cret" not in str(found)
