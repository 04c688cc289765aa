// RUN: nfp-bpf-opt %s --split-input-file --verify-diagnostics

nfp.func entry @imm() {
  // expected-error @below {{value 256 does not fit 8 bits}}
  %0 = nfp.imm 256
  %c = nfp.const 0 : !nfp.gpr
  nfp.exit %c : !nfp.gpr
}

// -----

nfp.func entry @lm() {
  // expected-error @below {{offset 16 is beyond the 16 words of a pointer}}
  %0 = nfp.lm index1[16]
  %c = nfp.const 0 : !nfp.gpr
  nfp.exit %c : !nfp.gpr
}

// -----

nfp.func entry @sources() {
  %c = nfp.const 0 : !nfp.gpr
  // expected-error @below {{'add' takes 2 sources, not 1}}
  %0 = nfp.alu add %c : !nfp.gpr -> !nfp.gpr
  nfp.exit %c : !nfp.gpr
}

// -----

nfp.func entry @carry() {
  %c = nfp.const 0 : !nfp.gpr
  // expected-error @below {{'addc' needs a carry}}
  %0 = nfp.alu addc %c, %c : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %c : !nfp.gpr
}

// -----

nfp.func entry @banks() {
  %a = nfp.live_in : !nfp.gpr<a 1>
  %b = nfp.live_in : !nfp.gpr<a 2>
  // expected-error @below {{reads two registers of bank a}}
  %0 = nfp.alu add %a, %b : !nfp.gpr<a 1>, !nfp.gpr<a 2> -> !nfp.gpr<a 0>
  nfp.exit %0 : !nfp.gpr<a 0>
}

// -----

nfp.func entry @amount() {
  %c = nfp.const 0 : !nfp.gpr
  // expected-error @below {{shift amount 32 is outside 1 to 31}}
  %0 = nfp.shf b shl 32 %c : !nfp.gpr -> !nfp.gpr
  nfp.exit %c : !nfp.gpr
}

// -----

nfp.func entry @asr() {
  %c = nfp.const 0 : !nfp.gpr
  // expected-error @below {{needs the previous result}}
  %0 = nfp.shf asr shr 3 %c : !nfp.gpr -> !nfp.gpr
  nfp.exit %c : !nfp.gpr
}

// -----

nfp.func entry @merge() {
  %c = nfp.const 0 : !nfp.gpr
  // expected-error @below {{needs either 'clear' or 'into'}}
  %0 = nfp.ld_field 1 rotr 0 %c : !nfp.gpr -> !nfp.gpr
  nfp.exit %c : !nfp.gpr
}

// -----

nfp.func entry @mul() {
  %c = nfp.const 0 : !nfp.gpr
  // expected-error @below {{has a high result, which only m32x32 delivers}}
  %0 = nfp.mul m16x16 %c, %c : !nfp.gpr, !nfp.gpr -> hi !nfp.gpr
  nfp.exit %c : !nfp.gpr
}

// -----

nfp.func entry @words() {
  %c = nfp.const 0 : !nfp.gpr
  // expected-error @below {{has 1 results; 'read32_swap' of count 2 gives 2}}
  %0 = nfp.cmd read32_swap sum32 %c, %c count 2 : (!nfp.gpr, !nfp.gpr) -> !nfp.xfer
  nfp.exit %c : !nfp.gpr
}

// -----

nfp.func entry @posted() {
  %c = nfp.const 0 : !nfp.gpr
  // expected-error @below {{cannot be posted}}
  nfp.cmd write32_swap sum32 %c, %c data(%c : !nfp.gpr) count 1 posted : (!nfp.gpr, !nfp.gpr)
  nfp.exit %c : !nfp.gpr
}

// -----

nfp.func entry @frame() attributes {frame_size = 8 : i32} {
  // expected-error @below {{accesses bytes 8 to 11, outside the frame of 8 bytes}}
  %0 = nfp.lm_load 8 size 4 : !nfp.gpr
  nfp.exit %0 : !nfp.gpr
}

// -----

nfp.func entry @aligned() attributes {frame_size = 8 : i32} {
  // expected-error @below {{offset 2 is not aligned to 4 bytes}}
  %0 = nfp.lm_load 2 size 4 : !nfp.gpr
  nfp.exit %0 : !nfp.gpr
}

// -----

// expected-error @below {{is an entry function with arguments or results}}
nfp.func entry @arguments(%a: !nfp.gpr) {
  nfp.exit %a : !nfp.gpr
}

// -----

