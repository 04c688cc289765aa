// RUN: nfp-bpf-opt %s -bpf-promote-packet-cache -canonicalize -cse | FileCheck %s
// RUN: nfp-bpf-opt %s -bpf-promote-packet-cache=max-words=3 -canonicalize -cse | FileCheck %s --check-prefix=SMALL

bpf.map @plain type 2 key 4 value 16 entries 4 flags 0 index 0
bpf.map @counted type 2 key 4 value 16 entries 4 flags 0 index 1

// The first load dominates the others; the window begins early enough to align
// the word at 14.
// CHECK-LABEL: bpf.func @parser(%arg0: !bpf.ptr<packet>)
// CHECK-NOT: bpf.load
// CHECK: %[[W:.*]]:5 = bpf.load_words %arg0[10] : <packet> -> i32, i32, i32, i32, i32
// CHECK: arith.shrui %[[W]]#0
// CHECK: ^bb1:
// CHECK-NEXT: arith.addi %[[W]]#1, %[[W]]#4 : i32
// CHECK-NOT: bpf.load
// SMALL-LABEL: bpf.func @parser
// SMALL: %{{.*}}:2 = bpf.load_words %arg0[{{10|12}}]
// SMALL: bpf.load %arg0[26]
bpf.func @parser(%p: !bpf.ptr<packet>) -> i64 {
  %c0 = arith.constant 0 : i64
  %c8 = arith.constant 8 : i16
  %type = bpf.load %p[12] : !bpf.ptr<packet> -> i16
  %ip = arith.cmpi eq, %type, %c8 : i16
  cf.cond_br %ip, ^bb1, ^bb2
^bb1:
  %a = bpf.load %p[14] : !bpf.ptr<packet> -> i32
  %b = bpf.load %p[26] : !bpf.ptr<packet> -> i32
  %s = arith.addi %a, %b : i32
  %r = arith.extui %s : i32 to i64
  bpf.return %r : i64
^bb2:
  bpf.return %c0 : i64
}

// Most want the first byte on top.
// CHECK-LABEL: bpf.func @order
// CHECK: %[[W:.*]]:2 = bpf.load_words %arg0[0] order be
// CHECK-NOT: bpf.bswap
// CHECK: arith.addi %[[W]]#0, %[[W]]#1
bpf.func @order(%p: !bpf.ptr<packet>) -> i64 {
  %a = bpf.load %p[0] order be : !bpf.ptr<packet> -> i32
  %b = bpf.load %p[4] order be : !bpf.ptr<packet> -> i32
  %s = arith.addi %a, %b : i32
  %r = arith.extui %s : i32 to i64
  bpf.return %r : i64
}

// A store changes its own bytes only.
// CHECK-LABEL: bpf.func @store
// CHECK: %[[W:.*]]:3 = bpf.load_words %arg0[0]
// CHECK: bpf.store %arg1, %arg0[4]
// CHECK-NEXT: %[[B:.*]] = bpf.load %arg0[4]
// CHECK-NEXT: arith.addi %[[W]]#0, %[[B]]
// CHECK-NEXT: arith.addi %{{.*}}, %[[W]]#2
bpf.func @store(%p: !bpf.ptr<packet>, %v: i32) -> i64 {
  %a = bpf.load %p[0] : !bpf.ptr<packet> -> i32
  bpf.store %v, %p[4] : i32, !bpf.ptr<packet>
  %b = bpf.load %p[4] : !bpf.ptr<packet> -> i32
  %c = bpf.load %p[8] : !bpf.ptr<packet> -> i32
  %s = arith.addi %a, %b : i32
  %t = arith.addi %s, %c : i32
  %r = arith.extui %t : i32 to i64
  bpf.return %r : i64
}

// A store through another pointer may change any byte.
// CHECK-LABEL: bpf.func @other_pointer
// CHECK-NOT: bpf.load_words
// CHECK: bpf.return
bpf.func @other_pointer(%p: !bpf.ptr<packet>, %d: i64, %v: i32) -> i64 {
  %q = bpf.ptr_add %p, %d : !bpf.ptr<packet>
  %a = bpf.load %p[0] : !bpf.ptr<packet> -> i32
  bpf.store %v, %q[0] : i32, !bpf.ptr<packet>
  %b = bpf.load %p[4] : !bpf.ptr<packet> -> i32
  %s = arith.addi %a, %b : i32
  %r = arith.extui %s : i32 to i64
  bpf.return %r : i64
}

