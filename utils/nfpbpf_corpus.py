# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the commands that run many objects over many traces have in common."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAME = pathlib.Path(sys.argv[0]).name


def add_input_arguments(parser):
    """Objects, traces and what nfp-bpf-check does with them."""
    parser.add_argument("objects", nargs="*", metavar="OBJECT-or-DIR",
                        help="eBPF object, or a directory searched for *.o")
    parser.add_argument("--pcap", nargs="+", action="extend", required=True,
                        metavar="FILE", help="packet traces (or directories of *.pcap)")
    parser.add_argument("--opt", nargs="+", action="extend", default=[],
                        metavar="LEVEL", help="optimisation levels (default: all)")
    parser.add_argument("--off", nargs="+", action="extend", default=[], metavar="PASS",
                        help="also the default level without each of these optimisations, one "
                             "left out at a time ('all': every one)")
    parser.add_argument("--peers", metavar="DIR",
                        help="directory with bin/knfp-jit: also run the kernel translator's images")
    parser.add_argument("--maps", metavar="FILE", help="map contents in JSON as a further state")
    parser.add_argument("--btf", metavar="FILE",
                        help="types to resolve CO-RE relocations against")
    parser.add_argument("--profile", help="firmware profile (default agilio)")
    parser.add_argument("--limit", type=int, default=0, metavar="PACKETS",
                        help="at most this many packets of each trace")
    parser.add_argument("--pad", type=int, default=0, metavar="BYTES",
                        help="pad shorter frames with zeros, as a sender does")
    parser.add_argument("--timeout", type=int, default=600, metavar="SECONDS",
                        help="for one object (default 600)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--bin", default=None, metavar="DIR",
                        help="directory of nfp-bpf-check (default: the newest build without sanitizers)")


def parse_arguments(parser):
    options = parser.parse_args()
    # An option with several values ends where the next option begins, so objects behind one land
    # in its list: what is no trace and no level is an object.
    options.objects += [path for path in options.pcap if not is_trace(path)]
    options.pcap = [path for path in options.pcap if is_trace(path)]
    levels = [word.removeprefix("O") for word in options.opt]
    options.objects += [word for word in options.opt if not word.removeprefix("O").isdigit()]
    options.opt = [int(word) for word in levels if word.isdigit()]
    options.objects += [word for word in options.off if pathlib.Path(word).exists()]
    options.off = [word for word in options.off if not pathlib.Path(word).exists()]
    if not options.objects or not options.pcap:
        parser.error("at least one object and one trace are needed")
    return options


def is_trace(path):
    """A directory with traces, or a file that is no ELF file."""
    path = pathlib.Path(path)
    if path.is_dir():
        return any(path.rglob("*.pcap"))
    if path.suffix == ".o":
        return False
    try:
        with open(path, "rb") as data:
            return data.read(4) != b"\x7fELF"
    except OSError as error:
        sys.exit(f"{NAME}: cannot read '{path}': {error.strerror}")


def find_tool(directory, name="nfp-bpf-check"):
    if directory:
        return str(pathlib.Path(directory) / name)
    # An instrumented build is slow, and wants options in its environment.
    built = sorted(ROOT.glob("build/*/bin/" + name), key=lambda p: ("asan" not in p.parts, p.stat().st_mtime))
    if built:
        return str(built[-1])
    found = shutil.which(name)
    if not found:
        sys.exit(f"{NAME}: no {name}; build the project or give --bin")
    return found


def find_translator(peers):
    """Path of the kernel's translator."""
    translator = pathlib.Path(peers) / "bin" / "knfp-jit"
    if not translator.exists():
        sys.exit(f"{NAME}: no '{translator}'")
    return str(translator)


def expand(paths, suffix):
    """Files as they are, directories searched in sorted order."""
    result = []
    for path in map(pathlib.Path, paths):
        if path.is_dir():
            result += sorted(path.rglob("*" + suffix))
        elif path.exists():
            result.append(path)
        else:
            sys.exit(f"{NAME}: '{path}' does not exist")
    return [str(path) for path in result]


def kernel_images(translator, path, directory):
    """Images of the programs that the kernel's translator takes, and its failures."""
    # The object may crash the translator: that is a result about it.
    run = subprocess.run([translator, "--out-dir", directory, path], capture_output=True,
                         text=True, errors="replace", check=False, timeout=120)
    images = sorted(str(p)[:-len(".raw")] for p in pathlib.Path(directory).glob("*.raw"))
    crashes = sum("harness-crash" in line for line in run.stdout.splitlines())
    return images, crashes


def check_object(options, tool, path, traces, extra):
    """Reports of one object's programs.

    Needs options.translator (or None), .levels, and for a choice of executions .engines.
    """
    with tempfile.TemporaryDirectory() as scratch:
        images, jit_crashes = [], 0
        if options.translator:
            images, jit_crashes = kernel_images(options.translator, path, scratch)
        command = [tool, path, f"--limit={options.limit}", f"--pad={options.pad}", *extra]
        command += [f"--pcap={trace}" for trace in traces]
        command += [f"--jit-image={image}" for image in images]
        command += [f"--opt={level}" for level in options.levels]
        command += [f"--off={name}" for name in options.off]
        command += [f"--engine={engine}" for engine in getattr(options, "engines", [])]
        if options.maps:
            command.append(f"--maps={options.maps}")
        if options.btf:
            command.append(f"--btf={options.btf}")
        if options.profile:
            command.append(f"--profile={options.profile}")
        result = {"object": path, "programs": [], "images": len(images),
                  "jit_crashes": jit_crashes}
        try:
            run = subprocess.run(command, capture_output=True, text=True, errors="replace",
                                 check=False, timeout=options.timeout)
        except subprocess.TimeoutExpired:
            result["crash"] = f"no end after {options.timeout} s"
            return result
    for line in run.stdout.splitlines():
        try:
            result["programs"].append(json.loads(line))
        except ValueError:
            result["crash"] = f"unreadable output: {line[:200]}"
            return result
    if run.returncode == 2:
        result["error"] = run.stderr.strip()
    elif run.returncode != int(any(p["status"] == "differ" for p in result["programs"])):
        lines = run.stderr.strip().splitlines()
        result["crash"] = f"exit code {run.returncode}: " + (lines[-1] if lines else "")
    return result
