#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compare this project's NFP disassembler with GNU objdump for NFP.

Disassembles random instruction words of every class with both and reports
every word whose texts differ. Texts that objdump marks as errors, and words
with an operand pattern that this project's decoder refuses, are counted but
not compared (what a disassembler says about an undefined word is its own
affair); that this project's printer does not present such a word as valid is
checked with --strict.

usage: check-disassembly.py --objdump nfp-objdump --mc nfp-bpf-mc [-n 20000]
"""

import argparse
import os
import random
import struct
import subprocess
import sys
import tempfile

# Class: value, mask of the bits the class leaves free.
CLASSES = {
    "cmd": (0x000000000000, 0x1F7FFFFFFFFF),
    "shf": (0x008000000000, 0x1F1FFFFFFFFF),
    "alu": (0x00A000000000, 0x1F1FFFFFFFFF),
    "immed": (0x00F000000000, 0x1E06EFFFFFFF),
    "ld_field": (0x00C000000000, 0x1E05FF1FFFFF),
    "ctx_arb": (0x00E000000000, 0x0107FFFFFFFF),
    "local_csr": (0x00FC00000000, 0x0401FFEFFFFF),
    "br": (0x00D800000020, 0x0107FFF3C31F),
    "br_byte": (0x00C800000000, 0x0507FFFFFFFF),
    "br_bit": (0x00D000000000, 0x0507FFF7FCFF),
    "rtn": (0x00E800000000, 0x04007FFFFFFF),
    "mul_step": (0x00F800000000, 0x1F01C0FFFFFF),
}


# Classes with one register: the value that makes an operand field an immediate,
# and the distance of the port B field.
ONE_REGISTER = {"immed": 0x300, "rtn": 0x300, "local_csr": 0x300,
                "br_byte": 0x20, "br_bit": 0x20}
PORT_B = 10


def random_words(count, seed):
    """Pairs of class name and word, all classes in turn."""
    rng = random.Random(seed)
    names = sorted(CLASSES)
    out = []
    for n in range(count):
        name = names[n % len(names)]
        value, free = CLASSES[name]
        word = rng.getrandbits(45)
        # Half of the words are sparse, so that small fields are common.
        if rng.getrandbits(1):
            word &= rng.getrandbits(45)
        # Most words of a class with one register get an immediate in the other
        # operand field.
        if name in ONE_REGISTER and rng.random() < 0.9:
            word |= ONE_REGISTER[name] << rng.choice((0, PORT_B))
        out.append((name, value | (word & free)))
    return out


def elf_file(words):
    """A minimal NFP-6000 object that holds the words in .text."""
    code = b"".join(struct.pack("<Q", w) for w in words)
    names = b"\0.text\0.shstrtab\0"
    header_size = section_size = 64
    names_at = header_size + len(code)
    table_at = (names_at + len(names) + 7) // 8 * 8
    ident = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    header = ident + struct.pack(
        "<HHIQQQIHHHHHH", 1, 250, 1, 0, 0, table_at, 0x6000 << 8,
        header_size, 0, 0, section_size, 3, 2)

    def section(name, kind, flags, offset, size, info):
        return struct.pack("<IIQQQQIIQQ", name, kind, flags, 0, offset, size,
                           0, info, 8, 0)

    table = (section(0, 0, 0, 0, 0, 0)
             + section(1, 1, 6, header_size, len(code), 32 << 24 | 1)
             + section(7, 3, 0, names_at, len(names), 0))
    body = header + code + names
    return body + bytes(table_at - len(body)) + table


def objdump_texts(objdump, words):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "words.elf")
        with open(path, "wb") as f:
            f.write(elf_file(words))
        run = subprocess.run(
            [objdump, "-d", "-z", "-M", "no-pc,ctx4", path],
            capture_output=True, text=True, errors="replace", check=True)
    texts = {}
    for line in run.stdout.splitlines():
        parts = line.split("\t", 2)
        if len(parts) < 2 or not parts[0].strip().endswith(":"):
            continue
        address = int(parts[0].strip()[:-1], 16)
        texts[address // 8] = parts[2] if len(parts) > 2 else ""
    if len(texts) != len(words):
        sys.exit(f"objdump gave {len(texts)} lines for {len(words)} words")
    return [texts[i] for i in range(len(words))]


def our_texts(mc, words):
    run = subprocess.run(
        [mc, "--disassemble"], input="".join(f"{w:016x}\n" for w in words),
        capture_output=True, text=True, check=True)
    texts = run.stdout.split("\n")[:-1]
    if len(texts) != len(words):
        sys.exit(f"nfp-bpf-mc gave {len(texts)} lines for {len(words)} words")
    return texts


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--objdump", required=True)
    parser.add_argument("--mc", required=True)
    parser.add_argument("-n", "--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=20,
                        help="differences to print for each class")
    parser.add_argument("--strict", action="store_true",
                        help="also report undefined words we print as valid")
    args = parser.parse_args()

    pairs = random_words(args.count, args.seed)
    words = [w for _, w in pairs]
    theirs = objdump_texts(args.objdump, words)
    ours = our_texts(args.mc, words)

    total, errors, different = {}, {}, {}
    for (name, word), t, o in zip(pairs, theirs, ours):
        total[name] = total.get(name, 0) + 1
        if "# ERROR" in t:
            errors[name] = errors.get(name, 0) + 1
            if not args.strict or "# ERROR" in o:
                continue
        elif "<opnd:" in o or "(null)" in t:
            # An operand slot that must hold an immediate does not, or objdump
            # has no name for a field.
            errors[name] = errors.get(name, 0) + 1
            continue
        elif t == o:
            continue
        different[name] = different.get(name, 0) + 1
        if different[name] <= args.show:
            print(f"{name} {word:012x}\n  objdump: {t}\n  ours:    {o}")
    for name in sorted(total):
        print(f"{name}: {total[name]} words, {errors.get(name, 0)} undefined, "
              f"{different.get(name, 0)} differ")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