// Around a loop the store comes before the load, too.
// CHECK-LABEL: bpf.func @loop
// CHECK: ^bb1
// CHECK: bpf.load %arg0[4]
// CHECK: bpf.store
bpf.func @loop(%p: !bpf.ptr<packet>, %n: i32) -> i64 {
  %c0 = arith.constant 0 : i64
  %a = bpf.load %p[0] : !bpf.ptr<packet> -> i32
  cf.br ^bb1(%a : i32)
^bb1(%x: i32):
  %b = bpf.load %p[4] : !bpf.ptr<packet> -> i32
  %s = arith.addi %x, %b : i32
  bpf.store %s, %p[4] : i32, !bpf.ptr<packet>
  %more = arith.cmpi ult, %s, %n : i32
  cf.cond_br %more, ^bb1(%s : i32), ^bb2
^bb2:
  bpf.return %c0 : i64
}

// Neither way dominates the other: each reads its own.
// CHECK-LABEL: bpf.func @arms
// CHECK-NOT: bpf.load_words
// CHECK: bpf.return
bpf.func @arms(%p: !bpf.ptr<packet>, %n: i64) -> i64 {
  %c0 = arith.constant 0 : i64
  %which = arith.cmpi eq, %n, %c0 : i64
  cf.cond_br %which, ^bb1, ^bb2
^bb1:
  %a = bpf.load %p[0] : !bpf.ptr<packet> -> i32
  %ra = arith.extui %a : i32 to i64
  bpf.return %ra : i64
^bb2:
  %b = bpf.load %p[4] : !bpf.ptr<packet> -> i32
  %rb = arith.extui %b : i32 to i64
  bpf.return %rb : i64
}

// The window does not begin before the value, and the words of counters stay
// alone: only those that an atomic operation uses.
// CHECK-LABEL: bpf.func @value_of_plain
// CHECK: bpf.load_words %{{.*}}[2] : <map_value> -> i32, i32
bpf.func @value_of_plain(%k: !bpf.ptr<stack>) -> i64 {
  %c0 = arith.constant 0 : i64
  %m = bpf.map_ref @plain
  %v = bpf.map_lookup %m, %k : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  cf.cond_br %null, ^bb2, ^bb1
^bb1:
  %a = bpf.load %v[2] : !bpf.ptr<map_value> -> i32
  %b = bpf.load %v[6] : !bpf.ptr<map_value> -> i32
  %s = arith.addi %a, %b : i32
  %r = arith.extui %s : i32 to i64
  bpf.return %r : i64
^bb2:
  bpf.return %c0 : i64
}

// CHECK-LABEL: bpf.func @value_of_counted
// CHECK: bpf.load %{{.*}}[0] : <map_value> -> i32
// CHECK: bpf.load_words %{{.*}}[4] : <map_value> -> i32, i32
bpf.func @value_of_counted(%k: !bpf.ptr<stack>, %n: i32) -> i64 {
  %c0 = arith.constant 0 : i64
  %m = bpf.map_ref @counted
  %v = bpf.map_lookup %m, %k : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  cf.cond_br %null, ^bb2, ^bb1
^bb1:
  bpf.atomic_rmw add %n, %v[0] : i32, !bpf.ptr<map_value>
  %count = bpf.load %v[0] : !bpf.ptr<map_value> -> i32
  %a = bpf.load %v[4] : !bpf.ptr<map_value> -> i32
  %b = bpf.load %v[8] : !bpf.ptr<map_value> -> i32
  %ab = arith.addi %a, %b : i32
  %s = arith.addi %ab, %count : i32
  %r = arith.extui %s : i32 to i64
  bpf.return %r : i64
^bb2:
  bpf.return %c0 : i64
}

