#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compare listings of translated programs with GNU objdump for NFP.

Translates every program of the objects to an ELF image, disassembles the image
as it is with objdump, and compares word and text of every instruction with the
listing of nfp-bpf-translate. The last line is one JSON object; exit code 0 only
when something was compared and nothing differs.

usage: check-images.py --objdump nfp-objdump --translate nfp-bpf-translate OBJECT-or-DIR...
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

LISTED = re.compile(r"^ *(\d+)  ([0-9a-f]{12})  (.*?)(?:  ; -> .*)?$")
DUMPED = re.compile(r"^\s*([0-9a-f]+):\s+([0-9a-f]{16})\s+\.(\d+)\s+(.*?)\s*$")


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)


def listing(translate, path):
    """Words and texts of each program, from the listing."""
    programs, name = {}, None
    for line in run(translate, path, "--emit=asm").stdout.splitlines():
        begin = re.match(r"^; program (\S+) \(", line)
        if begin:
            name = begin.group(1)
            programs[name] = []
        found = LISTED.match(line)
        if found and name:
            programs[name].append((found.group(2), found.group(3).rstrip()))
    return programs


def dump(objdump, image):
    """The same from objdump, one section for each program."""
    programs, name = {}, None
    for line in run(objdump, "-d", "-z", image).stdout.splitlines():
        begin = re.match(r"^Disassembly of section \.text\.(.*):$", line)
        if begin:
            name = begin.group(1)
            programs[name] = []
        found = DUMPED.match(line)
        if found and name:
            programs[name].append((found.group(2)[4:], found.group(4)))
    return programs


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("objects", nargs="+", metavar="OBJECT-or-DIR")
    parser.add_argument("--objdump", required=True)
    parser.add_argument("--translate", required=True)
    options = parser.parse_args()
    objects = []
    for path in map(pathlib.Path, options.objects):
        objects += sorted(path.rglob("*.o")) if path.is_dir() else [path]

    totals = {"objects": len(objects), "programs": 0, "words": 0, "differ": 0}
    with tempfile.TemporaryDirectory() as scratch:
        image = str(pathlib.Path(scratch) / "image.nffw")
        for path in map(str, objects):
            pathlib.Path(image).unlink(missing_ok=True)
            run(options.translate, path, "-o", image)
            if not pathlib.Path(image).exists():
                continue  # every program was refused
            ours, theirs = listing(options.translate, path), dump(options.objdump, image)
            if ours.keys() != theirs.keys():
                totals["differ"] += 1
                print(f"{path}: programs {sorted(ours)} against {sorted(theirs)}")
                continue
            for name, words in ours.items():
                totals["programs"] += 1
                totals["words"] += len(words)
                if len(words) != len(theirs[name]):
                    totals["differ"] += 1
                    print(f"{path}: {name}: {len(words)} words against {len(theirs[name])}")
                for index, (left, right) in enumerate(zip(words, theirs[name])):
                    if left != right:
                        totals["differ"] += 1
                        print(f"{path}: {name}: word {index}: {left} against {right}")
    print(json.dumps(totals))
    return 0 if totals["words"] and not totals["differ"] else 1


if __name__ == "__main__":
    sys.exit(main())
