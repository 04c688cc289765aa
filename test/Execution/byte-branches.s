# REQUIRES: shared
# RUN: nfp-bpf-check %s --pcap=%shared/corpus/pcap/mixed.pcap --pcap=%shared/corpus/pcap/malformed.pcap --limit=300 | FileCheck %s
# RUN: nfp-bpf-translate %s --program=types --emit=asm | FileCheck %s --check-prefix=ASM
# CHECK-COUNT-3: "status":"agree"
# ASM-COUNT-6: br{{!?}}=byte
# ASM-NOT: 0xdd86

# Comparisons of fields become branches on bytes. Constants share one byte or
# the other, so that a packet for one of them is a near miss of others.
	.section	xdp,"ax",@progbits
	.globl	types
	.type	types,@function
types:
	r2 = *(u32 *)(r1 + 0)
	r3 = *(u32 *)(r1 + 4)
	r0 = 0
	r4 = r2
	r4 += 34
	if r4 > r3 goto 1f
	r5 = *(u16 *)(r2 + 12)
	r0 = 1
	if r5 == 0x0081 goto 1f
	if r5 == 0x0108 goto 1f
	r0 = 2
	if r5 == 0xdd86 goto 1f
	if r5 == 0xdd08 goto 1f
	r0 = 3
	if r5 == 0x0008 goto 1f
	if r5 == 0x0000 goto 1f
	r0 = 4
1:
	exit
	.size	types, .-types

# Every byte of a word, bytes that are needed besides, bit fields.
	.globl	fields
	.type	fields,@function
fields:
	r2 = *(u32 *)(r1 + 0)
	r3 = *(u32 *)(r1 + 4)
	r0 = 0
	r4 = r2
	r4 += 34
	if r4 > r3 goto 1f
	r0 = 1
	r5 = *(u8 *)(r2 + 20)
	if r5 == 0x40 goto 1f
	r5 = *(u8 *)(r2 + 22)
	if r5 == 0x40 goto 2f
	r5 = *(u8 *)(r2 + 23)
	if r5 == 6 goto 2f
	r0 = r5
	r0 &= 1
	if r5 != 17 goto 1f
	r5 = *(u8 *)(r2 + 14)
	r5 &= 15
	if r5 == 6 goto 1f
2:
	r0 = 2
	r5 = *(u16 *)(r2 + 26)
	if r5 == 0x000a goto 1f
	r4 = *(u16 *)(r2 + 28)
	if r4 == 0 goto 1f
	r0 = r4
	r0 &= 3
	if r4 == 0xffff goto 3f
	if r4 != 0xff00 goto 1f
3:
	r0 = 4
1:
	exit
	.size	fields, .-fields

# Over a call, in a loop, and behind another order of the questions.
	.globl	loops
	.type	loops,@function
loops:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 0
	r2 = r6
	r2 += 20
	if r2 > r7 goto 1f
	r8 = *(u16 *)(r6 + 12)
	call 7
	r9 = r0
	r0 = 1
	if r8 == 0x0081 goto 2f
	if r8 == 0x0008 goto 3f
	goto 1f
2:
	r6 += 4
	r2 = r6
	r2 += 20
	if r2 > r7 goto 1f
	r8 = *(u16 *)(r6 + 12)
	if r8 == 0x0081 goto 2b
	if r8 == 0xa888 goto 2b
	r0 = 2
	if r8 != 0x0008 goto 1f
3:
	r0 = 3
	if r9 != r8 goto 1f
	r0 = 4
1:
	exit
	.size	loops, .-loops

	.section	license,"a",@progbits
	.asciz	"GPL"
