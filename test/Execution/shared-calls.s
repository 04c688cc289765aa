# REQUIRES: shared
# RUN: nfp-bpf-check %s --pcap=%shared/corpus/pcap/flows64.pcap --limit=300 --fill-states=2 | FileCheck %s
# RUN: nfp-bpf-translate %s --disable-pass=bpf-inline --remarks=nfp-layout-blocks -o %t.elf 2>&1 | FileCheck %s --check-prefix=COPIED
# RUN: nfp-bpf-translate %s --disable-pass=bpf-inline --program=lookup --emit=asm -o - | FileCheck %s --check-prefix=ASM
# CHECK-COUNT-2: "status":"agree"

# Ways that meet in front of a call have calls of their own, which return to one
# place; the key and the argument say which way it was.
# COPIED-COUNT-4: the call at the branch's target takes its place and returns there [nfp-layout-blocks, passed]

# All calls return to the word behind the first one.
# ASM: [[#%u,CALL:]] {{[0-9a-f]+}}  br[.0], defer[2]  ; -> helper 1
# ASM-NEXT: immed[gprA_0, 0x0]
# ASM-NEXT: immed[gprB_0, 0x[[BACK:[0-9a-f]+]]]
# ASM: [[#CALL+3]] {{.*}}alu[--, --, B, gprA_1]
# ASM: -> helper 1
# ASM: immed[gprB_0, 0x[[BACK]]]
# ASM: -> helper 1
# ASM: immed[gprB_0, 0x[[BACK]]]
	.section	xdp,"ax",@progbits
	.globl	lookup
	.type	lookup,@function
lookup:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 1
	r2 = r6
	r2 += 60
	if r2 > r7 goto 9f
	r8 = *(u8 *)(r6 + 23)
	r1 = *(u8 *)(r6 + 33)
	r1 &= 1
	if r1 == 0 goto 1f
	r3 = *(u32 *)(r6 + 30)
	*(u32 *)(r10 - 4) = r3
	goto 3f
1:
	if r8 == 6 goto 2f
	r3 = *(u32 *)(r6 + 26)
	r3 += 1
	*(u32 *)(r10 - 4) = r3
	goto 3f
2:
	r3 = *(u32 *)(r6 + 26)
	*(u32 *)(r10 - 4) = r3
3:
	r1 = flows ll
	r2 = r10
	r2 += -4
	call 1
	if r0 == 0 goto 8f
	r1 = *(u64 *)(r0 + 0)
	r1 += r8
	*(u64 *)(r0 + 0) = r1
	*(u64 *)(r6 + 40) = r1
	r0 = 2
	exit
8:
	*(u64 *)(r6 + 40) = r8
	r0 = 3
9:
	exit
	.size	lookup, .-lookup

	.globl	function
	.type	function,@function
function:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 1
	r2 = r6
	r2 += 60
	if r2 > r7 goto 9f
	r8 = *(u8 *)(r6 + 23)
	r1 = *(u8 *)(r6 + 33)
	r2 = r1
	r2 &= 1
	if r2 == 0 goto 1f
	r1 = *(u32 *)(r6 + 30)
	r8 += 4
	goto 3f
1:
	if r8 == 6 goto 2f
	r1 = *(u32 *)(r6 + 26)
	r8 += 3
	goto 3f
2:
	r8 += 5
3:
	call mix
	r0 ^= r8
	*(u64 *)(r6 + 40) = r0
	r0 = 2
9:
	exit
	.size	function, .-function

	.text
	.type	mix,@function
mix:
	r0 = r1
	r1 >>= 3
	r0 ^= r1
	r2 = r0
	r0 *= 77
	r0 += r2
	r0 &= 0xffffff
	exit
	.size	mix, .-mix

	.section	maps,"aw",@progbits
	.globl	flows
	.type	flows,@object
flows:
	.long	1, 4, 8, 64, 0
	.size	flows, 20
