#!/usr/bin/env python3
"""Damages a file in many ways and runs a tool on each result, which must exit with a code from 0 to 3.

usage: damage.py FILE FOLDER "TOOL [OPTIONS]"
"""

import os
import random
import subprocess
import sys

original, folder, tool = sys.argv[1:]
with open(original, "rb") as handle:
    data = handle.read()
rng = random.Random(1)
crashes = 0
count = 120
for number in range(count):
    damaged = bytearray(data)
    if number % 3 == 0:
        damaged = damaged[: rng.randrange(len(data))]
    else:
        # Headers are where structure is: the ELF header, the section headers at the end, and anywhere.
        for _ in range(rng.randrange(1, 6)):
            place = rng.choice((rng.randrange(64), len(data) - 1 - rng.randrange(1600), rng.randrange(len(data))))
            damaged[place] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
    path = os.path.join(folder, "damaged.o")
    with open(path, "wb") as handle:
        handle.write(damaged)
    try:
        result = subprocess.run([*tool.split(), path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=20)
        code = result.returncode
    except subprocess.TimeoutExpired:
        code = "time-out"
    if code not in (0, 1, 2, 3):
        crashes += 1
        os.rename(path, os.path.join(folder, "crash-%d.o" % number))
        print("crash-%d.o: exit %s: %s" % (number, code, result.stderr[-200:]))
print("%d damaged files, %d crashes" % (count, crashes))
sys.exit(1 if crashes else 0)
