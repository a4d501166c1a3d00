"""Try the segments of a rule file on the built warehouse, before anybody else does."""

import sys

from customer_segments.rules.preview_segment import main

if __name__ == "__main__":
    sys.exit(main())
