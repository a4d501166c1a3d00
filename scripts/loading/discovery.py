"""Which files there are, and what identifies each."""

import hashlib
import os
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from scripts.loading.problems import Problem, WrongInput

FileFormat = Literal["csv", "parquet"]
FORMATS: dict[str, FileFormat] = {".csv": "csv", ".parquet": "parquet"}
BLOCK = 1024 * 1024


@dataclass(frozen=True)
class FoundFile:
    """A file of a raw table; `name` is its path below the loaded folder."""

    table: str
    name: str
    path: Path
    format: FileFormat


@dataclass(frozen=True)
class Fingerprint:
    """What a file held when it was read: hex digest of table and content, bytes."""

    sha256: str
    size: int
    modified_ns: int

    @property
    def load_id(self) -> str:
        """The name of what is landed from it: 16 hex digits."""
        return self.sha256[:16]


def is_ignored(path: Path) -> bool:
    """Whether a name says that it is not for the loader."""
    return path.name.startswith(("_", "."))


def find_files(directory: Path, tables: Collection[str]) -> list[FoundFile]:
    """The files of DIR/<raw table>/, sorted; WrongInput lists what is out of place."""
    if not directory.is_dir():
        raise WrongInput(
            Problem(
                str(directory),
                "is not a folder",
                "Give the folder that holds a folder per raw table.",
            )
        )
    problems: list[Problem] = []
    files: list[FoundFile] = []
    try:
        for path in sorted(directory.iterdir()):
            if is_ignored(path):
                continue
            if not path.is_dir():
                problems += misplaced_file(path, tables)
            elif path.name not in tables:
                problems.append(unknown_folder(path, tables))
            else:
                for member in sorted(path.iterdir()):
                    if is_ignored(member):
                        continue
                    name = member.relative_to(directory).as_posix()
                    file_format = FORMATS.get(member.suffix.lower())
                    if not is_utf8(name):
                        problems.append(
                            Problem(
                                printable(name), "is named in no UTF-8", "Rename it."
                            )
                        )
                    elif file_format is None or not member.is_file():
                        problems.append(
                            Problem(
                                printable(name),
                                "is neither a .csv nor a .parquet file",
                                "Unpack or convert it, or put _ before its name.",
                            )
                        )
                    else:
                        files.append(FoundFile(path.name, name, member, file_format))
    except OSError as error:
        raise WrongInput(unreadable(printable(str(error.filename)), error)) from error
    if not files and not problems:
        problems.append(
            Problem(
                str(directory),
                "holds no .csv or .parquet file in a folder named after a raw table",
                f"Tables are {', '.join(sorted(tables))}.",
            )
        )
    if problems:
        raise WrongInput(*problems)
    return files


def printable(name: str) -> str:
    """A name from outside as a terminal can show it; other signs become `?`."""
    return "".join(
        sign if sign.isprintable() else "?"
        for sign in name.encode("utf-8", "replace").decode("utf-8")
    )


def is_utf8(name: str) -> bool:
    """Whether the bytes of a file name are UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def misplaced_file(path: Path, tables: Collection[str]) -> list[Problem]:
    """A data file beside the folders; other files there are nobody's business."""
    if path.suffix.lower() not in FORMATS:
        return []
    near = get_close_matches(path.stem.lower(), sorted(tables), 1, 0.5)
    folder = near[0] if near else "<raw table>"
    return [
        Problem(
            printable(path.name),
            "is in no table's folder",
            f"Move it to {folder}/{printable(path.name)}.",
        )
    ]


def unknown_folder(path: Path, tables: Collection[str]) -> Problem:
    """A folder that is no raw table, with the nearest that is."""
    near = get_close_matches(path.name.lower(), sorted(tables), 1, 0.5)
    remedy = (
        f"Did you mean {near[0]}?"
        if near
        else f"Tables are {', '.join(sorted(tables))}."
    )
    return Problem(
        f"{printable(path.name)}/",
        "is no raw table",
        f"{remedy} Folders that begin with _ or . are ignored.",
    )


def unreadable(name: str, error: OSError) -> Problem:
    """A file that the operating system does not let us read."""
    return Problem(
        name,
        f"cannot be read ({error.strerror})",
        "Check its permissions and that it still exists.",
    )


def fingerprint(file: FoundFile) -> Fingerprint:
    """What the file holds now; OSError."""
    digest = hashlib.sha256(file.table.encode())
    with file.path.open("rb") as source:
        while block := source.read(BLOCK):
            digest.update(block)
        status = os.fstat(source.fileno())
    return Fingerprint(digest.hexdigest(), status.st_size, status.st_mtime_ns)


def is_unchanged(file: FoundFile, seen: Fingerprint) -> bool:
    """Whether nobody wrote to the file since; OSError."""
    status = file.path.stat()
    return (status.st_size, status.st_mtime_ns) == (seen.size, seen.modified_ns)
