# REQUIRES: shared
# RUN: nfp-bpf-check %s --pcap=%shared/corpus/pcap/mixed.pcap --pcap=%shared/corpus/pcap/malformed.pcap --limit=300 | FileCheck %s
# CHECK-COUNT-5: "status":"agree"

# Head and tail by amounts from the packet: allowed, too far, and undone.
	.section	xdp,"ax",@progbits
	.globl	head
	.type	head,@function
head:
	r6 = r1
	r2 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 1
	r3 = r2
	r3 += 34
	if r3 > r7 goto 1f
	r8 = *(u16 *)(r2 + 24)
	r8 <<= 56
	r8 s>>= 56
	r1 = r6
	r2 = r8
	call 44
	r9 = r0
	r2 = *(u32 *)(r6 + 0)
	r7 = *(u32 *)(r6 + 4)
	r0 = 1
	r3 = r2
	r3 += 14
	if r3 > r7 goto 1f
	*(u64 *)(r2 + 0) = r9
	r7 -= r2
	*(u16 *)(r2 + 8) = r7
	r1 = r6
	r2 = -44
	call 44
	r0 += 2
1:
	exit
	.size	head, .-head

	.globl	tail
	.type	tail,@function
tail:
	r6 = r1
	r2 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 1
	r3 = r2
	r3 += 34
	if r3 > r7 goto 1f
	r8 = *(u8 *)(r2 + 29)
	r8 <<= 56
	r8 s>>= 57
	r1 = r6
	r2 = r8
	call 65
	r9 = r0
	r2 = *(u32 *)(r6 + 0)
	r7 = *(u32 *)(r6 + 4)
	r0 = 1
	r3 = r2
	r3 += 14
	if r3 > r7 goto 1f
	*(u64 *)(r2 + 0) = r9
	r1 = r6
	r2 = -4
	call 65
	r0 += 2
1:
	exit
	.size	tail, .-tail

# Queues 0 to 255 and none.
	.globl	queue
	.type	queue,@function
queue:
	r2 = *(u32 *)(r1 + 0)
	r3 = *(u32 *)(r1 + 4)
	r4 = r2
	r4 += 34
	r0 = 2
	if r4 > r3 goto 1f
	r5 = *(u16 *)(r2 + 24)
	r5 >>= 6
	*(u32 *)(r1 + 16) = r5
1:
	exit
	.size	queue, .-queue

# Verdicts of any number.
	.globl	verdict
	.type	verdict,@function
verdict:
	r2 = *(u32 *)(r1 + 0)
	r3 = *(u32 *)(r1 + 4)
	r4 = r2
	r4 += 34
	r0 = 2
	if r4 > r3 goto 1f
	r0 = *(u64 *)(r2 + 22)
	r5 = r0
	r5 &= 1
	if r5 == 0 goto 1f
	r0 >>= 1
	r0 &= 7
1:
	exit
	.size	verdict, .-verdict

# A TC program with legacy loads, some of them outside the packet.
	.section	tc,"ax",@progbits
	.globl	legacy
	.type	legacy,@function
legacy:
	r6 = r1
	r8 = *(u32 *)(r1 + 0)
	r0 = *(u16 *)skb[12]
	r7 = r0
	r7 &= 0x3f
	r0 = *(u8 *)skb[r7]
	r9 = r0
	r9 <<= 2
	r0 = *(u32 *)skb[r9]
	r7 += r0
	r7 += r8
	r0 = r7
	r0 &= 7
	exit
	.size	legacy, .-legacy
