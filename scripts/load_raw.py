"""Load a shop's files into typed landing files: `scripts/load_raw.py DIR`."""

import sys

from customer_segments.loading.load_raw import main

if __name__ == "__main__":
    sys.exit(main())
