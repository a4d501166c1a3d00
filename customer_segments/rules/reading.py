"""Segments out of a YAML file that somebody is still writing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from customer_segments.rules.project import in_all_texts
from customer_segments.rules.rendering import rendered_yaml
from customer_segments.wording import Spoken
from customer_segments.yaml_files import read_yaml

SHAPES = (
    "write rule: and its condition, a list of such segments, or segments: with a list"
)
SHAPES_KO = "rule:과 조건, 그런 세그먼트의 목록, 또는 segments:와 목록을 적으세요"


class RuleFileError(Spoken):
    """A file holds no segments; says what would be right."""


def read_segments(path: Path, variables: Mapping[str, Any]) -> list[Any]:
    """The segments of a file, Jinja in it rendered.

    A file holds one segment, a list of them, `segments:` with a list, or sources with
    segments in their meta, like the files of the families. NotRead when it is no YAML,
    RuleFileError when there are none.
    """
    segments = found_in(read_yaml(path).content)
    if not isinstance(segments, list) or not segments:
        raise RuleFileError(
            f"{path}: holds no segments; {SHAPES}",
            f"{path}: 세그먼트가 없습니다. {SHAPES_KO}",
        )
    for number, segment in enumerate(segments, start=1):
        if not isinstance(segment, Mapping):
            raise RuleFileError(
                f"{path}: segment {number} is no mapping; {SHAPES}",
                f"{path}: {number}번째 세그먼트의 형식이 잘못되었습니다. {SHAPES_KO}",
            )
    rendered = in_all_texts(segments, rendered_yaml, variables)
    return list(rendered)


def found_in(content: Any) -> Any:
    """What may be segments in a file's content."""
    if not isinstance(content, Mapping):
        return content
    if "segments" in content:
        return content["segments"]
    if isinstance(content.get("sources"), list):
        return [
            segment
            for source in content["sources"]
            for table in source.get("tables", [])
            for segment in table.get("config", {}).get("meta", {}).get("segments", [])
        ]
    return [content] if {"name", "rule"} & set(content) else None
