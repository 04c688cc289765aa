# REQUIRES: shared
# RUN: nfp-bpf-check %s --pcap=%shared/corpus/pcap/flows64.pcap --limit=300 --fill-states=2 | FileCheck %s
# CHECK-COUNT-4: "status":"agree"

# Counters that the program also reads, next to words it writes.
	.section	xdp,"ax",@progbits
	.globl	counters
	.type	counters,@function
counters:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 1
	r2 = r6
	r2 += 60
	if r2 > r7 goto 1f
	r8 = r7
	r8 -= r6
	r2 = *(u32 *)(r6 + 26)
	*(u32 *)(r10 - 4) = r2
	r1 = flows ll
	r2 = r10
	r2 += -4
	call 1
	if r0 != 0 goto 2f
	*(u64 *)(r10 - 32) = 1
	*(u64 *)(r10 - 24) = r8
	*(u32 *)(r10 - 16) = 77
	*(u32 *)(r10 - 12) = r8
	r1 = flows ll
	r2 = r10
	r2 += -4
	r3 = r10
	r3 += -32
	r4 = 1
	call 2
	r0 += 2
	exit
2:
	r1 = 1
	lock *(u64 *)(r0 + 0) += r1
	lock *(u64 *)(r0 + 8) += r8
	r2 = *(u64 *)(r0 + 8)
	r3 = *(u32 *)(r0 + 0)
	r4 = *(u16 *)(r0 + 9)
	r2 += r3
	r2 += r4
	lock *(u64 *)(r0 + 8) += r2
	lock *(u32 *)(r0 + 16) += w2
	r5 = *(u64 *)(r0 + 16)
	*(u64 *)(r6 + 0) = r5
	*(u32 *)(r0 + 20) = r2
	*(u16 *)(r0 + 22) = r3
	r0 = 2
1:
	exit
	.size	counters, .-counters

# A key of six bytes in the frame leaves what is behind it alone; keys and
# values may be in the packet or off the words.
	.globl	keys
	.type	keys,@function
keys:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 1
	r2 = r6
	r2 += 60
	if r2 > r7 goto 1f
	r2 = *(u64 *)(r6 + 26)
	*(u64 *)(r10 - 8) = r2
	*(u64 *)(r10 - 24) = r2
	r2 = *(u16 *)(r6 + 34)
	*(u16 *)(r10 - 8) = r2
	r1 = macs ll
	r2 = r10
	r2 += -8
	call 1
	r8 = r0
	r2 = *(u64 *)(r10 - 8)
	*(u64 *)(r6 + 40) = r2
	r1 = macs ll
	r2 = r6
	r2 += 26
	r3 = r6
	r3 += 13
	r4 = 0
	call 2
	r9 = r0
	r1 = macs ll
	r2 = r10
	r2 += -23
	r3 = r10
	r3 += -9
	*(u64 *)(r10 - 16) = 5
	r4 = 0
	r3 += -5
	call 2
	r9 += r0
	r1 = macs ll
	r2 = r6
	r2 += 27
	call 3
	r9 += r0
	*(u64 *)(r6 + 48) = r9
	r0 = 2
	if r8 == 0 goto 1f
	r1 = *(u32 *)(r8 + 0)
	*(u32 *)(r6 + 56) = r1
	r0 = 3
1:
	exit
	.size	keys, .-keys

# A position in the value that is known only at run time.
	.globl	index
	.type	index,@function
index:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 1
	r2 = r6
	r2 += 60
	if r2 > r7 goto 1f
	*(u32 *)(r10 - 4) = 0
	r1 = table ll
	r2 = r10
	r2 += -4
	call 1
	if r0 == 0 goto 1f
	r3 = *(u8 *)(r6 + 29)
	r3 &= 31
	r0 += r3
	r4 = *(u8 *)(r0 + 2)
	r4 += 1
	*(u8 *)(r0 + 2) = r4
	r5 = *(u64 *)(r0 + 3)
	*(u64 *)(r6 + 0) = r5
	r5 ^= r4
	*(u64 *)(r0 + 4) = r5
	*(u16 *)(r0 + 1) = r5
	r0 = 2
1:
	exit
	.size	index, .-index

# Two maps behind one pointer.
	.globl	either
	.type	either,@function
either:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 1
	r2 = r6
	r2 += 60
	if r2 > r7 goto 1f
	*(u32 *)(r10 - 4) = 0
	r3 = *(u8 *)(r6 + 29)
	r2 = r10
	r2 += -4
	if r3 & 1 goto 2f
	r1 = one ll
	call 1
	goto 3f
2:
	r1 = two ll
	call 1
3:
	if r0 == 0 goto 1f
	r1 = 1
	lock *(u32 *)(r0 + 4) += w1
	r1 = 0x12345678
	lock *(u32 *)(r0 + 4) += w1
	r2 = *(u32 *)(r0 + 4)
	*(u32 *)(r6 + 0) = r2
	r0 = 2
1:
	exit
	.size	either, .-either

	.section	maps,"aw",@progbits
	.globl	flows
	.type	flows,@object
flows:
	.long	1, 4, 24, 64, 0
	.size	flows, 20
	.globl	macs
	.type	macs,@object
macs:
	.long	1, 6, 5, 200, 0
	.size	macs, 20
	.globl	table
	.type	table,@object
table:
	.long	2, 4, 48, 1, 0
	.size	table, 20
	.globl	one
	.type	one,@object
one:
	.long	2, 4, 8, 1, 0
	.size	one, 20
	.globl	two
	.type	two,@object
two:
	.long	2, 4, 8, 1, 0
	.size	two, 20
