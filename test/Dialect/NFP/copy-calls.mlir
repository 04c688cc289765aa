// RUN: nfp-bpf-opt %s --nfp-layout-blocks --nfp-verify-machine --split-input-file | FileCheck %s
// RUN: nfp-bpf-opt %s --nfp-layout-blocks=max-before-call=0 --split-input-file | FileCheck %s --check-prefix=SHORT
// RUN: nfp-bpf-opt %s --nfp-layout-blocks --nfp-fill-defer-slots --nfp-insert-hazard-slots --nfp-verify-machine --split-input-file | FileCheck %s --check-prefix=SLOTS

// The rarer way has a call of its own, which returns behind that of the other:
// what the routine returns, what is kept over it and constants are used there.
// With no word to copy the branch stays.

// CHECK-LABEL: nfp.func entry @ways
// SHORT-LABEL: nfp.func entry @ways
// SLOTS-LABEL: nfp.func entry @ways
nfp.func entry @ways() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 12>
  // CHECK: nfp.br_bit {{.*}} weights([1, 3]), ^[[RARE:.+]], ^bb1
  nfp.br_bit set 3 %p : !nfp.gpr<a 12> weights([1, 3]), ^rare, ^often
// CHECK: ^bb1:
// CHECK-NEXT: nfp.const 3 : <b 12>
// CHECK-NEXT: %[[TID:.+]] = nfp.const 0 : <a 0>
// CHECK-NEXT: nfp.imm 7
// CHECK-NEXT: nfp.helper 1 "map_lookup_elem"(%[[TID]])
// CHECK-NEXT: nfp.br ^[[BEHIND:.+]]
// SHORT-COUNT-1: nfp.helper
// SHORT-NOT: nfp.helper
// SLOTS: ^bb1:
// SLOTS: nfp.helper {{.*}} {nfp.defer = 1 : i32}
// SLOTS-NEXT: nfp.br ^[[BEHIND:[a-z0-9]+$]]
^often:
  %three = nfp.const 3 : !nfp.gpr<b 12>
  nfp.br ^call
// CHECK: ^[[BEHIND]]:
// CHECK-NEXT: %[[SEVEN:.+]] = nfp.imm 7
// CHECK-NEXT: %[[HI:.+]] = nfp.live_in : !nfp.gpr<b 0>
// CHECK-NEXT: %[[LO:.+]] = nfp.live_in : !nfp.gpr<a 0>
// CHECK-NEXT: nfp.alu add %[[LO]], %[[SEVEN]]
// CHECK-NEXT: nfp.live_in : !nfp.gpr<b 12>
// CHECK: nfp.alu xor %{{.+}}, %[[HI]]
^call:
  %tid = nfp.const 0 : !nfp.gpr<a 0>
  %seven = nfp.imm 7
  %lo, %hi = nfp.helper 1 "map_lookup_elem" (%tid) in [!nfp.gpr<a 0>] : (!nfp.gpr<a 0>) -> (!nfp.gpr<a 0>, !nfp.gpr<b 0>)
  %sum = nfp.alu add %lo, %seven : !nfp.gpr<a 0>, !nfp.imm -> !nfp.gpr<a 1>
  %key = nfp.live_in : !nfp.gpr<b 12>
  %more = nfp.alu add %sum, %key : !nfp.gpr<a 1>, !nfp.gpr<b 12> -> !nfp.gpr<a 2>
  %r = nfp.alu xor %more, %hi : !nfp.gpr<a 2>, !nfp.gpr<b 0> -> !nfp.gpr<a 0>
  nfp.exit %r : !nfp.gpr<a 0>
// CHECK: ^[[RARE]]:
// CHECK-NEXT: nfp.const 4 : <b 12>
// CHECK-NEXT: %[[OTHER:.+]] = nfp.const 0 : <a 0>
// CHECK-NEXT: nfp.imm 7
// CHECK-NEXT: nfp.helper 1 "map_lookup_elem"(%[[OTHER]])
// CHECK-NEXT: nfp.br ^[[BEHIND]]
// SLOTS: nfp.helper {{.*}} {nfp.defer = 1 : i32}
// SLOTS-NEXT: nfp.br ^[[BEHIND]]{{$}}
^rare:
  %four = nfp.const 4 : !nfp.gpr<b 12>
  nfp.br ^call
}

// -----

