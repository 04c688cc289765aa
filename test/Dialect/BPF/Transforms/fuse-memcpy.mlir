// RUN: nfp-bpf-opt %s -bpf-fuse-memcpy -canonicalize -cse | FileCheck %s

bpf.map @plain type 2 key 4 value 16 entries 4 flags 0 index 0
bpf.map @counted type 2 key 4 value 16 entries 4 flags 0 index 1

// Neighbours in any order are one store.
// CHECK-LABEL: bpf.func @neighbours(%arg0: !bpf.ptr<packet>, %arg1: i16, %arg2: i32)
// CHECK-NOT: bpf.store
// CHECK: %[[H:.*]] = arith.extui %arg1 : i16 to i32
// CHECK: bpf.store_words(%arg2, %[[H]]), %arg0[2] size 6 : <packet>
// CHECK-NOT: bpf.store
bpf.func @neighbours(%p: !bpf.ptr<packet>, %a: i16, %b: i32) -> i64 {
  %c0 = arith.constant 0 : i64
  bpf.store %a, %p[6] : i16, !bpf.ptr<packet>
  bpf.store %b, %p[2] : i32, !bpf.ptr<packet>
  bpf.return %c0 : i64
}

// Big-endian numbers stay as they are: no swap appears.
// CHECK-LABEL: bpf.func @big_endian
// CHECK-NOT: bpf.bswap
// CHECK: bpf.store_words(%arg1, %arg2, %arg1), %arg0[0] size 12 order be
bpf.func @big_endian(%p: !bpf.ptr<packet>, %a: i32, %b: i32) -> i64 {
  %c0 = arith.constant 0 : i64
  bpf.store %a, %p[0] order be : i32, !bpf.ptr<packet>
  bpf.store %b, %p[4] order be : i32, !bpf.ptr<packet>
  bpf.store %a, %p[8] order be : i32, !bpf.ptr<packet>
  bpf.return %c0 : i64
}

// What is overwritten before anything sees it is not written; a load of waiting
// bytes reads no memory.
// CHECK-LABEL: bpf.func @overwritten
// CHECK-NOT: bpf.load
// CHECK: %[[LOW:.*]] = arith.andi %arg1, %{{.*}} : i32
// CHECK: %[[NEW:.*]] = arith.ori %{{.*}}, %{{.*}} : i32
// CHECK: bpf.store %[[NEW]], %arg0[0]
// CHECK-NOT: bpf.store
bpf.func @overwritten(%p: !bpf.ptr<packet>, %a: i32, %b: i8) -> i64 {
  bpf.store %a, %p[0] : i32, !bpf.ptr<packet>
  bpf.store %b, %p[3] : i8, !bpf.ptr<packet>
  %h = bpf.load %p[1] : !bpf.ptr<packet> -> i16
  %r = arith.extui %h : i16 to i64
  bpf.return %r : i64
}

// Another pointer may lead to the same bytes: what waits is written before.
// CHECK-LABEL: bpf.func @other_pointer
// CHECK: bpf.store %arg2, %arg0[0]
// CHECK: bpf.load %{{.*}}[0]
// CHECK: bpf.store %arg2, %arg0[4]
bpf.func @other_pointer(%p: !bpf.ptr<packet>, %d: i64, %a: i32) -> i64 {
  %q = bpf.ptr_add %p, %d : !bpf.ptr<packet>
  bpf.store %a, %p[0] : i32, !bpf.ptr<packet>
  %v = bpf.load %q[0] : !bpf.ptr<packet> -> i32
  bpf.store %a, %p[4] : i32, !bpf.ptr<packet>
  %r = arith.extui %v : i32 to i64
  bpf.return %r : i64
}

// A routine sees its key, and the stack is read by nobody after it.
// CHECK-LABEL: bpf.func @key
// CHECK: %[[F:.*]] = bpf.frame 8
// CHECK: bpf.store %arg0, %[[F]][0] : i32
// CHECK-NEXT: bpf.map_lookup
// CHECK-NOT: bpf.store
// CHECK: bpf.return
bpf.func @key(%a: i32, %b: i32) -> i64 {
  %f = bpf.frame 8
  %m = bpf.map_ref @plain
  bpf.store %b, %f[0] : i32, !bpf.ptr<stack>
  bpf.store %a, %f[0] : i32, !bpf.ptr<stack>
  %v = bpf.map_lookup %m, %f : !bpf.ptr<stack>
  bpf.store %b, %f[4] : i32, !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  %r = arith.extui %null : i1 to i64
  bpf.return %r : i64
}

