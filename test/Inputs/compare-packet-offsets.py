#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compare the highest packet offset with the kernel verifier's.

For every program that the kernel's translator takes: what it says and what
nfp-bpf-translate says. The last line counts; exit code 1 if any differs.

usage: compare-packet-offsets.py KNFP-JIT NFP-BPF-TRANSLATE DIR...
"""

import csv
import json
import pathlib
import subprocess
import sys

# Columns of knfp-jit --stats-csv.
SECTION, PROGRAM, OFFSET, STATUS = 1, 2, 8, 9


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False).stdout


def kernel_offsets(translator, path):
    rows = [row for row in csv.reader(run(translator, "--stats-csv", path).splitlines()) if len(row) > STATUS]
    return {(row[SECTION], row[PROGRAM]): int(row[OFFSET]) for row in rows if row[STATUS] == "ok"}


def main():
    translator, translate, *folders = sys.argv[1:]
    equal = differ = 0
    for path in sorted(str(p) for folder in folders for p in pathlib.Path(folder).rglob("*.o")):
        theirs = kernel_offsets(translator, path)
        if not theirs:
            continue
        ours = {(p["section"], p["program"]): p["max_packet_offset"]
                for p in json.loads(run(translate, path, "--emit=json"))["programs"] if p["translated"]}
        for name in theirs.keys() & ours.keys():
            if theirs[name] == ours[name]:
                equal += 1
            else:
                differ += 1
                print(f"{path}: {name[1]}: the kernel says {theirs[name]}, we say {ours[name]}")
    print(f"{equal} equal, {differ} differ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