// What an atomic operation at a variable place of the value may use: all words.
bpf.map @anywhere type 2 key 4 value 16 entries 4 flags 0 index 2
// CHECK-LABEL: bpf.func @counter_anywhere
// CHECK-NOT: bpf.load_words
// CHECK: bpf.return
bpf.func @counter_anywhere(%k: !bpf.ptr<stack>, %n: i32, %at: i64) -> i64 {
  %c0 = arith.constant 0 : i64
  %m = bpf.map_ref @anywhere
  %v = bpf.map_lookup %m, %k : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  cf.cond_br %null, ^bb2, ^bb1
^bb1:
  %place = bpf.ptr_add %v, %at : !bpf.ptr<map_value>
  bpf.atomic_rmw add %n, %place[0] : i32, !bpf.ptr<map_value>
  %a = bpf.load %v[4] : !bpf.ptr<map_value> -> i32
  %b = bpf.load %v[8] : !bpf.ptr<map_value> -> i32
  %s = arith.addi %a, %b : i32
  %r = arith.extui %s : i32 to i64
  bpf.return %r : i64
^bb2:
  bpf.return %c0 : i64
}

// An update of another map, and a call, change nothing of a map that the
// program never writes; an update of the map itself may.
bpf.map @fixed type 1 key 4 value 16 entries 4 flags 0 index 3
bpf.map @filled type 1 key 4 value 16 entries 4 flags 0 index 4
bpf.func private @other(i64) -> i64
// CHECK-LABEL: bpf.func @never_written
// CHECK: bpf.load_words %{{.*}}[0] : <map_value> -> i32, i32
// CHECK: bpf.load %{{.*}}[0] : <map_value> -> i32
// CHECK: bpf.map_update
// CHECK: bpf.load %{{.*}}[4] : <map_value> -> i32
// CHECK: bpf.return
bpf.func @never_written(%k: !bpf.ptr<stack>, %n: i64) -> i64 {
  %c0 = arith.constant 0 : i64
  %fixed = bpf.map_ref @fixed
  %filled = bpf.map_ref @filled
  %v = bpf.map_lookup %fixed, %k : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  cf.cond_br %null, ^bb2, ^bb1
^bb1:
  %w = bpf.map_lookup %filled, %k : !bpf.ptr<stack>
  %gone = bpf.is_null %w : !bpf.ptr<map_value>
  cf.cond_br %gone, ^bb2, ^bb3
^bb3:
  %a = bpf.load %v[0] : !bpf.ptr<map_value> -> i32
  %c = bpf.load %w[0] : !bpf.ptr<map_value> -> i32
  %u = bpf.map_update %filled, %k, %v, %c0 : !bpf.ptr<stack>, !bpf.ptr<map_value>
  %called = bpf.call @other(%u) : (i64) -> i64
  %b = bpf.load %v[4] : !bpf.ptr<map_value> -> i32
  %d = bpf.load %w[4] : !bpf.ptr<map_value> -> i32
  %ab = arith.addi %a, %b : i32
  %cd = arith.addi %c, %d : i32
  %s = arith.addi %ab, %cd : i32
  %r = arith.extui %s : i32 to i64
  bpf.return %r : i64
^bb2:
  bpf.return %c0 : i64
}

// A packet whose start has moved by a known number of bytes has the same bytes
// at another distance: one read for all, also of what is new in front of it
// only behind the move. The bytes in front of the first start are read to align
// the others, and nobody uses them.
// CHECK-LABEL: bpf.func @moved_start
// CHECK: bpf.load_words %{{.*}}[-2] : <packet> -> i32, i32, i32, i32
// CHECK: bpf.adjust_head
// CHECK-NOT: bpf.load %{{.*}}[20]
// CHECK: bpf.load %{{.*}}[8] : <packet> -> i32
// CHECK-NOT: bpf.load_words
// CHECK: bpf.return
bpf.func @moved_start(%ctx: !bpf.ptr<ctx>) -> i64 {
  %c0 = arith.constant 0 : i64
  %back = arith.constant 4294967276 : i64
  %data = bpf.packet_data %ctx
  %type = bpf.load %data[10] : !bpf.ptr<packet> -> i32
  %r = bpf.adjust_head %ctx, %back
  %failed = arith.cmpi ne, %r, %c0 : i64
  cf.cond_br %failed, ^out, ^moved
^moved:
  %new = bpf.packet_data %ctx
  %a = bpf.load %new[20] : !bpf.ptr<packet> -> i16
  %b = bpf.load %new[22] : !bpf.ptr<packet> -> i32
  %fresh = bpf.load %new[8] : !bpf.ptr<packet> -> i32
  %ax = arith.extui %a : i16 to i32
  %ab = arith.addi %ax, %b : i32
  %abt = arith.addi %ab, %type : i32
  %s = arith.addi %abt, %fresh : i32
  %x = arith.extui %s : i32 to i64
  bpf.return %x : i64
^out:
  bpf.return %c0 : i64
}

