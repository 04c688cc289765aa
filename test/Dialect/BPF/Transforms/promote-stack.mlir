// RUN: nfp-bpf-opt %s --bpf-promote-stack --canonicalize --cse --split-input-file | FileCheck %s
// RUN: nfp-bpf-opt %s --bpf-promote-stack --split-input-file --remark-format=emitRemark --remarks-filter=bpf-promote-stack 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: nfp-bpf-opt %s --mem2reg --canonicalize --split-input-file | FileCheck %s --check-prefix=MEM2REG

// An object is cleared, filled on one way, and read back. A field of less than a
// word is kept as a word.

// CHECK-LABEL: bpf.func @cleared
// CHECK: cf.cond_br %{{.*}}, ^[[A:bb[0-9]+]], ^[[B:bb[0-9]+]](%c0_i32, %c0_i32 : i32, i32)
// CHECK: ^[[B]](%[[WORD:.+]]: i32, %[[ADDRESS:.+]]: i32):
// CHECK-NOT: bpf.load
// CHECK: %[[PORT:.+]] = arith.trunci %[[WORD]] : i32 to i16
// CHECK: arith.extui %[[PORT]] : i16 to i64
// CHECK: arith.extui %[[ADDRESS]] : i32 to i64
bpf.func @cleared(%data: !bpf.ptr<packet>, %n: i64) -> i64 {
  %zero = arith.constant 0 : i64
  %small = arith.constant 0 : i32
  %frame = bpf.frame 16
  // REMARK-DAG: :[[#@LINE+1]]:3: remark: [Passed] Variable | Category:bpf-promote-stack | Function=cleared | Bytes=2, Remark="a register takes the place of 2 bytes of the stack"
  bpf.store %zero, %frame[0] : i64, !bpf.ptr<stack>
  // REMARK-DAG: :[[#@LINE+1]]:3: remark: [Passed] Variable {{.*}}Bytes=4
  bpf.store %small, %frame[8] : i32, !bpf.ptr<stack>
  %w = arith.cmpi eq, %n, %zero : i64
  cf.cond_br %w, ^a, ^b
^a:
  %p = bpf.load %data[0] : !bpf.ptr<packet> -> i16
  bpf.store %p, %frame[4] : i16, !bpf.ptr<stack>
  %q = bpf.load %data[4] : !bpf.ptr<packet> -> i32
  bpf.store %q, %frame[8] : i32, !bpf.ptr<stack>
  cf.br ^b
^b:
  %port = bpf.load %frame[4] : !bpf.ptr<stack> -> i16
  %address = bpf.load %frame[8] : !bpf.ptr<stack> -> i32
  %x = arith.extui %port : i16 to i64
  %y = arith.extui %address : i32 to i64
  %r = arith.addi %x, %y : i64
  bpf.return %r : i64
}

// -----

// What a helper reads stays; a store of both is divided. A part of a number is
// put into the rest of it.

bpf.map @m type 1 key 4 value 8 entries 4 flags 0 index 0
// CHECK-LABEL: bpf.func @key
// CHECK: %[[FRAME:.+]] = bpf.frame 8
// CHECK: bpf.store %{{.+}}, %[[FRAME]][0] : i32
// CHECK-NOT: bpf.store
// CHECK: bpf.map_lookup %{{.+}}, %[[FRAME]]
// CHECK-DAG: %[[REST:.+]] = arith.andi %{{.+}}, %c-65281_i32
// CHECK-DAG: %[[BYTE:.+]] = arith.shli %{{.+}}, %c8_i32
// CHECK: arith.ori %[[REST]], %[[BYTE]]
bpf.func @key(%n: i64, %b: i8) -> i64 {
  %frame = bpf.frame 8
  bpf.store %n, %frame[0] : i64, !bpf.ptr<stack>
  %m = bpf.map_ref @m
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  bpf.store %b, %frame[5] : i8, !bpf.ptr<stack>
  %l = bpf.load %frame[4] : !bpf.ptr<stack> -> i32
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  %x = arith.extui %l : i32 to i64
  %r = arith.select %null, %n, %x : i64
  bpf.return %r : i64
}

