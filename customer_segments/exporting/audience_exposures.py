"""Print the exposures of the audiences: > models/marts/audiences/exposures.yml."""

import argparse
import sys
from collections.abc import Sequence

from customer_segments.exporting.problems import WrongSpec
from customer_segments.exporting.specs import exposures, read_specs


def main(argv: Sequence[str] | None = None) -> int:
    """Print them; 0 done, 2 an audience is wrong."""
    argparse.ArgumentParser(description=__doc__).parse_args(argv)
    try:
        print(exposures(read_specs()), end="")
    except WrongSpec as problem:
        print(problem, file=sys.stderr)
        return problem.code
    return 0
