"""`python -m mdderive` is the command line."""

import sys

from .cli.main import main

if __name__ == "__main__":  # the processes of --jobs import this too
    sys.exit(main())
