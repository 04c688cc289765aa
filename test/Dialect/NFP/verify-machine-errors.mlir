// RUN: nfp-bpf-opt %s --nfp-verify-machine --split-input-file --verify-diagnostics

nfp.func entry @overwritten() {
  %a = nfp.const 1 : !nfp.gpr<a 1>
  %b = nfp.const 2 : !nfp.gpr<a 1>
  // expected-error @below {{reads register a1, which no longer holds the value}}
  %c = nfp.alu b %a : !nfp.gpr<a 1> -> !nfp.gpr<a 0>
  nfp.exit %c : !nfp.gpr<a 0>
}

// -----

nfp.func entry @never_written() {
  // expected-error @below {{which is not written on every path}}
  %a = nfp.live_in : !nfp.gpr<b 5>
  %c = nfp.alu b %a : !nfp.gpr<b 5> -> !nfp.gpr<a 0>
  nfp.exit %c : !nfp.gpr<a 0>
}

// -----

nfp.func entry @flags() {
  %zero = nfp.imm 0
  %a = nfp.const 1 : !nfp.gpr<a 0>
  %c1 = nfp.alu add %a, %zero : !nfp.gpr<a 0>, !nfp.imm flags !nfp.cc
  %c2 = nfp.alu sub %a, %zero : !nfp.gpr<a 0>, !nfp.imm flags !nfp.cc
  // expected-error @below {{reads condition codes that another instruction has changed}}
  nfp.br_cc eq %c1, ^end, ^end
^end:
  %b = nfp.live_in : !nfp.gpr<a 0>
  nfp.exit %b : !nfp.gpr<a 0>
}

// -----

// Flags outlive a command that does not wait, but not another context's turn.
nfp.func entry @flags_over_commands() {
  %zero = nfp.imm 0
  %a = nfp.const 1 : !nfp.gpr<a 0>
  %b = nfp.const 2 : !nfp.gpr<b 1>
  %c1 = nfp.alu add %a, %zero : !nfp.gpr<a 0>, !nfp.imm flags !nfp.cc
  %p = nfp.shf or shl 16 %b, %zero : !nfp.gpr<b 1>, !nfp.imm prev !nfp.prev
  nfp.cmd add_imm pair40 %a, %b prev(%p) count 1 posted : (!nfp.gpr<a 0>, !nfp.gpr<b 1>)
  %s = nfp.alu addc %a, %zero cc(%c1) : !nfp.gpr<a 0>, !nfp.imm -> !nfp.gpr<a 2>
  %x = nfp.cmd read32_swap pair40 %a, %b count 1 : (!nfp.gpr<a 0>, !nfp.gpr<b 1>) -> !nfp.xfer<0>
  // expected-error @below {{reads condition codes that another instruction has changed}}
  %t = nfp.alu addc %a, %zero cc(%c1) : !nfp.gpr<a 0>, !nfp.imm -> !nfp.gpr<a 2>
  nfp.exit %a : !nfp.gpr<a 0>
}

// -----

nfp.func entry @previous() {
  %zero = nfp.imm 0
  %a = nfp.const 1 : !nfp.gpr<a 0>
  %p = nfp.alu or %a, %zero : !nfp.gpr<a 0>, !nfp.imm prev !nfp.prev
  nfp.nop
  // expected-error @below {{reads the previous result, but another instruction stands before it}}
  %s = nfp.shf b shl 0 indirect %a prev(%p) : !nfp.gpr<a 0> -> !nfp.gpr<a 0>
  nfp.exit %s : !nfp.gpr<a 0>
}

// -----

nfp.func entry @pointer() {
  %w = nfp.lm index0[2]
  %a = nfp.const 1 : !nfp.gpr<a 0>
  // expected-error @below {{uses local-memory pointer 0 1 instructions after it was set; 3 must stand between}}
  %b = nfp.alu add %a, %w : !nfp.gpr<a 0>, !nfp.lm -> !nfp.gpr<a 0>
  nfp.exit %b : !nfp.gpr<a 0>
}

// -----

nfp.func entry @no_pointer() {
  %w = nfp.lm index3[2]
  // expected-error @below {{uses local-memory pointer 3, which nothing has set}}
  %b = nfp.alu b %w : !nfp.lm -> !nfp.gpr<a 0>
  nfp.exit %b : !nfp.gpr<a 0>
}

// -----

