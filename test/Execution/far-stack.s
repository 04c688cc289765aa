# RUN: %python %examples/make-traffic.py %t.pcap --packets 200
# RUN: nfp-bpf-check %s --pcap=%t.pcap --explore=0 | FileCheck %s
# CHECK: "program":"computed"{{.*}}"status":"agree"
# CHECK: "program":"spilled"{{.*}}"status":"agree"

# The second program holds more across its calls than there are registers; level1 keeps its own behind a frame of 104 bytes,
# beyond the 64 bytes that an instruction reaches without setting a pointer.
# RUN: nfp-bpf-translate %s --program=spilled --emit=mlir-nfp -O0 | FileCheck %s --check-prefix=SPILL
# RUN: nfp-bpf-translate %s --program=spilled --emit=mlir-nfp -O1 | FileCheck %s --check-prefix=SPILL
# SPILL: nfp.func subprogram @level1{{.*}}frame_size = 104 : i32, {{.*}}spill_size = {{[1-9][0-9]* : i32}}

	.section	xdp,"ax",@progbits

# Bytes and halves at an address that the packet decides, near the bottom and near the top of a frame of 256 bytes: stored at
# places that are known within their word, loaded from any place.
	.globl	computed
	.type	computed,@function
computed:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 1
	r2 = r6
	r2 += 42
	if r2 > r7 goto 1f
	r3 = *(u64 *)(r6 + 0)
	r4 = *(u64 *)(r6 + 8)
	r5 = *(u64 *)(r6 + 24)
	r8 = r10
	r8 += -256
	r9 = 0
0:	# fill the frame
	*(u64 *)(r8 + 0) = r3
	r3 ^= r4
	r3 += r5
	r8 += 8
	r9 += 8
	if r9 < 256 goto 0b
	r9 = r5
	r9 &= 51		# 0 to 204, a multiple of 4
	r9 <<= 2
	r8 = r10
	r8 += -256
	r8 += r9
	*(u8 *)(r8 + 1) = r4
	*(u16 *)(r8 + 6) = r4
	*(u8 *)(r8 + 11) = r5
	*(u16 *)(r8 + 12) = r5
	*(u32 *)(r8 + 16) = r3
	r2 = r4
	r2 &= 127
	r1 = r10
	r1 += -136
	r1 += r2		# any byte
	r0 = *(u8 *)(r1 + 0)
	r2 = *(u16 *)(r1 + 1)
	r0 <<= 16
	r0 |= r2
	r2 = *(u32 *)(r1 + 3)
	r0 <<= 32
	r0 ^= r2
	*(u64 *)(r6 + 0) = r0
	r0 = *(u64 *)(r8 + 0)
	r2 = *(u64 *)(r8 + 8)
	r0 ^= r2
	r2 = *(u64 *)(r8 + 16)
	r0 += r2
	*(u64 *)(r6 + 8) = r0
	r0 = *(s8 *)(r8 + 11)
	*(u16 *)(r6 + 16) = r0
	r0 = *(s16 *)(r8 + 6)
	*(u32 *)(r6 + 20) = r0
	# all of it again
	r8 = r10
	r8 += -256
	r9 = 0
	r0 = 0
2:
	r2 = *(u64 *)(r8 + 0)
	r0 *= 31
	r0 += r2
	r8 += 8
	r9 += 8
	if r9 < 256 goto 2b
	*(u64 *)(r6 + 28) = r0
	r0 = 2
1:
	exit
	.size	computed, .-computed

# Seven functions deep, four numbers of 64 bits in each that live across the call.
	.globl	spilled
	.type	spilled,@function
spilled:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 1
	r2 = r6
	r2 += 42
	if r2 > r7 goto 1f
	r1 = *(u64 *)(r6 + 0)
	r2 = *(u64 *)(r6 + 8)
	r3 = *(u64 *)(r6 + 24)
	r8 = r1
	r9 = r3
	call level1
	*(u64 *)(r6 + 0) = r0
	*(u64 *)(r6 + 8) = r8
	*(u64 *)(r6 + 24) = r9
	r0 = 2
1:
	exit
	.size	spilled, .-spilled

	.text
	.macro	level	name, next, constant, deepest=24
	.type	\name,@function
\name:
	r6 = r1
	r6 += \constant
	r7 = r2
	r7 ^= r6
	r8 = r3
	r8 -= r7
	r9 = r6
	r9 <<= 5
	r9 ^= r8
	*(u64 *)(r10 - \deepest) = r6
	*(u64 *)(r10 - 16) = r7
	*(u64 *)(r10 - 8) = r8
	r1 = r9
	r2 = r8
	r3 = r7
	call \next
	r0 ^= r6
	r0 += r7
	r0 ^= r8
	r0 -= r9
	r1 = *(u64 *)(r10 - \deepest)
	r0 += r1
	r1 = *(u64 *)(r10 - 13)
	r0 ^= r1
	exit
	.size	\name, .-\name
	.endm
	level	level1, level2, 1001, 104
	level	level2, level3, 2003
	level	level3, level4, 3001
	level	level4, level5, 4001
	level	level5, last, 5003
	.type	last,@function
last:
	r0 = r1
	r0 *= r2
	r0 ^= r3
	exit
	.size	last, .-last
