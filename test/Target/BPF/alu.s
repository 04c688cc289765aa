# RUN: nfp-bpf-translate --emit=mlir-bpf %s | FileCheck %s

# Registers are i64; 32-bit operations work on i32 and clear the upper half.

	.section	xdp,"ax",@progbits
	.globl	alu64
	.type	alu64,@function
# CHECK-LABEL: bpf.func @alu64(
alu64:
# CHECK: %[[A:.*]] = arith.constant 5 : i64
	r6 = 5
# CHECK: %[[R:.*]] = bpf.get_prandom_u32
	call 7
# CHECK: arith.addi %[[R]], %[[A]] : i64
	r0 += r6
# CHECK: %[[M1:.*]] = arith.constant -1 : i64
# CHECK: arith.xori %{{.*}}, %[[M1]] : i64
	r0 ^= -1
# CHECK: %[[Z:.*]] = arith.constant 0 : i64
# CHECK: arith.subi %[[Z]], %{{.*}} : i64
	r0 = -r0
# Shift amounts are taken modulo the width.
# CHECK: %[[MASK:.*]] = arith.constant 63 : i64
# CHECK: %[[S:.*]] = arith.andi %{{.*}}, %[[MASK]] : i64
# CHECK: arith.shli %{{.*}}, %[[S]] : i64
	r7 = r0
	r0 <<= r7
# CHECK: %[[C4:.*]] = arith.constant 4 : i64
# CHECK: arith.shrsi %{{.*}}, %[[C4]] : i64
	r0 s>>= 4
# CHECK: bpf.udiv %{{.*}}, %{{.*}} : i64
	r0 /= r7
# CHECK: bpf.smod %{{.*}}, %{{.*}} : i64
	r0 s%= r7
# CHECK: %[[B:.*]] = arith.trunci %{{.*}} : i64 to i8
# CHECK: arith.extsi %[[B]] : i8 to i64
	r0 = (s8)r0
# CHECK: arith.constant 81985529216486895 : i64
	r1 = 0x123456789abcdef ll
	r0 |= r1
	exit
	.size	alu64, .-alu64

	.globl	alu32
	.type	alu32,@function
# CHECK-LABEL: bpf.func @alu32(
alu32:
	call 7
	r6 = r0
# CHECK: %[[L:.*]] = arith.trunci %{{.*}} : i64 to i32
# CHECK: %[[C:.*]] = arith.constant -3 : i32
# CHECK: %[[P:.*]] = arith.muli %[[L]], %[[C]] : i32
# CHECK: arith.extui %[[P]] : i32 to i64
	w0 *= -3
# CHECK: %[[MASK:.*]] = arith.constant 31 : i32
# CHECK: %[[S:.*]] = arith.andi %{{.*}}, %[[MASK]] : i32
# CHECK: arith.shrui %{{.*}}, %[[S]] : i32
	w0 >>= w6
# CHECK: arith.shrsi %{{.*}}, %{{.*}} : i32
	w0 s>>= 7
# CHECK: bpf.umod %{{.*}}, %{{.*}} : i32
	w0 %= w6
# CHECK: bpf.sdiv %{{.*}}, %{{.*}} : i32
	w0 s/= w6
# CHECK: %[[H:.*]] = arith.trunci %{{.*}} : i64 to i16
# CHECK: %[[W:.*]] = arith.extsi %[[H]] : i16 to i32
# CHECK: arith.extui %[[W]] : i32 to i64
	w0 = (s16)w0
# CHECK: %[[I:.*]] = arith.constant -1 : i32
# CHECK: arith.extui %[[I]] : i32 to i64
	w1 = -1
	w0 |= w1
	exit
	.size	alu32, .-alu32

	.globl	byte_order
	.type	byte_order,@function
# CHECK-LABEL: bpf.func @byte_order(
byte_order:
	call 7
# CHECK: %[[H:.*]] = arith.trunci %{{.*}} : i64 to i16
# CHECK: %[[S:.*]] = bpf.bswap %[[H]] : i16
# CHECK: arith.extui %[[S]] : i16 to i64
	r0 = be16 r0
# CHECK: %[[W:.*]] = arith.trunci %{{.*}} : i64 to i32
# CHECK-NOT: bpf.bswap
# CHECK: arith.extui %[[W]] : i32 to i64
	r0 = le32 r0
# CHECK: bpf.bswap %{{.*}} : i64
	r0 = bswap64 r0
	exit
	.size	byte_order, .-byte_order