// -----

// Big-endian accesses, and one that reads two variables.

// CHECK-LABEL: bpf.func @order
// CHECK-SAME: (%[[A:.+]]: i16, %[[B:.+]]: i32) -> i64
// CHECK-NOT: bpf.load
// CHECK-DAG: %[[SWAPPED:.+]] = bpf.bswap %[[A]] : i16
// CHECK-DAG: arith.extui %[[SWAPPED]] : i16
// CHECK-DAG: arith.trunci %[[B]] : i32 to i16
// CHECK: bpf.return
bpf.func @order(%a: i16, %b: i32) -> i64 {
  %frame = bpf.frame 16
  bpf.store %a, %frame[2] order be : i16, !bpf.ptr<stack>
  bpf.store %b, %frame[4] : i32, !bpf.ptr<stack>
  %x = bpf.load %frame[2] : !bpf.ptr<stack> -> i32
  %y = bpf.load %frame[6] : !bpf.ptr<stack> -> i16
  %z = arith.extui %x : i32 to i64
  %w = arith.extui %y : i16 to i64
  %r = arith.addi %z, %w : i64
  bpf.return %r : i64
}

// -----

// A pointer, and through it a variable: the second one when the first is known.
// A counter of a loop.

// CHECK-LABEL: bpf.func @loop
// CHECK: cf.br ^[[HEAD:bb[0-9]+]](%c0_i64, %c7_i32 : i64, i32)
// CHECK: ^[[HEAD]](%[[I:.+]]: i64, %[[X:.+]]: i32):
// CHECK: %[[NEXT:.+]] = arith.addi %[[I]], %c1_i64
// CHECK-NOT: bpf.load
// CHECK: bpf.return
bpf.func @loop(%n: i64) -> i64 {
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %seven = arith.constant 7 : i32
  %frame = bpf.frame 24
  %c16 = arith.constant 16 : i64
  %p = bpf.ptr_add %frame, %c16 : !bpf.ptr<stack>
  bpf.store %p, %frame[8] : !bpf.ptr<stack>, !bpf.ptr<stack>
  bpf.store %zero, %frame[0] : i64, !bpf.ptr<stack>
  bpf.store %seven, %frame[16] : i32, !bpf.ptr<stack>
  cf.br ^head
^head:
  %i = bpf.load %frame[0] : !bpf.ptr<stack> -> i64
  %j = arith.addi %i, %one : i64
  bpf.store %j, %frame[0] : i64, !bpf.ptr<stack>
  %q = bpf.load %frame[8] : !bpf.ptr<stack> -> !bpf.ptr<stack>
  %x = bpf.load %q[0] : !bpf.ptr<stack> -> i32
  %y = arith.addi %x, %x : i32
  bpf.store %y, %q[0] : i32, !bpf.ptr<stack>
  %more = arith.cmpi ult, %j, %n : i64
  cf.cond_br %more, ^head, ^done
^done:
  %z = bpf.load %frame[16] : !bpf.ptr<stack> -> i32
  %r = arith.extui %z : i32 to i64
  bpf.return %r : i64
}

// -----

// A place that is one of several: bytes that it may be stay. The other
// variables do not suffer.

// CHECK-LABEL: bpf.func @several
// CHECK: bpf.store %{{.+}}, %{{.+}}[0] : i32
// CHECK: bpf.store %{{.+}}, %{{.+}}[4] : i32
// CHECK: bpf.load
// CHECK-NOT: bpf.load
// CHECK: bpf.return
bpf.func @several(%n: i64, %a: i32) -> i64 {
  %zero = arith.constant 0 : i64
  %c4 = arith.constant 4 : i64
  %frame = bpf.frame 16
  %other = bpf.ptr_add %frame, %c4 : !bpf.ptr<stack>
  bpf.store %a, %frame[0] : i32, !bpf.ptr<stack>
  bpf.store %a, %frame[4] : i32, !bpf.ptr<stack>
  bpf.store %n, %frame[8] : i64, !bpf.ptr<stack>
  %w = arith.cmpi eq, %n, %zero : i64
  cf.cond_br %w, ^a(%frame : !bpf.ptr<stack>), ^a(%other : !bpf.ptr<stack>)
^a(%p: !bpf.ptr<stack>):
  %x = bpf.load %p[0] : !bpf.ptr<stack> -> i32
  %y = bpf.load %frame[8] : !bpf.ptr<stack> -> i64
  %z = arith.extui %x : i32 to i64
  %r = arith.addi %y, %z : i64
  bpf.return %r : i64
}

