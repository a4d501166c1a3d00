"""Which files there are, and what identifies each."""

import hashlib
import os
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal
from unicodedata import normalize

from customer_segments.loading.mapping import FILE_NAME, Options, ShopMapping, Source
from customer_segments.loading.problems import Problem, WrongInput, sentence
from customer_segments.yaml_files import nearest

FileFormat = Literal["csv", "parquet", "table"]
FORMATS: dict[str, FileFormat] = {".csv": "csv", ".parquet": "parquet"}
TEXT_FORMATS = {".txt", ".tsv"}
BLOCK = 1024 * 1024


@dataclass(frozen=True)
class FoundFile:
    """A file of a raw table; `name` is its path below the loaded folder.

    A table of a database is one too: its path becomes a copy of it, and `keys` is where
    the mapping speaks of it (empty without a mapping). `reading` counts, from 0, the
    sources of the table that read the same file.
    """

    table: str
    name: str
    path: Path
    format: FileFormat
    source: Source
    keys: tuple[str | int, ...] = ()
    reading: int = 0

    @property
    def source_name(self) -> str:
        """What its rows say they come from; with its number if there are several."""
        return f"{self.name} ({self.reading + 1})" if self.reading else self.name


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


def find_files(
    directory: Path, tables: Collection[str], options: Options
) -> list[FoundFile]:
    """The files of DIR/<raw table>/, sorted; WrongInput lists what is out of place."""
    check_folder(directory)
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
                        source = Source(files=[name], **options.model_dump())
                        files.append(
                            FoundFile(path.name, name, member, file_format, source)
                        )
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


def check_folder(directory: Path) -> None:
    """WrongInput when there is no such folder."""
    if not directory.is_dir():
        raise WrongInput(
            Problem(
                str(directory),
                "is not a folder",
                "Give the folder that holds the files.",
            )
        )


def find_mapped_files(directory: Path, mapping: ShopMapping) -> list[FoundFile]:
    """The files that a mapping names, by table and name; WrongInput.

    A data file that it does not name is a mistake unless `ignore_files` does.
    """
    check_folder(directory)
    try:
        present = sorted(
            path
            for path in directory.rglob("*")
            if path.is_file() and not_hidden(path.relative_to(directory))
        )
    except OSError as error:
        raise WrongInput(unreadable(printable(str(error.filename)), error)) from error
    names = {path.relative_to(directory).as_posix(): path for path in present}
    files: list[FoundFile] = []
    problems: list[Problem] = []
    for table, sources in mapping.tables.items():
        readings: Counter[str] = Counter()
        for index, source in enumerate(sources):
            keys = ("tables", table, index)
            if source.database is not None:
                name = f"{source.database}/{source.table}"
                path = directory / source.database
                files.append(
                    FoundFile(table, name, path, "table", source, keys, readings[name])
                )
                readings[name] += 1
                continue
            matched = match_names(names, source.files)
            if not matched and not source.optional:
                problems.append(no_match(table, source.files, names))
            for name in matched:
                file_format = format_of(Path(name))
                if file_format is None:
                    problems.append(
                        Problem(
                            printable(name),
                            "is neither text nor Parquet",
                            "Unpack it; from a spreadsheet, save it as CSV.",
                        )
                    )
                    continue
                files.append(
                    FoundFile(
                        table,
                        name,
                        names[name],
                        file_format,
                        source,
                        keys,
                        readings[name],
                    )
                )
                readings[name] += 1
    problems += unclaimed(names, files, mapping)
    if problems:
        raise WrongInput(*problems)
    return sorted(files, key=lambda file: (file.keys, file.name))


def not_hidden(path: Path) -> bool:
    """Whether no part of a path says that it is not for the loader."""
    return not any(is_ignored(Path(part)) for part in path.parts)


def match_names(names: Mapping[str, Path], patterns: Sequence[str]) -> list[str]:
    """The names below the folder that one of the patterns describes, sorted.

    Hangul compares equal however a computer composed it.
    """
    return sorted(
        name
        for name in names
        if any(
            fnmatchcase(normalize("NFC", name), normalize("NFC", pattern))
            for pattern in patterns
        )
    )


def format_of(path: Path) -> FileFormat | None:
    """How a file that a mapping names is read; None for what nobody can."""
    if path.suffix.lower() in TEXT_FORMATS:
        return "csv"
    return FORMATS.get(path.suffix.lower())


def no_match(table: str, patterns: Sequence[str], names: Collection[str]) -> Problem:
    """No file of a source is there."""
    near = get_close_matches(patterns[0], sorted(names), 1, 0.5)
    hint = f"Is it {printable(near[0])}? " if near else ""
    return Problem(
        f"tables.{table}.files",
        f"no file matches {', '.join(patterns)}",
        f"{hint}Add the file, correct the pattern, or say optional: true.",
    )


def unclaimed(
    names: Mapping[str, Path], files: Sequence[FoundFile], mapping: ShopMapping
) -> list[Problem]:
    """Data files that the mapping does not speak of: their rows would be lost."""
    claimed = {file.name for file in files}
    claimed |= {file.source.database or "" for file in files}
    claimed |= set(match_names(names, mapping.ignore_files))
    return [
        Problem(
            printable(name),
            "is in no files: of the mapping",
            "Name it there, or under ignore_files.",
        )
        for name in sorted(names)
        if name not in claimed
        and format_of(Path(name)) is not None
        and Path(name).name != FILE_NAME
    ]


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
    remedy = nearest(path.name.lower(), tables)
    return Problem(
        f"{printable(path.name)}/",
        "is no raw table",
        f"{sentence(remedy)} Folders that begin with _ or . are ignored.",
    )


def unreadable(name: str, error: OSError) -> Problem:
    """A file that the operating system does not let us read."""
    return Problem(
        name,
        f"cannot be read ({error.strerror})",
        "Check its permissions and that it still exists.",
    )


def fingerprint(file: FoundFile) -> Fingerprint:
    """What the file holds now; OSError.

    A file that several sources of a table read is so many files, and one whose name
    says a day is another under another name.
    """
    digest = hashlib.sha256(file.table.encode())
    if file.reading:
        digest.update(f"|{file.reading}".encode())
    if file.source.file_dates:
        digest.update(f"|{normalize('NFC', file.name)}".encode())
    with file.path.open("rb") as source:
        while block := source.read(BLOCK):
            digest.update(block)
        status = os.fstat(source.fileno())
    return Fingerprint(digest.hexdigest(), status.st_size, status.st_mtime_ns)


def is_unchanged(file: FoundFile, seen: Fingerprint) -> bool:
    """Whether nobody wrote to the file since; OSError."""
    status = file.path.stat()
    return (status.st_size, status.st_mtime_ns) == (seen.size, seen.modified_ns)
