"""Print the exposures of the audiences: > models/marts/audiences/exposures.yml."""

import sys

from customer_segments.exporting.audience_exposures import main

if __name__ == "__main__":
    sys.exit(main())
