# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A program of as many instructions as the argument says, in blocks of four that nothing folds."""
import sys

count = int(sys.argv[1])
lines = ["\t.section\txdp,\"ax\",@progbits", "\t.globl\tlarge", "\t.type\tlarge,@function", "large:",
         "\tr6 = *(u32 *)(r1 + 0)", "\tr7 = *(u32 *)(r1 + 4)", "\tr0 = 1", "\tr2 = r6",
         "\tr2 += 60", "\tif r2 <= r7 goto 2f", "\texit", "2:", "\tr3 = *(u64 *)(r6 + 0)",
         "\tr4 = *(u64 *)(r6 + 8)"]
for block in range((count - 13) // 4):
    lines += [f"\tif r{3 + block % 2} > {block % 1000} goto 1f", f"\tr3 += {block + 1}",
              "\tr4 ^= r3", f"\tr3 -= r4", "1:"]
lines += ["\tr3 += 1"] * ((count - 13) % 4)
lines += ["\t*(u64 *)(r6 + 0) = r3", "\t*(u64 *)(r6 + 8) = r4", "\tr0 = 2", "\texit",
          "\t.size\tlarge, .-large"]
print("\n".join(lines))
