"""Segments out of a YAML file that somebody is still writing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from customer_segments.rules.project import in_all_texts
from customer_segments.rules.rendering import rendered_yaml

SHAPES = (
    "write one segment (name, label, …, rule), a list of them, or segments: with a list"
)


class RuleFileError(Exception):
    """The file cannot be read as segments; says where and what would be right."""


class Loader(yaml.CSafeLoader):
    """Reads YAML as dbt does, but refuses a key that stands twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """A mapping; the second of two equal keys would silently win."""
        seen = set()
        for key, _ in node.value:
            if key.value in seen and key.tag != "tag:yaml.org,2002:merge":
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value} stands twice", key.start_mark
                )
            seen.add(key.value if isinstance(key.value, str) else id(key))
        return super().construct_mapping(node, deep)


def read_segments(path: Path, variables: Mapping[str, Any]) -> list[Any]:
    """The segments of a file, Jinja in it rendered; RuleFileError when there are none.

    A file holds one segment, a list of them, `segments:` with a list, or models with
    segments in their meta, like the files beside the families.
    """
    try:
        content = yaml.load(path.read_text("utf-8-sig"), Loader=Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise RuleFileError(f"{path}: {line}{error.problem or error}") from error
    except yaml.YAMLError as error:
        raise RuleFileError(f"{path}: {error}") from error
    except UnicodeDecodeError as error:
        raise RuleFileError(f"{path}: not UTF-8; save it as UTF-8") from error
    except OSError as error:
        raise RuleFileError(f"{path}: {error.strerror}") from error
    segments = found_in(content)
    if not isinstance(segments, list) or not segments:
        raise RuleFileError(f"{path}: holds no segments; {SHAPES}")
    for number, segment in enumerate(segments, start=1):
        if not isinstance(segment, Mapping):
            raise RuleFileError(f"{path}: segment {number} is no mapping; {SHAPES}")
    rendered = in_all_texts(segments, rendered_yaml, variables)
    return list(rendered)


def found_in(content: Any) -> Any:
    """What may be segments in a file's content."""
    if not isinstance(content, Mapping):
        return content
    if "segments" in content:
        return content["segments"]
    if isinstance(content.get("models"), list):
        return [
            segment
            for model in content["models"]
            for segment in model.get("config", {}).get("meta", {}).get("segments", [])
        ]
    return [content] if {"name", "rule"} & set(content) else None
