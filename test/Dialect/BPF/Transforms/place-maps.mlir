// RUN: nfp-bpf-opt %s -split-input-file -bpf-place-maps -canonicalize -cse | FileCheck %s
// RUN: nfp-bpf-opt %s -split-input-file -bpf-place-maps=complete-arrays=false \
// RUN:   -canonicalize -cse | FileCheck %s --check-prefix=SPARSE
// RUN: nfp-bpf-opt %s -split-input-file -bpf-place-maps=array-addresses=true \
// RUN:   -canonicalize -cse | FileCheck %s --check-prefix=DIRECT

bpf.map @hash type 1 key 4 value 8 entries 16 flags 0 index 0
bpf.map @other type 1 key 4 value 8 entries 16 flags 0 index 1

// The same bytes at another place, stored in two parts.
// CHECK-LABEL: bpf.func @same_bytes
// CHECK: bpf.map_lookup
// CHECK-NOT: bpf.map_lookup
// CHECK: bpf.return
bpf.func @same_bytes(%n: i32) -> i64 {
  %frame = bpf.frame 16
  %c8 = arith.constant 8 : i64
  %c16 = arith.constant 16 : i32
  %c0 = arith.constant 0 : i64
  %hi32 = arith.shrui %n, %c16 : i32
  %lo = arith.trunci %n : i32 to i16
  %hi = arith.trunci %hi32 : i32 to i16
  %m = bpf.map_ref @hash
  bpf.store %n, %frame[0] : i32, !bpf.ptr<stack>
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  cf.cond_br %null, ^bb1, ^bb2
^bb1:
  bpf.return %c0 : i64
^bb2:
  %key = bpf.ptr_add %frame, %c8 : !bpf.ptr<stack>
  bpf.store %lo, %frame[8] : i16, !bpf.ptr<stack>
  bpf.store %hi, %frame[10] : i16, !bpf.ptr<stack>
  %w = bpf.map_lookup %m, %key : !bpf.ptr<stack>
  %r = bpf.load %w[0] : !bpf.ptr<map_value> -> i64
  bpf.return %r : i64
}

// Another number, then another map, then the first one again.
// CHECK-LABEL: bpf.func @other_key
// CHECK-COUNT-3: bpf.map_lookup
// CHECK-NOT: bpf.map_lookup
// CHECK: bpf.return
bpf.func @other_key(%n: i32, %k: i32) -> i64 {
  %frame = bpf.frame 8
  %m = bpf.map_ref @hash
  %o = bpf.map_ref @other
  bpf.store %n, %frame[0] : i32, !bpf.ptr<stack>
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  bpf.store %k, %frame[0] : i32, !bpf.ptr<stack>
  %w = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  bpf.store %n, %frame[0] : i32, !bpf.ptr<stack>
  %x = bpf.map_lookup %o, %frame : !bpf.ptr<stack>
  %y = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %a = bpf.load %v[0] : !bpf.ptr<map_value> -> i64
  %b = bpf.load %w[0] : !bpf.ptr<map_value> -> i64
  %c = bpf.load %x[0] : !bpf.ptr<map_value> -> i64
  %d = bpf.load %y[0] : !bpf.ptr<map_value> -> i64
  %ab = arith.addi %a, %b : i64
  %abc = arith.addi %ab, %c : i64
  %r = arith.addi %abc, %d : i64
  bpf.return %r : i64
}

// One byte of the key is written on one way only.
// CHECK-LABEL: bpf.func @written_between
// CHECK-COUNT-2: bpf.map_lookup
// CHECK: bpf.return
bpf.func @written_between(%n: i32, %flag: i8, %byte: i8) -> i64 {
  %c = arith.trunci %flag : i8 to i1
  %frame = bpf.frame 8
  %m = bpf.map_ref @hash
  bpf.store %n, %frame[0] : i32, !bpf.ptr<stack>
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  cf.cond_br %c, ^bb1, ^bb2
^bb1:
  bpf.store %byte, %frame[3] : i8, !bpf.ptr<stack>
  cf.br ^bb2
^bb2:
  %w = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %r = bpf.ptr_diff %w, %v : !bpf.ptr<map_value>, !bpf.ptr<map_value>
  bpf.return %r : i64
}

