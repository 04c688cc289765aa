# REQUIRES: shared
# RUN: nfp-bpf-check %s --pcap=%shared/corpus/pcap/flows64.pcap --limit=100 --fill-states=2 --explore=300 | FileCheck %s
# CHECK-COUNT-2: "status":"agree"

# Stores and loads of every size at stack and map-value offsets that only the
# packet decides, on and across words; a key that lies across words.
	.section	xdp,"ax",@progbits
	.globl	stack
	.type	stack,@function
stack:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 1
	r2 = r6
	r2 += 60
	if r2 > r7 goto 1f
	r3 = *(u64 *)(r6 + 24)
	*(u64 *)(r10 - 32) = r3
	*(u64 *)(r10 - 24) = 0
	*(u64 *)(r10 - 16) = -1
	*(u64 *)(r10 - 8) = r3
	r2 = *(u8 *)(r6 + 29)
	r2 &= 7
	r8 = r10
	r8 += -32
	r8 += r2
	*(u8 *)(r8 + 1) = r3
	*(u16 *)(r8 + 3) = r3
	*(u32 *)(r8 + 6) = r3
	*(u64 *)(r8 + 11) = r3
	*(u8 *)(r8 + 20) = 0x5a
	r4 = *(u64 *)(r10 - 32)
	*(u64 *)(r6 + 0) = r4
	r4 = *(u64 *)(r10 - 24)
	*(u64 *)(r6 + 8) = r4
	r4 = *(u64 *)(r10 - 16)
	*(u64 *)(r6 + 16) = r4
	r4 = *(u64 *)(r10 - 8)
	*(u64 *)(r6 + 24) = r4
	r4 = *(u16 *)(r8 + 2)
	*(u16 *)(r6 + 32) = r4
	r4 = *(u32 *)(r8 + 5)
	*(u32 *)(r6 + 36) = r4
	r4 = *(u64 *)(r8 + 9)
	*(u64 *)(r6 + 40) = r4
	r0 = 2
1:
	exit
	.size	stack, .-stack

	.globl	values
	.type	values,@function
values:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 1
	r2 = r6
	r2 += 60
	if r2 > r7 goto 1f
	r8 = *(u8 *)(r6 + 29)
	*(u32 *)(r10 - 7) = 0
	r1 = state ll
	r2 = r10
	r2 += -7
	call 1
	if r0 == 0 goto 2f
	r3 = *(u64 *)(r6 + 24)
	r8 &= 15
	r9 = r0
	r9 += r8
	*(u8 *)(r9 + 1) = r3
	*(u16 *)(r9 + 3) = r3
	*(u32 *)(r9 + 6) = r3
	*(u64 *)(r9 + 11) = r3
	r4 = *(u16 *)(r9 + 2)
	*(u16 *)(r6 + 32) = r4
	r4 = *(u64 *)(r9 + 5)
	*(u64 *)(r6 + 40) = r4
	r1 = state ll
	r2 = r9
	call 3
	*(u64 *)(r6 + 0) = r0
2:
	r0 = 2
1:
	exit
	.size	values, .-values

	.section	maps,"aw",@progbits
	.globl	state
state:
	.long	1, 4, 40, 4, 0
	.size	state, 20
