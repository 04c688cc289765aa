# REQUIRES: shared
# RUN: nfp-bpf-check %s --pcap=%shared/corpus/pcap/flows64.pcap --limit=100 --explore=300 | FileCheck %s
# CHECK-COUNT-3: "status":"agree"

# Calls through registers, loops with a callback, may_goto.
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
	.section	xdp,"ax",@progbits
	prologue through
	r1 = r8
	r2 = 5
	r3 = add ll
	*(u64 *)(r10 - 8) = r3
	r4 = *(u64 *)(r10 - 8)
	callx r4
	r1 = r0
	r2 = r8
	r3 = sub ll
	callx r3
	epilogue through

	prologue loop
	*(u64 *)(r10 - 16) = r8
	*(u64 *)(r10 - 8) = 3
	r1 = r8
	r1 &= 15
	r2 = round ll
	r3 = r10
	r3 += -16
	r4 = 0
	call 181
	*(u64 *)(r6 + 8) = r0
	r1 = 8388609
	r2 = round ll
	r3 = r10
	r3 += -16
	r4 = 0
	call 181
	*(u64 *)(r6 + 16) = r0
	r1 = 3
	r2 = round ll
	r3 = r10
	r3 += -16
	r4 = r8
	r4 &= 1
	r4 += 1
	call 181
	*(u64 *)(r6 + 24) = r0
	r0 = *(u64 *)(r10 - 8)
	epilogue loop

# Ends by its own condition, by the counter, and once more after it.
	prologue may_goto
	r0 = 0
1:
	may_goto 2f
	r0 += 1
	if r0 < r8 goto 1b
2:
	*(u64 *)(r6 + 8) = r0
	r0 = 0
3:
	may_goto 4f
	r0 += 3
	goto 3b
4:
	may_goto 5f
	r0 += 1
5:
	*(u64 *)(r6 + 16) = r0
	r1 = r8
	call counted
	epilogue may_goto

	.text
	.type	add,@function
add:
	r0 = r1
	r0 += r2
	exit
	.size	add, .-add
	.type	sub,@function
sub:
	r0 = r1
	r0 -= r2
	exit
	.size	sub, .-sub
	.type	round,@function
round:
	r3 = *(u64 *)(r2 + 8)
	r3 *= 3
	r3 += r1
	*(u64 *)(r2 + 8) = r3
	r4 = *(u64 *)(r2 + 0)
	r0 = 0
	r1 += 4
	if r4 > r1 goto 1f
	r0 = 1
1:
	exit
	.size	round, .-round
	.type	counted,@function
counted:
	r0 = 0
1:
	may_goto 2f
	r0 += 1
	if r0 != 300 goto 1b
2:
	r0 += r1
	exit
	.size	counted, .-counted