// Over a join with no write of the key; a byte behind it does not matter.
// CHECK-LABEL: bpf.func @over_a_join
// CHECK: bpf.map_lookup
// CHECK-NOT: bpf.map_lookup
// CHECK: bpf.return
bpf.func @over_a_join(%n: i32, %flag: i8, %byte: i8) -> i64 {
  %c = arith.trunci %flag : i8 to i1
  %frame = bpf.frame 8
  %m = bpf.map_ref @hash
  bpf.store %n, %frame[0] : i32, !bpf.ptr<stack>
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  cf.cond_br %c, ^bb1, ^bb2
^bb1:
  bpf.store %byte, %frame[4] : i8, !bpf.ptr<stack>
  cf.br ^bb2
^bb2:
  %w = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %vn = bpf.load %v[0] : !bpf.ptr<map_value> -> i64
  %wn = bpf.load %w[0] : !bpf.ptr<map_value> -> i64
  %r = arith.addi %vn, %wn : i64
  bpf.return %r : i64
}

// A store at an unknown place of the frame may change the key.
// CHECK-LABEL: bpf.func @unknown_store
// CHECK-COUNT-2: bpf.map_lookup
// CHECK: bpf.return
bpf.func @unknown_store(%n: i32, %at: i64, %byte: i8) -> i64 {
  %frame = bpf.frame 8
  %m = bpf.map_ref @hash
  bpf.store %n, %frame[0] : i32, !bpf.ptr<stack>
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %p = bpf.ptr_add %frame, %at : !bpf.ptr<stack>
  bpf.store %byte, %p[0] : i8, !bpf.ptr<stack>
  %w = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %r = bpf.ptr_diff %w, %v : !bpf.ptr<map_value>, !bpf.ptr<map_value>
  bpf.return %r : i64
}

// -----

bpf.map @hash type 1 key 4 value 8 entries 16 flags 0 index 0
bpf.map @other type 1 key 4 value 8 entries 16 flags 0 index 1
bpf.map @array type 2 key 4 value 8 entries 4 flags 0 index 2

// A deletion between, in a loop: the lookup at the loop's start is not the
// one in front of it.
// CHECK-LABEL: bpf.func @deleted
// CHECK-COUNT-2: bpf.map_lookup
// CHECK: bpf.return
bpf.func @deleted(%n: i32, %flag: i8) -> i64 {
  %c = arith.trunci %flag : i8 to i1
  %frame = bpf.frame 8
  %m = bpf.map_ref @hash
  bpf.store %n, %frame[0] : i32, !bpf.ptr<stack>
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  cf.br ^bb1
^bb1:
  %w = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %d = bpf.map_delete %m, %frame : !bpf.ptr<stack>
  cf.cond_br %c, ^bb1, ^bb2
^bb2:
  %r = bpf.ptr_diff %w, %v : !bpf.ptr<map_value>, !bpf.ptr<map_value>
  bpf.return %r : i64
}

// Of another map; and elements of an array do not move.
// CHECK-LABEL: bpf.func @deleted_elsewhere
// CHECK-COUNT-2: bpf.map_lookup
// CHECK-NOT: bpf.map_lookup
// CHECK: bpf.return
bpf.func @deleted_elsewhere(%n: i32, %value: i64) -> i64 {
  %frame = bpf.frame 16
  %c0 = arith.constant 0 : i64
  %c8 = arith.constant 8 : i64
  %m = bpf.map_ref @hash
  %o = bpf.map_ref @other
  %a = bpf.map_ref @array
  %p = bpf.ptr_add %frame, %c8 : !bpf.ptr<stack>
  bpf.store %n, %frame[0] : i32, !bpf.ptr<stack>
  bpf.store %value, %frame[8] : i64, !bpf.ptr<stack>
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %x = bpf.map_lookup %a, %frame : !bpf.ptr<stack>
  %d = bpf.map_delete %o, %frame : !bpf.ptr<stack>
  %u = bpf.map_update %a, %frame, %p, %c0 : !bpf.ptr<stack>, !bpf.ptr<stack>
  %w = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %y = bpf.map_lookup %a, %frame : !bpf.ptr<stack>
  %vn = bpf.load %v[0] : !bpf.ptr<map_value> -> i64
  %wn = bpf.load %w[0] : !bpf.ptr<map_value> -> i64
  %xn = bpf.load %x[0] : !bpf.ptr<map_value> -> i64
  %yn = bpf.load %y[0] : !bpf.ptr<map_value> -> i64
  %vw = arith.subi %vn, %wn : i64
  %xy = arith.subi %xn, %yn : i64
  %r = arith.addi %vw, %xy : i64
  bpf.return %r : i64
}

