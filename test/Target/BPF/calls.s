# RUN: nfp-bpf-translate --emit=mlir-bpf %s | nfp-bpf-opt --canonicalize --cse | FileCheck %s

# A subprogram is imported once for each kind of arguments it is called with.

	.section	xdp,"ax",@progbits
	.globl	caller
	.type	caller,@function
# CHECK-LABEL: bpf.func @caller(
caller:
	r6 = *(u32 *)(r1 + 0)
	r7 = *(u32 *)(r1 + 4)
	r0 = 0
	r2 = r6
	r2 += 8
	if r2 > r7 goto out
# CHECK: bpf.call @first_byte(%{{.*}}) : (!bpf.ptr<packet>) -> i64
	r1 = r6
	call first_byte
	r8 = r0
# CHECK: bpf.call @first_byte.1(%{{.*}}) : (!bpf.ptr<stack>) -> i64
	*(u64 *)(r10 - 8) = 7
	r1 = r10
	r1 += -8
	call first_byte
	r8 += r0
# The same kinds again: the same function.
# CHECK: bpf.call @first_byte(%{{.*}}) : (!bpf.ptr<packet>) -> i64
	r1 = r6
	call first_byte
	r8 += r0
# A pointer comes back as one.
# CHECK: %[[P:.*]] = bpf.call @advance(%{{.*}}, %{{.*}}) : (!bpf.ptr<packet>, i64) -> !bpf.ptr<packet>
# CHECK: bpf.load %[[P]][0] : <packet>
	r1 = r6
	r2 = 4
	call advance
	r0 = *(u8 *)(r0 + 0)
	r8 += r0
# A callee's pointer in the caller's frame.
# CHECK: bpf.call @store_pointer(%{{.*}}, %{{.*}}) : (!bpf.ptr<stack>, !bpf.ptr<packet>) -> i64
# CHECK: %[[Q:.*]] = bpf.load %{{.*}}[{{.*}}] : <stack> -> !bpf.ptr<packet>
# CHECK: bpf.load %[[Q]][3] : <packet>
	r1 = r10
	r1 += -16
	r2 = r6
	call store_pointer
	r1 = *(u64 *)(r10 - 16)
	r0 = *(u8 *)(r1 + 3)
	r8 += r0
out:
	r0 = r8
	exit
	.size	caller, .-caller

	.text
	.type	first_byte,@function
# CHECK-LABEL: bpf.func private @first_byte(
# CHECK: bpf.load %{{.*}}[0] : <packet> -> i8
# CHECK-LABEL: bpf.func private @first_byte.1(
# CHECK: bpf.load %{{.*}}[0] : <stack> -> i8
first_byte:
	r0 = *(u8 *)(r1 + 0)
	exit
	.size	first_byte, .-first_byte

	.type	advance,@function
# CHECK-LABEL: bpf.func private @advance(
# CHECK: bpf.return %{{.*}} : !bpf.ptr<packet>
advance:
	r0 = r1
	r0 += r2
	exit
	.size	advance, .-advance

	.type	store_pointer,@function
# CHECK-LABEL: bpf.func private @store_pointer(
# CHECK: bpf.store %{{.*}}, %{{.*}}[0] : !bpf.ptr<packet>, <stack>
store_pointer:
	*(u64 *)(r1 + 0) = r2
	r0 = 0
	exit
	.size	store_pointer, .-store_pointer
