"""Write an invented shop as raw tables: `scripts/seed_sample_data.py --out DIR`."""

import sys

from customer_segments.sample_shop.seed_sample_data import main

if __name__ == "__main__":
    sys.exit(main())
