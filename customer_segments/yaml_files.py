"""YAML that people write: read once, and every mistake with the line it stands on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from customer_segments.wording import Spoken

STEP = re.compile(r"[^.\[\]]+")
Key = str | int


class NotRead(Spoken):
    """A file is no YAML that can be read: `place` is the file, perhaps with a line.

    `ko` says what and remedy in Korean.
    """

    def __init__(self, place: str, what: str, remedy: str, ko: str) -> None:
        super().__init__(f"{place}: {what}. {remedy}", f"{place}: {ko}")
        self.place, self.what, self.remedy = place, what, remedy


class Loader(yaml.CSafeLoader):
    """YAML as dbt reads it, but for a key that stands twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """A mapping; the second of two equal keys would silently win."""
        seen = set()
        for key, _ in node.value:
            name = key.value if isinstance(key.value, str) else id(key)
            if name in seen and key.tag != "tag:yaml.org,2002:merge":
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {name} stands twice", key.start_mark
                )
            seen.add(name)
        return super().construct_mapping(node, deep)


def unknown_tag(_loader: Loader, node: yaml.Node) -> None:
    """ConstructorError; without the tag, which may be a secret that was not quoted."""
    raise yaml.constructor.ConstructorError(
        None, None, "what begins with ! must be in quotes", node.start_mark
    )


Loader.add_constructor(None, unknown_tag)


class TextLoader(Loader):
    """YAML in which all but null is text, so that `No`, `010` and `1.50` stay so."""


TextLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in told if tag.endswith(":null")]
    for first, told in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class Written:
    """What a file says, and the lines on which its keys stand."""

    path: Path
    content: Any
    root: yaml.Node | None

    def line(self, keys: Sequence[Key]) -> int:
        """The line of the deepest of the keys that is there, from 1."""
        return self.found(keys)[0]

    def has(self, keys: Sequence[Key]) -> bool:
        """Whether all of the keys are there."""
        return self.found(keys)[1]

    def found(self, keys: Sequence[Key]) -> tuple[int, bool]:
        """The line of the deepest of the keys that is there, and whether all are."""
        node, line = self.root, 1
        for key in keys:
            step = next((one for one in children(node) if one[0] == str(key)), None)
            if step is None:
                # a single source stands where a list of one could
                if key == 0:
                    continue
                return line, False
            _, line, node = step
        return line, True

    def where(self, keys: Sequence[Key]) -> str:
        """File, line and path of a key, for people."""
        path = ".".join(str(key) for key in keys if key != 0)
        return f"{self.path.name} line {self.line(keys)}" + (
            f" ({path})" if path else ""
        )

    def named(self, name: str) -> list[Key]:
        """Where the first mapping is that has this name and stands in a list."""
        waiting: list[tuple[list[Key], Any]] = [([], self.content)]
        while waiting:
            keys, told = waiting.pop(0)
            if isinstance(told, Mapping):
                is_listed = bool(keys) and isinstance(keys[-1], int)
                if told.get("name") == name and (is_listed or not keys):
                    return keys
                waiting += [([*keys, key], below) for key, below in told.items()]
            elif isinstance(told, list):
                waiting += [([*keys, n], below) for n, below in enumerate(told)]
        return []

    def line_below(self, name: str, path: str) -> int:
        """The line of a path such as `rule.all[0]` in what bears a name."""
        steps = [int(s) if s.isdecimal() else s for s in STEP.findall(path)]
        return self.line([*self.named(name), *steps])


def nearest(name: str, known: Iterable[str]) -> str:
    """What may have been meant by a name that nobody knows."""
    names = sorted(known)
    near = get_close_matches(name, names, 3, 0.5)
    if near:
        return f"did you mean {', '.join(near)}?"
    return f"known are {', '.join(names)}" if names else "none is known here"


def children(node: yaml.Node | None) -> Iterator[tuple[str, int, yaml.Node]]:
    """Name, line from 1 and node of what is below a node."""
    if isinstance(node, yaml.MappingNode):
        for key, below in node.value:
            yield str(key.value), key.start_mark.line + 1, below
    elif isinstance(node, yaml.SequenceNode):
        for index, below in enumerate(node.value):
            yield str(index), below.start_mark.line + 1, below


def known_yaml(path: Path) -> Any:
    """What a file says that comes with the project; OSError, YAMLError."""
    return yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)


def read_yaml(path: Path, loader: type[Any] = Loader) -> Written:
    """A file as it is written; NotRead says where it cannot be read."""
    try:
        text = path.read_text("utf-8-sig")
        return Written(
            path, yaml.load(text, loader), yaml.compose(text, yaml.CSafeLoader)
        )
    except OSError as error:
        what = f"cannot be read ({error.strerror})"
        ko = f"파일을 읽을 수 없습니다({error.strerror}). 파일을 확인하세요"
        raise NotRead(str(path), what, "Check it", ko) from error
    except UnicodeDecodeError as error:
        ko = "UTF-8 파일이 아닙니다. UTF-8로 저장하세요"
        raise NotRead(str(path), "is not UTF-8", "Save it as UTF-8", ko) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(
            error, "context_mark", None
        )
        # a file that ends too early ends on its last line
        last = text.count("\n") + 1
        place = f"{path.name} line {min(mark.line + 1, last)}" if mark else path.name
        what = getattr(error, "problem", None) or "is no YAML"
        ko = f"YAML 형식이 잘못되었습니다({what}). 고쳐 주세요"
        raise NotRead(place, str(what), "Repair the YAML", ko) from error
    except ValueError as error:
        ko = f"날짜가 잘못되었습니다({error}). 고쳐 주세요"
        raise NotRead(path.name, f"holds no day ({error})", "Repair it", ko) from error
