"""Runs the tests that nfp-bpf-fuzz wrote: run-tests.py DIR PYTHON SOURCE-ROOT"""
import pathlib
import subprocess
import sys

directory, python, root = sys.argv[1:]
agree = 0
tests = sorted(pathlib.Path(directory).glob("*.test"))
for test in tests:
    scratch = test.with_suffix("")
    commands = [line.split("RUN:")[1].split("|")[0] for line in test.read_text().splitlines()
                if line.startswith("# RUN:")]
    for command in commands:
        words = command.replace("%src_root", root).replace("%python", python).replace(
            "%s", str(test)).replace("%t", str(scratch)).split()
        run = subprocess.run([word.strip('"') for word in words], capture_output=True, text=True,
                             check=False)
    if '"status":"agree"' in run.stdout:
        agree += 1
    else:
        print(f"{test}: {run.stdout[:500]}{run.stderr[:500]}")
print(f"{len(tests)} tests, {agree} agree")
