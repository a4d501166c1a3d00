"""The destinations of destinations.yml, opened when they are needed."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import duckdb

from customer_segments.exporting.adapters import ADAPTERS
from customer_segments.exporting.delivery import Adapter
from customer_segments.exporting.file_sink import FILES, FileSink, read_file_settings
from customer_segments.exporting.folder import hold_folder
from customer_segments.exporting.ledger import Ledger
from customer_segments.exporting.names import is_file_name
from customer_segments.exporting.options import ExportOptions
from customer_segments.exporting.planning import Sink
from customer_segments.exporting.problems import WrongSpec
from customer_segments.yaml_files import NotRead, read_yaml

# a plan signs nothing: any well-formed secret will do
PLACEHOLDER = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
# keys of a destination that are the exporter's own, whatever the adapter
ON_UNKNOWN = "on_unknown"


class WithoutSecrets(Mapping[str, str]):
    """An environment in which each variable that is not set holds a placeholder."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    def __getitem__(self, name: str) -> str:
        return self.environ.get(name) or PLACEHOLDER

    def __iter__(self) -> Iterator[str]:
        return iter(self.environ)

    def __len__(self) -> int:
        return len(self.environ)


def read_destinations(path: Path) -> dict[str, dict[str, Any]]:
    """Settings by destination; none when there is no file; WrongSpec."""
    if not path.is_file():
        return {}
    try:
        content = read_yaml(path).content or {}
    except NotRead as error:
        raise WrongSpec(str(error)) from None
    listed = content.get("destinations") if isinstance(content, dict) else None
    if not isinstance(content, dict) or content.keys() - {"destinations"}:
        raise WrongSpec(f"{path}: the one key is destinations")
    if not isinstance(listed, dict) or not all(
        isinstance(given, dict) for given in listed.values()
    ):
        raise WrongSpec(f"{path}: destinations: write name: {{setting: value, …}}")
    return {str(name): dict(given) for name, given in listed.items()}


def is_replayed(settings: Mapping[str, Any], at: str) -> bool:
    """Whether sends that nobody answered go again; WrongSpec."""
    choice = settings.get(ON_UNKNOWN, "hold")
    if choice not in ("hold", "replay"):
        raise WrongSpec(f"{at}: {ON_UNKNOWN} is hold or replay")
    return bool(choice == "replay")


def open_destination(
    name: str,
    adapter: str,
    settings: Mapping[str, Any] | None,
    environ: Mapping[str, str],
    at: str,
) -> Adapter:
    """The adapter of a destination with its settings; WrongSpec says what is wrong."""
    if adapter not in ADAPTERS:
        raise WrongSpec(
            f"{at}: unknown adapter of {name}; there are"
            f" {', '.join(sorted([FILES, *ADAPTERS]))}"
        )
    if settings is None:
        raise WrongSpec(f"{at}: no settings for destination {name}; add them")
    own = {key: value for key, value in settings.items() if key != ON_UNKNOWN}
    try:
        return ADAPTERS[adapter](own, environ)
    except WrongSpec as problem:
        raise WrongSpec(
            *(f"{at}: destination {name}: {line}" for line in problem.lines)
        ) from None


class Sinks:
    """Every destination that an audience goes to, or went to."""

    def __init__(
        self,
        options: ExportOptions,
        connection: duckdb.DuckDBPyConnection,
        ledger: Ledger,
        stack: ExitStack,
    ) -> None:
        self.options = options
        self.connection = connection
        self.ledger = ledger
        self.stack = stack
        self.files: dict[str, FileSink] = {}
        self.adapters: dict[str, Adapter] = {}
        self.sinks: dict[str, Sink] = {}

    def open(self) -> None:
        """Open those that are not open yet, and let files tell what is in them."""
        settings = read_destinations(self.options.destinations)
        at = str(self.options.destinations)
        environ = self.options.environ
        if not self.options.send:
            environ = WithoutSecrets(environ)
        lost = self.connection.sql(
            "select min(destination) from ledger.memberships"
            " where destination not in (select destination from destinations)"
            " and destination not in"
            " (select destination from ledger.batches where effect = 'send')"
        ).fetchone()
        if lost and lost[0] is not None:
            raise WrongSpec(
                f"destination {lost[0]} has members and is no longer in"
                " seeds/destinations.csv; keep it until its audiences are elsewhere"
                " and a run has emptied it"
            )
        for name, adapter in self.connection.sql(
            """
            select destination, min(adapter)
            from (
                select destination, adapter from audiences
                union all
                select destination, adapter from destinations
                where destination in (select destination from ledger.memberships)
            )
            group by destination
            order by destination
            """
        ).fetchall():
            if name in self.sinks:
                continue
            if not is_file_name(name):
                raise WrongSpec(
                    "a destination of seeds/destinations.csv has a name that no folder"
                    " may have; write it [a-z][a-z0-9_]{0,62}"
                )
            given = settings.get(name)
            if adapter == FILES:
                self.files[name] = self.open_files(name, given or {}, at)
                self.sinks[name] = Sink(name, "file")
                continue
            self.adapters[name] = open_destination(name, adapter, given, environ, at)
            self.stack.callback(self.adapters[name].close)
            self.sinks[name] = Sink(
                name, self.adapters[name].effect, is_replayed(given or {}, at)
            )
        for sink in self.files.values():
            sink.refuse_another_folder()
            sink.settle()
            sink.forget_missing()

    def open_files(self, name: str, given: Mapping[str, Any], at: str) -> FileSink:
        """A folder of files, held until the export ends."""
        settings, form = read_file_settings(given, f"{at}: destination {name}")
        folder = settings.folder
        if self.options.out is not None:
            folder = self.options.out
            if name != FILES:
                folder = folder / name
        folder = (self.options.project / folder).resolve()
        if not self.options.spreadsheet_safe:
            form = form.model_copy(update={"spreadsheet_safe": False})
        self.stack.enter_context(hold_folder(folder))
        return FileSink(name, folder, form, settings, self.ledger)
