"""`python run.py [--config FILE.toml] [--host HOST] [--port PORT] [--check]`, or `python run.py doctor`"""

import sys

from text2sql_ws.app import main

if __name__ == "__main__":
    sys.exit(main())
