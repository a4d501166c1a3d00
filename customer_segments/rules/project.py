"""What dbt knows of the project before it renders anything, read from its files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from customer_segments.places import ROOT
from customer_segments.yaml_files import read_yaml

Node = dict[str, Any]
SCHEMA = "main"
RULES = "segment_rules"


@dataclass(frozen=True)
class Relation:
    """A table or view; its text is what SQL says."""

    database: str
    schema: str
    identifier: str

    def __str__(self) -> str:
        parts = (self.database, self.schema, self.identifier)
        return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


@dataclass(frozen=True)
class Family:
    """Segments as YAML says them, the name of their family, and their file."""

    name: str
    file: str
    segments: list[Any]


@dataclass(frozen=True)
class Project:
    """Nodes and sources as `graph` shows them, model files and variables."""

    name: str
    nodes: dict[str, Node]
    sources: dict[str, Node]
    variables: dict[str, Any]
    files: dict[str, Path] = field(default_factory=dict)

    def node(self, name: str) -> Node:
        """A model or seed by its name; KeyError when there is none."""
        for kind in ("model", "seed"):
            if f"{kind}.{self.name}.{name}" in self.nodes:
                return self.nodes[f"{kind}.{self.name}.{name}"]
        raise KeyError(name)

    def families(self) -> list[Family]:
        """Families of segments, by name."""
        return [
            Family(node["name"], node["original_file_path"], meta_of(node)["segments"])
            for _, node in sorted(self.sources.items())
            if node["source_name"] == RULES and meta_of(node).get("segments")
        ]

    def with_segments(self, families: Sequence[Family]) -> Project:
        """The same project with exactly these families of segments."""
        sources = {
            unique_id: with_segments_of(node, [])
            if node["source_name"] == RULES and "segments" in meta_of(node)
            else node
            for unique_id, node in self.sources.items()
        }
        for family in families:
            node = blank("source", self.name, f"{RULES}.{family.name}", family.file)
            node |= {
                "name": family.name,
                **{"source_name": RULES, "schema": RULES, "identifier": family.name},
            }
            sources[node["unique_id"]] = with_segments_of(node, family.segments)
        return Project(self.name, self.nodes, sources, self.variables, self.files)


def meta_of(node: Node) -> dict[str, Any]:
    """The meta of a node."""
    meta: dict[str, Any] = node["config"]["meta"]
    return meta


def with_segments_of(node: Node, segments: list[Any]) -> Node:
    """A copy of a family that holds these segments."""
    meta = {**meta_of(node), "segments": segments}
    return {**node, "config": {**node["config"], "meta": meta}}


def yaml_file(node: Node) -> str:
    """The YAML file that describes a node, from the project's root."""
    path: str = node["patch_path"] or node["original_file_path"]
    return path.split("://")[-1]


def blank(kind: str, package: str, name: str, path: str) -> Node:
    """A node of which nothing is known but where it lies."""
    return {
        "unique_id": f"{kind}.{package}.{name}",
        "name": name,
        "resource_type": kind,
        "package_name": package,
        "original_file_path": path,
        "patch_path": None,
        "description": "",
        "columns": {},
        "config": {"meta": {}, "tags": []},
    }


def read_project(
    rendered: Callable[[str, Mapping[str, Any]], Any], root: Path = ROOT
) -> Project:
    """Read dbt_project.yml and all YAML of models and seeds.

    `rendered` renders a text that holds Jinja, with the project's variables.
    Descriptions stay as they are written, doc blocks unresolved.
    """
    settings = load(root / "dbt_project.yml")
    package = settings["name"]
    variables = settings.get("vars") or {}
    nodes: dict[str, Node] = {}
    sources: dict[str, Node] = {}
    files: dict[str, Path] = {}
    for kind, folder, pattern in (("model", "models", "sql"), ("seed", "seeds", "csv")):
        defaults = (settings.get(f"{kind}s") or {}).get(package) or {}
        for path in sorted((root / folder).rglob(f"*.{pattern}")):
            relative = path.relative_to(root)
            node = blank(kind, package, path.stem, relative.as_posix())
            node["config"] |= inherited(defaults, relative.parts[1:-1])
            nodes[node["unique_id"]] = node
            files[node["unique_id"]] = path
    for folder in ("models", "seeds"):
        for path in sorted((root / folder).rglob("*.yml")):
            content = load(path) or {}
            where = path.relative_to(root).as_posix()
            for kind in ("model", "seed"):
                for described in content.get(f"{kind}s") or []:
                    found = nodes.get(f"{kind}.{package}.{described['name']}")
                    if found is not None:
                        describe(found, described, rendered, variables)
                        found["patch_path"] = f"{package}://{where}"
            for source in content.get("sources") or []:
                for node in source_tables(source, package, where):
                    sources[node["unique_id"]] = node
    return Project(package, nodes, sources, variables, files)


def load(path: Path) -> Any:
    """A YAML file as dbt reads it; NotRead."""
    return read_yaml(path).content


def inherited(defaults: Mapping[str, Any], folders: tuple[str, ...]) -> dict[str, Any]:
    """What dbt_project.yml says of a folder: the nearest counts."""
    config: dict[str, Any] = {}
    level: Any = defaults
    for folder in (*folders, None):
        config |= {
            key[1:]: value for key, value in level.items() if key.startswith("+")
        }
        level = level.get(folder)
        if not isinstance(level, Mapping):
            break
    return config


def describe(
    node: Node,
    described: Mapping[str, Any],
    rendered: Callable[[str, Mapping[str, Any]], Any],
    variables: Mapping[str, Any],
) -> None:
    """Put what a YAML entry says into a node."""
    node["description"] = described.get("description") or ""
    given = in_all_texts(described.get("config") or {}, rendered, variables)
    node["config"] |= given
    node["config"]["meta"] = dict(given.get("meta") or {})
    for column in described.get("columns") or []:
        config = in_all_texts(column.get("config") or {}, rendered, variables)
        node["columns"][column["name"]] = {
            "name": column["name"],
            "description": column.get("description") or "",
            "data_type": column.get("data_type"),
            "config": {**config, "meta": dict(config.get("meta") or {})},
        }


def in_all_texts(
    value: Any,
    rendered: Callable[[str, Mapping[str, Any]], Any],
    variables: Mapping[str, Any],
) -> Any:
    """A value with the Jinja in its texts rendered, as dbt renders YAML."""
    if isinstance(value, str):
        return rendered(value, variables) if "{{" in value or "{%" in value else value
    if isinstance(value, Mapping):
        return {
            key: in_all_texts(one, rendered, variables) for key, one in value.items()
        }
    if isinstance(value, list):
        return [in_all_texts(one, rendered, variables) for one in value]
    return value


def source_tables(
    source: Mapping[str, Any], package: str, where: str
) -> Iterator[Node]:
    """The tables of a source, a node each."""
    for table in source.get("tables") or []:
        node = blank("source", package, f"{source['name']}.{table['name']}", where)
        node |= {
            "name": table["name"],
            "source_name": source["name"],
            "schema": source.get("schema") or source["name"],
            "identifier": table.get("identifier") or table["name"],
        }
        describe(node, table, lambda text, _: text, {})
        yield deepcopy(node)
