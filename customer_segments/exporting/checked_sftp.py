"""SFTP to servers whose host key is known; needs requirements-destinations.txt."""

import logging
from pathlib import Path
from typing import Any

import paramiko
from fsspec.implementations.sftp import SFTPFileSystem

# without a handler Python would print what paramiko logs, tracebacks too
logging.getLogger("paramiko").addHandler(logging.NullHandler())


class UnknownHost(Exception):
    """The server's key is not in known_hosts."""


class RefuseUnknown(paramiko.MissingHostKeyPolicy):
    """Nobody is trusted at first sight."""

    def missing_host_key(
        self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey
    ) -> None:
        raise UnknownHost


class CheckedSftp(SFTPFileSystem):  # type: ignore[misc]
    """SFTP that compares the host key, and uses no key or agent it was not given."""

    cachable = False

    def __init__(
        self, host: str, known_hosts: Path, timeout: float, **given: Any
    ) -> None:
        self.known_hosts = known_hosts
        self.timeout = timeout
        super().__init__(host, host_key_policy=RefuseUnknown(), **given)

    def _connect(self) -> None:
        self.client = paramiko.SSHClient()
        self.client.load_host_keys(str(self.known_hosts))
        self.client.set_missing_host_key_policy(self.host_key_policy)
        try:
            self.client.connect(
                self.host,
                allow_agent=False,
                look_for_keys=False,
                timeout=self.timeout,
                banner_timeout=self.timeout,
                auth_timeout=self.timeout,
                **self.ssh_kwargs,
            )
            self.ftp = self.client.open_sftp()
            channel = self.ftp.get_channel()
            if channel is not None:
                channel.settimeout(self.timeout)
        except BaseException:
            self.client.close()
            raise

    def close(self) -> None:
        """Hang up."""
        self.client.close()

    def mv(self, old: str, new: str, **options: Any) -> None:
        """Replace a file by another; in one step where the server can."""
        try:
            self.ftp.posix_rename(old, new)
        except OSError as error:
            # no errno: the server does not know this operation
            if error.errno is not None:
                raise
            if self.exists(new):
                self.ftp.remove(new)
            self.ftp.rename(old, new)
