// RUN: nfp-bpf-opt %s --bpf-inline --split-input-file | FileCheck %s
// RUN: nfp-bpf-opt %s --bpf-inline=max-growth=0 --split-input-file | FileCheck %s --check-prefix=NOGROWTH
// RUN: nfp-bpf-opt %s --inline --split-input-file | FileCheck %s --check-prefix=UPSTREAM
// RUN: nfp-bpf-opt %s --bpf-inline --split-input-file --remark-format=emitRemark --remarks-filter='bpf-inline' 2>&1 | FileCheck %s --check-prefix=REMARK

// One call: the body takes its place, whatever its size, and the function goes.

// CHECK-LABEL: bpf.func @one
// CHECK: cf.cond_br %{{.*}}, ^[[A:bb[0-9]+]], ^[[B:bb[0-9]+]]
// CHECK: ^[[A]]:
// CHECK: cf.br ^[[END:bb[0-9]+]](%c1_i64 : i64)
// CHECK: ^[[B]]:
// CHECK: cf.br ^[[END]](%c2_i64 : i64)
// CHECK: ^[[END]](%[[R:.+]]: i64):
// CHECK-NEXT: bpf.return %[[R]] : i64
// CHECK-NOT: bpf.func
// NOGROWTH-LABEL: bpf.func @one
// NOGROWTH-NOT: bpf.func
// NOGROWTH: // -----
// UPSTREAM-LABEL: bpf.func @one
// UPSTREAM: arith.select %{{.*}}, %c1_i64, %c2_i64
// UPSTREAM-NOT: bpf.func
// UPSTREAM: // -----
bpf.func @one(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %n = bpf.packet_len %ctx
  // REMARK-DAG: :[[#@LINE+1]]:8: remark: [Passed] Inlined | Category:bpf-inline | Function=one | {{.*}}"'decide' is inlined: 2 operations"
  %r = bpf.call @decide(%n) : (i32) -> i64
  bpf.return %r : i64
}
bpf.func private @decide(%n: i32) -> i64 {
  %c60 = arith.constant 60 : i32
  %c1 = arith.constant 1 : i64
  %c2 = arith.constant 2 : i64
  %short = arith.cmpi ult, %n, %c60 : i32
  cf.cond_br %short, ^a, ^b
^a:
  bpf.return %c1 : i64
^b:
  bpf.return %c2 : i64
}

// -----

// Frames of functions that run one after the other share the bytes behind the
// frame of the caller, which may be anywhere in its entry block.

// CHECK-LABEL: bpf.func @frames
// CHECK-NEXT: %[[FRAME:.+]] = bpf.frame 40
// CHECK: bpf.store %{{.+}}, %[[FIRST:.+]][0]
// CHECK: bpf.store %{{.+}}, %[[FRAME]][8]
// CHECK: bpf.store %{{.+}}, %[[SECOND:.+]][16]
// CHECK-NOT: bpf.frame
// CHECK-NOT: bpf.func
// The inliner that knows nothing of the order puts each behind all others.
// UPSTREAM-LABEL: bpf.func @frames
// UPSTREAM-NEXT: bpf.frame 48
bpf.func @frames(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %a = bpf.call @first(%ctx) : (!bpf.ptr<ctx>) -> i64
  %frame = bpf.frame 16
  bpf.store %a, %frame[8] : i64, !bpf.ptr<stack>
  %b = bpf.call @second(%ctx) : (!bpf.ptr<ctx>) -> i64
  %c = bpf.load %frame[8] : !bpf.ptr<stack> -> i64
  %d = arith.addi %b, %c : i64
  bpf.return %d : i64
}
bpf.func private @first(%ctx: !bpf.ptr<ctx>) -> i64 {
  %frame = bpf.frame 8
  %n = bpf.packet_len %ctx
  bpf.store %n, %frame[0] : i32, !bpf.ptr<stack>
  %r = bpf.load %frame[0] : !bpf.ptr<stack> -> i32
  %x = arith.extui %r : i32 to i64
  bpf.return %x : i64
}
bpf.func private @second(%ctx: !bpf.ptr<ctx>) -> i64 {
  %frame = bpf.frame 24
  %n = bpf.packet_len %ctx
  bpf.store %n, %frame[16] : i32, !bpf.ptr<stack>
  %r = bpf.load %frame[16] : !bpf.ptr<stack> -> i32
  %x = arith.extui %r : i32 to i64
  bpf.return %x : i64
}

// -----

// What is small is inlined at every call, as far as the code may grow.