// Both ways in stored the same: it is written once, behind the join. What one
// of them stored besides is written on that way.
// CHECK-LABEL: bpf.func @join
// CHECK: cf.cond_br %{{.*}}, ^bb2, ^bb1
// CHECK: ^bb1:
// CHECK-NEXT: bpf.store %arg3, %arg0[8]
// CHECK-NEXT: cf.br ^bb2
// CHECK: ^bb2:
// CHECK-NEXT: bpf.store_words(%arg2, %arg3, %arg2), %arg0[12] size 12
// CHECK-NOT: bpf.store
bpf.func @join(%p: !bpf.ptr<packet>, %n: i64, %a: i32, %b: i32) -> i64 {
  %c0 = arith.constant 0 : i64
  %c = arith.cmpi eq, %n, %c0 : i64
  cf.cond_br %c, ^bb1, ^bb2
^bb1:
  bpf.store %b, %p[16] : i32, !bpf.ptr<packet>
  bpf.store %a, %p[12] : i32, !bpf.ptr<packet>
  cf.br ^bb3
^bb2:
  bpf.store %a, %p[12] : i32, !bpf.ptr<packet>
  bpf.store %b, %p[16] : i32, !bpf.ptr<packet>
  bpf.store %b, %p[8] : i32, !bpf.ptr<packet>
  cf.br ^bb3
^bb3:
  bpf.store %a, %p[20] : i32, !bpf.ptr<packet>
  bpf.return %c0 : i64
}

// A loop writes what it stores in every round.
// CHECK-LABEL: bpf.func @loop
// CHECK: ^bb1(%[[I:.*]]: i64):
// CHECK: bpf.store %arg1, %arg0[0]
// CHECK: cf.cond_br
bpf.func @loop(%p: !bpf.ptr<packet>, %a: i32, %n: i64) -> i64 {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  cf.br ^bb1(%c0 : i64)
^bb1(%i: i64):
  bpf.store %a, %p[0] : i32, !bpf.ptr<packet>
  %next = arith.addi %i, %c1 : i64
  %more = arith.cmpi ult, %next, %n : i64
  cf.cond_br %more, ^bb1(%next : i64), ^bb2
^bb2:
  bpf.return %i : i64
}

// Values of a map without counters are joined.
// CHECK-LABEL: bpf.func @values
// CHECK: bpf.store_words(%arg1, %arg1, %arg1), %{{.*}}[0] size 12 : <map_value>
bpf.func @values(%k: !bpf.ptr<stack>, %a: i32) -> i64 {
  %c0 = arith.constant 0 : i64
  %m = bpf.map_ref @plain
  %v = bpf.map_lookup %m, %k : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  cf.cond_br %null, ^bb2, ^bb1
^bb1:
  bpf.store %a, %v[0] : i32, !bpf.ptr<map_value>
  bpf.store %a, %v[4] : i32, !bpf.ptr<map_value>
  bpf.store %a, %v[8] : i32, !bpf.ptr<map_value>
  cf.br ^bb2
^bb2:
  bpf.return %c0 : i64
}

// The card keeps counters in another byte order: their stores stay. The words
// beside them are stored together.
// CHECK-LABEL: bpf.func @counters
// CHECK: bpf.store %arg1, %{{.*}}[0] : i32
// CHECK: bpf.store %{{.*}}, %{{.*}}[4] : i64
bpf.func @counters(%k: !bpf.ptr<stack>, %a: i32) -> i64 {
  %c0 = arith.constant 0 : i64
  %m = bpf.map_ref @counted
  %v = bpf.map_lookup %m, %k : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  cf.cond_br %null, ^bb2, ^bb1
^bb1:
  bpf.atomic_rmw add %a, %v[0] : i32, !bpf.ptr<map_value>
  bpf.store %a, %v[0] : i32, !bpf.ptr<map_value>
  bpf.store %a, %v[4] : i32, !bpf.ptr<map_value>
  bpf.store %a, %v[8] : i32, !bpf.ptr<map_value>
  cf.br ^bb2
^bb2:
  bpf.return %c0 : i64
}

// A pointer that comes back from the stack is the one that was put there.
// CHECK-LABEL: bpf.func @spilled_pointer
// CHECK: %[[V:.*]] = bpf.map_lookup
// CHECK-NOT: -> !bpf.ptr<map_value>
// CHECK: bpf.load %[[V]][4]
bpf.func @spilled_pointer(%k: !bpf.ptr<stack>) -> i64 {
  %frame = bpf.frame 16
  %c0 = arith.constant 0 : i64
  %m = bpf.map_ref @plain
  %v = bpf.map_lookup %m, %k : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  bpf.store %v, %frame[8] : !bpf.ptr<map_value>, !bpf.ptr<stack>
  cf.cond_br %null, ^bb2, ^bb1
^bb1:
  bpf.store %c0, %frame[0] : i64, !bpf.ptr<stack>
  %w = bpf.load %frame[8] : !bpf.ptr<stack> -> !bpf.ptr<map_value>
  %n = bpf.load %w[4] : !bpf.ptr<map_value> -> i32
  %r = arith.extui %n : i32 to i64
  bpf.return %r : i64
^bb2:
  bpf.return %c0 : i64
}