// A call of a function that begins the block and is followed by a branch: no
// block is made for the rest. Behind a helper that sets pointer 0 back there
// is a word to be done.

// CHECK-LABEL: nfp.func entry @functions
// SHORT-LABEL: nfp.func entry @functions
nfp.func entry @functions() attributes {frame_size = 16 : i32, frame_offset = 0 : i32} {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 12>
  nfp.br_bit set 3 %p : !nfp.gpr<a 12> weights([1, 3]), ^rare, ^often
// CHECK: nfp.const 3
// CHECK-NEXT: nfp.call @callee()
// CHECK-NEXT: nfp.br ^[[JOIN:[a-z0-9]+$]]
^often:
  %three = nfp.const 3 : !nfp.gpr<b 12>
  nfp.br ^call
^call:
  nfp.call @callee() : () -> ()
  nfp.br ^join
^rare:
  %four = nfp.const 4 : !nfp.gpr<b 12>
  nfp.br ^call
^join:
  %key = nfp.live_in : !nfp.gpr<b 12>
  nfp.br_bit set 5 %key : !nfp.gpr<b 12> weights([1, 3]), ^left, ^right
// CHECK: ^[[JOIN]]:
// CHECK: nfp.helper
// CHECK-NOT: nfp.helper
// CHECK: nfp.const 4
// CHECK-NEXT: nfp.call @callee()
// CHECK-NEXT: nfp.br ^[[JOIN]]
// CHECK-NOT: nfp.helper
^left:
  %five = nfp.const 5 : !nfp.gpr<b 12>
  nfp.br ^restore
^right:
  %six = nfp.const 6 : !nfp.gpr<b 12>
  nfp.br ^restore
^restore:
  %at = nfp.frame_addr 8 : !nfp.gpr<b 1>
  %tid = nfp.const 0 : !nfp.gpr<a 0>
  %lo, %hi = nfp.helper 1 "map_lookup_elem" (%tid) in [!nfp.gpr<a 0>] lm0(%at : !nfp.gpr<b 1>) : (!nfp.gpr<a 0>) -> (!nfp.gpr<a 0>, !nfp.gpr<b 0>)
  %k = nfp.live_in : !nfp.gpr<b 12>
  %x = nfp.alu add %lo, %k : !nfp.gpr<a 0>, !nfp.gpr<b 12> -> !nfp.gpr<a 1>
  %y = nfp.alu add %x, %k : !nfp.gpr<a 1>, !nfp.gpr<b 12> -> !nfp.gpr<a 2>
  %z = nfp.alu add %y, %k : !nfp.gpr<a 2>, !nfp.gpr<b 12> -> !nfp.gpr<a 0>
  nfp.exit %z : !nfp.gpr<a 0>
}
nfp.func subprogram @callee() attributes {written_regs = array<i32>} {
  %back = nfp.live_in : !nfp.gpr<a 21>
  nfp.rtn %back : !nfp.gpr<a 21>
}

// -----

// A branch that is hardly ever reached is not worth the words.

// CHECK-LABEL: nfp.func entry @never
// CHECK: nfp.helper
// CHECK-NOT: nfp.helper
nfp.func entry @never() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr<a 12>
  nfp.br_bit set 3 %p : !nfp.gpr<a 12> weights([1, 98]), ^never, ^often
^often:
  %three = nfp.const 3 : !nfp.gpr<b 12>
  nfp.br ^call
^call:
  %tid = nfp.const 0 : !nfp.gpr<a 0>
  %lo, %hi = nfp.helper 1 "map_lookup_elem" (%tid) in [!nfp.gpr<a 0>] : (!nfp.gpr<a 0>) -> (!nfp.gpr<a 0>, !nfp.gpr<b 0>)
  %k = nfp.live_in : !nfp.gpr<b 12>
  %x = nfp.alu add %lo, %k : !nfp.gpr<a 0>, !nfp.gpr<b 12> -> !nfp.gpr<a 1>
  %y = nfp.alu add %x, %k : !nfp.gpr<a 1>, !nfp.gpr<b 12> -> !nfp.gpr<a 2>
  %z = nfp.alu add %y, %k : !nfp.gpr<a 2>, !nfp.gpr<b 12> -> !nfp.gpr<a 0>
  nfp.exit %z : !nfp.gpr<a 0>
^never:
  %four = nfp.const 4 : !nfp.gpr<b 12>
  nfp.br ^call
}
