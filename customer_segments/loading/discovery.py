"""Which files there are, and what identifies each."""

import hashlib
import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Literal
from unicodedata import normalize

from customer_segments.loading.mapping import FILE_NAME, Options, ShopMapping, Source
from customer_segments.loading.problems import Problem, WrongInput, sentence
from customer_segments.loading.unpacking import (
    PACKED_ENDINGS,
    Member,
    is_zip,
    members,
)
from customer_segments.yaml_files import nearest

FileFormat = Literal["text", "parquet", "table"]
# what is in a file is found out from its content; its name says that it holds data
FORMATS: dict[str, FileFormat] = {
    ".parquet": "parquet",
    **dict.fromkeys((".csv", ".txt", ".tsv"), "text"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".html", ".htm"), "text"),
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), "text"),
}
# what is a table and no note or page, wherever it lies
TABLES = (".csv", ".parquet", ".xlsx", ".xls", *PACKED_ENDINGS)
KINDS = "CSV, Excel, HTML, JSON or Parquet"
BLOCK = 1024 * 1024


@dataclass(frozen=True)
class FoundFile:
    """A file of a raw table; `name` is its path below the loaded folder.

    A table of a database is one too: its path becomes a copy of it, that of a packed
    file (`member` of a zip) what is packed. `keys` is where the mapping speaks of it,
    empty without one. `reading` counts, from 0, the sources of the table that read the
    same file.
    """

    table: str
    name: str
    path: Path
    format: FileFormat
    source: Source
    keys: tuple[str | int, ...] = ()
    reading: int = 0
    member: Member | None = None

    @property
    def called(self) -> list[str]:
        """The names that it goes by: its own, and what it would have unpacked."""
        return names_of(self.name, self.member)

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


@dataclass(frozen=True)
class Present:
    """A file that is there, or one in a zip."""

    path: Path
    member: Member | None = None


def names_of(name: str, member: Member | None) -> list[str]:
    """The names that a file goes by, also what it would be called once unpacked."""
    names = [name]
    if member is not None:
        archive = name.removesuffix(f"/{member.name}")
        names += [archive, (PurePosixPath(archive).parent / member.name).as_posix()]
    bare = [n.removesuffix(e) for n in names for e in PACKED_ENDINGS]
    return list(dict.fromkeys([*names, *bare]))


def present_files(paths: Iterable[Path], directory: Path) -> dict[str, Present]:
    """The files by their names below the folder; those of a zip by its name and theirs.

    The only file in a zip goes by the name of the zip. WrongInput, OSError.
    """
    present = {}
    for path in paths:
        name = path.relative_to(directory).as_posix()
        if not (may_hold_data(path.name) and is_zip(path)):
            present[name] = Present(path)
            continue
        packed = members(path, printable(name))
        for member in packed:
            called = name if len(packed) == 1 else f"{name}/{member.name}"
            present[called] = Present(path, member)
    return present


def all_files(directory: Path) -> dict[str, Present]:
    """Every file below a folder that does not say it is not for the loader."""
    return present_files(
        sorted(
            path
            for path in directory.rglob("*")
            if path.is_file() and not_hidden(path.relative_to(directory))
        ),
        directory,
    )


def may_hold_data(name: str) -> bool:
    """Whether the ending of a name is one of data, packed or not."""
    return name.lower().endswith((*FORMATS, *PACKED_ENDINGS, ".zip"))


def format_of(name: str, member: Member | None) -> FileFormat | None:
    """How a file is read, by the ending of its name; None for what nobody can."""
    told = (member.name if member is not None else name).lower()
    for ending in PACKED_ENDINGS:
        told = told.removesuffix(ending)
    return FORMATS.get(Path(told).suffix)


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
                for found in files_of_table(path, directory, options):
                    if isinstance(found, Problem):
                        problems.append(found)
                    else:
                        files.append(found)
    except OSError as error:
        raise WrongInput(unreadable(printable(str(error.filename)), error)) from error
    if not files and not problems:
        problems.append(
            Problem(
                str(directory),
                f"holds no {KINDS} file in a folder named after a raw table",
                f"Tables are {', '.join(sorted(tables))}.",
            )
        )
    if problems:
        raise WrongInput(*problems)
    return files


def files_of_table(
    folder: Path, directory: Path, options: Options
) -> Iterator[FoundFile | Problem]:
    """The files of a folder named after a raw table, and what is no file of data."""
    inside = [one for one in sorted(folder.iterdir()) if not is_ignored(one)]
    named = [one for one in inside if is_utf8(one.name) and one.is_file()]
    yield from (unread(one, directory) for one in inside if one not in named)
    for name, found in present_files(named, directory).items():
        kind = format_of(name, found.member)
        if kind is None:
            yield unread(found.path, directory)
        else:
            source = Source(files=[name], **options.model_dump())
            path, member = found.path, found.member
            yield FoundFile(folder.name, name, path, kind, source, member=member)


def unread(path: Path, directory: Path) -> Problem:
    """A file whose name or ending says nothing that can be read."""
    name = printable(path.relative_to(directory).as_posix())
    if not is_utf8(path.name):
        return Problem(name, "is named in no UTF-8", "Rename it.")
    return Problem(name, f"is no {KINDS} file", "Convert it, or put _ before its name.")


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
        names = all_files(directory)
    except OSError as error:
        raise WrongInput(unreadable(printable(str(error.filename)), error)) from error
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
                found = names[name]
                kind = format_of(name, found.member)
                if kind is None:
                    problems.append(
                        Problem(
                            printable(name),
                            f"is no {KINDS} file",
                            "Convert it, or correct the pattern.",
                        )
                    )
                    continue
                files.append(
                    FoundFile(
                        table,
                        name,
                        found.path,
                        kind,
                        source,
                        keys,
                        readings[name],
                        found.member,
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


def match_names(names: Mapping[str, Present], patterns: Sequence[str]) -> list[str]:
    """The names below the folder that one of the patterns describes, sorted.

    Hangul compares equal however a computer composed it; a packed file is also known by
    the name that it would have unpacked.
    """
    return sorted(
        name
        for name, found in names.items()
        if any(
            fnmatchcase(normalize("NFC", called), normalize("NFC", pattern))
            for called in names_of(name, found.member)
            for pattern in patterns
        )
    )


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
    names: Mapping[str, Present], files: Sequence[FoundFile], mapping: ShopMapping
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
        and format_of(name, names[name].member) is not None
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
    """A table beside the folders; other files there are nobody's business."""
    if not path.name.lower().endswith(TABLES):
        return []
    near = get_close_matches(path.stem.lower(), sorted(tables), 1, 0.5)
    folder = near[0] if near else "<raw table>"
    return [
        Problem(
            printable(path.name),
            "is in no table's folder",
            f"Move it to {folder}/{printable(path.name)}, or let --check propose a"
            " mapping.",
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
