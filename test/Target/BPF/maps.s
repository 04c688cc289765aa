# RUN: nfp-bpf-translate --emit=mlir-bpf %s | nfp-bpf-opt --canonicalize --cse | FileCheck %s

# CHECK: bpf.map @counters type 2 key 4 value 8 entries 16 flags 0 index 0

	.section	xdp,"ax",@progbits
	.globl	count
	.type	count,@function
# CHECK-LABEL: bpf.func @count(
count:
# CHECK: %[[F:.*]] = bpf.frame 8
	r6 = 1
	*(u32 *)(r10 - 4) = r6
# CHECK: %[[K:.*]] = bpf.ptr_add %[[F]], %c4_i64 : <stack>
# CHECK: %[[M:.*]] = bpf.map_ref @counters
# CHECK: %[[V:.*]] = bpf.map_lookup %[[M]], %[[K]] : <stack>
# CHECK: %[[N:.*]] = bpf.is_null %[[V]] : <map_value>
	r1 = counters ll
	r2 = r10
	r2 += -4
	call 1
# CHECK: cf.cond_br %[[N]]
	if r0 == 0 goto out
# CHECK: bpf.atomic_rmw add %{{.*}}, %[[V]][0] : i64, <map_value>
	lock *(u64 *)(r0 + 0) += r6
# The old value is not used: no fetch.
# CHECK: bpf.atomic_rmw or %{{.*}}, %[[V]][0] : i32, <map_value>
	r7 = 4
	w7 = atomic_fetch_or((u32 *)(r0 + 0), w7)
# CHECK: %[[O:.*]] = bpf.atomic_fetch_rmw add %{{.*}}, %[[V]][0] : i64, <map_value>
	r7 = 4
	r7 = atomic_fetch_add((u64 *)(r0 + 0), r7)
# CHECK: bpf.atomic_cmpxchg %[[O]], %{{.*}}, %[[V]][0] : i64, <map_value>
	r8 = r0
	r0 = r7
	r0 = cmpxchg_64(r8 + 0, r0, r6)
	r6 = r0
# CHECK: bpf.map_update %[[M]], %[[K]], %[[V]], %{{.*}} : <stack>, <map_value>
	r1 = counters ll
	r2 = r10
	r2 += -4
	r3 = r8
	r4 = 0
	call 2
	r6 += r0
# CHECK: bpf.map_delete %[[M]], %[[K]] : <stack>
	r1 = counters ll
	r2 = r10
	r2 += -4
	call 3
	r6 += r0
out:
	r0 = r6
	exit
	.size	count, .-count

	.globl	others
	.type	others,@function
# CHECK-LABEL: bpf.func @others(
# CHECK-SAME: %[[CTX:.*]]: !bpf.ptr<ctx>
others:
	r6 = r1
# CHECK: bpf.adjust_head %[[CTX]], %c-20_i64
	r2 = -20
	call 44
# CHECK: bpf.adjust_tail %[[CTX]], %c-20_i64
	r1 = r6
	r2 = -20
	call 65
# CHECK: bpf.perf_event_output %[[CTX]], %{{.*}}, %c4294967295_i64, %{{.*}}, %c8_i64 : <stack>
	*(u64 *)(r10 - 8) = 1
	r1 = r6
	r2 = counters ll
	r3 = 0xffffffff ll
	r4 = r10
	r4 += -8
	r5 = 8
	call 25
# A helper without an operation of its own takes what its registers hold.
# CHECK: bpf.call_helper 5 "ktime_get_ns"() : () -> i64
	call 5
	exit
	.size	others, .-others

	.section	maps,"aw",@progbits
	.globl	counters
	.type	counters,@object
counters:
	.long	2
	.long	4
	.long	8
	.long	16
	.long	0
	.size	counters, 20
