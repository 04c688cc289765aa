# REQUIRES: shared
# RUN: nfp-bpf-check %s --pcap=%shared/corpus/pcap/flows64.pcap --limit=200 --fill-states=2 --explore=500 | FileCheck %s
# CHECK-COUNT-6: "status":"agree"

# Every atomic operation on map values; what is fetched goes to the packet.
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
	*(u32 *)(r10 - 4) = 0
	r1 = state ll
	r2 = r10
	r2 += -4
	call 1
	if r0 == 0 goto 8f
	r9 = r0
	r3 = *(u64 *)(r6 + 24)
	r4 = *(u32 *)(r6 + 30)
.endm
.macro epilogue name
8:
	r0 = 2
9:
	exit
	.size	\name, .-\name
.endm

	.section	xdp,"ax",@progbits
	prologue without_result
	lock *(u64 *)(r9 + 0) += r3
	lock *(u32 *)(r9 + 8) += w4
	lock *(u64 *)(r9 + 16) |= r3
	lock *(u32 *)(r9 + 12) |= w4
	lock *(u64 *)(r9 + 24) &= r3
	lock *(u32 *)(r9 + 36) &= w4
	lock *(u64 *)(r9 + 40) ^= r3
	lock *(u32 *)(r9 + 32) ^= w4
	epilogue without_result

	prologue fetching32
	r5 = r4
	w5 = atomic_fetch_add((u32 *)(r9 + 0), w5)
	*(u64 *)(r6 + 0) = r5
	r5 = r4
	w5 = atomic_fetch_or((u32 *)(r9 + 4), w5)
	*(u64 *)(r6 + 8) = r5
	r5 = r4
	w5 = atomic_fetch_and((u32 *)(r9 + 8), w5)
	*(u64 *)(r6 + 16) = r5
	r5 = r4
	w5 = atomic_fetch_xor((u32 *)(r9 + 12), w5)
	*(u64 *)(r6 + 24) = r5
	r5 = r4
	w5 = xchg32_32(r9 + 16, w5)
	*(u64 *)(r6 + 32) = r5
	epilogue fetching32

	prologue fetching64
	r5 = r3
	r5 = atomic_fetch_add((u64 *)(r9 + 0), r5)
	*(u64 *)(r6 + 0) = r5
	r5 = r3
	r5 = atomic_fetch_or((u64 *)(r9 + 8), r5)
	*(u64 *)(r6 + 8) = r5
	r5 = r3
	r5 = atomic_fetch_and((u64 *)(r9 + 16), r5)
	*(u64 *)(r6 + 16) = r5
	r5 = r3
	r5 = atomic_fetch_xor((u64 *)(r9 + 24), r5)
	*(u64 *)(r6 + 24) = r5
	r5 = r3
	r5 = xchg_64(r9 + 32, r5)
	*(u64 *)(r6 + 32) = r5
	r5 = 7
	r5 = atomic_fetch_add((u64 *)(r9 + 40), r5)
	r5 += 1
	*(u64 *)(r6 + 40) = r5
	epilogue fetching64

# A counter at a variable offset: all words of the value are counters then.
# Reads and writes of parts, at offsets that are multiples of four and not.
	prologue variable
	r2 = r4
	r2 &= 4
	r8 = r9
	r8 += r2
	r1 = 1
	lock *(u32 *)(r8 + 0) += w1
	lock *(u64 *)(r9 + 8) += r3
	r1 = *(u16 *)(r8 + 8)
	*(u16 *)(r8 + 18) = r1
	*(u8 *)(r8 + 21) = r3
	*(u64 *)(r8 + 24) = r3
	r1 = *(u64 *)(r8 + 2)
	*(u64 *)(r6 + 0) = r1
	r2 = r3
	r2 &= 7
	r8 = r9
	r8 += r2
	r1 = *(u8 *)(r8 + 0)
	*(u8 *)(r8 + 32) = r1
	*(u16 *)(r8 + 34) = r3
	*(u32 *)(r8 + 36) = r4
	r1 = *(u16 *)(r8 + 12)
	*(u64 *)(r6 + 8) = r1
	r1 = *(u32 *)(r8 + 12)
	*(u64 *)(r6 + 16) = r1
	r1 = *(u64 *)(r8 + 12)
	*(u64 *)(r6 + 24) = r1
	epilogue variable

# One pointer into two maps, of which one has counters where the other has
# plain words; an update of either, and an event with counters in it.
	prologue two_maps
	*(u32 *)(r10 - 4) = 1
	r1 = other ll
	r2 = r10
	r2 += -4
	call 1
	if r0 == 0 goto 8f
	r8 = r0
	r3 = *(u64 *)(r6 + 24)
	r4 = *(u32 *)(r6 + 30)
	lock *(u32 *)(r9 + 0) += w4
	r5 = r9
	if r4 s> 0 goto 1f
	r5 = r8
1:
	r1 = *(u32 *)(r5 + 0)
	*(u64 *)(r6 + 0) = r1
	*(u16 *)(r5 + 2) = r3
	*(u64 *)(r5 + 4) = r3
	r1 = *(u8 *)(r5 + 3)
	*(u64 *)(r6 + 8) = r1
	r3 = *(u64 *)(r5 + 0)
	*(u64 *)(r6 + 16) = r3
	epilogue two_maps

# Acquire and release on map values, the stack and the packet.
	prologue ordered
	r1 = 1
	lock *(u32 *)(r9 + 0) += w1
	w1 = load_acquire((u32 *)(r9 + 0))
	store_release((u64 *)(r6 + 0), r1)
	store_release((u64 *)(r9 + 8), r3)
	store_release((u16 *)(r10 - 12), w4)
	w1 = load_acquire((u8 *)(r10 - 11))
	store_release((u8 *)(r6 + 9), w1)
	r1 = load_acquire((u64 *)(r9 + 8))
	r1 += 1
	store_release((u32 *)(r6 + 16), w1)
	epilogue ordered

	.section	maps,"aw",@progbits
	.globl	state
state:
	.long	2, 4, 48, 1, 0
	.size	state, 20
	.globl	other
other:
	.long	2, 4, 48, 2, 0
	.size	other, 20
