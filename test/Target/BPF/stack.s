# RUN: nfp-bpf-translate --emit=mlir-bpf %s | nfp-bpf-opt --canonicalize --cse | FileCheck %s

	.section	xdp,"ax",@progbits
	.globl	spill
	.type	spill,@function
# A pointer keeps its type on the stack, a number there is a number. The frame
# is as large as the lowest access.
# CHECK-LABEL: bpf.func @spill(
spill:
# CHECK: %[[F:.*]] = bpf.frame 24
# CHECK: %[[D:.*]] = bpf.packet_data
# CHECK: bpf.store %[[D]], %[[F]][16] : !bpf.ptr<packet>, <stack>
	r2 = *(u32 *)(r1 + 0)
	*(u64 *)(r10 - 8) = r2
# CHECK: bpf.store %{{.*}}, %[[F]][0] : !bpf.ptr<packet_end>, <stack>
	r2 = *(u32 *)(r1 + 4)
	*(u64 *)(r10 - 24) = r2
# The context pointer needs no slot to come back from.
	*(u64 *)(r10 - 16) = r1
	call 7
# CHECK-DAG: %[[P:.*]] = bpf.load %[[F]][16] : <stack> -> !bpf.ptr<packet>
# CHECK-DAG: %[[E:.*]] = bpf.load %[[F]][0] : <stack> -> !bpf.ptr<packet_end>
	r6 = *(u64 *)(r10 - 8)
	r7 = *(u64 *)(r10 - 24)
	r0 = 1
	r2 = r6
	r2 += 1
	if r2 > r7 goto out
# CHECK: bpf.load %[[P]][0] : <packet> -> i8
	r0 = *(u8 *)(r6 + 0)
# CHECK: bpf.ctx_load %{{.*}}["rx_queue_index", 16] : i32
	r1 = *(u64 *)(r10 - 16)
	r1 = *(u32 *)(r1 + 16)
	r0 += r1
# Half overwritten, the slot holds a number.
# CHECK: bpf.store %{{.*}}, %[[F]][20] : i32, <stack>
# CHECK: bpf.load %[[F]][16] : <stack> -> i64
	*(u32 *)(r10 - 4) = r0
	r1 = *(u64 *)(r10 - 8)
	r0 += r1
out:
	exit
	.size	spill, .-spill

	.globl	variable
	.type	variable,@function
# A variable offset may reach everything above the place it starts from.
# CHECK-LABEL: bpf.func @variable(
variable:
# CHECK: %[[F:.*]] = bpf.frame 16
	r1 = 0
	*(u64 *)(r10 - 8) = r1
	*(u64 *)(r10 - 16) = r1
	call 7
	r0 &= 15
	r1 = r10
	r1 += -16
# CHECK: %[[P:.*]] = bpf.ptr_add %[[F]], %{{.*}} : <stack>
# CHECK: bpf.load %[[P]][0] : <stack> -> i8
	r1 += r0
	r0 = *(u8 *)(r1 + 0)
	exit
	.size	variable, .-variable
