"""Before anything starts: whether the Java that Spark would use will do."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.python.warehouse import ROOT


def check(home: Path) -> subprocess.CompletedProcess[str]:
    """What scripts/check_java.sh says to a JAVA_HOME."""
    return subprocess.run(
        ["sh", str(ROOT / "scripts" / "check_java.sh")],
        env={**os.environ, "JAVA_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def pretend_java(home: Path, version: str) -> None:
    """A Java that says a version, as Java does: on standard error."""
    java = home / "bin" / "java"
    java.parent.mkdir()
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2026-01-20' >&2\n")
    java.chmod(0o755)


@pytest.mark.parametrize("version", ["17.0.15", "21", "21.0.2"])
def test_a_java_that_spark_runs_on_is_taken(tmp_path: Path, version: str) -> None:
    """Without a word."""
    pretend_java(tmp_path, version)
    ran = check(tmp_path)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


@pytest.mark.parametrize("version", [None, "1.8.0_402", "11.0.22", "25"])
def test_a_java_that_is_missing_or_another_is_told_with_the_remedy(
    tmp_path: Path, version: str | None
) -> None:
    """In one line."""
    if version is not None:
        pretend_java(tmp_path, version)
    ran = check(tmp_path)
    assert ran.returncode == 1
    assert "apt-get install openjdk-17-jre-headless" in ran.stderr
    assert ran.stderr.count("\n") == 1
