"""What is written about audiences and destinations, read without a build."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from customer_segments.exporting.adapters.batches import CheckedAdapter
from customer_segments.exporting.destinations import (
    WithoutSecrets,
    open_destination,
    read_destinations,
)
from customer_segments.exporting.file_sink import (
    FILES,
    read_file_settings,
    wrong_message,
)
from customer_segments.exporting.guards import wrong_mode
from customer_segments.exporting.problems import WrongSpec
from customer_segments.exporting.specs import AudienceSpec, read_specs, seed
from customer_segments.yaml_files import nearest

READY = "ready"


def validate(
    project: Path,
    destinations: Path,
    environ: Mapping[str, str],
    language: str = "en",
) -> list[list[str]]:
    """Audience, channel, destination, adapter, and what is missing to reach it.

    WrongSpec for whatever is wrong, of audiences in en or ko; a secret that is not
    set here is only told.
    """
    adapters = {
        name: row["adapter"] for name, row in seed(project, "destinations").items()
    }
    settings = read_destinations(destinations)
    at = str(destinations)
    unknown = sorted(settings.keys() - adapters.keys())
    if unknown:
        raise WrongSpec(
            f"{at}: destination {unknown[0]} is not in seeds/destinations.csv; add it"
            " there with its adapter, or correct the name"
        )
    specs = read_specs(project, language)
    states: dict[str, str] = {}
    wrong: list[str] = []
    for name in sorted({spec.destination for spec in specs} | settings.keys()):
        told = [spec for spec in specs if spec.destination == name]
        try:
            effect, states[name] = destination_state(
                name, adapters[name], settings.get(name), told, environ, at
            )
        except WrongSpec as problem:
            wrong += problem.lines
            continue
        wrong += [
            line
            for spec in told
            for line in wrong_mode(spec.name, spec.mode, name, effect)
        ]
    if wrong:
        raise WrongSpec(*wrong)
    return [
        [
            *(spec.name, spec.channel, spec.destination, adapters[spec.destination]),
            states[spec.destination],
        ]
        for spec in specs
    ]


def destination_state(
    name: str,
    adapter: str,
    given: Mapping[str, Any] | None,
    specs: Sequence[AudienceSpec],
    environ: Mapping[str, str],
    at: str,
) -> tuple[str, str]:
    """The effect of a destination, and what is missing to reach it; WrongSpec."""
    where = f"{at}: destination {name}"
    if adapter == FILES:
        settings, form = read_file_settings(given or {}, where)
        names = [spec.name for spec in specs]
        wrong = [
            f"messages: {audience} does not come here; {nearest(audience, names)}"
            for audience in sorted(settings.messages.keys() - set(names))
        ] + [
            line
            for spec in specs
            for line in wrong_message(
                settings, form, spec.name, spec.message_class, spec.variables
            )
        ]
        if wrong:
            raise WrongSpec(*(f"{where}: {line}" for line in wrong))
        return "file", READY
    opened = open_destination(name, adapter, given, WithoutSecrets(environ), at)
    opened.close()
    lost = [
        f"{where}: the settings do not say where {spec.name} goes"
        for spec in specs
        if isinstance(opened, CheckedAdapter) and not opened.knows(spec.name)
    ]
    if lost:
        raise WrongSpec(*lost)
    try:
        open_destination(name, adapter, given, environ, at).close()
    except WrongSpec as problem:
        return opened.effect, problem.lines[0].removeprefix(f"{where}: ")
    return opened.effect, READY