// Nothing is known where the distance is not, where the outcome was not asked,
// where ways meet, and behind a call.
// CHECK-LABEL: bpf.func @unknown_start
// CHECK-NOT: bpf.load_words
// CHECK: bpf.return
bpf.func private @moves(!bpf.ptr<ctx>) -> i64
bpf.func @unknown_start(%ctx: !bpf.ptr<ctx>, %by: i64, %n: i32) -> i64 {
  %c0 = arith.constant 0 : i64
  %c0_i32 = arith.constant 0 : i32
  %back = arith.constant -20 : i64
  %data = bpf.packet_data %ctx
  %a = bpf.load %data[0] : !bpf.ptr<packet> -> i32
  %r = bpf.adjust_head %ctx, %by
  %failed = arith.cmpi ne, %r, %c0 : i64
  cf.cond_br %failed, ^out, ^moved
^moved:
  %new = bpf.packet_data %ctx
  %b = bpf.load %new[4] : !bpf.ptr<packet> -> i32
  %r2 = bpf.adjust_head %ctx, %back
  %unasked = bpf.packet_data %ctx
  %c = bpf.load %unasked[24] : !bpf.ptr<packet> -> i32
  %which = arith.cmpi eq, %n, %c0_i32 : i32
  cf.cond_br %which, ^more, ^join
^more:
  %r3 = bpf.adjust_head %ctx, %back
  %failed3 = arith.cmpi slt, %r3, %c0 : i64
  cf.cond_br %failed3, ^out, ^join
^join:
  %either = bpf.packet_data %ctx
  %d = bpf.load %either[28] : !bpf.ptr<packet> -> i32
  %called = bpf.call @moves(%ctx) : (!bpf.ptr<ctx>) -> i64
  %last = bpf.packet_data %ctx
  %e = bpf.load %last[32] : !bpf.ptr<packet> -> i32
  %ab = arith.addi %a, %b : i32
  %cd = arith.addi %c, %d : i32
  %abcd = arith.addi %ab, %cd : i32
  %s = arith.addi %abcd, %e : i32
  %x = arith.extui %s : i32 to i64
  bpf.return %x : i64
^out:
  bpf.return %c0 : i64
}

// Two words that are needed only where the lookup has found something are read
// there, together with the value: in front of it they would be kept in
// registers for both cases. A number that is read early and needed there only
// comes along.
// CHECK-LABEL: bpf.func @behind_lookup
// CHECK: bpf.load %arg0[12]
// CHECK-NOT: bpf.load
// CHECK: bpf.map_lookup
// CHECK: cf.cond_br %{{.+}}, ^bb2, ^bb1
// CHECK: ^bb1:
// CHECK-NEXT: %[[W:.*]]:5 = bpf.load_words %arg0[0] : <packet> -> i32, i32, i32, i32, i32
// CHECK-NOT: bpf.load %arg0
// CHECK: bpf.load %{{.+}}[0] : <map_value>
bpf.func @behind_lookup(%p: !bpf.ptr<packet>) -> i64 {
  %c0 = arith.constant 0 : i64
  %type = bpf.load %p[12] : !bpf.ptr<packet> -> i32
  %length = bpf.load %p[16] : !bpf.ptr<packet> -> i32
  %frame = bpf.frame 8
  bpf.store %type, %frame[0] : i32, !bpf.ptr<stack>
  %m = bpf.map_ref @plain
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  cf.cond_br %null, ^miss, ^hit
^hit:
  %n = bpf.load %v[0] : !bpf.ptr<map_value> -> i32
  %a = bpf.load %p[0] : !bpf.ptr<packet> -> i32
  %b = bpf.load %p[4] : !bpf.ptr<packet> -> i32
  %s = arith.addi %a, %b : i32
  %t = arith.addi %s, %n : i32
  %u = arith.addi %t, %length : i32
  %r = arith.extui %u : i32 to i64
  bpf.return %r : i64
^miss:
  bpf.return %c0 : i64
}