// -----

// Not stored on every way to the load: it stays, and its undefined content.

// CHECK-LABEL: bpf.func @undefined
// CHECK: bpf.store
// CHECK: bpf.load
bpf.func @undefined(%n: i64) -> i64 {
  %zero = arith.constant 0 : i64
  %frame = bpf.frame 8
  %w = arith.cmpi eq, %n, %zero : i64
  cf.cond_br %w, ^a, ^b
^a:
  bpf.store %n, %frame[0] : i64, !bpf.ptr<stack>
  cf.br ^b
^b:
  %r = bpf.load %frame[0] : !bpf.ptr<stack> -> i64
  bpf.return %r : i64
}

// -----

// A place that is computed: bytes that it may be stay, if that is known.

// CHECK-LABEL: bpf.func @computed
// CHECK: bpf.store %{{.+}}[0] : i64
// CHECK: bpf.store %{{.+}}[8] : i64
// CHECK-NOT: bpf.store
// CHECK: bpf.load %{{.+}}[0] : <stack>
// CHECK-NOT: bpf.load
// CHECK: bpf.return
bpf.func @computed(%n: i64) -> i64 {
  %zero = arith.constant 0 : i64
  %frame = bpf.frame 24
  bpf.store %zero, %frame[0] : i64, !bpf.ptr<stack>
  bpf.store %n, %frame[8] : i64, !bpf.ptr<stack>
  bpf.store %n, %frame[16] : i64, !bpf.ptr<stack>
  %eight = arith.constant 8 : i64
  %i = arith.andi %n, %eight : i64
  %p = bpf.ptr_add %frame, %i : !bpf.ptr<stack>
  %x = bpf.load %p[0] : !bpf.ptr<stack> -> i64
  %y = bpf.load %frame[16] : !bpf.ptr<stack> -> i64
  %r = arith.addi %x, %y : i64
  bpf.return %r : i64
}

// -----

// CHECK-LABEL: bpf.func @anywhere
// CHECK: bpf.load
bpf.func @anywhere(%n: i64) -> i64 {
  %zero = arith.constant 0 : i64
  %frame = bpf.frame 16
  bpf.store %zero, %frame[0] : i64, !bpf.ptr<stack>
  bpf.store %n, %frame[8] : i64, !bpf.ptr<stack>
  // REMARK-DAG: :[[#@LINE+1]]:8: remark: [Missed] StackStays {{.*}}Reason="it is accessed at addresses that are computed", Remark="nothing of the stack is kept in registers"
  %p = bpf.ptr_add %frame, %n : !bpf.ptr<stack>
  %r = bpf.load %p[0] : !bpf.ptr<stack> -> i64
  bpf.return %r : i64
}

// -----

// Atomic operations and events see some bytes only.

// CHECK-LABEL: bpf.func @seen
// CHECK: bpf.store %{{.+}}[0] : i64
// CHECK-NOT: bpf.store
// CHECK: bpf.atomic_rmw add %{{.+}}, %{{.+}}[0]
// CHECK-NOT: bpf.load
// CHECK: bpf.return
bpf.func @seen(%n: i64) -> i64 {
  %frame = bpf.frame 16
  bpf.store %n, %frame[0] : i64, !bpf.ptr<stack>
  bpf.store %n, %frame[8] : i64, !bpf.ptr<stack>
  bpf.atomic_rmw add %n, %frame[0] : i64, !bpf.ptr<stack>
  %r = bpf.load %frame[8] : !bpf.ptr<stack> -> i64
  bpf.return %r : i64
}

// -----

