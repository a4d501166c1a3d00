"""Bring audiences to their destinations: `scripts/export_audiences.py COMMAND`."""

import sys

from customer_segments.exporting.export_audiences import main

if __name__ == "__main__":
    sys.exit(main())
