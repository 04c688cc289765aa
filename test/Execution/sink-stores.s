# REQUIRES: shared
# RUN: nfp-bpf-check %s --pcap=%shared/corpus/pcap/flows64.pcap --limit=300 --fill-states=2 | FileCheck %s
# RUN: nfp-bpf-translate %s --remarks=bpf-fuse-memcpy -o %t.elf 2>&1 | FileCheck %s --check-prefix=SUNK
# CHECK-COUNT-2: "status":"agree"

# A key that is filled early, looked up last: over decisions, a lookup with
# another key, and a way that stores something else in its place and leaves.
# SUNK: instruction 7: 4 bytes of the stack written on the way to instruction 32 only
	.section	xdp,"ax",@progbits
	.globl	late
	.type	late,@function
late:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 1
	r2 = r6
	r2 += 60
	if r2 > r7 goto 9f
	r8 = *(u32 *)(r6 + 26)
	*(u32 *)(r10 - 4) = r8
	r9 = *(u8 *)(r6 + 33)
	if r9 > 200 goto 2f
	r3 = *(u32 *)(r6 + 30)
	*(u32 *)(r10 - 8) = r3
	r2 = r10
	r2 += -8
	r1 = flows ll
	call 1
	if r0 == 0 goto 8f
	r3 = *(u8 *)(r6 + 37)
	*(u8 *)(r6 + 0) = r3
2:
	r3 = *(u16 *)(r6 + 34)
	*(u32 *)(r10 - 8) = r3
	r2 = r10
	r2 += -8
	r1 = flows ll
	call 1
	if r0 == 0 goto 7f
	r2 = r10
	r2 += -4
	r1 = flows ll
	call 1
	if r0 == 0 goto 7f
	r0 = 2
	exit
7:
	r0 = 3
	exit
8:
	*(u32 *)(r10 - 4) = 5
	r2 = r10
	r2 += -4
	r1 = flows ll
	call 1
	if r0 == 0 goto 9f
	r0 = 2
9:
	exit
	.size	late, .-late

# Overwritten on one way to the lookup: it stays.
	.globl	stays
	.type	stays,@function
stays:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 1
	r2 = r6
	r2 += 60
	if r2 > r7 goto 9f
	r8 = *(u32 *)(r6 + 26)
	*(u32 *)(r10 - 4) = r8
	r9 = *(u8 *)(r6 + 33)
	if r9 > 200 goto 9f
	if r9 < 100 goto 2f
	*(u32 *)(r10 - 4) = r9
2:
	r2 = r10
	r2 += -4
	r1 = flows ll
	call 1
	r1 = r0
	r0 = 2
	if r1 == 0 goto 9f
	r0 = 3
9:
	exit
	.size	stays, .-stays

	.section	maps,"aw",@progbits
	.globl	flows
	.type	flows,@object
flows:
	.long	1, 4, 8, 64, 0
	.size	flows, 20
