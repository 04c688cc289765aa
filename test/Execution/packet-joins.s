# REQUIRES: shared
# RUN: nfp-bpf-check %s --pcap=%shared/corpus/pcap/flows64.pcap --limit=300 --explore=300 --off=bpf-promote-packet-cache | FileCheck %s
# RUN: nfp-bpf-translate %s --remarks=bpf-promote-packet-cache -o %t.elf 2>&1 | FileCheck %s --check-prefix=JOINED
# CHECK-COUNT-3: "status":"agree"

# Fields behind joins, beside what is read on the ways there; one is written at
# the start of the join, one on a way to it.
# JOINED-COUNT-1: 2 bytes read on each of the 2 ways here, beside what is read there
# JOINED-NOT: on each of the
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
.endm
.macro epilogue name
	*(u64 *)(r6 + 0) = r0
	r0 = 2
9:
	exit
	.size	\name, .-\name
.endm
# Where the start of the ways is found out, so that no read is of all packets.
.macro find
	r3 = *(u8 *)(r6 + 14)
	r3 &= 7
	r4 = r6
	r4 += r3
.endm
	.section	xdp,"ax",@progbits
	prologue beside
	find
	if r8 > 100 goto 1f
	r0 = *(u16 *)(r4 + 34)
	r4 += 36
	goto 2f
1:
	r0 = *(u16 *)(r4 + 22)
	r4 += 20
2:
	r1 = *(u16 *)(r4 + 0)
	r1 <<= 16
	r0 |= r1
	epilogue beside

	prologue written_behind
	find
	if r8 > 100 goto 1f
	r0 = *(u16 *)(r4 + 34)
	r4 += 36
	goto 2f
1:
	r0 = *(u16 *)(r4 + 22)
	r4 += 20
2:
	r2 = 0x1122334455667788 ll
	*(u64 *)(r6 + 36) = r2
	r1 = *(u16 *)(r4 + 0)
	r1 <<= 16
	r0 |= r1
	epilogue written_behind

	prologue written_before
	find
	if r8 > 100 goto 1f
	r0 = *(u16 *)(r4 + 34)
	*(u16 *)(r4 + 36) = r8
	r4 += 36
	goto 2f
1:
	r0 = *(u16 *)(r4 + 22)
	*(u16 *)(r4 + 20) = r8
	r4 += 20
2:
	r1 = *(u16 *)(r4 + 0)
	r1 <<= 16
	r0 |= r1
	epilogue written_before