// CHECK-LABEL: bpf.func @passed
// CHECK: bpf.load
bpf.func @passed(%n: i64) -> i64 {
  %frame = bpf.frame 8
  bpf.store %n, %frame[0] : i64, !bpf.ptr<stack>
  // REMARK-DAG: :[[#@LINE+1]]:8: remark: [Missed] StackStays {{.*}}Reason="its address is passed on"
  %s = bpf.call @callee(%frame) : (!bpf.ptr<stack>) -> i64
  %r = bpf.load %frame[0] : !bpf.ptr<stack> -> i64
  bpf.return %r : i64
}
bpf.func private @callee(%p: !bpf.ptr<stack>) -> i64 {
  %zero = arith.constant 0 : i64
  bpf.store %zero, %p[0] : i64, !bpf.ptr<stack>
  bpf.return %zero : i64
}

// -----

// Numbers and a pointer at one place, and the number of an address.

// CHECK-LABEL: bpf.func @mixed
// CHECK: bpf.store %arg0
// CHECK: bpf.load %{{.+}}[0] : <stack> -> i64
bpf.func @mixed(%p: !bpf.ptr<packet>) -> i64 {
  %frame = bpf.frame 8
  bpf.store %p, %frame[0] : !bpf.ptr<packet>, !bpf.ptr<stack>
  %r = bpf.load %frame[0] : !bpf.ptr<stack> -> i64
  bpf.return %r : i64
}

// -----

// CHECK-LABEL: bpf.func @number
// CHECK: bpf.load
bpf.func @number(%n: i64) -> i64 {
  %frame = bpf.frame 8
  bpf.store %n, %frame[0] : i64, !bpf.ptr<stack>
  // REMARK-DAG: :[[#@LINE+1]]:8: remark: [Missed] StackStays {{.*}}Reason="its address is kept"
  %a = bpf.ptr_to_int %frame : !bpf.ptr<stack>
  %l = bpf.load %frame[0] : !bpf.ptr<stack> -> i64
  %r = arith.addi %a, %l : i64
  bpf.return %r : i64
}

// -----

// A frame that is one variable is promoted by MLIR's own pass too.

// MEM2REG-LABEL: bpf.func @single
// MEM2REG-NOT: bpf.frame
// MEM2REG-NOT: bpf.load
// MEM2REG: bpf.return
// CHECK-LABEL: bpf.func @single
// CHECK-NOT: bpf.load
// CHECK: bpf.return
bpf.func @single(%a: i16, %b: i8) -> i64 {
  %frame = bpf.frame 8
  bpf.store %a, %frame[0] : i16, !bpf.ptr<stack>
  bpf.store %b, %frame[3] : i8, !bpf.ptr<stack>
  bpf.store %b, %frame[2] : i8, !bpf.ptr<stack>
  %x = bpf.load %frame[0] order be : !bpf.ptr<stack> -> i32
  %r = arith.extui %x : i32 to i64
  bpf.return %r : i64
}

// -----

// What nothing needs at the ends of the frame is cut off, and stores that
// nothing reads go, in whole words.

bpf.map @m type 1 key 4 value 8 entries 4 flags 0 index 0
// CHECK-LABEL: bpf.func @trimmed
// CHECK: %[[FRAME:.+]] = bpf.frame 8
// CHECK: bpf.store %{{.+}}, %[[FRAME]][0] : i32
// CHECK-NOT: bpf.store
// CHECK: bpf.map_lookup %{{.+}}, %[[FRAME]]
bpf.func @trimmed(%n: i64, %o: i64) -> i64 {
  %frame = bpf.frame 32
  %c16 = arith.constant 16 : i64
  bpf.store %n, %frame[0] : i64, !bpf.ptr<stack>
  bpf.store %o, %frame[8] : i64, !bpf.ptr<stack>
  bpf.store %n, %frame[16] : i64, !bpf.ptr<stack>
  bpf.store %n, %frame[24] : i64, !bpf.ptr<stack>
  %key = bpf.ptr_add %frame, %c16 : !bpf.ptr<stack>
  %m = bpf.map_ref @m
  %v = bpf.map_lookup %m, %key : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  %l = bpf.load %frame[8] : !bpf.ptr<stack> -> i64
  %r = arith.select %null, %n, %l : i64
  bpf.return %r : i64
}

