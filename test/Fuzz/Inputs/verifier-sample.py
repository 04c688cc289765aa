"""Holds generated programs against the kernel's verifier: verifier-sample.py TRANSLATOR LLVM-MC DIR

The translator is the kernel's own behind the kernel's verifier. What its driver for the card refuses
(messages that begin with [nfp]) the verifier had not refused so far. Programs that it accepts need not translate.
"""
import pathlib
import subprocess
import sys

translator, assembler, directory = sys.argv[1:]
accepted = card = 0
tests = sorted(pathlib.Path(directory).glob("*.test"))
for test in tests:
    text = test.read_text().split("#--- prog.s\n")[1].split("\n#--- packets.hex")[0]
    source, binary = test.with_suffix(".s"), test.with_suffix(".o")
    source.write_text(text)
    subprocess.run([assembler, "-triple=bpfel", "-mcpu=v3", "-filetype=obj", str(source), "-o",
                    str(binary)], check=True)
    run = subprocess.run([translator, "--stats-csv", str(binary)], capture_output=True, text=True,
                         errors="replace", check=False)
    if "verifier-reject" not in run.stdout and '"fuzz"' in run.stdout:
        accepted += 1
    elif "[nfp]" in run.stdout:
        card += 1
    else:
        print(f"{test.name}: {run.stdout}{run.stderr[-500:]}")
refused = len(tests) - accepted - card
print(f"{len(tests)} programs, {accepted} accepted, {card} stopped by the card's driver, {refused} refused")
