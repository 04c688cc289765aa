# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles C sources at every -mcpu and compares executions and results.

nfp-bpf-check must find agreement of interpreter, host and simulator for every program; the frames
and maps after a run must be the same for every -mcpu and engine. Map contents: SOURCE.json, if there."""

import argparse
import json
import pathlib
import shlex
import subprocess
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--bin", required=True)
parser.add_argument("--dir", required=True)
parser.add_argument("--trace", required=True)
parser.add_argument("--compiler", required=True)
parser.add_argument("sources", nargs="+")
options = parser.parse_args()
directory = pathlib.Path(options.dir)


def run(command):
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode:
        sys.exit(f"exit code {result.returncode}: {shlex.join(map(str, command))}\n{result.stdout}")
    return result.stdout


for source in map(pathlib.Path, options.sources):
    maps = source.with_suffix(".json")
    map_options = [f"--maps={maps}"] if maps.exists() else []
    results = {}
    cpus = ["v1", "v2", "v3", "v4"]
    for cpu in cpus:
        obj = directory / f"{source.stem}-{cpu}.o"
        run([*shlex.split(options.compiler), f"-mcpu={cpu}", source, "-o", obj])
        lines = run([f"{options.bin}/nfp-bpf-check", obj, f"--pcap={options.trace}", "--explore=500",
                     *map_options]).splitlines()
        reports = [json.loads(line) for line in lines]
        programs = [report["program"] for report in reports if "program" in report]
        for report in reports:
            if "program" in report and (report["status"] != "agree" or report["host"]["status"] != "agree"
                                        or len(report["engines"]) < 3):
                sys.exit(f"{obj}: {report}")
        if not programs:
            sys.exit(f"{obj}: no programs")
        for program in programs:
            for engine in ("interp", "sim", "host"):
                frames = directory / "out.pcap"
                dump = directory / "out.json"
                run([f"{options.bin}/nfp-bpf-run", obj, f"--program={program}", f"--engine={engine}",
                     f"--pcap={options.trace}", f"--out={frames}", f"--dump-maps={dump}", *map_options])
                # Which constants clang puts into memory is its own business.
                kept = {name: entries for name, entries in json.loads(dump.read_text()).items()
                        if ".rodata" not in name}
                result = (frames.read_bytes(), kept)
                if results.setdefault(program, result) != result:
                    sys.exit(f"{obj}: {program}: engine {engine} gives another result than -mcpu=v1")
    print(f"{source.name}: {' '.join(cpus)} agree")
