# REQUIRES: shared
# RUN: nfp-bpf-check %s --pcap=%shared/corpus/pcap/flows64.pcap --limit=100 --explore=300 | FileCheck %s
# RUN: nfp-bpf-translate %s --remarks=bpf-inline -o %t.elf 2>&1 | FileCheck %s --check-prefix=INLINED
# RUN: nfp-bpf-run %s --program=siblings --pcap=%shared/corpus/pcap/flows64.pcap --limit=100 --cycles-by=function | FileCheck %s --check-prefix=CYCLES
# CHECK-COUNT-3: "status":"agree"

# Subprograms with frames in a function with one, two of them called in a loop;
# together they take more than the stack has, one after the other they fit.
# INLINED-DAG: 'fill' is inlined
# INLINED-DAG: 'sum' is inlined
# INLINED-DAG: 'middle' is inlined
# INLINED-DAG: 'store' is inlined
# INLINED-DAG: 'counting' stays a function: it has a may_goto

# What has been inlined is still told apart.
# CYCLES: cycles by function
# CYCLES-DAG: {{ siblings$}}
# CYCLES-DAG: {{ fill$}}
# CYCLES-DAG: {{ sum$}}
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
	prologue siblings
	*(u64 *)(r10 - 248) = r8
	*(u64 *)(r10 - 8) = r6
	r9 = 0
1:
	r1 = r8
	r2 = r10
	r2 += -248
	call fill
	r8 = r0
	r1 = r8
	r2 = r9
	call sum
	r8 += r0
	r9 += 1
	if r9 < 4 goto 1b
	r1 = *(u64 *)(r10 - 248)
	*(u64 *)(r6 + 8) = r1
	r6 = *(u64 *)(r10 - 8)
	r0 = r8
	epilogue siblings

# The innermost function writes through a pointer to the frame in the middle.
	prologue nested
	*(u64 *)(r10 - 16) = r8
	r1 = r10
	r1 += -16
	call middle
	r1 = *(u64 *)(r10 - 16)
	r0 += r1
	epilogue nested

	prologue stays
	*(u64 *)(r10 - 16) = r8
	r1 = r8
	call counting
	r9 = r0
	r1 = r8
	r2 = 3
	call sum
	r0 += r9
	r1 = *(u64 *)(r10 - 16)
	r0 += r1
	epilogue stays

	.text
	.type	fill,@function
fill:
	*(u64 *)(r10 - 232) = r1
	*(u32 *)(r10 - 196) = r1
	r3 = *(u8 *)(r10 - 231)
	r3 += r1
	*(u64 *)(r2 + 0) = r3
	r0 = *(u32 *)(r10 - 196)
	r0 += r3
	exit
	.size	fill, .-fill

	.type	sum,@function
sum:
	if r2 == 1 goto 1f
	*(u64 *)(r10 - 240) = r2
	*(u64 *)(r10 - 8) = r1
	r0 = *(u64 *)(r10 - 240)
	r3 = *(u64 *)(r10 - 8)
	r0 ^= r3
	exit
1:
	*(u16 *)(r10 - 2) = r1
	r0 = *(u16 *)(r10 - 2)
	exit
	.size	sum, .-sum

	.type	middle,@function
middle:
	r6 = r1
	r1 = *(u64 *)(r1 + 0)
	*(u64 *)(r10 - 24) = r1
	*(u64 *)(r10 - 8) = r1
	r1 = r10
	r1 += -24
	r2 = 77
	call store
	r1 = *(u64 *)(r10 - 24)
	*(u64 *)(r6 + 0) = r1
	r2 = *(u64 *)(r10 - 8)
	r0 += r2
	exit
	.size	middle, .-middle

	.type	store,@function
store:
	*(u64 *)(r10 - 8) = r2
	r3 = *(u64 *)(r1 + 0)
	r3 += 5
	*(u64 *)(r1 + 0) = r3
	r0 = *(u64 *)(r10 - 8)
	exit
	.size	store, .-store

	.type	counting,@function
counting:
	r0 = 0
1:
	may_goto 2f
	r0 += 1
	if r0 < r1 goto 1b
2:
	exit
	.size	counting, .-counting
