# RUN: %python %S/Inputs/short-frames.py %t.pcap
# RUN: nfp-bpf-check %s --pcap=%t.pcap --explore=0 --off=nfp-test-lengths,nfp-thread-branches | FileCheck %s
# RUN: nfp-bpf-translate %s --remarks='nfp-test-lengths|nfp-thread-branches' 2>&1 | FileCheck %s --check-prefix=REMARKS

# Checks of the length, also behind each other and behind a moved start: each
# bound, one byte less and one byte more.
# CHECK: "status":"agree"
# REMARKS: a bit says whether the packet has 54 bytes
# REMARKS: the bit has been tested already
	.section	xdp,"ax",@progbits
	.globl	parse
	.type	parse,@function
parse:
	r6 = r1
	r0 = 1
	r2 = *(u32 *)(r1 + 0)
	r3 = *(u32 *)(r1 + 4)
	r4 = r2
	r4 += 14
	if r4 > r3 goto out
	r5 = *(u16 *)(r2 + 12)
	if r5 == 0xdd86 goto v6
	if r5 != 0x0008 goto out
	r4 = r2
	r4 += 34
	if r4 > r3 goto out
	r5 = *(u8 *)(r2 + 23)
	r0 = 2
	if r5 == 17 goto udp
	if r5 != 6 goto out
	r0 = 3
	r4 = r2
	r4 += 54
	if r4 > r3 goto out
	goto push
udp:
	r4 = r2
	r4 += 42
	if r4 > r3 goto out
	r0 = 1
	r4 = r2
	r4 += 50
	if r4 > r3 goto out
push:
	r1 = r6
	r2 = -20
	call 44
	if r0 != 0 goto out
	r2 = *(u32 *)(r6 + 0)
	r3 = *(u32 *)(r6 + 4)
	r0 = 1
	r4 = r2
	r4 += 72
	if r4 > r3 goto out
	*(u32 *)(r2 + 68) = r0
	r4 = r2
	r4 += 79
	if r4 > r3 goto out
	r0 = 2
	*(u8 *)(r2 + 78) = r0
	exit
v6:
	r4 = r2
	r4 += 54
	if r4 > r3 goto out
	r0 = *(u8 *)(r2 + 53)
	r0 &= 3
	r4 = r2
	r4 += 62
	if r4 > r3 goto out
	r0 = *(u8 *)(r2 + 61)
	r0 &= 1
	r0 += 1
out:
	exit