nfp.func entry @returns() {
  // expected-error @below {{stands in an entry function}}
  nfp.return
}

// -----

nfp.func entry @unknown() {
  %c = nfp.const 0 : !nfp.gpr
  // expected-error @below {{calls unknown function 'nowhere'}}
  nfp.call @nowhere(%c) : (!nfp.gpr) -> ()
  nfp.exit %c : !nfp.gpr
}

// -----

nfp.func entry @registers() {
  %c = nfp.const 0 : !nfp.gpr
  // expected-error @below {{names 0 registers for 1 arguments}}
  %0, %1 = nfp.helper 1 "map_lookup_elem" (%c) in [] : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
  nfp.exit %c : !nfp.gpr
}

// -----

// expected-error @below {{register 24 belongs to the firmware}}
nfp.func subprogram @firmware(%a: !nfp.gpr<a 24>) {
  nfp.return
}

// -----

nfp.func entry @f() {
  // expected-error@+1 {{refers to 'nonesuch', which is no nfp.map}}
  %a = nfp.map_address @nonesuch : !nfp.gpr
  %b = nfp.const 2 : !nfp.gpr
  nfp.exit %b : !nfp.gpr
}

// -----

nfp.func entry @signal() {
  %c = nfp.const 0 : !nfp.gpr
  // expected-error @below {{signal 1 is outside 2 to 7}}
  nfp.cmd write32_swap sum32 %c, %c data(%c : !nfp.gpr) count 1 signal 1 : (!nfp.gpr, !nfp.gpr)
  nfp.exit %c : !nfp.gpr
}

// -----

nfp.func entry @posted_signal() {
  %c = nfp.const 0 : !nfp.gpr
  %v:2 = nfp.alu b %c : !nfp.gpr -> !nfp.gpr prev !nfp.prev
  // expected-error @below {{is posted and has a signal}}
  nfp.cmd add_imm pair40 %c, %c prev(%v#1) count 1 posted signal 2 : (!nfp.gpr, !nfp.gpr)
  nfp.exit %c : !nfp.gpr
}

// -----

nfp.func entry @both_directions() {
  %c = nfp.const 0 : !nfp.gpr
  // expected-error @below {{takes and gives data in the same transfer registers}}
  %x = nfp.cmd test_add pair40 %c, %c data(%c : !nfp.gpr) count 1 signal 2 : (!nfp.gpr, !nfp.gpr) -> !nfp.xfer
  nfp.exit %c : !nfp.gpr
}

// -----

nfp.func entry @wait_for_nothing() {
  %c = nfp.const 0 : !nfp.gpr
  // expected-error @below {{waits for no signal}}
  nfp.wait []
  nfp.exit %c : !nfp.gpr
}

// -----

nfp.func entry @wait_outside() {
  %c = nfp.const 0 : !nfp.gpr
  // expected-error @below {{signal 8 is outside 2 to 7}}
  nfp.wait [2, 8]
  nfp.exit %c : !nfp.gpr
}

// -----

nfp.func entry @wait_twice() {
  %c = nfp.const 0 : !nfp.gpr
  // expected-error @below {{waits for signal 3 twice}}
  nfp.wait [3, 3]
  nfp.exit %c : !nfp.gpr
}

// -----

nfp.func entry @byte_number() {
  %c = nfp.const 0 : !nfp.gpr
  // expected-error @below {{byte 4 does not exist}}
  nfp.br_byte eq 4 0 %c : !nfp.gpr, ^out, ^out
^out:
  nfp.exit %c : !nfp.gpr
}

// -----

nfp.func entry @byte_value() {
  %c = nfp.const 0 : !nfp.gpr
  // expected-error @below {{value 256 does not fit a byte}}
  nfp.br_byte ne 3 256 %c : !nfp.gpr, ^out, ^out
^out:
  nfp.exit %c : !nfp.gpr
}

// -----

nfp.func entry @byte_expected() {
  %c = nfp.const 0 : !nfp.gpr
  // expected-error @below {{expects 101 of 100 executions to branch}}
  nfp.br_byte eq 0 0 %c : !nfp.gpr expect(101), ^out, ^out
^out:
  nfp.exit %c : !nfp.gpr
}

// -----

nfp.func entry @two_destinations() {
  %w = nfp.lm index1[0]
  %c = nfp.const 0 : !nfp.gpr
  // expected-error @below {{has two destinations}}
  %s = nfp.shf b shl 8 %c to %w : !nfp.gpr -> !nfp.gpr
  nfp.exit %s : !nfp.gpr
}