// Another pointer on one way in; then one that is written over; then one that a callee may write over.
// CHECK-LABEL: bpf.func @other_pointers
// CHECK: ^bb2:
// CHECK: bpf.load %{{.*}}[8] : <stack> -> !bpf.ptr<map_value>
// CHECK: bpf.store %{{.*}}, %{{.*}}[4] : i32
// CHECK: bpf.load %{{.*}}[0] : <stack> -> !bpf.ptr<map_value>
// CHECK: bpf.call @writes
// CHECK: bpf.load %{{.*}}[16] : <stack> -> !bpf.ptr<map_value>
bpf.func @other_pointers(%k: !bpf.ptr<stack>, %n: i64) -> i64 {
  %frame = bpf.frame 24
  %c0 = arith.constant 0 : i64
  %which = arith.cmpi eq, %n, %c0 : i64
  %m = bpf.map_ref @plain
  %v = bpf.map_lookup %m, %k : !bpf.ptr<stack>
  %w = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  bpf.store %v, %frame[8] : !bpf.ptr<map_value>, !bpf.ptr<stack>
  cf.cond_br %which, ^bb1, ^bb2
^bb1:
  bpf.store %w, %frame[8] : !bpf.ptr<map_value>, !bpf.ptr<stack>
  cf.br ^bb2
^bb2:
  %x = bpf.load %frame[8] : !bpf.ptr<stack> -> !bpf.ptr<map_value>
  bpf.store %w, %frame[0] : !bpf.ptr<map_value>, !bpf.ptr<stack>
  bpf.store %n, %frame[4] : i64, !bpf.ptr<stack>
  %y = bpf.load %frame[0] : !bpf.ptr<stack> -> !bpf.ptr<map_value>
  bpf.store %w, %frame[16] : !bpf.ptr<map_value>, !bpf.ptr<stack>
  %called = bpf.call @writes(%frame) : (!bpf.ptr<stack>) -> i64
  %z = bpf.load %frame[16] : !bpf.ptr<stack> -> !bpf.ptr<map_value>
  %a = bpf.ptr_diff %x, %y : !bpf.ptr<map_value>, !bpf.ptr<map_value>
  %b = bpf.ptr_diff %z, %w : !bpf.ptr<map_value>, !bpf.ptr<map_value>
  %r = arith.addi %a, %b : i64
  bpf.return %r : i64
}

bpf.func @writes(%p: !bpf.ptr<stack>) -> i64 {
  %c0 = arith.constant 0 : i64
  bpf.store %c0, %p[16] : i64, !bpf.ptr<stack>
  bpf.return %c0 : i64
}

// Nothing reads the second half of the frame but the key of a lookup.
// CHECK-LABEL: bpf.func @unread
// CHECK-NOT: bpf.store
// CHECK: bpf.store %arg1, %{{.*}}[20] : i32
// CHECK-NEXT: bpf.map_lookup
// CHECK-NOT: bpf.store
// CHECK: bpf.return
bpf.func @unread(%p: !bpf.ptr<packet>, %a: i32, %b: i64) -> i64 {
  %frame = bpf.frame 32
  %c20 = arith.constant 20 : i64
  %m = bpf.map_ref @plain
  bpf.store %p, %frame[0] : !bpf.ptr<packet>, !bpf.ptr<stack>
  bpf.store %b, %frame[8] : i64, !bpf.ptr<stack>
  bpf.store %a, %frame[20] : i32, !bpf.ptr<stack>
  bpf.store %p, %frame[24] : !bpf.ptr<packet>, !bpf.ptr<stack>
  %key = bpf.ptr_add %frame, %c20 : !bpf.ptr<stack>
  %v = bpf.map_lookup %m, %key : !bpf.ptr<stack>
  %w = bpf.map_lookup %m, %key : !bpf.ptr<stack>
  %r = bpf.ptr_diff %v, %w : !bpf.ptr<map_value>, !bpf.ptr<map_value>
  bpf.return %r : i64
}

