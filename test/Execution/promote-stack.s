# REQUIRES: shared
# RUN: nfp-bpf-check %s --pcap=%shared/corpus/pcap/flows64.pcap --limit=100 --explore=300 --off=bpf-promote-stack,bpf-inline | FileCheck %s
# RUN: nfp-bpf-translate %s --remarks=bpf-promote-stack -o %t.elf 2>&1 | FileCheck %s --check-prefix=PROMOTED
# CHECK-COUNT-3: "status":"agree"

# PROMOTED-DAG: instruction 8: a register takes the place of 4 bytes of the stack
# PROMOTED-DAG: instruction {{[0-9]+}}: a register takes the place of 8 bytes of the stack
.macro prologue name
	.globl	\name
	.type	\name,@function
\name:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 1
	r2 = r6
	r2 += 60
	if r2 > r7 goto 9f
	r8 = *(u8 *)(r6 + 26)
	r9 = *(u32 *)(r6 + 26)
.endm
.macro epilogue name
	*(u64 *)(r6 + 0) = r0
	r0 = 2
9:
	exit
	.size	\name, .-\name
.endm
	.section	xdp,"ax",@progbits
# Parts of words, words across two of them, and both orders; cleared first.
	prologue parts
	*(u64 *)(r10 - 16) = 0
	*(u64 *)(r10 - 8) = 0
	if r8 > 100 goto 1f
	*(u16 *)(r10 - 16) = r9
	*(u8 *)(r10 - 13) = r8
	*(u32 *)(r10 - 6) = r9
	goto 2f
1:
	*(u32 *)(r10 - 12) = r9
	*(u16 *)(r10 - 5) = r8
2:
	r0 = *(u32 *)(r10 - 16)
	r1 = *(u32 *)(r10 - 14)
	*(u64 *)(r6 + 8) = r1
	r1 = *(u64 *)(r10 - 8)
	*(u64 *)(r6 + 16) = r1
	r1 = *(u8 *)(r10 - 13)
	r0 += r1
	r1 = *(u32 *)(r10 - 12)
	r1 <<= 32
	r0 += r1
	epilogue parts

# The frame's address in the frame, and one of two places.
	prologue pointers
	r1 = r10
	r1 += -16
	*(u64 *)(r10 - 16) = r9
	*(u64 *)(r10 - 24) = r8
	r2 = r10
	r2 += -24
	if r8 > 100 goto 1f
	r2 = r1
1:
	*(u32 *)(r2 + 4) = r8
	*(u64 *)(r10 - 32) = r1
	if r8 == 3 goto 2f
	*(u64 *)(r10 - 40) = r9
2:
	r3 = *(u64 *)(r10 - 32)
	r4 = *(u64 *)(r3 + 0)
	r4 += r9
	*(u64 *)(r3 + 0) = r4
	r0 = *(u64 *)(r10 - 16)
	r1 = *(u64 *)(r10 - 24)
	*(u64 *)(r6 + 8) = r1
	epilogue pointers

# Variables that go round a loop, and the packet's pointer.
	prologue loop
	*(u64 *)(r10 - 8) = r6
	*(u64 *)(r10 - 16) = 0
	*(u32 *)(r10 - 20) = 4
1:
	r1 = *(u64 *)(r10 - 8)
	r2 = *(u32 *)(r1 + 14)
	r3 = *(u64 *)(r10 - 16)
	r3 *= 5
	r3 += r2
	*(u64 *)(r10 - 16) = r3
	r1 += 2
	*(u64 *)(r10 - 8) = r1
	r4 = *(u32 *)(r10 - 20)
	r4 += -1
	*(u32 *)(r10 - 20) = r4
	if r4 != 0 goto 1b
	r0 = *(u64 *)(r10 - 16)
	epilogue loop