// A callee changes some map of the module.
// CHECK-LABEL: bpf.func @calls
// CHECK-COUNT-2: bpf.map_lookup
// CHECK: bpf.return
bpf.func @calls(%n: i32, %flag: i8) -> i64 {
  %c = arith.trunci %flag : i8 to i1
  %frame = bpf.frame 8
  %m = bpf.map_ref @hash
  bpf.store %n, %frame[0] : i32, !bpf.ptr<stack>
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %d = bpf.call @deleted(%n, %flag) : (i32, i8) -> i64
  %w = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %r = bpf.ptr_diff %w, %v : !bpf.ptr<map_value>, !bpf.ptr<map_value>
  bpf.return %r : i64
}

// -----

bpf.map @lru type 9 key 4 value 8 entries 16 flags 0 index 0

// A lookup makes an entry of this map young again.
// CHECK-LABEL: bpf.func @by_age
// CHECK-COUNT-3: bpf.map_lookup
// CHECK: bpf.return
bpf.func @by_age(%n: i32, %k: i32) -> i64 {
  %frame = bpf.frame 8
  %m = bpf.map_ref @lru
  bpf.store %n, %frame[0] : i32, !bpf.ptr<stack>
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  bpf.store %k, %frame[0] : i32, !bpf.ptr<stack>
  %w = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  bpf.store %n, %frame[0] : i32, !bpf.ptr<stack>
  %x = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %a = bpf.ptr_diff %w, %v : !bpf.ptr<map_value>, !bpf.ptr<map_value>
  %b = bpf.ptr_diff %x, %v : !bpf.ptr<map_value>, !bpf.ptr<map_value>
  %r = arith.addi %a, %b : i64
  bpf.return %r : i64
}

// -----

bpf.map @array type 2 key 4 value 8 entries 4 flags 0 index 0

// The last element is there.
// CHECK-LABEL: bpf.func @inside
// CHECK: bpf.map_lookup
// CHECK-NOT: bpf.is_null
// CHECK: bpf.return
// SPARSE-LABEL: bpf.func @inside
// SPARSE: bpf.is_null
bpf.func @inside() -> i64 {
  %frame = bpf.frame 8
  %c0 = arith.constant 0 : i64
  %c3 = arith.constant 3 : i32
  %m = bpf.map_ref @array
  bpf.store %c3, %frame[0] : i32, !bpf.ptr<stack>
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  cf.cond_br %null, ^bb1, ^bb2
^bb1:
  bpf.return %c0 : i64
^bb2:
  %r = bpf.load %v[0] : !bpf.ptr<map_value> -> i64
  bpf.return %r : i64
}

// The one behind it is not.
// CHECK-LABEL: bpf.func @outside
// CHECK-NOT: bpf.map_lookup
// CHECK: bpf.return
// SPARSE-LABEL: bpf.func @outside
// SPARSE-NOT: bpf.map_lookup
// SPARSE: bpf.return
bpf.func @outside() -> i64 {
  %frame = bpf.frame 8
  %c0 = arith.constant 0 : i64
  %c4 = arith.constant 4 : i32
  %m = bpf.map_ref @array
  bpf.store %c4, %frame[0] : i32, !bpf.ptr<stack>
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  cf.cond_br %null, ^bb1, ^bb2
^bb1:
  bpf.return %c0 : i64
^bb2:
  %r = bpf.load %v[0] : !bpf.ptr<map_value> -> i64
  bpf.return %r : i64
}

// Two bits are an index below 4, three are not.
// CHECK-LABEL: bpf.func @masked
// CHECK-NOT: bpf.is_null
// CHECK: bpf.func @masked_too_wide
// CHECK: bpf.is_null
bpf.func @masked(%n: i32) -> i64 {
  %frame = bpf.frame 8
  %c3 = arith.constant 3 : i32
  %index = arith.andi %n, %c3 : i32
  %m = bpf.map_ref @array
  bpf.store %index, %frame[0] : i32, !bpf.ptr<stack>
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  %r = arith.extui %null : i1 to i64
  bpf.return %r : i64
}
bpf.func @masked_too_wide(%n: i32) -> i64 {
  %frame = bpf.frame 8
  %c7 = arith.constant 7 : i32
  %index = arith.andi %n, %c7 : i32
  %m = bpf.map_ref @array
  bpf.store %index, %frame[0] : i32, !bpf.ptr<stack>
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  %r = arith.extui %null : i1 to i64
  bpf.return %r : i64
}

