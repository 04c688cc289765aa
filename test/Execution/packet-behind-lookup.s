# RUN: %python %S/Inputs/short-frames.py %t.pcap
# RUN: nfp-bpf-check %s --pcap=%t.pcap --explore=0 --off=bpf-promote-packet-cache | FileCheck %s
# RUN: nfp-bpf-translate %s --remarks=bpf-promote-packet-cache 2>&1 | FileCheck %s --check-prefix=REMARKS

# Words that only the hit of a lookup needs are read there: with what they were
# before the lookup, also where one of them is changed in between, and behind a
# moved start.
# CHECK: "coverage":{"executed":{{[0-9]+}},"missed":[]
# CHECK-SAME: "program":"changed"
# CHECK-SAME: "status":"agree","type"
# CHECK: "coverage":{"executed":{{[0-9]+}},"missed":[]
# CHECK-SAME: "program":"moved"
# CHECK-SAME: "status":"agree","type"
# REMARKS-COUNT-2: words read where a lookup has found something
	.section	xdp,"ax",@progbits
	.globl	changed
	.type	changed,@function
changed:
	r6 = r1
	r0 = 1
	r2 = *(u32 *)(r1 + 0)
	r3 = *(u32 *)(r1 + 4)
	r4 = r2
	r4 += 40
	if r4 > r3 goto out0
	r7 = r2
	r5 = *(u32 *)(r2 + 20)
	*(u32 *)(r10 - 4) = r5
	r8 = *(u32 *)(r2 + 28)
	r9 = *(u32 *)(r2 + 36)
	*(u32 *)(r2 + 28) = r5
	r1 = entries ll
	r2 = r10
	r2 += -4
	call 1
	if r0 == 0 goto miss0
	r1 = *(u32 *)(r0 + 0)
	r2 = *(u32 *)(r7 + 4)
	r3 = *(u32 *)(r7 + 8)
	r4 = *(u32 *)(r7 + 28)
	r1 += r2
	r1 ^= r3
	r1 += r4
	r1 ^= r8
	r1 += r9
	*(u32 *)(r7 + 0) = r1
	r0 = 3
	exit
miss0:
	r0 = 2
out0:
	exit
	.size	changed, .-changed

	.globl	moved
	.type	moved,@function
moved:
	r6 = r1
	r0 = 1
	r2 = *(u32 *)(r1 + 0)
	r3 = *(u32 *)(r1 + 4)
	r4 = r2
	r4 += 40
	if r4 > r3 goto out1
	r5 = *(u32 *)(r2 + 20)
	*(u32 *)(r10 - 4) = r5
	r8 = *(u16 *)(r2 + 16)
	r1 = entries ll
	r2 = r10
	r2 += -4
	call 1
	if r0 == 0 goto miss1
	r9 = r0
	r1 = r6
	r2 = -8
	call 44
	if r0 != 0 goto miss1
	r0 = 1
	r2 = *(u32 *)(r6 + 0)
	r3 = *(u32 *)(r6 + 4)
	r4 = r2
	r4 += 48
	if r4 > r3 goto out1
	r1 = *(u32 *)(r9 + 0)
	r4 = *(u32 *)(r2 + 8)
	r5 = *(u32 *)(r2 + 12)
	r1 += r4
	r1 ^= r5
	r1 += r8
	*(u32 *)(r2 + 0) = r1
	*(u32 *)(r2 + 4) = r4
	r0 = 3
	exit
miss1:
	r0 = 2
out1:
	exit
	.size	moved, .-moved

	.section	maps,"aw",@progbits
	.globl	entries
	.type	entries,@object
entries:
	.long	1, 4, 8, 64, 0
	.size	entries, 20
