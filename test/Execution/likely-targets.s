# REQUIRES: shared
# RUN: nfp-bpf-check %s --pcap=%shared/corpus/pcap/flows64.pcap --limit=300 --fill-states=2 --explore=300 | FileCheck %s
# RUN: nfp-bpf-translate %s --remarks=nfp-fill-defer-slots -o %t.elf 2>&1 | FileCheck %s --check-prefix=TAKEN
# CHECK-COUNT-2: "status":"agree"

# The start of a branch's target is done behind the branch, whether or not it is
# taken; registers and words of the stack that the other way needs are not
# touched. What only the way behind the branch needs is done there. What each way
# sees is in the packet afterwards.
# TAKEN-DAG: done only if the branch is not taken [nfp-fill-defer-slots, passed]
# TAKEN-DAG: of the branch's target done in its defer slots [nfp-fill-defer-slots, passed]
	.section	xdp,"ax",@progbits
	.globl	ways
	.type	ways,@function
ways:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 1
	r2 = r6
	r2 += 60
	if r2 > r7 goto 9f
	r8 = *(u8 *)(r6 + 23)
	r9 = *(u32 *)(r6 + 26)
	r1 = *(u8 *)(r6 + 33)
	r1 &= 3
	r3 = r9
	w3 ^= 85
	if r8 == 17 goto 1f
	if r8 == 6 goto 1f
	if r1 == 3 goto 8f
	w3 += 7
	if r1 == 2 goto 2f
	w9 += 3
	*(u32 *)(r10 - 4) = r9
	goto 3f
1:
	r3 = r9
	w3 += 5
	w9 ^= 9
2:
	*(u32 *)(r10 - 4) = r3
3:
	r1 = flows ll
	r2 = r10
	r2 += -4
	call 1
	if r0 == 0 goto 4f
	r1 = *(u64 *)(r0 + 0)
	r9 += r1
4:
	r9 += r8
	*(u64 *)(r6 + 40) = r9
	r0 = 2
	exit
8:
	r0 = 3
9:
	exit
	.size	ways, .-ways

	.globl	leaving
	.type	leaving,@function
leaving:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 1
	r2 = r6
	r2 += 60
	if r2 > r7 goto 9f
	r8 = *(u8 *)(r6 + 23)
	r9 = *(u32 *)(r6 + 26)
	*(u32 *)(r10 - 4) = r9
	r1 = flows ll
	r2 = r10
	r2 += -4
	call 1
	if r0 == 0 goto 8f
	lock *(u64 *)(r0 + 0) += r8
	r2 = 3
	if r8 != 6 goto 7f
	r1 = *(u32 *)(r6 + 30)
	*(u32 *)(r6 + 26) = r1
	*(u32 *)(r6 + 30) = r9
	r2 = 2
7:
	r0 = r2
	exit
8:
	r0 = 0
9:
	exit
	.size	leaving, .-leaving

	.section	maps,"aw",@progbits
	.globl	flows
	.type	flows,@object
flows:
	.long	1, 4, 8, 64, 0
	.size	flows, 20