// A comparison on the way; stored with the most significant byte first, the
// same number is no index below 4.
// CHECK-LABEL: bpf.func @compared
// CHECK: cf.cond_br
// CHECK: bpf.map_lookup
// CHECK: bpf.map_lookup
// CHECK: bpf.is_null
// CHECK-NOT: bpf.is_null
// CHECK: bpf.return
bpf.func @compared(%n: i32) -> i64 {
  %frame = bpf.frame 8
  %c0 = arith.constant 0 : i64
  %c4 = arith.constant 4 : i32
  %in = arith.cmpi ult, %n, %c4 : i32
  %m = bpf.map_ref @array
  cf.cond_br %in, ^bb1, ^bb2
^bb1:
  bpf.store %n, %frame[0] : i32, !bpf.ptr<stack>
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  bpf.store %n, %frame[0] order be : i32, !bpf.ptr<stack>
  %w = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %swapped = bpf.is_null %w : !bpf.ptr<map_value>
  %d = bpf.load %v[0] : !bpf.ptr<map_value> -> i64
  %a = arith.extui %null : i1 to i64
  %b = arith.extui %swapped : i1 to i64
  %ab = arith.addi %a, %b : i64
  %r = arith.addi %ab, %d : i64
  bpf.return %r : i64
^bb2:
  bpf.return %c0 : i64
}

// -----

// Keys that reach out of the frame, as damaged maps declare them, are left alone, however long.
bpf.map @long type 1 key 16 value 8 entries 16 flags 0 index 0
bpf.map @endless type 1 key 4294967288 value 8 entries 16 flags 0 index 1

// CHECK-LABEL: bpf.func @outside_frame
// CHECK-COUNT-4: bpf.map_lookup
// CHECK: bpf.return
bpf.func @outside_frame(%n: i64) -> i64 {
  %frame = bpf.frame 8
  %long = bpf.map_ref @long
  %endless = bpf.map_ref @endless
  bpf.store %n, %frame[0] : i64, !bpf.ptr<stack>
  %v = bpf.map_lookup %long, %frame : !bpf.ptr<stack>
  bpf.store %n, %frame[0] : i64, !bpf.ptr<stack>
  %w = bpf.map_lookup %long, %frame : !bpf.ptr<stack>
  %x = bpf.map_lookup %endless, %frame : !bpf.ptr<stack>
  bpf.store %n, %frame[0] : i64, !bpf.ptr<stack>
  %y = bpf.map_lookup %endless, %frame : !bpf.ptr<stack>
  %a = bpf.ptr_diff %w, %v : !bpf.ptr<map_value>, !bpf.ptr<map_value>
  %b = bpf.ptr_diff %y, %x : !bpf.ptr<map_value>, !bpf.ptr<map_value>
  %r = arith.addi %a, %b : i64
  bpf.return %r : i64
}

// -----

// Every round asks for what only the loop stores: the key gets a place of its
// own. The handle and the key's address are there in front of the loop too.
bpf.map @hash type 1 key 6 value 8 entries 16 flags 0 index 0
// CHECK-LABEL: bpf.func @made_in_loop(
// CHECK-SAME: %[[N:.*]]: i32, %[[H:.*]]: i16
// CHECK: %[[FRAME:.*]] = bpf.frame 24
// CHECK: %[[KEY:.*]] = bpf.ptr_add %[[FRAME]], %c16_i64
// CHECK: bpf.store %[[N]], %[[FRAME]][16]
// CHECK: bpf.store %[[H]], %[[FRAME]][20]
// CHECK: bpf.map_lookup %{{.*}}, %[[KEY]]
// CHECK: cf.br ^bb1
// CHECK-NOT: bpf.map_lookup
// CHECK: bpf.return
bpf.func @made_in_loop(%n: i32, %h: i16) -> i64 {
  %frame = bpf.frame 16
  %c0 = arith.constant 0 : i64
  %c0_i32 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c9 = arith.constant 9 : i32
  cf.br ^loop(%c0_i32, %c0 : i32, i64)
^loop(%i: i32, %sum: i64):
  %m = bpf.map_ref @hash
  bpf.store %n, %frame[0] : i32, !bpf.ptr<stack>
  bpf.store %h, %frame[4] : i16, !bpf.ptr<stack>
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  cf.cond_br %null, ^next(%sum : i64), ^found
^found:
  %x = bpf.load %v[0] : !bpf.ptr<map_value> -> i64
  %s = arith.addi %sum, %x : i64
  cf.br ^next(%s : i64)
^next(%t: i64):
  %j = arith.addi %i, %c1 : i32
  %more = arith.cmpi ult, %j, %c9 : i32
  cf.cond_br %more, ^loop(%j, %t : i32, i64), ^done
^done:
  bpf.return %t : i64
}

