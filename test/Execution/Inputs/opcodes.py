# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Programs with every ALU operation and jump on operands where they go wrong easily.

Both operands come from constants stored in the packet and loaded back, or the second is an
immediate. Results go to the packet. The expected value of each is computed here, from RFC 9669, and
compared in the program: the first that is wrong gives the packet to XDP_ABORTED with its number in
the first bytes, so agreement of all executions is agreement with this computation."""

U64 = (1 << 64) - 1
VALUES = [0, 1, 31, 32, 63, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x8000000000000000, U64,
          0x123456789ABCDEF0]
IMMEDIATES = [1, 31, -1, -2147483648, 2147483647, 0]


def signed(value, bits):
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def divide(left, right):
    quotient = abs(left) // abs(right)
    return -quotient if (left < 0) != (right < 0) else quotient


def alu(operation, left, right, bits):
    mask = (1 << bits) - 1
    left, right = left & mask, right & mask
    sl, sr = signed(left, bits), signed(right, bits)
    shift = right & (bits - 1)
    results = {
        "+=": lambda: left + right, "-=": lambda: left - right, "*=": lambda: left * right,
        "|=": lambda: left | right, "&=": lambda: left & right, "^=": lambda: left ^ right,
        "<<=": lambda: left << shift, ">>=": lambda: left >> shift, "s>>=": lambda: sl >> shift,
        "/=": lambda: left // right if right else 0,
        "%=": lambda: left % right if right else left,
        "s/=": lambda: divide(sl, sr) if right else 0,
        "s%=": lambda: sl - sr * divide(sl, sr) if right else left,
        "=": lambda: right,
    }
    return results[operation]() & mask


OPERATIONS = ["+=", "-=", "*=", "|=", "&=", "^=", "<<=", ">>=", "s>>=", "/=", "%=", "s/=", "s%=",
              "="]
JUMPS = {
    "==": lambda l, r, sl, sr: l == r, "!=": lambda l, r, sl, sr: l != r,
    ">": lambda l, r, sl, sr: l > r, ">=": lambda l, r, sl, sr: l >= r,
    "<": lambda l, r, sl, sr: l < r, "<=": lambda l, r, sl, sr: l <= r,
    "s>": lambda l, r, sl, sr: sl > sr, "s>=": lambda l, r, sl, sr: sl >= sr,
    "s<": lambda l, r, sl, sr: sl < sr, "s<=": lambda l, r, sl, sr: sl <= sr,
    "&": lambda l, r, sl, sr: (l & r) != 0,
}


class Programs:
    def __init__(self):
        self.count = 0
        print('\t.section\txdp,"ax",@progbits')

    def start(self, name):
        self.name, self.checks = name, 0
        print(f"\t.globl\t{name}\n\t.type\t{name},@function\n{name}:")
        for line in ("r6 = *(u32 *)(r1 + 0)", "r7 = *(u32 *)(r1 + 4)", "r2 = r6", "r2 += 60",
                     "r0 = 1", "if r2 > r7 goto 1f"):
            print("\t" + line)

    def operand(self, register, value):
        """Through the packet, so that no compiler knows it."""
        print(f"\t{register} = {value:#x} ll\n\t*(u64 *)(r6 + 16) = {register}\n"
              f"\t{register} = *(u64 *)(r6 + 16)")

    def expect(self, register, value):
        self.checks += 1
        print(f"\tr5 = {value:#x} ll\n\tr0 = {self.checks}\n\tif {register} != r5 goto 2f")

    def end(self):
        print("\tr0 = 2\n\tgoto 1f\n2:\n\t*(u32 *)(r6 + 0) = r0\n\tr0 = 0\n1:\n\texit\n"
              f"\t.size\t{self.name}, .-{self.name}")


programs = Programs()
for bits in (64, 32):
    left, right = ("r3", "r4") if bits == 64 else ("w3", "w4")
    for number, operation in enumerate(OPERATIONS):
        text = operation
        programs.start(f"alu{bits}_{number}")
        for x in VALUES[-7:]:
            for y in VALUES:
                programs.operand("r3", x)
                programs.operand("r4", y)
                print(f"\t{left} {text} {right}")
                programs.expect("r3", alu(operation, x, y, bits))
        programs.end()
        programs.start(f"imm{bits}_{number}")
        for x in VALUES[-7:]:
            for y in IMMEDIATES:
                if operation in ("<<=", ">>=", "s>>=") and not 0 <= y < bits:
                    continue
                programs.operand("r3", x)
                print(f"\t{left} {text} {y}")
                programs.expect("r3", alu(operation, x, y & U64, bits))
        programs.end()
    for number, (jump, holds) in enumerate(JUMPS.items()):
        programs.start(f"jump{bits}_{number}")
        for x in VALUES[-6:]:
            for y in VALUES:
                programs.operand("r3", x)
                programs.operand("r4", y)
                mask = (1 << bits) - 1
                taken = holds(x & mask, y & mask, signed(x, bits), signed(y, bits))
                print(f"\tr2 = 1\n\tif {left} {jump} {right} goto 3f\n\tr2 = 0\n3:")
                programs.expect("r2", int(taken))
        programs.end()

programs.start("unary")
for x in VALUES:
    def check(text, value):
        programs.operand("r3", x)
        print("\t" + text)
        programs.expect("r3", value & U64)

    check("r3 = -r3", -x)
    check("w3 = -w3", -x & 0xFFFFFFFF)
    for size in (16, 32, 64):
        low = x & ((1 << size) - 1)
        swapped = int.from_bytes(low.to_bytes(size // 8, "little"), "big")
        check(f"r3 = le{size} r3", low)
        check(f"r3 = be{size} r3", swapped)
        check(f"r3 = bswap{size} r3", swapped)
    for size in (8, 16, 32):
        check(f"r3 = (s{size})r3", signed(x, size))
        if size < 32:
            check(f"w3 = (s{size})w3", signed(x, size) & 0xFFFFFFFF)
        print(f"\tr2 = {x:#x} ll\n\t*(u64 *)(r10 - 8) = r2")
        check(f"r3 = *(s{size} *)(r10 - 8)", signed(x, size))
programs.end()
