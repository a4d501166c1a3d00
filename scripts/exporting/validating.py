"""What is written about audiences and destinations, read without a build."""

from collections.abc import Mapping
from pathlib import Path

from scripts.exporting.destinations import (
    FILES,
    WithoutSecrets,
    open_destination,
    read_destinations,
)
from scripts.exporting.problems import WrongSpec
from scripts.exporting.specs import read_specs, seed

READY = "ready"


def validate(
    project: Path, destinations: Path, environ: Mapping[str, str]
) -> list[list[str]]:
    """Audience, channel, destination, adapter, and what is missing to reach it.

    WrongSpec for whatever is wrong; a secret that is not set here is only told.
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
    specs = read_specs(project)
    states = {FILES: READY}
    for name in sorted({spec.destination for spec in specs} | settings.keys()):
        if adapters[name] == FILES:
            states[name] = READY
            continue
        given = settings.get(name)
        open_destination(
            name, adapters[name], given, WithoutSecrets(environ), at
        ).close()
        try:
            open_destination(name, adapters[name], given, environ, at).close()
            states[name] = READY
        except WrongSpec as problem:
            states[name] = problem.lines[0].removeprefix(f"{at}: destination {name}: ")
    return [
        [
            *(spec.name, spec.channel, spec.destination, adapters[spec.destination]),
            states[spec.destination],
        ]
        for spec in specs
    ]
