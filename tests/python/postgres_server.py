"""A real PostgreSQL for tests, and a wire to it that can be cut."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

INSTALLED = sorted(
    Path("/usr/lib/postgresql").glob("*/bin/initdb"),
    key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0,
)


def free_port() -> int:
    """A port of loopback that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def owner() -> str | None:
    """Whom PostgreSQL runs as: it refuses root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def postgres_server() -> Iterator[int]:
    """Start a server on loopback and say its port; skips where none is installed."""
    if not INSTALLED:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    programs = INSTALLED[-1].parent
    user = owner()
    # not below tmp_path, which its user could not enter
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        if user:
            shutil.chown(folder, user)
        data = folder / "data"
        quiet: dict[str, Any] = {
            "user": user,
            "cwd": folder,
            "env": {"PATH": os.defpath, "LC_ALL": "C"},
        }
        subprocess.run(
            [
                *(programs / "initdb", "-D", data, "-U", "tester", "--auth=trust"),
                *("--no-sync", "--encoding=UTF8", "--locale=C"),
            ],
            check=True,
            capture_output=True,
            **quiet,
        )
        port = free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(folder),
            "port": str(port),
            "fsync": "off",
            "shared_buffers": "16MB",
            "max_connections": "20",
        }
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [
                    *(programs / "postgres", "-D", data),
                    *(f"--{name}={value}" for name, value in settings.items()),
                ],
                stdout=log,
                stderr=log,
                **quiet,
            )
        try:
            wait_until_ready(port, server)
            yield port
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def wait_until_ready(port: int, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server takes connections."""
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(dsn(port)).close()
            return
        except psycopg.OperationalError:
            assert server.poll() is None, "PostgreSQL ended"
            assert time.monotonic() < deadline, "PostgreSQL did not start"
            time.sleep(0.05)


def dsn(port: int) -> str:
    return f"host=127.0.0.1 port={port} user=tester dbname=postgres"


class Wire:
    """Forwards a port to another; cut as soon as some bytes have gone through."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.cut_after: bytes | None = None
        self.cuts = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
                for pair in ((near, far, True), (far, near, False)):
                    threading.Thread(target=self.pump, args=pair, daemon=True).start()

    def pump(self, source: socket.socket, sink: socket.socket, is_asking: bool) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                cut = is_asking and self.cut_after and self.cut_after in data
                if cut:
                    # the answer finds nobody
                    self.cuts += 1
                    source.shutdown(socket.SHUT_RDWR)
                    sink.sendall(data)
                    time.sleep(0.2)
                    break
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def close(self) -> None:
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