// One word is kept; so are words that both cases need, and words where nothing
// is read of what was found, so that there is no wait to share.
// CHECK-LABEL: bpf.func @kept
// CHECK: bpf.load_words %arg0[12]
// CHECK: bpf.map_lookup
// CHECK-NOT: <packet>
// CHECK: bpf.return
bpf.func @kept(%p: !bpf.ptr<packet>) -> i64 {
  %c0 = arith.constant 0 : i64
  %type = bpf.load %p[12] : !bpf.ptr<packet> -> i32
  %frame = bpf.frame 8
  bpf.store %type, %frame[0] : i32, !bpf.ptr<stack>
  %m = bpf.map_ref @plain
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  cf.cond_br %null, ^miss, ^hit
^hit:
  %n = bpf.load %v[0] : !bpf.ptr<map_value> -> i32
  %a = bpf.load %p[16] : !bpf.ptr<packet> -> i32
  %t = arith.addi %a, %n : i32
  %r = arith.extui %t : i32 to i64
  bpf.return %r : i64
^miss:
  bpf.return %c0 : i64
}

// CHECK-LABEL: bpf.func @no_wait
// CHECK: %[[W:.*]]:5 = bpf.load_words %arg0[0]
// CHECK: bpf.map_lookup
// CHECK-NOT: <packet>
// CHECK: bpf.return
bpf.func @no_wait(%p: !bpf.ptr<packet>) -> i64 {
  %c0 = arith.constant 0 : i64
  %type = bpf.load %p[12] : !bpf.ptr<packet> -> i32
  %length = bpf.load %p[16] : !bpf.ptr<packet> -> i32
  %frame = bpf.frame 8
  bpf.store %type, %frame[0] : i32, !bpf.ptr<stack>
  %m = bpf.map_ref @plain
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  cf.cond_br %null, ^miss, ^hit
^hit:
  %a = bpf.load %p[0] : !bpf.ptr<packet> -> i32
  %b = bpf.load %p[4] : !bpf.ptr<packet> -> i32
  %s = arith.addi %a, %b : i32
  %u = arith.addi %s, %length : i32
  %r = arith.extui %u : i32 to i64
  bpf.return %r : i64
^miss:
  bpf.return %c0 : i64
}

// What was read early has changed where it is needed: it is not read there.
// CHECK-LABEL: bpf.func @changed_before_lookup
// CHECK: %[[EARLY:.*]]:2 = bpf.load_words %arg0[12]
// CHECK: bpf.store %{{.+}}, %arg0[16]
// CHECK: bpf.map_lookup
// CHECK: %[[W:.*]]:2 = bpf.load_words %arg0[0]
// CHECK: arith.addi %{{.+}}, %[[EARLY]]#1
bpf.func @changed_before_lookup(%p: !bpf.ptr<packet>, %new: i32) -> i64 {
  %c0 = arith.constant 0 : i64
  %type = bpf.load %p[12] : !bpf.ptr<packet> -> i32
  %length = bpf.load %p[16] : !bpf.ptr<packet> -> i32
  bpf.store %new, %p[16] : i32, !bpf.ptr<packet>
  %frame = bpf.frame 8
  bpf.store %type, %frame[0] : i32, !bpf.ptr<stack>
  %m = bpf.map_ref @plain
  %v = bpf.map_lookup %m, %frame : !bpf.ptr<stack>
  %null = bpf.is_null %v : !bpf.ptr<map_value>
  cf.cond_br %null, ^miss, ^hit
^hit:
  %n = bpf.load %v[0] : !bpf.ptr<map_value> -> i32
  %a = bpf.load %p[0] : !bpf.ptr<packet> -> i32
  %b = bpf.load %p[4] : !bpf.ptr<packet> -> i32
  %s = arith.addi %a, %b : i32
  %t = arith.addi %s, %n : i32
  %u = arith.addi %t, %length : i32
  %r = arith.extui %u : i32 to i64
  bpf.return %r : i64
^miss:
  bpf.return %c0 : i64
}

// A field behind a join, beside what is read on the ways to it, is read with
// that; the number comes as an argument.

