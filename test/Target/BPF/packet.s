# RUN: nfp-bpf-translate --emit=mlir-bpf %s | nfp-bpf-opt --canonicalize --cse | FileCheck %s

	.section	xdp,"ax",@progbits
	.globl	parse
	.type	parse,@function
# CHECK-LABEL: bpf.func @parse(
# CHECK-SAME: %[[CTX:.*]]: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>, section = "xdp"}
parse:
# CHECK-DAG: %[[END:.*]] = bpf.packet_end %[[CTX]]
# CHECK-DAG: %[[DATA:.*]] = bpf.packet_data %[[CTX]]
	r7 = *(u32 *)(r1 + 4)
	r6 = *(u32 *)(r1 + 0)
	r0 = 1
# CHECK: %[[P:.*]] = bpf.ptr_add %[[DATA]], %c14_i64
# CHECK: %[[C:.*]] = bpf.ptr_cmp ugt %[[P]], %[[END]] : <packet>, <packet_end>
# CHECK: cf.cond_br %[[C]]
	r2 = r6
	r2 += 14
	if r2 > r7 goto out
# A variable offset, in both orders of the addition.
# CHECK: %[[B:.*]] = bpf.load %[[DATA]][12] : <packet> -> i8
# CHECK: %[[N:.*]] = arith.extui %[[B]] : i8 to i64
# CHECK: %[[Q:.*]] = bpf.ptr_add %[[DATA]], %[[N]] : <packet>
# CHECK: %[[E:.*]] = bpf.ptr_add %[[Q]], %c4_i64
# CHECK: bpf.ptr_cmp ugt %[[E]], %[[END]]
	r3 = *(u8 *)(r6 + 12)
	r4 = r3
	r3 += r6
	r5 = r3
	r5 += 4
	if r5 > r7 goto out
# CHECK: %[[V:.*]] = bpf.load %[[Q]][2] : <packet> -> i16
# CHECK: arith.extsi %[[V]] : i16 to i64
	r0 = *(s16 *)(r3 + 2)
# CHECK: bpf.store %c258_i16, %[[Q]][0] : i16, <packet>
	*(u16 *)(r3 + 0) = 258
# The distance of two pointers is a number.
# CHECK: bpf.ptr_diff %[[END]], %[[DATA]] : <packet_end>, <packet>
	r7 -= r6
	r0 += r7
# Any other arithmetic takes the pointer as one.
# CHECK: bpf.ptr_to_int %[[Q]] : <packet>
	r3 &= 3
	r0 += r3
out:
# CHECK: bpf.return
	exit
	.size	parse, .-parse

	.section	tc,"ax",@progbits
	.globl	skb
	.type	skb,@function
# CHECK-LABEL: bpf.func @skb(
# CHECK-SAME: prog_type = #bpf.prog_type<tc>
skb:
# CHECK-DAG: bpf.packet_data
# CHECK-DAG: bpf.packet_end
	r2 = *(u32 *)(r1 + 76)
	r3 = *(u32 *)(r1 + 80)
	r0 = 0
# CHECK: bpf.ptr_cmp uge
	if r2 >= r3 goto none
# CHECK: %[[L:.*]] = bpf.packet_len
# CHECK: arith.extui %[[L]] : i32 to i64
	r0 = *(u32 *)(r1 + 0)
# CHECK: bpf.ctx_load %{{.*}}["mark", 8] : i32
	r2 = *(u32 *)(r1 + 8)
	r0 += r2
# CHECK: bpf.ctx_load %{{.*}}["cb", 52] : i16
	r2 = *(u16 *)(r1 + 52)
	r0 += r2
# CHECK: bpf.ctx_store %{{.*}}, %{{.*}}["priority", 32] : i32
	r1 += 16
	*(u32 *)(r1 + 16) = r0
none:
	exit
	.size	skb, .-skb
