# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads nfp-bpf-check's lines for the programs of opcodes.py: each agrees, and no execution reached
the code behind a wrong result, the third instruction from the end."""
import json
import sys

programs = 0
for line in sys.stdin:
    entry = json.loads(line)
    if "program" not in entry:
        continue
    programs += 1
    if entry["status"] != "agree":
        sys.exit(f"{entry['program']}: {entry['status']}: {entry}")
    if entry["instructions"] - 3 not in entry["coverage"]["missed"]:
        sys.exit(f"{entry['program']}: a result is not what was computed for it")
print(programs, "programs agree")