// CHECK-LABEL: bpf.func @join
// CHECK-COUNT-2: bpf.load_words %arg0
// CHECK-NOT: bpf.load
// CHECK: ^{{.+}}(%{{.+}}: i16, %[[FIELD:.+]]: i16):
// CHECK-NOT: bpf.load
// CHECK: arith.extui %[[FIELD]]
bpf.func @join(%p: !bpf.ptr<packet>, %n: i64) -> i64 {
  %c2 = arith.constant 2 : i64
  %c32 = arith.constant 32 : i64
  %c40 = arith.constant 40 : i64
  %w = arith.cmpi eq, %n, %c2 : i64
  cf.cond_br %w, ^a, ^b
^a:
  %x = bpf.load %p[0] : !bpf.ptr<packet> -> i16
  %q = bpf.ptr_add %p, %c2 : !bpf.ptr<packet>
  cf.br ^c(%x, %q : i16, !bpf.ptr<packet>)
^b:
  %y = bpf.load %p[42] : !bpf.ptr<packet> -> i16
  %r = bpf.ptr_add %p, %c40 : !bpf.ptr<packet>
  cf.br ^c(%y, %r : i16, !bpf.ptr<packet>)
^c(%source: i16, %s: !bpf.ptr<packet>):
  %destination = bpf.load %s[0] : !bpf.ptr<packet> -> i16
  %d = arith.extui %destination : i16 to i64
  %t = arith.extui %source : i16 to i64
  %e = arith.shli %t, %c32 : i64
  %f = arith.addi %d, %e : i64
  bpf.return %f : i64
}

// Not where it is beside a read on half of the ways only, nor where the packet
// has been written since.

// CHECK-LABEL: bpf.func @join_of_few
// CHECK: ^{{.+}}, %[[S:[0-9]+]]: !bpf.ptr<packet>):
// CHECK: bpf.load %[[S]][0]
bpf.func @join_of_few(%p: !bpf.ptr<packet>, %n: i64) -> i64 {
  %c2 = arith.constant 2 : i64
  %c40 = arith.constant 40 : i64
  %w = arith.cmpi eq, %n, %c2 : i64
  cf.cond_br %w, ^a, ^b
^a:
  %x = bpf.load %p[0] : !bpf.ptr<packet> -> i16
  %m = arith.extui %x : i16 to i64
  %q = bpf.ptr_add %p, %c2 : !bpf.ptr<packet>
  cf.br ^c(%m, %q : i64, !bpf.ptr<packet>)
^b:
  %r = bpf.ptr_add %p, %c40 : !bpf.ptr<packet>
  cf.br ^c(%n, %r : i64, !bpf.ptr<packet>)
^c(%source: i64, %s: !bpf.ptr<packet>):
  %destination = bpf.load %s[0] : !bpf.ptr<packet> -> i16
  %d = arith.extui %destination : i16 to i64
  %f = arith.addi %d, %source : i64
  bpf.return %f : i64
}

// CHECK-LABEL: bpf.func @join_behind_store
// CHECK: ^{{.+}}, %[[S:[0-9]+]]: !bpf.ptr<packet>):
// CHECK: bpf.load %[[S]][0]
bpf.func @join_behind_store(%p: !bpf.ptr<packet>, %v: i16, %n: i64) -> i64 {
  %c2 = arith.constant 2 : i64
  %c40 = arith.constant 40 : i64
  %w = arith.cmpi eq, %n, %c2 : i64
  cf.cond_br %w, ^a, ^b
^a:
  %x = bpf.load %p[0] : !bpf.ptr<packet> -> i16
  bpf.store %v, %p[2] : i16, !bpf.ptr<packet>
  %q = bpf.ptr_add %p, %c2 : !bpf.ptr<packet>
  cf.br ^c(%x, %q : i16, !bpf.ptr<packet>)
^b:
  %y = bpf.load %p[42] : !bpf.ptr<packet> -> i16
  bpf.store %v, %p[40] : i16, !bpf.ptr<packet>
  %r = bpf.ptr_add %p, %c40 : !bpf.ptr<packet>
  cf.br ^c(%y, %r : i16, !bpf.ptr<packet>)
^c(%source: i16, %s: !bpf.ptr<packet>):
  %destination = bpf.load %s[0] : !bpf.ptr<packet> -> i16
  %t = arith.addi %destination, %source : i16
  %d = arith.extui %t : i16 to i64
  bpf.return %d : i64
}