// The key is in the stack before two nested loops, which are entered on a
// condition: the lookup goes in front of both, where it is for them alone.
// CHECK-LABEL: bpf.func @there_before
// CHECK: bpf.frame 16
// CHECK: cf.cond_br %{{.*}}, ^bb1, ^[[DONE:.*]](%
// CHECK: ^bb1:
// CHECK: bpf.map_lookup
// CHECK: cf.br ^bb2
// CHECK-NOT: bpf.map_lookup
// CHECK: bpf.return
bpf.func @there_before(%n: i32) -> i64 {
  %frame = bpf.frame 16
  %c0 = arith.constant 0 : i64
  %c0_i32 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c9 = arith.constant 9 : i32
  bpf.store %n, %frame[8] : i32, !bpf.ptr<stack>
  bpf.store %n, %frame[12] : i32, !bpf.ptr<stack>
  %c8 = arith.constant 8 : i64
  %place = bpf.ptr_add %frame, %c8 : !bpf.ptr<stack>
  %m = bpf.map_ref @hash
  %some = arith.cmpi ne, %n, %c0_i32 : i32
  cf.cond_br %some, ^outer(%c0_i32, %c0 : i32, i64), ^done(%c0 : i64)
^outer(%i: i32, %sum: i64):
  cf.br ^inner(%c0_i32, %sum : i32, i64)
^inner(%k: i32, %all: i64):
  %v = bpf.map_lookup %m, %place : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  cf.cond_br %null, ^done(%all : i64), ^found
^found:
  %x = bpf.load %v[0] : !bpf.ptr<map_value> -> i64
  %s = arith.addi %all, %x : i64
  %l = arith.addi %k, %c1 : i32
  %again = arith.cmpi ult, %l, %c9 : i32
  cf.cond_br %again, ^inner(%l, %s : i32, i64), ^next
^next:
  %j = arith.addi %i, %c1 : i32
  %more = arith.cmpi ult, %j, %n : i32
  cf.cond_br %more, ^outer(%j, %s : i32, i64), ^done(%s : i64)
^done(%r: i64):
  bpf.return %r : i64
}

// Left in the loop: another key in every round, entries that the loop deletes,
// and a lookup that not every round makes.
// CHECK-LABEL: bpf.func @stays
// CHECK: cf.br ^[[LOOP:bb1]]
// CHECK: ^[[LOOP]](
// CHECK-COUNT-2: bpf.map_lookup
// CHECK: bpf.map_delete
// CHECK: bpf.return
bpf.func @stays(%n: i32) -> i64 {
  %frame = bpf.frame 24
  %c0 = arith.constant 0 : i64
  %c0_i32 = arith.constant 0 : i32
  %c0_i16 = arith.constant 0 : i16
  %c1 = arith.constant 1 : i32
  %c9 = arith.constant 9 : i32
  %c8 = arith.constant 8 : i64
  %other = bpf.ptr_add %frame, %c8 : !bpf.ptr<stack>
  %m = bpf.map_ref @hash
  bpf.store %n, %frame[8] : i32, !bpf.ptr<stack>
  bpf.store %c0_i16, %frame[12] : i16, !bpf.ptr<stack>
  bpf.store %c0_i16, %frame[4] : i16, !bpf.ptr<stack>
  cf.br ^loop(%c0_i32 : i32)
^loop(%i: i32):
  bpf.store %i, %frame[0] : i32, !bpf.ptr<stack>
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  cf.cond_br %null, ^next, ^found
^found:
  %w = bpf.map_lookup %m, %other : !bpf.ptr<stack>
  %gone = bpf.is_null %w : !bpf.ptr<map_value>
  cf.cond_br %gone, ^next, ^delete
^delete:
  %r = bpf.map_delete %m, %other : !bpf.ptr<stack>
  cf.br ^next
^next:
  %j = arith.addi %i, %c1 : i32
  %more = arith.cmpi ult, %j, %c9 : i32
  cf.cond_br %more, ^loop(%j : i32), ^done
^done:
  bpf.return %c0 : i64
}

