"""Finished files on their way to SFTP, S3 or another target of fsspec.

Data first, the manifest last: a receiver that reads the manifest finds whole files. A
run that was cut short is healed by the next one, which sends all of them again.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from customer_segments.exporting.folder import MANIFEST_NAME, digest_file
from customer_segments.exporting.problems import ExportProblem, WriteFailed, WrongSpec
from customer_segments.warehouse_file import flush_to_disk

FILE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*\.(csv|jsonl|parquet)")
LEFTOVER = re.compile(r"\.[a-z][a-z0-9_.]*\.(csv|jsonl|parquet|json)\.tmp")
# what is told to nobody but the environment, by option of fsspec's file systems
SECRETS = frozenset(
    {
        *("key", "secret", "token", "password", "passphrase", "pkey", "credential"),
        *("account_key", "sas_token", "connection_string", "client_secret"),
        *("aws_access_key_id", "aws_secret_access_key", "aws_session_token"),
    }
)
NOT_FOLDERS = frozenset({"http", "https", "data", "github", "zip", "tar", "reference"})
PIECE = 1 << 20

EnvironmentName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class RemoteFailed(ExportProblem):
    """The target did not take the files; what it holds is told by its old manifest."""

    code = 5


class RemoteSettings(BaseModel):
    """Where files go; `secrets` says by option which environment variable holds it.

    `target` is a folder as a URL (sftp://user@host:22/in, s3://bucket/prefix,
    file:///mnt/share). `options` are those of fsspec's file system for it. `read_back`
    reads each file again after the upload; turn it off where one may only write.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    target: str
    options: dict[str, Any] = {}
    secrets: dict[str, EnvironmentName] = {}
    known_hosts: str = "~/.ssh/known_hosts"
    read_back: bool = True
    allow_http: bool = False
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 60

    @model_validator(mode="after")
    def keep_secrets(self) -> "RemoteSettings":
        """ValueError for a target that is no folder, and for secrets in the file."""
        if "::" in self.target or not re.match(r"[a-z0-9+]+://", self.target):
            raise ValueError(
                "target is a URL such as sftp://user@host/in or s3://bucket/prefix"
            )
        parts = urlsplit(self.target)
        if parts.password is not None or parts.query or parts.fragment:
            raise ValueError("target holds more than a place; name secrets instead")
        if parts.scheme in NOT_FOLDERS or ".." in parts.path.split("/"):
            raise ValueError(f"files cannot be put to {parts.scheme}:// or above it")
        if not (parts.netloc or parts.path.strip("/")):
            raise ValueError("target names no folder")
        for name in sorted(names_within(self.options)):
            if name.lower() in SECRETS:
                raise ValueError(
                    f"option {name} is a secret; put it into the environment and its"
                    " name into secrets"
                )
        endpoints = [
            given.get("endpoint_url")
            for given in (self.options, self.options.get("client_kwargs"))
            if isinstance(given, Mapping)
        ]
        if not self.allow_http and any(
            str(endpoint).lower().startswith("http:") for endpoint in endpoints
        ):
            raise ValueError(
                "endpoint_url is not https; say allow_http if that is meant"
            )
        return self

    @property
    def protocol(self) -> str:
        """What stands before ://."""
        return urlsplit(self.target).scheme


def names_within(given: Any) -> Iterator[str]:
    """Names of options, those of nested ones too."""
    if isinstance(given, Mapping):
        for name, inner in given.items():
            yield str(name)
            yield from names_within(inner)
    elif isinstance(given, list):
        for inner in given:
            yield from names_within(inner)


def nothing(point: str) -> None:
    """What happens at a point unless somebody listens."""


def upload(
    settings: RemoteSettings,
    folder: Path,
    files: Sequence[str],
    environ: Mapping[str, str] = os.environ,
    reached: Callable[[str], None] = nothing,
) -> list[str]:
    """Put files of a folder and its manifest to the target; names removed there.

    Files that the manifest over there lists and the new one does not are removed.
    WrongSpec for settings, WriteFailed when a local file is not what the manifest says,
    RemoteFailed when the target fails. `reached` is told each step, for tests.
    """
    for name in files:
        if not FILE.fullmatch(name):
            raise WrongSpec("a file to upload has no name of an audience")
    digests = local_digests(folder, files)
    with ExitStack() as stack:
        with told(settings, "connecting"):
            target = stack.enter_context(connected(settings, environ))
        reached("connected")
        with told(settings, "reading its manifest"):
            old = target.listed()
            target.clear()
        for name in files:
            with told(settings, f"uploading {name}"):
                target.stage(folder / name, digests[name])
            reached(f"staged {name}")
        for name in files:
            with told(settings, f"putting {name} in place"):
                target.place(folder / name, digests[name])
            reached(f"placed {name}")
        removed = sorted(old - set(files))
        for name in removed:
            with told(settings, f"removing {name}"):
                target.remove(name)
            reached(f"removed {name}")
        with told(settings, f"uploading {MANIFEST_NAME}"):
            manifest = folder / MANIFEST_NAME
            target.stage(manifest, digests[MANIFEST_NAME])
            reached(f"staged {MANIFEST_NAME}")
            target.place(manifest, digests[MANIFEST_NAME])
        reached(f"placed {MANIFEST_NAME}")
    return removed


def local_digests(folder: Path, files: Sequence[str]) -> dict[str, str]:
    """SHA-256 of files and manifest; WriteFailed if the manifest says another."""
    manifest = folder / MANIFEST_NAME
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
        digests = {name: digest_file(folder / name) for name in (*files, MANIFEST_NAME)}
    except (OSError, ValueError) as error:
        raise WriteFailed(
            f"{folder}: cannot be read for the upload ({type(error).__name__})"
        ) from None
    for name, entry in entries(content).items():
        said = entry.get("sha256")
        if name in digests and said is not None and said != digests[name]:
            raise WriteFailed(f"{folder / name}: is not what the manifest says")
    return digests


def entries(content: Any) -> dict[str, Mapping[str, Any]]:
    """Whatever a manifest says about files, by file name."""
    found: dict[str, Mapping[str, Any]] = {}
    if isinstance(content, Mapping):
        name = content.get("file")
        if isinstance(name, str) and FILE.fullmatch(name):
            found[name] = content
        for inner in content.values():
            found.update(entries(inner))
    elif isinstance(content, list):
        for inner in content:
            found.update(entries(inner))
    return found


@contextmanager
def told(settings: RemoteSettings, step: str) -> Iterator[None]:
    """Turn whatever a file system raises into RemoteFailed, without its text."""
    try:
        yield
    except ExportProblem:
        raise
    except Exception as error:
        kind = type(error).__name__
        hint = {
            "UnknownHost": "its host key is not in known_hosts; ask its owner for it",
            "BadHostKeyException": "its host key is another than in known_hosts",
            "AuthenticationException": "it refused the credentials",
            "NoCredentialsError": "it wants credentials; name them in secrets",
            "PermissionError": "it forbids that",
        }.get(kind, kind)
        raise RemoteFailed(
            f"{place(settings)}: {step} failed: {hint}. Its manifest is the old one;"
            " run again, which sends all files once more."
        ) from None


def place(settings: RemoteSettings) -> str:
    """The target as people may read it: without a user's name."""
    parts = urlsplit(settings.target)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


class Target:
    """A folder of a file system; files get their name when they are whole."""

    def __init__(self, system: Any, folder: str, settings: RemoteSettings) -> None:
        from fsspec import AbstractFileSystem

        self.system = system
        self.folder = folder.rstrip("/")
        self.settings = settings
        # where moving is copying, as in S3, a file appears whole or not at all
        self.moves = type(system).mv is not AbstractFileSystem.mv

    def path(self, name: str) -> str:
        """Where a file has its place."""
        return f"{self.folder}/{name}"

    def temporary(self, name: str) -> str:
        """Where it is before that."""
        return self.path(f".{name}.tmp")

    def listed(self) -> set[str]:
        """Files of the manifest over there; none if there is none to be read."""
        try:
            with self.system.open(self.path(MANIFEST_NAME), "rb") as file:
                return set(entries(json.loads(file.read())))
        except (FileNotFoundError, ValueError):
            return set()

    def clear(self) -> None:
        """Remove what an upload that was cut short has left."""
        if not self.moves:
            return
        with suppress(FileNotFoundError, PermissionError):
            for path in self.system.ls(self.folder, detail=False):
                if LEFTOVER.fullmatch(path.rpartition("/")[2]):
                    self.remove(path.rpartition("/")[2])

    def stage(self, local: Path, digest: str) -> None:
        """Upload a file under its temporary name, where the target can move."""
        if self.moves:
            path = self.temporary(local.name)
            is_local = self.settings.protocol in ("file", "local")
            if is_local:
                create_private(Path(path))
            self.system.put_file(str(local), path)
            if is_local:
                flush_to_disk(Path(path))
            self.check(path, local, digest)

    def place(self, local: Path, digest: str) -> None:
        """Give a file its name."""
        path = self.path(local.name)
        if self.moves:
            self.system.mv(self.temporary(local.name), path)
        else:
            self.system.put_file(str(local), path)
            self.check(path, local, digest)

    def check(self, path: str, local: Path, digest: str) -> None:
        """RemoteFailed when what arrived is another file."""
        self.system.invalidate_cache()
        same = self.system.info(path)["size"] == local.stat().st_size
        if same and self.settings.read_back:
            arrived = hashlib.sha256()
            with self.system.open(path, "rb") as file:
                while piece := file.read(PIECE):
                    arrived.update(piece)
            same = arrived.hexdigest() == digest
        if not same:
            raise RemoteFailed(
                f"{place(self.settings)}: {local.name} arrived otherwise than it was"
                " sent. The manifest there is the old one; run again."
            )

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with suppress(FileNotFoundError):
            self.system.rm_file(self.path(name))


def create_private(path: Path) -> None:
    """Make an empty file for its owner alone, where nobody has put another."""
    path.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    os.close(os.open(path, flags, 0o600))


@contextmanager
def connected(settings: RemoteSettings, environ: Mapping[str, str]) -> Iterator[Target]:
    """The target's folder; WrongSpec for what is not there to reach it."""
    secrets = {}
    for option, variable in settings.secrets.items():
        if not environ.get(variable):
            raise WrongSpec(
                f"{place(settings)}: set the environment variable {variable}"
            )
        secrets[option] = environ[variable]
    system = file_system(settings, secrets)
    try:
        folder = type(system)._strip_protocol(settings.target)
        yield Target(system, folder, settings)
    finally:
        if close := getattr(system, "close", None):
            close()


def file_system(settings: RemoteSettings, secrets: Mapping[str, str]) -> Any:
    """The file system of a target, not shared with anybody."""
    parts = urlsplit(settings.target)
    try:
        if settings.protocol in ("sftp", "ssh"):
            from customer_segments.exporting.checked_sftp import CheckedSftp

            given: dict[str, Any] = {"port": parts.port or 22}
            if parts.username:
                given["username"] = parts.username
            return CheckedSftp(
                parts.hostname or "",
                known_hosts=Path(settings.known_hosts).expanduser(),
                timeout=settings.timeout_seconds,
                **{**given, **settings.options, **secrets},
            )
        import fsspec

        usual: dict[str, Any] = {}
        if settings.protocol in ("s3", "s3a"):
            seconds = settings.timeout_seconds
            usual["config_kwargs"] = {
                "connect_timeout": seconds,
                "read_timeout": seconds,
                "retries": {"max_attempts": 3, "mode": "standard"},
            }
        return fsspec.filesystem(
            settings.protocol,
            skip_instance_cache=True,
            **{**usual, **settings.options, **secrets},
        )
    except ImportError:
        raise WrongSpec(
            f"{settings.protocol}:// needs packages that are not here; run make"
            " setup-destinations"
        ) from None
    except ValueError:
        raise WrongSpec(
            f"{settings.protocol}:// with these options is nothing that fsspec knows"
        ) from None
