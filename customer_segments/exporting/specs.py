"""Audiences of audience_definitions.yml, judged by the compiler without dbt."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from customer_segments.exporting.problems import WrongSpec
from customer_segments.places import ROOT
from customer_segments.rules.project import Project
from customer_segments.rules.rendering import (
    Host,
    RenderingError,
    RuleError,
    open_project,
    told_faults,
)
from customer_segments.yaml_files import NotRead

# The seeds that an audience names rows of.
NAMED = ("channels", "destinations")


@dataclass(frozen=True)
class AudienceSpec:
    """Who receives what through which channel, by which destination."""

    name: str
    label: Mapping[str, str]
    channel: str
    message_class: str
    destination: str
    mode: str
    variables: Mapping[str, str]


def read_specs(root: Path = ROOT, language: str = "en") -> list[AudienceSpec]:
    """The audiences of a project; WrongSpec has a line for each thing wrong.

    `language` of what is wrong is en or ko.
    """
    try:
        project = open_project(root)
    except (RenderingError, NotRead) as error:
        problem = str(error)
        raise WrongSpec(
            f"The project cannot be read; dbt parse says more. {problem}"
        ) from error
    return judged_specs(project, root, language)


def judged_specs(
    project: Project, root: Path = ROOT, language: str = "en"
) -> list[AudienceSpec]:
    """The audiences of a project that is read already; as read_specs."""
    with duckdb.connect() as connection:
        host = Host(project, database="memory", connection=connection, root=root)
        connection.execute("create schema main_seeds")
        for name in NAMED:
            seed_rows(connection, root, name).create(f"main_seeds.{name}")
        try:
            found = host.call("audience_definitions")
        except RuleError as error:
            lines = told_faults(host, root, language) or [str(error)]
            raise WrongSpec(*lines) from error
        except RenderingError as error:
            raise WrongSpec(f"The project cannot be read: {error}") from error
    keys = AudienceSpec.__dataclass_fields__
    return [AudienceSpec(**{key: one[key] for key in keys}) for one in found]


def seed(root: Path, name: str) -> dict[str, dict[str, str]]:
    """Rows of a seed by its first column."""
    with duckdb.connect() as connection:
        rows = seed_rows(connection, root, name)
        return {
            row[0]: dict(zip(rows.columns, row, strict=True)) for row in rows.fetchall()
        }


def seed_rows(
    connection: duckdb.DuckDBPyConnection, root: Path, name: str
) -> duckdb.DuckDBPyRelation:
    """A seed as its file holds it, in text."""
    path = str(root / "seeds" / f"{name}.csv")
    return connection.read_csv(path, header=True, all_varchar=True)


def exposures(specs: Sequence[AudienceSpec]) -> str:
    """The text of exposures.yml: dbt's word for who reads a table."""
    lines = ["exposures:"]
    for spec in specs:
        label = f"{spec.label['en']} ({spec.label['ko']})"
        where = "" if spec.destination == "files" else f" to {spec.destination}"
        lines += [
            f"  - name: {spec.name}",
            f"    label: {on_a_line(spec.label['en'])}",
            "    type: application",
            "    owner:",
            "      name: crm",
            "      email: crm@shop.example",
            "    description: "
            + on_a_line(
                f"{label}, {spec.message_class} by {spec.channel}{where}; defined in"
                " audience_definitions.yml."
            ),
            "    depends_on:",
            "      - ref('audience_members')",
        ]
    return "\n".join(lines) + "\n"


def on_a_line(text: str) -> str:
    """A text as YAML writes it on one line, which is how JSON does."""
    return json.dumps(text, ensure_ascii=False)
