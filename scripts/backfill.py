"""A history of segments: memberships of past days, each as of its own day."""

import sys

from customer_segments.backfill import main

if __name__ == "__main__":
    sys.exit(main())
