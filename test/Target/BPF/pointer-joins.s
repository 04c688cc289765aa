# RUN: nfp-bpf-translate --emit=mlir-bpf %s | FileCheck %s

	.section	xdp,"ax",@progbits
	.globl	maybe_null
	.type	maybe_null,@function
# A pointer or zero is a pointer.
# CHECK-LABEL: bpf.func @maybe_null(
maybe_null:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r8 = 0
	r2 = r6
	r2 += 1
# CHECK: %[[NULL:.*]] = bpf.null : <packet>
# CHECK: cf.cond_br %{{.*}}, ^[[JOIN:bb[0-9]+]](%[[NULL]] : !bpf.ptr<packet>)
# CHECK: cf.br ^[[JOIN]](%{{.*}} : !bpf.ptr<packet>)
	if r2 > r7 goto join
	r8 = r6
join:
	r0 = 0
# CHECK: ^[[JOIN]](%[[P:.*]]: !bpf.ptr<packet>):
# CHECK: bpf.is_null %[[P]] : <packet>
	if r8 == 0 goto out
# CHECK: bpf.load %[[P]][0] : <packet> -> i8
	r0 = *(u8 *)(r8 + 0)
out:
	exit
	.size	maybe_null, .-maybe_null

	.globl	number
	.type	number,@function
# A pointer or any other number is a number.
# CHECK-LABEL: bpf.func @number(
number:
	r6 = *(u32 *)(r1 + 0)
	call 7
	if r0 == 5 goto join2
# CHECK: bpf.ptr_to_int %{{.*}} : <packet>
	r0 = r6
join2:
# CHECK: bpf.return %{{.*}} : i64
	exit
	.size	number, .-number

	.globl	two_spaces
	.type	two_spaces,@function
# One load for the packet on one path and the stack on the other: the code
# they share is imported twice.
# CHECK-LABEL: bpf.func @two_spaces(
two_spaces:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	*(u64 *)(r10 - 8) = 1
	r8 = r10
	r8 += -8
	r2 = r6
	r2 += 1
	if r2 > r7 goto join3
	r8 = r6
join3:
# CHECK-DAG: bpf.load %{{.*}}[0] : <stack> -> i8
# CHECK-DAG: bpf.load %{{.*}}[0] : <packet> -> i8
	r0 = *(u8 *)(r8 + 0)
	exit
	.size	two_spaces, .-two_spaces
