"""Puts a finished sample in its place, all at once."""

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from customer_segments.warehouse_file import keep_private, restrict

from .build import Size, build
from .steps import Arguments

MARKER = "_sample.json"


class FolderRefused(Exception):
    """The folder cannot be written, or holds something that is not a sample."""


def write_sample(
    folder: Path,
    arguments: Arguments,
    threads: int | None,
    progress: Callable[[int], None],
) -> dict[str, Size]:
    """Write a sample, replacing one that is there; FolderRefused for anything else."""
    place = folder.absolute()
    refuse_what_is_not_ours(place)
    keep_private()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    except OSError as error:
        raise FolderRefused(f"cannot write {folder}: {error.strerror}") from error
    try:
        sizes = build(fresh, arguments, threads, progress)
        described = {**arguments._asdict(), "as_of": arguments.as_of.isoformat()}
        (fresh / MARKER).write_text(json.dumps(described, indent=2) + "\n", "utf-8")
        restrict(fresh)
        swap(fresh, place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return sizes


def refuse_what_is_not_ours(folder: Path) -> None:
    """Raise FolderRefused unless the folder is absent, empty or a sample."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise FolderRefused(f"{folder} is not a folder; name another one with --out")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise FolderRefused(
            f"{folder} holds something that is not a sample;"
            " empty it or name another one with --out"
        )


def swap(fresh: Path, folder: Path) -> None:
    """Move a new folder to where an old one may be."""
    if not folder.exists():
        fresh.rename(folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    folder.rename(old / folder.name)
    try:
        fresh.rename(folder)
    except OSError:
        (old / folder.name).rename(folder)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
