# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tests in JSON lines whose jumps go over so much code that the machine's branches need more than 13 bits.

Code that nothing folds, and its result, are computed here. Forward: a jump over it that is taken or not, as the memory says.
Backward: it is the body of a loop of three rounds."""
import json
import sys

MASK = (1 << 64) - 1


def slot(code, dst=0, src=0, off=0, imm=0):
    return (bytes([code, dst | src << 4]) + (off & 0xFFFF).to_bytes(2, "little")
            + (imm & 0xFFFFFFFF).to_bytes(4, "little")).hex()


def body(count):
    """Slots that change r3 and r4, with the function that does the same."""
    slots, steps = [], []
    for number in range(count):
        kind, imm = number % 3, 0x1234567 + 7919 * number
        if kind == 0:
            slots.append(slot(0x0F, 3, 4))  # r3 += r4
            steps.append(lambda a, b, i: (a + b & MASK, b))
        elif kind == 1:
            slots.append(slot(0xA7, 4, 0, 0, imm))  # r4 ^= imm
            steps.append(lambda a, b, i: (a, b ^ i))
        else:
            slots.append(slot(0x1F, 4, 3))  # r4 -= r3
            steps.append(lambda a, b, i: (a, b - a & MASK))

    def run(a, b):
        for number, step in enumerate(steps):
            a, b = step(a, b, 0x1234567 + 7919 * number)
        return a, b

    return slots, run


def vector(name, slots, memory, result):
    print(json.dumps({"name": name, "insns": slots, "mem": memory.hex(), "result": hex(result)}))


count = int(sys.argv[1])
slots, run = body(count)
a, b = 0x0123456789ABCDEF, 0xFEDCBA9876543210
load = [slot(0x79, 3, 1, 0), slot(0x79, 4, 1, 8), slot(0x79, 5, 1, 16)]
result = [slot(0xBF, 0, 3), slot(0xAF, 0, 4), slot(0x95)]  # r0 = r3 ^ r4


def memory(last):
    return b"".join(number.to_bytes(8, "little") for number in (a, b, last))


# if r5 == 0 goto behind
jump = [slot(0x15, 5, 0, count, 0)]
x, y = run(a, b)
vector("forward-not-taken", load + jump + slots + result, memory(1), x ^ y)
vector("forward-taken", load + jump + slots + result, memory(0), a ^ b)
vector("forward-long", load + [slot(0x15, 5, 0, 1, 0), slot(0x06, 0, 0, 0, count)] + slots + result, memory(1), a ^ b)
# r5 = 3; do { } while (--r5 != 0)
for _ in range(2):
    x, y = run(x, y)
back = [slot(0x07, 5, 0, 0, -1), slot(0x55, 5, 0, -(count + 2), 0)]
vector("backward", load + slots + back + result, memory(3), x ^ y)