// A callee may read all that it gets a pointer to.
// CHECK-LABEL: bpf.func @read_by_callee
// CHECK: bpf.store %arg0, %{{.*}}[8]
bpf.func @read_by_callee(%p: !bpf.ptr<packet>) -> i64 {
  %frame = bpf.frame 16
  bpf.store %p, %frame[8] : !bpf.ptr<packet>, !bpf.ptr<stack>
  %r = bpf.call @reads(%frame) : (!bpf.ptr<stack>) -> i64
  bpf.return %r : i64
}

bpf.func @reads(%s: !bpf.ptr<stack>) -> i64 {
  %q = bpf.load %s[8] : !bpf.ptr<stack> -> !bpf.ptr<packet>
  %r = bpf.load %q[0] : !bpf.ptr<packet> -> i64
  bpf.return %r : i64
}

// Bytes between two stores that were read are written again: one command.
// CHECK-LABEL: bpf.func @gap
// CHECK: %[[ID:.*]] = bpf.load %arg0[4] : <packet> -> i16
// CHECK-NOT: bpf.store
// CHECK: bpf.store_words({{.*}}), %arg0[0] size 10 : <packet>
// CHECK-NOT: bpf.store
bpf.func @gap(%p: !bpf.ptr<packet>, %a: i32) -> i64 {
  bpf.store %a, %p[0] : i32, !bpf.ptr<packet>
  %id = bpf.load %p[4] : !bpf.ptr<packet> -> i16
  bpf.store %a, %p[6] : i32, !bpf.ptr<packet>
  %r = arith.extui %id : i16 to i64
  bpf.return %r : i64
}

// Not all of them were; the value of a map may be written by others; what was
// read before a store elsewhere in the packet may be other bytes by now; over a
// helper the bytes would have to be kept for it alone.
// CHECK-LABEL: bpf.func @wide_gap
// CHECK-COUNT-2: bpf.store
bpf.func @wide_gap(%p: !bpf.ptr<packet>, %a: i32) -> i64 {
  bpf.store %a, %p[0] : i32, !bpf.ptr<packet>
  %id = bpf.load %p[4] : !bpf.ptr<packet> -> i16
  bpf.store %a, %p[8] : i32, !bpf.ptr<packet>
  %r = arith.extui %id : i16 to i64
  bpf.return %r : i64
}

// CHECK-LABEL: bpf.func @value_gap
// CHECK-COUNT-2: bpf.store
bpf.func @value_gap(%k: !bpf.ptr<stack>, %a: i32) -> i64 {
  %m = bpf.map_ref @plain
  %v = bpf.map_lookup %m, %k : !bpf.ptr<stack>
  bpf.store %a, %v[0] : i32, !bpf.ptr<map_value>
  %x = bpf.load %v[4] : !bpf.ptr<map_value> -> i32
  bpf.store %a, %v[8] : i32, !bpf.ptr<map_value>
  %r = arith.extui %x : i32 to i64
  bpf.return %r : i64
}

// CHECK-LABEL: bpf.func @gap_changed
// CHECK-COUNT-3: bpf.store
bpf.func @gap_changed(%p: !bpf.ptr<packet>, %n: i64, %a: i32) -> i64 {
  %id = bpf.load %p[4] : !bpf.ptr<packet> -> i16
  %q = bpf.ptr_add %p, %n : !bpf.ptr<packet>
  bpf.store %a, %q[0] : i32, !bpf.ptr<packet>
  bpf.store %a, %p[0] : i32, !bpf.ptr<packet>
  bpf.store %a, %p[6] : i32, !bpf.ptr<packet>
  %r = arith.extui %id : i16 to i64
  bpf.return %r : i64
}

// CHECK-LABEL: bpf.func @gap_behind_call
// CHECK-COUNT-2: bpf.store
bpf.func @gap_behind_call(%p: !bpf.ptr<packet>, %k: !bpf.ptr<stack>, %a: i32) -> i64 {
  %id = bpf.load %p[4] : !bpf.ptr<packet> -> i16
  %r = arith.extui %id : i16 to i64
  %m = bpf.map_ref @plain
  %v = bpf.map_lookup %m, %k : !bpf.ptr<stack>
  bpf.store %a, %p[0] : i32, !bpf.ptr<packet>
  bpf.store %a, %p[6] : i32, !bpf.ptr<packet>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  %z = arith.extui %null : i1 to i64
  %s = arith.addi %z, %r : i64
  bpf.return %s : i64
}

