"""Print the exposures of the audiences: > models/audiences/exposures.yml."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from scripts.exporting.problems import WrongSpec
from scripts.exporting.specs import exposures, read_specs


def main(argv: Sequence[str] | None = None) -> int:
    """Print them; 0 done, 2 an audience is wrong."""
    argparse.ArgumentParser(description=__doc__).parse_args(argv)
    try:
        print(exposures(read_specs()), end="")
    except WrongSpec as problem:
        print(problem, file=sys.stderr)
        return problem.code
    return 0


if __name__ == "__main__":
    sys.exit(main())
