#!/usr/bin/env python3
"""Runs a command and fails unless it exits with the given code.

usage: exit-code.py CODE COMMAND...
"""

import subprocess
import sys

code = subprocess.run(sys.argv[2:]).returncode
if code != int(sys.argv[1]):
    print("exits with %d, not %s" % (code, sys.argv[1]), file=sys.stderr)
    sys.exit(1)
