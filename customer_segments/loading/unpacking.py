"""Files that came packed, and what is in them: gzip, bzip2, xz and zip."""

import bz2
import gzip
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from customer_segments.loading.problems import Problem, WrongInput

BLOCK = 1024 * 1024
MOST_BYTES = 8 * 1024**3
MOST_MEMBERS = 1_000
ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
OPENERS: dict[bytes, Callable[[Path], IO[Any]]] = {
    b"\x1f\x8b": lambda path: cast(IO[Any], gzip.GzipFile(path)),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ": lzma.LZMAFile,
}
PACKED_ENDINGS = (".gz", ".bz2", ".xz")
DAMAGED = (EOFError, OSError, zipfile.BadZipFile, zlib.error, lzma.LZMAError)
UTF8_FLAG, SECRET_FLAG = 0x800, 0x1


@dataclass(frozen=True)
class Member:
    """A file in a zip: its name as people read it, and how the zip calls it."""

    name: str
    stored: str


def is_zip(path: Path) -> bool:
    """Whether a file is a zip of files, and no Office document, which is one too."""
    with path.open("rb") as file:
        if file.read(len(ZIP)) not in (ZIP, EMPTY_ZIP):
            return False
    try:
        with zipfile.ZipFile(path) as packed:
            names = set(packed.namelist())
    except zipfile.BadZipFile:
        return True
    return not names & {"[Content_Types].xml", "mimetype"}


def members(path: Path, name: str) -> list[Member]:
    """The files in a zip, sorted by name; WrongInput names it by `name`."""
    try:
        with zipfile.ZipFile(path) as packed:
            found = [
                Member(member_name(info), info.filename)
                for info in packed.infolist()
                if not info.is_dir()
            ]
    except zipfile.BadZipFile as error:
        raise WrongInput(damaged(name)) from error
    shown = [
        member
        for member in found
        if not any(part[:1] in "._" for part in member.name.split("/"))
    ]
    if not shown or len(shown) > MOST_MEMBERS:
        what = "holds no file" if not shown else f"holds {len(shown):,} files"
        raise WrongInput(Problem(name, what, "Unpack it, and take what is meant."))
    return sorted(shown, key=lambda member: member.name)


def member_name(info: zipfile.ZipInfo) -> str:
    """A name in a zip; without the mark of UTF-8 it may be CP949, as Windows writes."""
    if info.flag_bits & UTF8_FLAG:
        return info.filename
    written = info.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "cp949"):
        try:
            return written.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def unpack(path: Path, name: str, stored: str | None, target: Path, key: str) -> Path:
    """The file itself, or what is packed in it, written to `target`.

    `stored` is the member of a zip, `key` the environment variable of its password.
    WrongInput when it is damaged, secret, or larger than MOST_BYTES.
    """
    with path.open("rb") as file:
        head = file.read(8)
    opener = next((o for mark, o in OPENERS.items() if head.startswith(mark)), None)
    if stored is None and opener is None:
        return path
    try:
        if stored is not None:
            with zipfile.ZipFile(path) as packed:
                copy(open_member(packed, stored, name, key), target, name)
        elif opener is not None:
            copy(opener(path), target, name)
    except NotImplementedError as error:
        raise WrongInput(
            Problem(name, "is packed in a way that is not read here", "Unpack it.")
        ) from error
    except RuntimeError as error:
        raise WrongInput(
            Problem(name, f"does not open with the password in {key}", "Correct it.")
        ) from error
    except DAMAGED as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise WrongInput(damaged(name)) from error
    return target


def open_member(packed: zipfile.ZipFile, stored: str, name: str, key: str) -> IO[Any]:
    """A member of a zip, with the password of the environment if it needs one."""
    info = packed.getinfo(stored)
    secret = None
    if info.flag_bits & SECRET_FLAG:
        secret = password(name, key).encode()
    return packed.open(info, pwd=secret)


def password(name: str, key: str) -> str:
    """What an environment variable holds; WrongInput when it is not set."""
    told = os.environ.get(key, "")
    if not told:
        raise WrongInput(
            Problem(
                name,
                "needs a password",
                f"Put it into the environment variable {key}, or save it without one.",
            )
        )
    return told


def copy(source: IO[Any], target: Path, name: str) -> None:
    """Write what a reader gives, MOST_BYTES at most. WrongInput."""
    with source, target.open("wb") as file:
        for block in blocks(source):
            file.write(block)
            if file.tell() > MOST_BYTES:
                raise WrongInput(
                    Problem(
                        name,
                        f"unpacks to more than {MOST_BYTES // 1024**3} GB",
                        "Split it.",
                    )
                )


def blocks(source: IO[Any]) -> Iterator[Any]:
    """What a reader gives, a block at a time."""
    while block := source.read(BLOCK):
        yield block


def damaged(name: str) -> Problem:
    """A packed file that cannot be unpacked."""
    return Problem(name, "is packed, and damaged", "Export or copy it again.")
