"""YAML that cannot be read is told with its line, and without what it holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from customer_segments.yaml_files import NotRead, read_yaml

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"a: 1\nb: !{SECRET} x", 2),
        (f"a: 1\nb: *{SECRET}", 2),
        (f"a: {{b: {SECRET}", 1),
        (f'a: "{SECRET}\\q"', 1),
        (f"b: {SECRET}\nb: 1", 2),
    ],
)
def test_no_value_is_told(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "destinations.yml"
    path.write_text(text)
    with pytest.raises(NotRead) as refused:
        read_yaml(path)
    assert str(refused.value).startswith(f"destinations.yml line {line}: ")
    assert SECRET not in str(refused.value)


def test_a_day_that_no_calendar_has_is_told(tmp_path: Path) -> None:
    path = tmp_path / "rule.yml"
    path.write_text("freeze: 2026-02-30")
    with pytest.raises(NotRead, match=r"rule\.yml: holds no day"):
        read_yaml(path)
