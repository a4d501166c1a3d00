"""Make a sample shop and build it on Apache Spark, in a folder of its own."""

import sys

from customer_segments.demo_spark import main

if __name__ == "__main__":
    sys.exit(main())