nfp.func entry @stack_base() {
  // expected-error @below {{writes a22, the stack base}}
  %b = nfp.const 1 : !nfp.gpr<a 22>
  nfp.exit %b : !nfp.gpr<a 22>
}

// -----

nfp.func entry @convention() {
  %b = nfp.const 1 : !nfp.gpr<a 1>
  // expected-error @below {{that belongs in}}
  nfp.exit %b : !nfp.gpr<a 1>
}

// -----

nfp.func entry @clobbered() {
  %t = nfp.const 1 : !nfp.gpr<a 0>
  %k = nfp.const 9 : !nfp.gpr<a 5>
  %lo, %hi = nfp.helper 3 "map_delete_elem" (%t) in [!nfp.gpr<a 0>] : (!nfp.gpr<a 0>) -> (!nfp.gpr<a 0>, !nfp.gpr<a 1>)
  // expected-error @below {{reads register a5, which no longer holds the value}}
  %c = nfp.alu b %k : !nfp.gpr<a 5> -> !nfp.gpr<a 0>
  nfp.exit %c : !nfp.gpr<a 0>
}

// -----

nfp.func entry @slot_writes_compared() {
  %x = nfp.const 5 : !nfp.gpr<a 1>
  // expected-error @below {{may not stand in a defer slot of nfp.br_byte}}
  %z = nfp.const 6 : !nfp.gpr<a 1>
  nfp.br_byte eq 0 6 %z : !nfp.gpr<a 1>, ^end, ^end {nfp.defer = 1 : i32}
^end:
  %b = nfp.live_in : !nfp.gpr<a 1>
  %c = nfp.alu b %b : !nfp.gpr<a 1> -> !nfp.gpr<a 0>
  nfp.exit %c : !nfp.gpr<a 0>
}

// -----

nfp.func entry @slot_writes_tested() {
  %one = nfp.imm 1
  %x = nfp.const 5 : !nfp.gpr<a 1>
  // expected-error @below {{may not stand in a defer slot of nfp.br_bit}}
  %z = nfp.const 6 : !nfp.gpr<a 1>
  nfp.br_bit set 3 %z : !nfp.gpr<a 1>, ^end, ^end {nfp.defer = 1 : i32}
^end:
  %b = nfp.live_in : !nfp.gpr<a 1>
  %c = nfp.alu b %b : !nfp.gpr<a 1> -> !nfp.gpr<a 0>
  nfp.exit %c : !nfp.gpr<a 0>
}

// -----

nfp.func entry @slot_sets_flags() {
  %one = nfp.imm 1
  %x = nfp.const 5 : !nfp.gpr<a 0>
  // expected-error @below {{may not stand in a defer slot of nfp.br_cc}}
  %c = nfp.alu sub %x, %one : !nfp.gpr<a 0>, !nfp.imm flags !nfp.cc
  nfp.br_cc eq %c, ^end, ^end {nfp.defer = 1 : i32}
^end:
  %b = nfp.live_in : !nfp.gpr<a 0>
  nfp.exit %b : !nfp.gpr<a 0>
}

// -----

nfp.func entry @too_many_slots() {
  %x = nfp.const 5 : !nfp.gpr<b 0>
  %y = nfp.const 5 : !nfp.gpr<b 1>
  %z = nfp.const 5 : !nfp.gpr<a 0>
  // expected-error @below {{fills 3 defer slots of 2}}
  nfp.exit %z {nfp.defer = 3 : i32} : !nfp.gpr<a 0>
}

// -----

nfp.func entry @nothing_for_slot() {
  %z = nfp.const 305419896 : !nfp.gpr<a 0>
  // expected-error @below {{has no 1 words before it for its defer slots}}
  nfp.exit %z {nfp.defer = 1 : i32} : !nfp.gpr<a 0>
}

// -----

// On one of two paths another command takes the register.

nfp.func entry @transfer_on_path() {
  %zero = nfp.imm 0
  %p = nfp.const 5 : !nfp.gpr<a 0>
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr<a 0>, !nfp.imm) -> !nfp.xfer<3>
  nfp.br_bit set 3 %p : !nfp.gpr<a 0>, ^other, ^end
^other:
  %q = nfp.live_in : !nfp.gpr<a 0>
  %zero2 = nfp.imm 0
  %y:2 = nfp.cmd read32_swap sum32 %q, %zero2 count 2 : (!nfp.gpr<a 0>, !nfp.imm) -> !nfp.xfer<2>, !nfp.xfer<3>
  nfp.br ^end