// -----

// Not where other functions are called: their frames lie behind this one at
// every level.

bpf.map @m type 1 key 4 value 8 entries 4 flags 0 index 0
// CHECK-LABEL: bpf.func @calls
// CHECK: bpf.frame 16
bpf.func @calls(%n: i64) -> i64 {
  %frame = bpf.frame 16
  bpf.store %n, %frame[0] : i64, !bpf.ptr<stack>
  %s = bpf.call @callee(%n) : (i64) -> i64
  %m = bpf.map_ref @m
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %r = bpf.ptr_to_int %v : !bpf.ptr<map_value>
  bpf.return %r : i64
}
bpf.func private @callee(%n: i64) -> i64 {
  bpf.return %n : i64
}

// -----

// Where addresses are computed, the frame leaves room for registers that may
// have to be put behind it: what is used most is promoted.

// CHECK-LABEL: bpf.func @large
// CHECK: bpf.frame 496
// CHECK: bpf.store %{{.+}}[488] : i64
// CHECK-NOT: bpf.store
// CHECK: bpf.return
bpf.func @large(%n: i64, %o: i64) -> i64 {
  %zero = arith.constant 0 : i64
  %c480 = arith.constant 480 : i64
  %frame = bpf.frame 512
  bpf.store %n, %frame[488] : i64, !bpf.ptr<stack>
  bpf.store %o, %frame[504] : i64, !bpf.ptr<stack>
  %i = arith.andi %n, %c480 : i64
  %p = bpf.ptr_add %frame, %i : !bpf.ptr<stack>
  %x = bpf.load %p[0] : !bpf.ptr<stack> -> i64
  %y = bpf.load %frame[488] : !bpf.ptr<stack> -> i64
  %z = bpf.load %frame[504] : !bpf.ptr<stack> -> i64
  %a = arith.addi %x, %y : i64
  %b = arith.addi %a, %z : i64
  %w = bpf.load %frame[504] : !bpf.ptr<stack> -> i64
  %r = arith.xori %b, %w : i64
  bpf.return %r : i64
}

// -----

// An address that is kept where others may find it: in a caller's frame, which a
// function is called with.

// CHECK-LABEL: bpf.func @kept_elsewhere
// CHECK: bpf.store %arg1
// CHECK: bpf.load %{{.+}}[0] : <stack> -> i64
bpf.func @kept_elsewhere(%other: !bpf.ptr<stack>, %n: i64) -> i64 {
  %frame = bpf.frame 8
  bpf.store %n, %frame[0] : i64, !bpf.ptr<stack>
  // REMARK-DAG: :[[#@LINE+1]]:3: remark: [Missed] StackStays {{.*}}Reason="its address is kept"
  bpf.store %frame, %other[0] : !bpf.ptr<stack>, !bpf.ptr<stack>
  %s = bpf.call @writes(%other) : (!bpf.ptr<stack>) -> i64
  %r = bpf.load %frame[0] : !bpf.ptr<stack> -> i64
  bpf.return %r : i64
}
bpf.func private @writes(%p: !bpf.ptr<stack>) -> i64 {
  %zero = arith.constant 0 : i64
  %q = bpf.load %p[0] : !bpf.ptr<stack> -> !bpf.ptr<stack>
  bpf.store %zero, %q[0] : i64, !bpf.ptr<stack>
  bpf.return %zero : i64
}

// -----

// A pointer of which a part is read stays whole.

// CHECK-LABEL: bpf.func @half
// CHECK: bpf.store %arg0, %{{.+}}[0] : !bpf.ptr<packet>
// CHECK: bpf.load %{{.+}}[4] : <stack> -> i32
bpf.func @half(%p: !bpf.ptr<packet>) -> i64 {
  %frame = bpf.frame 8
  bpf.store %p, %frame[0] : !bpf.ptr<packet>, !bpf.ptr<stack>
  %l = bpf.load %frame[4] : !bpf.ptr<stack> -> i32
  %r = arith.extui %l : i32 to i64
  bpf.return %r : i64
}
