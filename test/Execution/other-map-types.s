# RUN: %python -c "print('00' * 11 + '07' + '00' * 60)" > %t.hex
# RUN: %python %src_root/test/Inputs/hex-to-pcap.py %t.hex %t.pcap
# RUN: nfp-bpf-check %s --pcap=%t.pcap --explore=10 | FileCheck %s
# RUN: not nfp-bpf-run %s --program=routes --engine=host --pcap=%t.pcap 2>&1 | FileCheck %s --check-prefix=HOST
# RUN: not nfp-bpf-run %s --program=routes --engine=interp --pcap=%t.pcap 2>&1 | FileCheck %s --check-prefix=INTERP
# RUN: nfp-bpf-run %s --program=flows --engine=host --pcap=%t.pcap

# A map of a type that cannot be run concerns only the programs that use it:
# one of two programs of the object, and a third that only compares its handle.

# CHECK-DAG: "program":"flows",{{.*}}"status":"agree"
# CHECK-DAG: "program":"handle",{{.*}}"status":"agree"
# CHECK-DAG: "program":"routes","reason":"map 'trie' has type lpm_trie, which firmware profile 'agilio' does not have{{.*}}"instruction":5{{.*}}"status":"refused"
# HOST: instruction 5{{.*}}: map trie is of type lpm_trie, which only the kernel has; hash, array and perf_event_array can be run
# INTERP: instruction 5{{.*}}: map trie has type 11, which only the kernel has; hash (1), array (2) and perf_event_array (4) can be run

	.section	xdp,"ax",@progbits
	.globl	flows
	.type	flows,@function
flows:
	*(u32 *)(r10 - 4) = 1
	r1 = table ll
	r2 = r10
	r2 += -4
	call 1
	r0 = 2
	exit
	.size	flows, .-flows

	.globl	routes
	.type	routes,@function
routes:
	*(u64 *)(r10 - 8) = 8
	r1 = trie ll
	r2 = r10
	r2 += -8
	call 1
	if r0 == 0 goto 1f
	r0 = 1
1:
	r0 += 2
	exit
	.size	routes, .-routes

	.globl	handle
	.type	handle,@function
handle:
	r1 = trie ll
	r0 = 2
	if r1 != 0 goto 1f
	r0 = 1
1:
	exit
	.size	handle, .-handle

	.section	maps,"aw",@progbits
	.globl	table
table:
	.long	1, 4, 8, 16, 0
	.size	table, 20
	.type	table,@object
	.globl	trie
trie:
	.long	11, 8, 4, 16, 1
	.size	trie, 20
	.type	trie,@object