^end:
  // expected-error @below {{reads transfer register 3, which no longer holds the value}}
  %c = nfp.alu b %x : !nfp.xfer<3> -> !nfp.gpr<a 0>
  nfp.exit %c : !nfp.gpr<a 0>
}

// -----

// In a loop the call comes before the use, too.

nfp.func entry @transfer_in_loop() {
  %zero = nfp.imm 0
  %p = nfp.const 5 : !nfp.gpr<a 0>
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr<a 0>, !nfp.imm) -> !nfp.xfer<3>
  nfp.br ^loop
^loop:
  // expected-error @below {{reads transfer register 3, which no longer holds the value}}
  %t = nfp.alu b %x : !nfp.xfer<3> -> !nfp.gpr<a 0>
  %lo, %hi = nfp.helper 3 "map_delete_elem" (%t) in [!nfp.gpr<a 0>] : (!nfp.gpr<a 0>) -> (!nfp.gpr<a 0>, !nfp.gpr<a 1>)
  nfp.br_bit set 3 %lo : !nfp.gpr<a 0>, ^loop, ^end
^end:
  %c = nfp.live_in : !nfp.gpr<a 0>
  nfp.exit %c : !nfp.gpr<a 0>
}

// -----

// What holds on every path is no error.

nfp.func entry @transfer_everywhere() {
  %zero = nfp.imm 0
  %p = nfp.const 5 : !nfp.gpr<a 0>
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr<a 0>, !nfp.imm) -> !nfp.xfer<3>
  nfp.br ^loop
^loop:
  %t = nfp.alu b %x : !nfp.xfer<3> -> !nfp.gpr<a 0>
  %y:2 = nfp.cmd read32_swap sum32 %t, %zero count 2 : (!nfp.gpr<a 0>, !nfp.imm) -> !nfp.xfer<1>, !nfp.xfer<2>
  nfp.br_bit set 3 %y#0 : !nfp.xfer<1>, ^loop, ^end
^end:
  %c = nfp.alu b %x : !nfp.xfer<3> -> !nfp.gpr<a 0>
  nfp.exit %c : !nfp.gpr<a 0>
}

// -----

// Another name for what a register holds takes nothing from the first, as long
// as nothing is written.

nfp.func entry @two_names() {
  %a = nfp.const 1 : !nfp.gpr<a 1>
  %b = nfp.live_in : !nfp.gpr<a 1>
  %c = nfp.alu b %a : !nfp.gpr<a 1> -> !nfp.gpr<b 1>
  %d = nfp.alu b %b : !nfp.gpr<a 1> -> !nfp.gpr<b 2>
  %e = nfp.alu add %b, %d : !nfp.gpr<a 1>, !nfp.gpr<b 2> -> !nfp.gpr<a 1>
  // expected-error @below {{reads register a1, which no longer holds the value}}
  %f = nfp.alu add %b, %c : !nfp.gpr<a 1>, !nfp.gpr<b 1> -> !nfp.gpr<a 0>
  nfp.exit %f : !nfp.gpr<a 0>
}

// -----

nfp.func entry @left_pointer() {
  %key = nfp.const 4 : !nfp.gpr<b 5>
  %t = nfp.const 7 : !nfp.gpr<a 0>
  %lo, %hi = nfp.helper 1 "map_lookup_elem" (%t) in [!nfp.gpr<a 0>] lm0(%key : !nfp.gpr<b 5>) {nfp.leaves_pointer0} : (!nfp.gpr<a 0>) -> (!nfp.gpr<a 0>, !nfp.gpr<a 1>)
  %t2 = nfp.const 7 : !nfp.gpr<a 0>
  // expected-error @below {{needs local-memory pointer 0 at the stack base, but a helper call has left it elsewhere}}
  %lo2, %hi2 = nfp.helper 1 "map_lookup_elem" (%t2) in [!nfp.gpr<a 0>] : (!nfp.gpr<a 0>) -> (!nfp.gpr<a 0>, !nfp.gpr<a 1>)
  nfp.exit %lo2 : !nfp.gpr<a 0>
}

// -----