// CHECK-LABEL: bpf.func @twice
// CHECK-COUNT-2: arith.muli
// CHECK-NOT: bpf.func
// NOGROWTH-LABEL: bpf.func @twice
// NOGROWTH-COUNT-2: bpf.call @mix
// NOGROWTH: bpf.func private @mix
bpf.func @twice(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %n = bpf.packet_len %ctx
  %a = bpf.call @mix(%n, %n) : (i32, i32) -> i32
  %b = bpf.call @mix(%n, %a) : (i32, i32) -> i32
  %x = arith.extui %b : i32 to i64
  bpf.return %x : i64
}
bpf.func private @mix(%a: i32, %b: i32) -> i32 {
  %c = arith.constant 13 : i32
  %0 = arith.addi %a, %b : i32
  %1 = arith.shli %0, %c : i32
  %2 = arith.xori %1, %a : i32
  %3 = arith.muli %2, %b : i32
  %4 = arith.subi %3, %a : i32
  %5 = arith.shrui %4, %c : i32
  %6 = arith.xori %5, %b : i32
  bpf.return %6 : i32
}

// -----

// Every activation counts its own rounds; what calls itself has no end. Both
// stay, and with them the functions around them that have a frame.

// CHECK-LABEL: bpf.func @stay
// CHECK: bpf.frame 8
// CHECK: bpf.call @framed
// CHECK: bpf.call @rounds
// CHECK: bpf.call @again
// CHECK: bpf.func private @rounds
// CHECK: bpf.func private @again
// CHECK: bpf.func private @framed
// CHECK: bpf.frame 16
// CHECK: bpf.call @rounds
// UPSTREAM-LABEL: bpf.func @stay
// UPSTREAM: bpf.call @rounds
// UPSTREAM: bpf.call @again
bpf.func @stay(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %frame = bpf.frame 8
  %n = bpf.packet_len %ctx
  bpf.store %n, %frame[0] : i32, !bpf.ptr<stack>
  // REMARK-DAG: :[[#@LINE+1]]:8: remark: [Missed] NotInlined {{.*}}Reason="it has a stack frame, and other calls stay", Remark="'framed' stays a function"
  %a = bpf.call @framed(%frame) : (!bpf.ptr<stack>) -> i64
  // REMARK-DAG: :[[#@LINE+1]]:8: remark: [Missed] NotInlined {{.*}}Reason="it has a may_goto, whose counter starts anew with every call"
  %b = bpf.call @rounds(%n) : (i32) -> i64
  // REMARK-DAG: :[[#@LINE+1]]:8: remark: [Missed] NotInlined {{.*}}Reason="it calls itself"
  %c = bpf.call @again(%n) : (i32) -> i64
  %d = arith.addi %a, %b : i64
  %e = arith.addi %c, %d : i64
  bpf.return %e : i64
}
bpf.func private @rounds(%n: i32) -> i64 {
  %c1 = arith.constant 1 : i64
  %c2 = arith.constant 2 : i64
  %leave = bpf.may_goto
  cf.cond_br %leave, ^a, ^b
^a:
  bpf.return %c1 : i64
^b:
  bpf.return %c2 : i64
}
bpf.func private @again(%n: i32) -> i64 {
  %r = bpf.call @again(%n) : (i32) -> i64
  bpf.return %r : i64
}
bpf.func private @framed(%p: !bpf.ptr<stack>) -> i64 {
  %frame = bpf.frame 16
  %n = bpf.load %p[0] : !bpf.ptr<stack> -> i32
  %r = bpf.call @rounds(%n) : (i32) -> i64
  bpf.store %r, %frame[8] : i64, !bpf.ptr<stack>
  bpf.return %r : i64
}

// -----

// Without a frame it may be inlined where calls stay; the calls it brings stay.

// CHECK-LABEL: bpf.func @brings
// CHECK: arith.addi
// CHECK: bpf.call @rounds
// CHECK-NOT: private @frameless
bpf.func @brings(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %n = bpf.packet_len %ctx
  %a = bpf.call @frameless(%n) : (i32) -> i64
  bpf.return %a : i64
}
bpf.func private @frameless(%n: i32) -> i64 {
  %m = arith.addi %n, %n : i32
  %r = bpf.call @rounds(%m) : (i32) -> i64
  bpf.return %r : i64
}
bpf.func private @rounds(%n: i32) -> i64 {
  %c1 = arith.constant 1 : i64
  %c2 = arith.constant 2 : i64
  %leave = bpf.may_goto
  cf.cond_br %leave, ^a, ^b
^a:
  bpf.return %c1 : i64
^b:
  bpf.return %c2 : i64
}
