# REQUIRES: shared
# RUN: nfp-bpf-check %s --pcap=%shared/corpus/pcap/flows64.pcap --limit=300 --fill-states=2 | FileCheck %s
# RUN: nfp-bpf-translate %s --program=again --remarks=bpf-place-maps -o %t.elf 2>&1 | FileCheck %s --check-prefix=AGAIN
# CHECK-COUNT-2: "status":"agree"

# The same address twice, at two places of the stack; what the first pointer
# writes is read through the second. Then the entry is deleted and asked for
# again, and an element of an array that exists and one that does not.
# AGAIN-DAG: the entry of map flows found at {{.*}} is used again
# AGAIN-DAG: its entries may have changed between
# AGAIN-DAG: array slots always has this element
	.section	xdp,"ax",@progbits
	.globl	again
	.type	again,@function
again:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 1
	r2 = r6
	r2 += 60
	if r2 > r7 goto 1f
	r8 = *(u32 *)(r6 + 26)
	*(u32 *)(r10 - 4) = r8
	*(u64 *)(r10 - 32) = 7
	r1 = flows ll
	r2 = r10
	r2 += -4
	r3 = r10
	r3 += -32
	r4 = 1
	call 2
	r1 = flows ll
	r2 = r10
	r2 += -4
	call 1
	if r0 == 0 goto 2f
	r9 = r0
	r1 = *(u64 *)(r9 + 0)
	r1 += 3
	*(u64 *)(r9 + 0) = r1
	*(u32 *)(r10 - 12) = r8
	r1 = flows ll
	r2 = r10
	r2 += -12
	call 1
	if r0 == 0 goto 2f
	r1 = *(u64 *)(r0 + 0)
	*(u64 *)(r6 + 40) = r1
	r2 = *(u32 *)(r6 + 34)
	r2 &= 1
	if r2 == 0 goto 2f
	r1 = flows ll
	r2 = r10
	r2 += -12
	call 3
	r1 = flows ll
	r2 = r10
	r2 += -4
	call 1
	r1 = 77
	if r0 != 0 goto 2f
	*(u64 *)(r6 + 48) = r1
2:
	*(u32 *)(r10 - 4) = 3
	r1 = slots ll
	r2 = r10
	r2 += -4
	call 1
	if r0 == 0 goto 3f
	r1 = *(u32 *)(r0 + 0)
	r1 += 1
	*(u32 *)(r0 + 0) = r1
	*(u32 *)(r6 + 56) = r1
	r0 = 2
	exit
3:
	r0 = 3
1:
	exit
	.size	again, .-again

	.globl	behind
	.type	behind,@function
behind:
	*(u32 *)(r10 - 4) = 4
	r1 = slots ll
	r2 = r10
	r2 += -4
	call 1
	r1 = r0
	r0 = 2
	if r1 == 0 goto 1f
	r0 = 1
1:
	exit
	.size	behind, .-behind

	.section	maps,"aw",@progbits
	.globl	flows
	.type	flows,@object
flows:
	.long	1, 4, 8, 64, 0
	.size	flows, 20
	.globl	slots
	.type	slots,@object
slots:
	.long	2, 4, 8, 4, 0
	.size	slots, 20
