// RUN: nfp-bpf-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{has 2 bytes of contents for a value of 4 bytes}}
bpf.map @m type 2 key 4 value 4 entries 1 flags 0 index 0 contents [1, 2]

// -----

// expected-error@+1 {{must have one result (R0)}}
bpf.func private @f() {
^bb0:
  cf.br ^bb0
}

// -----

// expected-error@+1 {{has an argument of type 'f32'}}
bpf.func private @f(%a: f32) -> i64

// -----

// expected-error@+1 {{is a program and must have one argument, the context}}
bpf.func @f(%a: i64) -> i64 attributes {prog_type = #bpf.prog_type<xdp>} {
  bpf.return %a : i64
}

// -----

// expected-error@+1 {{is a program and must return i64}}
bpf.func @f(%a: !bpf.ptr<ctx>) -> i32 attributes {prog_type = #bpf.prog_type<xdp>} {
  %c0 = arith.constant 0 : i32
  bpf.return %c0 : i32
}

// -----

bpf.func private @f(%a: i64) -> !bpf.ptr<packet> {
  // expected-error@+1 {{returns 'i64', but the function's result is '!bpf.ptr<packet>'}}
  bpf.return %a : i64
}

// -----

bpf.func private @f(%a: i64) -> i64 {
  // expected-error@+1 {{calls 'g', which is no bpf.func}}
  %r = bpf.call @g(%a) : (i64) -> i64
  bpf.return %r : i64
}

// -----

bpf.func private @f(%a: i64) -> i64 {
  // expected-error@+1 {{passes 1 arguments, but 'g' takes 2}}
  %r = bpf.call @g(%a) : (i64) -> i64
  bpf.return %r : i64
}
bpf.func private @g(%a: i64, %b: i64) -> i64 {
  bpf.return %a : i64
}

// -----

bpf.func private @f(%a: i64) -> i64 {
  // expected-error@+1 {{passes 'i64' as argument 0, but 'g' takes '!bpf.ptr<packet>'}}
  %r = bpf.call @g(%a) : (i64) -> i64
  bpf.return %r : i64
}
bpf.func private @g(%a: !bpf.ptr<packet>) -> i64 {
  %c0 = arith.constant 0 : i64
  bpf.return %c0 : i64
}

// -----

bpf.func private @f(%a: i64) -> i64 {
  // expected-error@+1 {{size 12 is not a multiple of 8}}
  %s = bpf.frame 12
  bpf.return %a : i64
}

// -----

bpf.func private @f(%a: i64) -> i64 {
  // expected-note@+1 {{first one here}}
  %s = bpf.frame 8
  // expected-error@+1 {{is the second in its function}}
  %t = bpf.frame 8
  bpf.return %a : i64
}

// -----

bpf.func private @f(%a: i64) -> i64 {
  cf.br ^bb1
^bb1:
  // expected-error@+1 {{must be in the entry block}}
  %s = bpf.frame 8
  bpf.return %a : i64
}

// -----

bpf.func private @f(%p: !bpf.ptr<packet>, %q: !bpf.ptr<stack>) -> i64 {
  // expected-error@+1 {{has unrelated pointers, '!bpf.ptr<packet>' and '!bpf.ptr<stack>'}}
  %d = bpf.ptr_diff %p, %q : !bpf.ptr<packet>, !bpf.ptr<stack>
  bpf.return %d : i64
}

// -----

bpf.func private @f(%p: !bpf.ptr<ctx>) -> i64 {
  // expected-error@+1 {{must be packet, metadata, stack, map value or opaque pointer}}
  %d = bpf.load %p[0] : !bpf.ptr<ctx> -> i64
  bpf.return %d : i64
}

// -----

bpf.func private @f(%p: !bpf.ptr<packet>) -> i64 {
  %c0 = arith.constant 0 : i64
  // expected-error@+1 {{moves a pointer to or from packet memory; only the stack holds pointers}}
  bpf.store %p, %p[0] : !bpf.ptr<packet>, !bpf.ptr<packet>
  bpf.return %c0 : i64
}

// -----

bpf.func private @f(%p: !bpf.ptr<stack>) -> !bpf.ptr<packet> {
  // expected-error@+1 {{moves a pointer in big-endian order}}
  %q = bpf.load %p[0] order be : !bpf.ptr<stack> -> !bpf.ptr<packet>
  bpf.return %q : !bpf.ptr<packet>
}

// -----

bpf.func private @f(%p: !bpf.ptr<ctx>, %o: i32) -> i32 {
  // expected-error@+1 {{size 8 is not 1, 2 or 4}}
  %d = bpf.ld_packet 8, %p[%o]
  bpf.return %d : i32
}

// -----

bpf.func private @f() -> !bpf.ptr<map> {
  // expected-error@+1 {{refers to 'm', which is no bpf.map}}
  %m = bpf.map_ref @m
  bpf.return %m : !bpf.ptr<map>
}

// -----

bpf.map @m type 2 key 4 value 8 entries 1 flags 0 index 0
bpf.func private @f() -> !bpf.ptr<map_value> {
  // expected-error@+1 {{offset 9 is past the value of 8 bytes}}
  %m = bpf.map_value_ref @m[9]
  bpf.return %m : !bpf.ptr<map_value>
}

// -----

bpf.map @hash type 1 key 4 value 8 entries 1 flags 0 index 0
bpf.func private @f(%i: i32) -> !bpf.ptr<map_value> {
  // expected-error@+1 {{refers to 'hash', which is no array}}
  %m = bpf.array_element @hash[%i]
  bpf.return %m : !bpf.ptr<map_value>
}