nfp.func entry @command_without_override() {
  %one = nfp.imm 1
  %hi = nfp.const 0 : !nfp.gpr<a 1>
  %lo = nfp.const 256 : !nfp.gpr<b 1>
  %w = nfp.const 3216 : !nfp.gpr<b 2>
  %p = nfp.shf or shl 16 %w, %one : !nfp.gpr<b 2>, !nfp.imm prev !nfp.prev
  // expected-error @below {{stands in the first defer slot of nfp.exit, apart from its override word}}
  nfp.cmd add_imm pair40 %hi, %lo prev(%p) count 1 posted : (!nfp.gpr<a 1>, !nfp.gpr<b 1>)
  %code = nfp.const 2228224 : !nfp.gpr<a 0>
  nfp.exit %code {nfp.defer = 2 : i32} : !nfp.gpr<a 0>
}

// -----

nfp.func entry @before_the_wait() {
  %zero = nfp.imm 0
  %p = nfp.const 0 : !nfp.gpr<a 1>
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 signal 2 : (!nfp.gpr<a 1>, !nfp.imm) -> !nfp.xfer<3>
  // expected-error @below {{reads what a command delivers before the nfp.wait for its signal 2}}
  %y = nfp.alu b %x : !nfp.xfer<3> -> !nfp.gpr<a 2>
  nfp.wait [2]
  %code = nfp.const 1 : !nfp.gpr<a 0>
  nfp.exit %code : !nfp.gpr<a 0>
}

// -----

nfp.func entry @into_a_pending_register() {
  %zero = nfp.imm 0
  %p = nfp.const 0 : !nfp.gpr<a 1>
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 signal 2 : (!nfp.gpr<a 1>, !nfp.imm) -> !nfp.xfer<3>
  // expected-error @below {{writes a transfer register of a command before the nfp.wait for its signal 2}}
  %y = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr<a 1>, !nfp.imm) -> !nfp.xfer<3>
  nfp.wait [2]
  %code = nfp.const 1 : !nfp.gpr<a 0>
  nfp.exit %code : !nfp.gpr<a 0>
}

// -----

nfp.func entry @signal_again() {
  %zero = nfp.imm 0
  %p = nfp.const 0 : !nfp.gpr<a 1>
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 signal 2 : (!nfp.gpr<a 1>, !nfp.imm) -> !nfp.xfer<3>
  // expected-error @below {{has signal 2, which no nfp.wait has taken since it was used}}
  %y = nfp.cmd read32_swap sum32 %p, %zero count 1 signal 2 : (!nfp.gpr<a 1>, !nfp.imm) -> !nfp.xfer<4>
  nfp.wait [2]
  %code = nfp.const 1 : !nfp.gpr<a 0>
  nfp.exit %code : !nfp.gpr<a 0>
}

// -----

nfp.func entry @wrong_signal() {
  %zero = nfp.imm 0
  %p = nfp.const 0 : !nfp.gpr<a 1>
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 signal 2 : (!nfp.gpr<a 1>, !nfp.imm) -> !nfp.xfer<3>
  // expected-error @below {{waits for signal 3, which no command will send}}
  nfp.wait [3]
  %code = nfp.const 1 : !nfp.gpr<a 0>
  nfp.exit %code : !nfp.gpr<a 0>
}

// -----

nfp.func entry @data_overwritten() {
  %zero = nfp.imm 0
  %p = nfp.const 0 : !nfp.gpr<a 1>
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 signal 2 : (!nfp.gpr<a 1>, !nfp.imm) -> !nfp.xfer<3>
  %d = nfp.alu b %p : !nfp.gpr<a 1> -> !nfp.xfer_out<5>
  nfp.cmd write32_swap sum32 %p, %zero data(%d : !nfp.xfer_out<5>) count 1 signal 3 : (!nfp.gpr<a 1>, !nfp.imm)
  // expected-error @below {{writes a transfer register of a command before the nfp.wait for its signal 3}}
  %e = nfp.alu b %p : !nfp.gpr<a 1> -> !nfp.xfer_out<5>
  nfp.wait [2, 3]
  %code = nfp.const 1 : !nfp.gpr<a 0>
  nfp.exit %code : !nfp.gpr<a 0>
}

// -----

nfp.func entry @never_waited() {
  %zero = nfp.imm 0
  %p = nfp.const 0 : !nfp.gpr<a 1>
  %x = nfp.cmd read32_swap sum32 %p, %zero count 1 signal 2 : (!nfp.gpr<a 1>, !nfp.imm) -> !nfp.xfer<3>
  %code = nfp.const 1 : !nfp.gpr<a 0>
  // expected-error @below {{stands before the nfp.wait for signal 2}}
  nfp.exit %code : !nfp.gpr<a 0>
}
