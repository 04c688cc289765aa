// RUN: nfp-bpf-opt %s -split-input-file -verify-diagnostics -convert-bpf-to-nfp

bpf.func @other(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  // expected-error @below {{reads context field 'ingress_ifindex' (offset 12), which the card does not have; an XDP program can read data and data_end}}
  %v = bpf.ctx_load %ctx["ingress_ifindex", 12] : i32
  // One error is enough: nothing is said of what follows.
  %w = bpf.ctx_load %ctx["egress_ifindex", 20] : i32
  %s = arith.addi %v, %w : i32
  %r = arith.extui %s : i32 to i64
  bpf.return %r : i64
}

// -----

// What nobody reads is not missed.
bpf.func @unused(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %v = bpf.ctx_load %ctx["ingress_ifindex", 12] : i32
  %w = arith.extui %v : i32 to i64
  %c2 = arith.constant 2 : i64
  bpf.return %c2 : i64
}

// -----

bpf.func @store(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<tc>} {
  %q = arith.constant 3 : i32
  // expected-error @below {{writes context field 'mark' (offset 8); the only field a program on the card can write is an XDP program's rx_queue_index}}
  bpf.ctx_store %q, %ctx["mark", 8] : i32
  %c2 = arith.constant 2 : i64
  bpf.return %c2 : i64
}

// -----

bpf.func @meta(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  // expected-error @below {{reads context field 'data_meta'}}
  %m = bpf.packet_meta %ctx
  %x = bpf.load %m[0] : !bpf.ptr<packet_meta> -> i64
  bpf.return %x : i64
}

// -----

// expected-error @below {{program 'socket' is neither XDP nor TC; the card runs only these}}
bpf.func @socket(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<other>} {
  %c2 = arith.constant 2 : i64
  bpf.return %c2 : i64
}

// -----

bpf.func @helper(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  // expected-error @below {{helper ktime_get_ns (5) cannot be called from the card with firmware profile 'agilio'; no profile offers it}}
  %t = bpf.call_helper 5 "ktime_get_ns"() : () -> i64
  bpf.return %t : i64
}

// -----

// expected-note @below {{map declared here}}
bpf.map @m type 6 key 4 value 4 entries 4 flags 0 index 0
bpf.func @map_type(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %f = bpf.frame 8
  %m = bpf.map_ref @m
  // expected-error @below {{map 'm' has type percpu_array, which firmware profile 'agilio' does not have}}
  %v = bpf.map_lookup %m, %f : !bpf.ptr<stack>
  %x = bpf.load %v[0] : !bpf.ptr<map_value> -> i64
  bpf.return %x : i64
}

// -----

bpf.map @m type 1 key 4 value 8 entries 4 flags 0 index 0
bpf.func @compare(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %f = bpf.frame 8
  %m = bpf.map_ref @m
  %v = bpf.map_lookup %m, %f : !bpf.ptr<stack>
  %one = arith.constant 1 : i64
  // expected-error @below {{compare-and-exchange on a map value; the memory engine compares no more than 16 bits}}
  %old = bpf.atomic_cmpxchg %one, %one, %v[0] : i64, !bpf.ptr<map_value>
  bpf.return %old : i64
}

// -----

// The index decides whether a counter is read or the half of a word at the end.
bpf.map @m type 1 key 4 value 54 entries 4 flags 0 index 0
bpf.func @variable_offset(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %f = bpf.frame 8
  %m = bpf.map_ref @m
  %v = bpf.map_lookup %m, %f : !bpf.ptr<stack>
  %one = arith.constant 1 : i64
  bpf.atomic_rmw add %one, %v[0] : i64, !bpf.ptr<map_value>
  %n = bpf.packet_len %ctx
  %i = arith.extui %n : i32 to i64
  %p = bpf.ptr_add %v, %i : !bpf.ptr<map_value>
  // expected-error @below {{make the value's size a multiple of 4}}
  %x = bpf.load %p[0] : !bpf.ptr<map_value> -> i64
  bpf.return %x : i64
}

// -----

bpf.func @out_of_frame(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %f = bpf.frame 16
  // expected-error @below {{accesses 8 bytes at R10 + 0, outside the function's stack frame of 16 bytes}}
  %x = bpf.load %f[16] : !bpf.ptr<stack> -> i64
  bpf.return %x : i64
}

// -----

bpf.map @events type 4 key 4 value 4 entries 2 flags 0 index 0
bpf.func @perf(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %f = bpf.frame 8
  %m = bpf.map_ref @events
  %flags = arith.constant 1 : i64
  // expected-error @below {{the low 32 bits of the flags must be the constant BPF_F_CURRENT_CPU}}
  %r = bpf.perf_event_output %ctx, %m, %flags, %f, %flags : !bpf.ptr<stack>
  bpf.return %r : i64
}

// -----

bpf.func @number_as_pointer(%ctx: !bpf.ptr<ctx>) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  %n = arith.constant 4096 : i64
  // expected-error @below {{a number is used as a pointer}}
  %p = bpf.int_to_ptr %n : !bpf.ptr<packet>
  %x = bpf.load %p[0] : !bpf.ptr<packet> -> i64
  bpf.return %x : i64
}
