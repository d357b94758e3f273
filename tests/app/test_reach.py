"""The app as README starts it: who can reach it, and who is turned away."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address
from pathlib import Path

import pytest
import streamlit as st

from tests.app.support import ROOT

_LISTENING = "0A"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """Process id and port of an app started by README's command, with a port of its own."""
    with started(tmp_path_factory.mktemp("home")) as found:
        yield found


@contextmanager
def started(home: Path, *options: str) -> Iterator[tuple[int, int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            *(str(Path(sys.executable).with_name("streamlit")), "run", "app.py"),
            *(f"--server.port={port}", *options),
        ],
        cwd=ROOT,
        env={**os.environ, "HOME": str(home), "BROWSER": "true"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 90
        while _status(port, "/_stcore/health", f"127.0.0.1:{port}") != 200:
            assert time.monotonic() < end
            assert process.poll() is None
            time.sleep(0.3)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_it_listens_to_this_machine_only(server: tuple[int, int]) -> None:
    addresses = listening(server[0])
    assert server[1] in {port for _address, port in addresses}
    # Whatever the process opens, now or later: nothing of it is for others.
    others = [address for address, _port in addresses if not is_loopback(address)]
    assert not others


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "[::1]:{port}"])
def test_own_names_are_answered(server: tuple[int, int], host: str) -> None:
    port = server[1]
    name = host.format(port=port)
    assert _status(port, "/", name) == 200
    assert _status(port, "/_stcore/stream", name, origin=f"http://{name}") == 101


def test_a_page_from_elsewhere_gets_no_connection(server: tuple[int, int]) -> None:
    port = server[1]
    own = f"127.0.0.1:{port}"
    assert _status(port, "/_stcore/stream", own, origin="http://evil.example") == 403


@pytest.mark.parametrize("origin", ["null", "http://evil.example@127.0.0.1.evil.example", ""])
def test_an_odd_origin_gets_no_connection(server: tuple[int, int], origin: str) -> None:
    assert _status(server[1], "/_stcore/stream", f"127.0.0.1:{server[1]}", origin=origin) == 403


def test_nothing_is_sent_home_and_forms_of_others_are_refused() -> None:
    assert not st.get_option("browser.gatherUsageStats")
    assert not st.get_option("server.showEmailPrompt")
    assert st.get_option("server.enableXsrfProtection")
    assert st.get_option("server.enableCORS")


@pytest.mark.parametrize("host", ["evil.example:{port}", "127.0.0.1.evil.example", "", "[bad"])
def test_a_name_that_was_pointed_here_gets_nothing(server: tuple[int, int], host: str) -> None:
    """DNS rebinding: page and app are one origin to the browser, and only the host tells."""
    port = server[1]
    name = host.format(port=port)
    assert _status(port, "/", name) in (400, 403)
    assert _status(port, "/_stcore/stream", name, origin=f"http://{name}") in (400, 403)


def test_asked_to_it_listens_to_others_too(tmp_path: Path) -> None:
    with started(tmp_path, "--server.address=0.0.0.0") as (pid, port):
        assert (bytes(4), port) in listening(pid)
        assert _status(port, "/", f"studio.example:{port}") == 200


def test_behind_a_proxy_its_name_is_let_in(tmp_path: Path) -> None:
    with started(tmp_path, "--server.allowedHosts=studio.example") as (pid, port):
        assert all(is_loopback(address) for address, _port in listening(pid))
        stream, name = "/_stcore/stream", "studio.example"
        assert _status(port, stream, name, origin=f"https://{name}") == 101
        assert _status(port, stream, "evil.example", origin="https://evil.example") == 403


def _status(port: int, path: str, host: str, origin: str | None = None) -> int:
    """The status of a request; with an origin, of one that asks for a WebSocket. 0 for none."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}"]
    if origin is None:
        lines.append("Connection: close")
    else:
        lines += ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
        lines += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", f"Origin: {origin}"]
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            answer = connection.recv(200)
    except OSError:
        return 0
    return int(answer.split()[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def listening(pid: int) -> list[tuple[bytes, int]]:
    """Address and port of every TCP socket that a process and its children listen on."""
    inodes = set()
    for member in [pid, *children(pid)]:
        for handle in Path(f"/proc/{member}/fd").iterdir():
            try:
                target = os.readlink(handle)
            except OSError:
                continue
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    found = []
    for table in ("tcp", "tcp6"):
        try:
            lines = Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
        except FileNotFoundError:  # a kernel without IPv6
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTENING and fields[9] in inodes:
                address, _colon, port = fields[1].partition(":")
                words = [address[start : start + 8] for start in range(0, len(address), 8)]
                packed = b"".join(bytes.fromhex(word)[::-1] for word in words)
                found.append((packed, int(port, 16)))
    return found


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    direct = [int(child) for file in listed for child in file.read_text().split()]
    return [*direct, *(child for one in direct for child in children(one))]


def is_loopback(packed: bytes) -> bool:
    address = ip_address(packed)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback
