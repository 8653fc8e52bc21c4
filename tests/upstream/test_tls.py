"""TLS: a provider without a valid certificate never sees the key."""

import ipaddress
import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from orders.upstream.account import Account
from orders.upstream.client import Client
from orders.upstream.errors import NotSent, ReadFailed
from tests.upstream.recordings import KEY
from tests.upstream.server import Connection, Server, answering, reply

CREATED = reply(b'{"order": 23501}')


def make_certificate(folder: Path, address: str) -> Path:
    """A self-signed certificate for an address, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, address)])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / f"{address}.pem"
    path.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
    return path


def context(certificate: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made


def after(seconds: float) -> float:
    return time.monotonic() + seconds


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return make_certificate(tmp_path, "127.0.0.1")


def test_a_trusted_certificate_is_accepted(certificate: Path) -> None:
    with Server(answering(CREATED), context(certificate)) as server:
        client = Client(Account(server.url, KEY), ca_file=str(certificate))
        assert client.add({"service": "1"}, send_before=after(5)).upstream_id == "23501"


def test_an_unknown_certificate_is_not_sent(certificate: Path) -> None:
    with Server(answering(CREATED), context(certificate)) as server:
        client = Client(Account(server.url, KEY))
        with pytest.raises(NotSent) as caught:
            client.add({"service": "1"}, send_before=after(5))
        assert caught.value.reason == "tls"
        with pytest.raises(ReadFailed) as failed:
            client.balance()
        assert failed.value.reason == "tls"
        assert server.forms == []


def test_a_certificate_for_another_host_is_not_sent(tmp_path: Path) -> None:
    other = make_certificate(tmp_path, "127.0.0.2")
    with Server(answering(CREATED), context(other)) as server:
        client = Client(Account(server.url, KEY), ca_file=str(other))
        with pytest.raises(NotSent) as caught:
            client.add({"service": "1"}, send_before=after(5))
        assert caught.value.reason == "tls"
        assert server.forms == []


def test_a_server_without_tls_is_not_sent() -> None:
    seen: list[bytes] = []
    with Server(lambda connection: seen.append(connection.sock.recv(9999))) as server:
        client = Client(Account(server.url.replace("http", "https"), KEY))
        with pytest.raises(NotSent) as caught:
            client.add({"service": "1"}, send_before=after(5))
        assert caught.value.reason == "tls"
    assert KEY.encode() not in b"".join(seen)


def test_a_handshake_that_hangs_meets_the_connect_time_out() -> None:
    with Server(lambda connection: connection.server.done.wait(5)) as server:
        account = Account(server.url.replace("http", "https"), KEY, connect_timeout=0.3)
        started = time.monotonic()
        with pytest.raises(NotSent) as caught:
            Client(account).add({"service": "1"}, send_before=after(5))
        assert caught.value.reason == "tls"
        assert time.monotonic() - started < 4.5, "the other side hangs for 5"


def test_a_moment_that_passes_during_the_handshake_sends_not_a_byte(certificate: Path) -> None:
    class Slow(ssl.SSLContext):
        def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
            time.sleep(0.4)
            return super().wrap_socket(*args, **kwargs)

    slow = Slow(ssl.PROTOCOL_TLS_SERVER)
    slow.load_cert_chain(certificate)
    with Server(answering(CREATED), slow) as server:
        client = Client(Account(server.url, KEY), ca_file=str(certificate))
        with pytest.raises(NotSent) as caught:
            client.add({"service": "1"}, send_before=after(0.2))
        assert caught.value.reason == "late"
        assert server.forms == []


def test_a_slow_drip_over_tls_meets_the_total_deadline(certificate: Path) -> None:
    def script(connection: Connection) -> None:
        connection.request()
        for byte in CREATED + b" " * 100:
            connection.send(bytes([byte]))
            time.sleep(0.05)

    with Server(script, context(certificate)) as server:
        account = Account(server.url, KEY, read_timeout=0.5, total_timeout=0.8)
        started = time.monotonic()
        with pytest.raises(ReadFailed) as caught:
            Client(account, ca_file=str(certificate)).balance()
        assert caught.value.reason == "timeout"
        assert time.monotonic() - started < 4.5, "it drips for 5"
