# RUN: nfp-bpf-translate --emit=mlir-bpf %s | FileCheck %s

	.section	xdp,"ax",@progbits
	.globl	loop
	.type	loop,@function
# A loop that starts with the first instruction gets a block of its own; only
# what changes around the loop is an argument.
# CHECK-LABEL: bpf.func @loop(
# CHECK: cf.br ^[[LOOP:bb[0-9]+]](%{{.*}}, %{{.*}} : i64, i64)
loop:
	r6 = 0
	r0 = 0
again:
# CHECK: ^[[LOOP]](%[[A:.*]]: i64, %[[B:.*]]: i64):
	r0 += r6
	r6 += 1
# CHECK: arith.cmpi ult
# CHECK: cf.cond_br %{{.*}}, ^[[LOOP]](%{{.*}}, %{{.*}} : i64, i64), ^[[OUT:bb[0-9]+]]
	if r6 < 10 goto again
# CHECK: ^[[OUT]]:
# CHECK: bpf.return
	exit
	.size	loop, .-loop

	.globl	conditions
	.type	conditions,@function
# CHECK-LABEL: bpf.func @conditions(
conditions:
	call 7
# CHECK: arith.cmpi sgt, %{{.*}}, %{{.*}} : i64
	if r0 s> -5 goto c1
c1:
# CHECK: %[[L:.*]] = arith.trunci
# CHECK: %[[I:.*]] = arith.constant -5 : i32
# CHECK: arith.cmpi uge, %[[L]], %[[I]] : i32
	if w0 >= -5 goto c2
c2:
# CHECK: %[[M:.*]] = arith.andi
# CHECK: arith.cmpi ne, %[[M]], %{{.*}} : i64
	if r0 & 8 goto c3
c3:
# CHECK: bpf.may_goto
	may_goto c4
c4:
	gotol c5
	r0 = 7
c5:
	exit
	.size	conditions, .-conditions

	.globl	decided
	.type	decided,@function
# A condition on constants has one way out, and what is never reached is not
# imported.
# CHECK-LABEL: bpf.func @decided(
# CHECK-NOT: cf.cond_br
# CHECK: bpf.return
decided:
	r0 = 2
	if r0 == 2 goto yes
	r0 = *(u8 *)(r0 + 0)
yes:
	exit
	.size	decided, .-decided
