"""The raw tables as `models/staging/sources.yml` declares them."""

import re
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from customer_segments.loading.problems import Problem, WrongInput
from customer_segments.yaml_files import known_yaml

LOADER_COLUMNS = ("loaded_at", "source_file", "source_row")
DATA_TYPE = re.compile(
    r"string|timestamp|date|int|bigint|boolean|decimal\(\d{1,2},\s*\d{1,2}\)"
)


class Declared(BaseModel):
    """A part of the YAML; what the loader does not use is left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class ColumnMeta(Declared):
    pii: Literal["direct", "quasi"] | None = None
    unreadable_is_null: bool = False
    json_object: bool = False
    dotted: bool = False


class ColumnConfig(Declared):
    meta: ColumnMeta = ColumnMeta()


class Column(Declared):
    name: str
    data_type: str
    config: ColumnConfig = ColumnConfig()

    @field_validator("data_type")
    @classmethod
    def known_type(cls, data_type: str) -> str:
        """The type in lower case; ValueError for one the loader cannot cast to."""
        if not DATA_TYPE.fullmatch(data_type.lower()):
            raise ValueError(f"data_type {data_type} is not one the loader knows")
        return data_type.lower()

    @property
    def is_personal(self) -> bool:
        return self.config.meta.pii == "direct"

    @property
    def may_be_faulty(self) -> bool:
        """Whether an unreadable value costs the row; a wish must not be lost by one."""
        return not self.config.meta.unreadable_is_null

    @property
    def may_be_dotted(self) -> bool:
        """Whether an id of two numbers with a dot is one that a tool gave, no float."""
        return self.config.meta.dotted

    @property
    def is_object(self) -> bool:
        """Whether the text must be a JSON object."""
        return self.config.meta.json_object

    @property
    def scale(self) -> int:
        """Decimal places of a decimal type."""
        return int(self.data_type.rstrip(")").split(",")[1])


class TableMeta(Declared):
    key: tuple[str, ...]
    required: tuple[str, ...]
    counts_equal_rows: bool = False


class TableConfig(Declared):
    meta: TableMeta


class Table(Declared):
    name: str
    config: TableConfig
    columns: tuple[Column, ...]

    @property
    def key(self) -> tuple[str, ...]:
        return self.config.meta.key

    @property
    def required(self) -> tuple[str, ...]:
        return self.config.meta.required

    @property
    def counts_equal_rows(self) -> bool:
        """Whether rows without an id of their own may be equal and yet be several."""
        return self.config.meta.counts_equal_rows

    @property
    def file_columns(self) -> tuple[Column, ...]:
        """The columns a file may have, in contract order."""
        return tuple(c for c in self.columns if c.name not in LOADER_COLUMNS)

    def is_id(self, column: Column) -> bool:
        """Whether a column names a thing: text that is trimmed and never a float."""
        return column.data_type == "string" and (
            column.name.endswith("_id") or column.name in self.key
        )


class RawSource(Declared):
    tables: tuple[Table, ...]


class AnySource(Declared):
    """A source of which only the name matters until it turns out to be `raw`."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str


class SourcesFile(Declared):
    sources: tuple[AnySource, ...]


def read_contract(path: Path) -> dict[str, Table]:
    """The tables of the source `raw` by name; WrongInput if the file is no contract."""
    try:
        declared = SourcesFile.model_validate(known_yaml(path))
        tables = [
            table
            for source in declared.sources
            if source.name == "raw"
            for table in RawSource.model_validate(source.model_dump()).tables
        ]
    except OSError as error:
        raise WrongInput(
            Problem(str(path), f"{error.strerror}", "Point --contract to sources.yml.")
        ) from error
    except (yaml.YAMLError, ValidationError) as error:
        in_one_line = " ".join(str(error).split())
        raise WrongInput(
            Problem(str(path), f"not a contract: {in_one_line}", "Repair the YAML.")
        ) from error
    if not tables:
        raise WrongInput(
            Problem(str(path), "has no source named raw", "Declare the raw tables.")
        )
    return {table.name: table for table in tables}