// -----

bpf.map @array type 2 key 4 value 12 entries 4 flags 0 index 0
bpf.map @data type 2 key 4 value 16 entries 1 flags 0 index 1

// One address for all global data, asked in front of the loop.
// CHECK-LABEL: bpf.func @globals
// CHECK: %[[DATA:.*]] = bpf.map_value_ref @data[0]
// CHECK: cf.br ^bb1
// CHECK-NOT: bpf.map_value_ref
// CHECK: bpf.load %[[DATA]][8]
// CHECK-NOT: bpf.map_value_ref
// CHECK: bpf.load %[[DATA]][4]
bpf.func @globals(%n: i32) -> i64 {
  %c0_i32 = arith.constant 0 : i32
  %c0 = arith.constant 0 : i64
  cf.br ^loop(%c0_i32, %c0 : i32, i64)
^loop(%i: i32, %sum: i64):
  %g = bpf.map_value_ref @data[8]
  %x = bpf.load %g[0] : !bpf.ptr<map_value> -> i64
  %s = arith.addi %sum, %x : i64
  %c1 = arith.constant 1 : i32
  %j = arith.addi %i, %c1 : i32
  %more = arith.cmpi ult, %j, %n : i32
  cf.cond_br %more, ^loop(%j, %s : i32, i64), ^done
^done:
  %h = bpf.map_value_ref @data[4]
  %y = bpf.load %h[0] : !bpf.ptr<map_value> -> i32
  %z = arith.extui %y : i32 to i64
  %r = arith.addi %s, %z : i64
  bpf.return %r : i64
}

// With addresses: a known element, one of any number, and one that another
// block tests.
// CHECK-LABEL: bpf.func @elements
// CHECK-COUNT-3: bpf.map_lookup
// DIRECT-LABEL: bpf.func @elements(
// DIRECT-SAME: %[[N:.*]]: i32
// DIRECT-NOT: bpf.map_lookup
// DIRECT: %[[A:.*]] = bpf.array_element @array[%c2_i32]
// DIRECT: bpf.load %[[A]][0]
// DIRECT: %[[I:.*]] = bpf.load %{{.*}}[0] : <stack> -> i32
// DIRECT: %[[B:.*]] = bpf.array_element @array[%[[I]]]
// DIRECT: %[[BEHIND:.*]] = arith.cmpi uge, %[[I]], %c4_i32
// DIRECT: cf.cond_br %[[BEHIND]]
// DIRECT: bpf.load %[[B]][4]
// DIRECT: %[[C:.*]] = bpf.array_element @array
// DIRECT: arith.select %{{.*}}, %{{.*}}, %[[C]] : !bpf.ptr<map_value>
// DIRECT-NOT: bpf.map_lookup
// DIRECT: bpf.return
bpf.func @elements(%n: i32, %p: !bpf.ptr<packet>) -> i64 {
  %frame = bpf.frame 8
  %m = bpf.map_ref @array
  %c2 = arith.constant 2 : i32
  %c0 = arith.constant 0 : i64
  bpf.store %c2, %frame[0] : i32, !bpf.ptr<stack>
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  cf.cond_br %null, ^none, ^found
^found:
  %x = bpf.load %v[0] : !bpf.ptr<map_value> -> i32
  bpf.store %n, %frame[0] : i32, !bpf.ptr<stack>
  %w = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %wn = bpf.is_null %w : !bpf.ptr<map_value>
  cf.cond_br %wn, ^none, ^both
^both:
  %y = bpf.load %w[4] : !bpf.ptr<map_value> -> i64
  %c = arith.cmpi eq, %x, %n : i32
  cf.cond_br %c, ^third, ^test(%v : !bpf.ptr<map_value>)
^third:
  %z = bpf.map_lookup %m, %p : !bpf.ptr<packet>
  cf.br ^test(%z : !bpf.ptr<map_value>)
^test(%either: !bpf.ptr<map_value>):
  %en = bpf.is_null %either : !bpf.ptr<map_value>
  cf.cond_br %en, ^none, ^all
^all:
  %u = bpf.load %either[4] : !bpf.ptr<map_value> -> i64
  %s = arith.addi %y, %u : i64
  bpf.return %s : i64
^none:
  bpf.return %c0 : i64
}
