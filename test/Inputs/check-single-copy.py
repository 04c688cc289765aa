#!/usr/bin/env python3
"""Fails when a program holds its own copy of LLVM or MLIR.

A program of this project gets LLVM and MLIR from the shared libLLVM and libMLIR. One that also has their static
archives linked in has two option registries and two sets of type identifiers, and still links and runs. Such a
program defines (not only uses) functions of these classes.

usage: check-single-copy.py NM FILE...
"""

import re
import subprocess
import sys

# Global definitions only: inline functions and instantiated templates of headers are local or weak, and harmless.
FOREIGN = re.compile(
    r" T (llvm::cl::(?!opt<|list<|parser<|bits<|alias)|llvm::MCContext::|"
    r"mlir::(Operation|Region|Block|MLIRContext)::)"
)


def main():
    nm, files = sys.argv[1], sys.argv[2:]
    bad = 0
    for path in files:
        symbols = subprocess.run(
            [nm, "-C", "--defined-only", path], capture_output=True, text=True, check=True
        ).stdout
        found = [line for line in symbols.splitlines() if FOREIGN.search(line)]
        count = len(symbols.splitlines())
        if count == 0:
            print(f"{path}: no symbols, cannot tell")
            bad += 1
        elif found:
            print(f"{path}: second copy, {len(found)} symbols, first:{found[0]}")
            bad += 1
        else:
            print(f"{path}: one copy ({count} symbols)")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
