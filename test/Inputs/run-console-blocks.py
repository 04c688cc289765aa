#!/usr/bin/env python3
"""Runs the console blocks of documents and compares what they show.

usage: run-console-blocks.py [--update] --root SOURCE --tools DIR --work DIR FILE...

A fenced block marked "console" is a session: a line that starts with "$ " is a command (a trailing backslash continues
it, as does <<'EOF' up to its end), the lines below are what it prints. A line of three dots stands for any number of lines. Commands run in one
scratch folder for each document, where the folders of the source tree (examples, profiles, utils) are at hand (the
scratch folder's own name is left out of what they print); a command must succeed unless its block is marked "console fails". Blocks marked otherwise ("sh", "text") are not run.

--update writes what the commands print into the documents, except into sessions that use three dots.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys

FENCE = re.compile(r"^```(.*)$")


class Session:
    """One command with what it is said to print."""

    def __init__(self, line, command, fails):
        self.line = line
        self.command = command
        self.fails = fails
        self.shown = []
        self.first = line + 1  # document lines [first, last) are the output
        self.last = line + 1


def sessions_of(lines):
    found, info, current = [], None, None
    number = 0
    while number < len(lines):
        text = lines[number]
        fence = FENCE.match(text)
        if fence:
            info = fence.group(1).strip() if info is None else None
            current = None
        elif info is not None and info.split()[:1] == ["console"]:
            if text.startswith("$ "):
                start, command = number, text[2:]
                while command.endswith("\\") and number + 1 < len(lines):
                    number += 1
                    command = command[:-1] + lines[number].lstrip()
                here = re.search(r"<<'(\w+)'", command)
                while here and number + 1 < len(lines):
                    number += 1
                    command += "\n" + lines[number]
                    if lines[number] == here.group(1):
                        break
                current = Session(start, command, "fails" in info.split())
                current.first = current.last = number + 1
                found.append(current)
            elif current:
                current.shown.append(text)
                current.last = number + 1
        number += 1
    return found


def matches(shown, printed):
    """Whether the printed lines fit the shown ones, where "..." stands for any lines."""
    if "..." not in shown:
        return shown == printed
    pattern = "".join(
        r"(?:[^\n]*\n)*" if line == "..." else re.escape(line) + r"\n" for line in shown
    )
    return re.fullmatch(pattern, "".join(line + "\n" for line in printed)) is not None


def run_document(path, options):
    with open(path, encoding="utf-8") as handle:
        lines = handle.read().split("\n")
    work = os.path.join(options.work, os.path.basename(path))
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    for name in ("examples", "profiles", "utils"):
        os.symlink(os.path.join(options.root, name), os.path.join(work, name))
    environment = dict(os.environ)
    environment["PATH"] = options.tools + os.pathsep + environment["PATH"]

    bad, updates = 0, []
    found = sessions_of(lines)
    for session in found:
        result = subprocess.run(
            ["bash", "-c", "set -o pipefail\n" + session.command],
            cwd=work,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        output = result.stdout.replace(work + "/", "")
        printed = [line.rstrip() for line in output.splitlines()]
        place = "%s:%d: %s" % (path, session.line + 1, session.command)
        if (result.returncode != 0) != session.fails:
            print("%s\n  exits with %d\n%s" % (place, result.returncode, result.stdout))
            bad += 1
        elif not matches(session.shown, printed):
            if options.update and "..." not in session.shown:
                updates.append((session, printed))
                continue
            print(place)
            print("  shown:\n" + "".join("    %s\n" % line for line in session.shown), end="")
            print("  printed:\n" + "".join("    %s\n" % line for line in printed), end="")
            bad += 1
    for session, printed in reversed(updates):
        lines[session.first : session.last] = printed
    if updates:
        with open(path, "w", encoding="utf-8") as handle:
            handle.write("\n".join(lines))
    print("%s: %d commands, %d wrong" % (os.path.basename(path), len(found), bad))
    return bad


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--root", required=True)
    parser.add_argument("--tools", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    # Commands run in folders of their own.
    for name in ("root", "tools", "work"):
        setattr(options, name, os.path.abspath(getattr(options, name)))
    return 1 if sum(run_document(path, options) for path in options.files) else 0


if __name__ == "__main__":
    sys.exit(main())
