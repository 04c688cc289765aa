# REQUIRES: shared
# RUN: nfp-bpf-run %s --engine=host --program=count --pcap=%shared/corpus/pcap/flows64.pcap --limit=50 --dump-maps=%t.host | FileCheck %s
# RUN: nfp-bpf-run %s --engine=host -O0 --program=count --pcap=%shared/corpus/pcap/flows64.pcap --limit=50 --dump-maps=%t.host0
# RUN: nfp-bpf-run %s --engine=interp --program=count --pcap=%shared/corpus/pcap/flows64.pcap --limit=50 --dump-maps=%t.interp
# RUN: cmp %t.host %t.interp
# RUN: cmp %t.host0 %t.interp
# CHECK: program count on this machine's processor
# CHECK: pass {{ *}}50
# CHECK-NOT: instructions

# A hostile program ends every packet with an error, not the process.
# RUN: %python %S/../Inputs/exit-code.py 1 nfp-bpf-run %s --engine=host --program=wild --pcap=%shared/corpus/pcap/flows64.pcap --limit=2 --verdicts | FileCheck %s --check-prefix=WILD
# WILD: 0 error program wild, instruction 3{{.*}}: read of 8 bytes at address {{.*}}: outside every region
# WILD: 1 error
# RUN: %python %S/../Inputs/exit-code.py 1 nfp-bpf-run %s --engine=host --program=endless --pcap=%shared/corpus/pcap/flows64.pcap --limit=1 --verdicts | FileCheck %s --check-prefix=ENDLESS
# ENDLESS: 0 error program endless{{.*}}: more than 1000000 rounds of loops

# What the card refuses runs on the host.
# RUN: nfp-bpf-check %s --program=wide --pcap=%shared/corpus/pcap/flows64.pcap --limit=20 --explore=0 | FileCheck %s --check-prefix=WIDE
# WIDE: "host":{"status":"agree"}
# WIDE-SAME: "refusal"
# WIDE-SAME: "status":"refused"

	.section	xdp,"ax",@progbits
	.globl	count
	.type	count,@function
count:
	*(u32 *)(r10 - 4) = 0
	r1 = counters ll
	r2 = r10
	r2 += -4
	call 1
	if r0 == 0 goto 1f
	r1 = 1
	lock *(u64 *)(r0 + 0) += r1
1:
	r0 = 2
	exit
	.size count, . - count

	.globl	wild
	.type	wild,@function
wild:
	r1 = *(u32 *)(r1 + 0)
	r2 = 100000
	r1 += r2
	r0 = *(u64 *)(r1 + 0)
	exit
	.size wild, . - wild

	.globl	endless
	.type	endless,@function
endless:
1:
	goto 1b
	exit
	.size endless, . - endless

# A value larger than the card's maps take.
	.globl	wide
	.type	wide,@function
wide:
	*(u32 *)(r10 - 4) = 1
	r1 = large ll
	r2 = r10
	r2 += -4
	call 1
	if r0 == 0 goto 1f
	*(u64 *)(r0 + 192) = 5
1:
	r0 = 2
	exit
	.size wide, . - wide

	.section	maps,"aw",@progbits
	.globl	counters, large
counters:
	.long	2, 4, 8, 1, 0
large:
	.long	2, 4, 200, 4, 0
