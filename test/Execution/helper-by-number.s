# RUN: %python -c "print('00' * 11 + '07' + '00' * 60)" > %t.hex
# RUN: %python %src_root/test/Inputs/hex-to-pcap.py %t.hex %t.pcap
# RUN: nfp-bpf-check %s --pcap=%t.pcap --fill-states=0 --explore=0 --program=lookup,pointer,unread \
# RUN:   | FileCheck %s --check-prefix=AGREE
# RUN: nfp-bpf-run %s --program=lookup --engine=interp --pcap=%t.pcap --dump-maps=- | FileCheck %s --check-prefix=MAPS
# RUN: nfp-bpf-run %s --program=lookup -O0 --pcap=%t.pcap --dump-maps=- | FileCheck %s --check-prefix=MAPS
# RUN: nfp-bpf-run %s --program=lookup -O1 --pcap=%t.pcap --dump-maps=- | FileCheck %s --check-prefix=MAPS
# RUN: nfp-bpf-run %s --program=time --engine=host --pcap=%t.pcap --verdicts | FileCheck %s --check-prefix=TIME
# RUN: nfp-bpf-run %s --program=time --engine=interp --pcap=%t.pcap --verdicts | FileCheck %s --check-prefix=TIME
# RUN: not nfp-bpf-translate %s --program=unknown,either,looping 2>&1 | FileCheck %s --check-prefix=REFUSED

# A call through a register that holds a helper's number calls the helper; a
# pointer moved further than any verifier allows is a number; a clock that
# nobody looks at needs no clock.

# AGREE-COUNT-3: "status":"agree"
# The key and the value that were inserted through the register.
# MAPS: "key": "01000000",
# MAPS-NEXT: "value": "2a00000000000000"
# The first packet runs 1000 ns after the start of time.
# TIME: pass
# REFUSED-DAG: either {{.*}}calls through r3, which holds a number and neither the address of one certain function nor the number of a helper
# REFUSED-DAG: looping {{.*}}calls through r3, which holds a number and neither
# REFUSED-DAG: unknown {{.*}}calls through r3, which holds a number and neither

.macro start name
	.globl	\name
	.type	\name,@function
\name:
.endm
.macro finish name
	r0 = 2
	exit
	.size	\name, .-\name
.endm
	.section	xdp,"ax",@progbits
	start lookup
	*(u32 *)(r10 - 4) = 1
	*(u64 *)(r10 - 16) = 42
	r1 = table ll
	r2 = r10
	r2 += -4
	r3 = r10
	r3 += -16
	r4 = 0
	r6 = 2
	callx r6
	r1 = table ll
	r2 = r10
	r2 += -4
	r6 = 1
	callx r6
	if r0 == 0 goto 1f
	r1 = *(u64 *)(r0 + 0)
	r0 = 2
	if r1 == 42 goto 2f
1:
	r0 = 1
2:
	exit
	.size	lookup, .-lookup

# The difference of two numbers made of one pointer, on every engine.
	start pointer
	r1 = 0x123456789abcdef ll
	r1 += r10
	r2 = r10
	r3 = 0x123456789abcdee ll
	r2 += r3
	r1 -= r2
	r0 = 2
	if r1 == 1 goto 1f
	r0 = 1
1:
	exit
	.size	pointer, .-pointer

	start unread
	call 5
	r6 = 125
	callx r6
	finish unread

	start time
	call 5
	r6 = r0
	call 125
	if r0 != r6 goto 1f
	if r0 != 1000 goto 1f
	r0 = 2
	exit
1:
	r0 = 1
	exit
	.size	time, .-time

	start either
	r2 = *(u32 *)(r1 + 0)
	r3 = 7
	r4 = *(u32 *)(r1 + 4)
	if r2 != r4 goto 1f
	r3 = 5
1:
	callx r3
	finish either
	start looping
	r3 = 181
	callx r3
	finish looping
	start unknown
	r3 = 1000
	callx r3
	finish unknown

	.section	maps,"aw",@progbits
	.globl	table
table:
	.long	1, 4, 8, 16, 0
	.size	table, 20
	.type	table,@object
