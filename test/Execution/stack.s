# REQUIRES: shared
# RUN: nfp-bpf-check %s --pcap=%shared/corpus/pcap/mixed.pcap --limit=200 | FileCheck %s
# CHECK-COUNT-3: "status":"agree"

# Every width at every place in a word, read back across words; the bytes end
# up in the packet, where they are compared.

	.section	xdp,"ax",@progbits
	.globl	unaligned
	.type	unaligned,@function
unaligned:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 1
	r2 = r6
	r2 += 40
	if r2 > r7 goto 1f
	r3 = *(u64 *)(r6 + 0)
	r4 = *(u64 *)(r6 + 8)
	*(u64 *)(r10 - 8) = r3
	*(u64 *)(r10 - 16) = r4
	*(u64 *)(r10 - 24) = r3
	*(u64 *)(r10 - 32) = r4
	*(u8 *)(r10 - 31) = r3
	*(u16 *)(r10 - 27) = r3
	*(u16 *)(r10 - 21) = r4
	*(u32 *)(r10 - 18) = r3
	*(u32 *)(r10 - 11) = r4
	*(u64 *)(r10 - 9) = r4
	r0 = *(u64 *)(r10 - 31)
	*(u64 *)(r6 + 0) = r0
	r0 = *(u64 *)(r10 - 22)
	*(u64 *)(r6 + 8) = r0
	r0 = *(u64 *)(r10 - 13)
	*(u64 *)(r6 + 16) = r0
	r0 = *(u32 *)(r10 - 29)
	r2 = *(u32 *)(r10 - 27)
	r0 ^= r2
	r2 = *(u16 *)(r10 - 25)
	r0 ^= r2
	r2 = *(u16 *)(r10 - 19)
	r0 ^= r2
	r2 = *(s8 *)(r10 - 18)
	r0 ^= r2
	r2 = *(s16 *)(r10 - 17)
	r0 ^= r2
	*(u64 *)(r6 + 24) = r0
	r0 = 2
1:
	exit
	.size	unaligned, .-unaligned

# A variable place: whole words, and bytes read from anywhere.
	.globl	variable
	.type	variable,@function
variable:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 1
	r2 = r6
	r2 += 40
	if r2 > r7 goto 1f
	r3 = *(u64 *)(r6 + 0)
	r4 = *(u64 *)(r6 + 8)
	*(u64 *)(r10 - 8) = r3
	*(u64 *)(r10 - 16) = r4
	*(u64 *)(r10 - 24) = r3
	*(u64 *)(r10 - 32) = r4
	*(u64 *)(r10 - 40) = r4
	r5 = r3
	r5 &= 7
	r5 <<= 2
	r8 = r10
	r8 += -40
	r8 += r5
	r0 = *(u32 *)(r8 + 4)
	r2 = *(u16 *)(r8 + 2)
	r0 ^= r2
	*(u32 *)(r8 + 0) = r0
	*(u16 *)(r8 + 6) = r0
	*(u8 *)(r8 + 5) = r0
	r9 = *(u8 *)(r6 + 5)
	r9 &= 15
	r8 = r10
	r8 += -40
	r8 += r9
	r0 = *(u8 *)(r8 + 0)
	*(u8 *)(r6 + 0) = r0
	r0 = *(u16 *)(r8 + 1)
	*(u16 *)(r6 + 2) = r0
	r0 = *(u32 *)(r8 + 3)
	*(u32 *)(r6 + 4) = r0
	r0 = *(u64 *)(r8 + 6)
	*(u64 *)(r6 + 8) = r0
	r0 = *(u64 *)(r10 - 40)
	*(u64 *)(r6 + 16) = r0
	r0 = 2
1:
	exit
	.size	variable, .-variable

# Nobody else sees this memory: fetching atomics are loads and stores.
	.globl	atomics
	.type	atomics,@function
atomics:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 1
	r2 = r6
	r2 += 64
	if r2 > r7 goto 1f
	r3 = *(u64 *)(r6 + 0)
	r4 = *(u64 *)(r6 + 8)
	*(u64 *)(r10 - 8) = r3
	lock *(u64 *)(r10 - 8) += r4
	lock *(u32 *)(r10 - 8) ^= w4
	r5 = r4
	r5 = atomic_fetch_or((u64 *)(r10 - 8), r5)
	*(u64 *)(r6 + 0) = r5
	r5 = r4
	w5 = atomic_fetch_and((u32 *)(r10 - 4), w5)
	*(u64 *)(r6 + 8) = r5
	r5 = r3
	r5 = xchg_64(r10 - 8, r5)
	*(u64 *)(r6 + 16) = r5
	r0 = r3
	r0 = cmpxchg_64(r10 - 8, r0, r4)
	*(u64 *)(r6 + 24) = r0
	r0 = r3
	w0 = cmpxchg32_32(r10 - 8, w0, w4)
	*(u64 *)(r6 + 32) = r0
	r0 = *(u64 *)(r10 - 8)
	*(u64 *)(r6 + 40) = r0
	r0 = 2
1:
	exit
	.size	atomics, .-atomics
