"""An SFTP server on loopback over a folder, with paramiko's own server side."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import paramiko
from paramiko import SFTPAttributes, SFTPServer
from paramiko.sftp import SFTP_FAILURE, SFTP_OK, SFTP_OP_UNSUPPORTED

USER, PASSWORD = "partner", "s3cret-of-the-test"


class Login(paramiko.ServerInterface):
    """Lets one user in by password."""

    def check_auth_password(self, username: str, password: str) -> int:
        if (username, password) == (USER, PASSWORD):
            return paramiko.common.AUTH_SUCCESSFUL
        return paramiko.common.AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.common.OPEN_SUCCEEDED


class Files(paramiko.SFTPServerInterface):
    """Files below a folder."""

    root: Path
    knows_posix_rename = True

    def real(self, path: str) -> Path:
        return self.root / self.canonicalize(path).lstrip("/")

    def list_folder(self, path: str) -> list[SFTPAttributes] | int:
        try:
            return [
                SFTPAttributes.from_stat(one.stat(), one.name)
                for one in self.real(path).iterdir()
            ]
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)

    def stat(self, path: str) -> SFTPAttributes | int:
        try:
            return SFTPAttributes.from_stat(self.real(path).stat())
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)

    lstat = stat

    def open(
        self, path: str, flags: int, attr: SFTPAttributes
    ) -> paramiko.SFTPHandle | int:
        try:
            descriptor = os.open(self.real(path), flags, 0o600)
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)
        handle = paramiko.SFTPHandle(flags)
        writes = flags & (os.O_WRONLY | os.O_RDWR)
        file = os.fdopen(
            descriptor, "r+b" if writes == os.O_RDWR else "wb" if writes else "rb"
        )
        handle.filename = str(self.real(path))  # type: ignore[attr-defined]
        handle.readfile = file  # type: ignore[attr-defined]
        handle.writefile = file  # type: ignore[attr-defined]
        return handle

    def remove(self, path: str) -> int:
        return self.done(lambda: self.real(path).unlink())

    def rename(self, oldpath: str, newpath: str) -> int:
        # as the protocol has it: never over another file
        if self.real(newpath).exists():
            return SFTP_FAILURE
        return self.done(lambda: self.real(oldpath).rename(self.real(newpath)))

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        if not self.knows_posix_rename:
            return SFTP_OP_UNSUPPORTED
        return self.done(lambda: self.real(oldpath).replace(self.real(newpath)))

    def mkdir(self, path: str, attr: SFTPAttributes) -> int:
        return self.done(lambda: self.real(path).mkdir())

    def done(self, action: object) -> int:
        try:
            action()  # type: ignore[operator]
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)
        return SFTP_OK


class Running:
    """Where the server listens, and the line of known_hosts that it deserves."""

    def __init__(self, port: int, key: paramiko.PKey) -> None:
        self.port = port
        self.known_hosts = f"[127.0.0.1]:{port} {key.get_name()} {key.get_base64()}\n"


@contextmanager
def sftp_server(root: Path, knows_posix_rename: bool = True) -> Iterator[Running]:
    """Serve a folder until the end of the block."""
    key = paramiko.ECDSAKey.generate()
    interface = type(
        "Served", (Files,), {"root": root, "knows_posix_rename": knows_posix_rename}
    )
    listener = socket.create_server(("127.0.0.1", 0))
    transports: list[paramiko.Transport] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                transport = paramiko.Transport(connection)
                transport.add_server_key(key)
                transport.set_subsystem_handler("sftp", SFTPServer, interface)
                transports.append(transport)
                with suppress(paramiko.SSHException, EOFError):
                    transport.start_server(server=Login())

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield Running(listener.getsockname()[1], key)
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for transport in transports:
            transport.close()