// A number that is needed behind the helper anyway.
// CHECK-LABEL: bpf.func @gap_kept_over_call
// CHECK: bpf.store_words({{.*}}), %arg0[0] size 10 : <packet>
// CHECK-NOT: bpf.store
bpf.func @gap_kept_over_call(%p: !bpf.ptr<packet>, %k: !bpf.ptr<stack>, %a: i32) -> i64 {
  %id = bpf.load %p[4] : !bpf.ptr<packet> -> i16
  %m = bpf.map_ref @plain
  %v = bpf.map_lookup %m, %k : !bpf.ptr<stack>
  bpf.store %a, %p[0] : i32, !bpf.ptr<packet>
  bpf.store %a, %p[6] : i32, !bpf.ptr<packet>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  %z = arith.extui %null : i1 to i64
  %r = arith.extui %id : i16 to i64
  %s = arith.addi %z, %r : i64
  bpf.return %s : i64
}

// What would take a second command for the last two of 34 bytes is written with
// two more, which were read before the packet's start moved and are in it.
// CHECK-LABEL: bpf.func @whole_words
// CHECK: bpf.adjust_head
// CHECK: bpf.store_words({{.*}}), %{{.*}}[0] size 36 : <packet>
// CHECK-NOT: bpf.store
bpf.func @whole_words(%ctx: !bpf.ptr<ctx>, %a: i64) -> i64 {
  %c0 = arith.constant 0 : i64
  %c16 = arith.constant 16 : i64
  %back = arith.constant -20 : i64
  %data = bpf.packet_data %ctx
  %end = bpf.packet_end %ctx
  %p16 = bpf.ptr_add %data, %c16 : !bpf.ptr<packet>
  %short = bpf.ptr_cmp ugt %p16, %end : !bpf.ptr<packet>, !bpf.ptr<packet_end>
  cf.cond_br %short, ^out, ^long
^long:
  %start = bpf.load %data[14] : !bpf.ptr<packet> -> i16
  %failed = bpf.adjust_head %ctx, %back
  %c = arith.cmpi ne, %failed, %c0 : i64
  cf.cond_br %c, ^out, ^moved
^moved:
  %p = bpf.packet_data %ctx
  bpf.store %a, %p[0] : i64, !bpf.ptr<packet>
  bpf.store %a, %p[8] : i64, !bpf.ptr<packet>
  bpf.store %a, %p[16] : i64, !bpf.ptr<packet>
  bpf.store %a, %p[24] : i64, !bpf.ptr<packet>
  bpf.store %start, %p[32] : i16, !bpf.ptr<packet>
  %r = arith.extui %start : i16 to i64
  bpf.return %r : i64
^out:
  bpf.return %c0 : i64
}

// Not with bytes of a window that nobody has shown to be in the packet.
// CHECK-LABEL: bpf.func @unproven_length
// CHECK: bpf.store_words({{.*}}), %{{.*}}[0] size 34 : <packet>
bpf.func @unproven_length(%p: !bpf.ptr<packet>, %a: i64, %b: i16) -> i64 {
  %w:4 = bpf.load_words %p[28] : !bpf.ptr<packet> -> i32, i32, i32, i32
  bpf.store %a, %p[0] : i64, !bpf.ptr<packet>
  bpf.store %a, %p[8] : i64, !bpf.ptr<packet>
  bpf.store %a, %p[16] : i64, !bpf.ptr<packet>
  bpf.store %a, %p[24] : i64, !bpf.ptr<packet>
  bpf.store %b, %p[32] : i16, !bpf.ptr<packet>
  %r = arith.extui %w#0 : i32 to i64
  bpf.return %r : i64
}

// Nor with bytes that the packet has lost.
// CHECK-LABEL: bpf.func @behind_the_start
// CHECK: bpf.store_words({{.*}}), %{{.*}}[0] size 34 : <packet>
bpf.func @behind_the_start(%ctx: !bpf.ptr<ctx>, %a: i64) -> i64 {
  %c0 = arith.constant 0 : i64
  %forward = arith.constant 14 : i64
  %data = bpf.packet_data %ctx
  %type = bpf.load %data[12] : !bpf.ptr<packet> -> i16
  %failed = bpf.adjust_head %ctx, %forward
  %c = arith.cmpi ne, %failed, %c0 : i64
  cf.cond_br %c, ^out, ^moved
^moved:
  %p = bpf.packet_data %ctx
  bpf.store %a, %p[0] : i64, !bpf.ptr<packet>
  bpf.store %a, %p[8] : i64, !bpf.ptr<packet>
  bpf.store %a, %p[16] : i64, !bpf.ptr<packet>
  bpf.store %a, %p[24] : i64, !bpf.ptr<packet>
  bpf.store %type, %p[32] : i16, !bpf.ptr<packet>
  %r = arith.extui %type : i16 to i64
  bpf.return %r : i64
^out:
  bpf.return %c0 : i64
}
