// RUN: nfp-bpf-opt %s --verify-roundtrip | FileCheck %s

module attributes {nfp.profile = "agilio", nfp.stack_limit = 512 : i64} {
  // CHECK: nfp.map @counters
  nfp.map @counters {type = 2 : i32, key_size = 4 : i32, value_size = 8 : i32, max_entries = 16 : i32, flags = 0 : i32, index = 0 : i32, uses = array<i8: 3, 0>}

  // CHECK-LABEL: nfp.func entry @alu()
  nfp.func entry @alu() attributes {frame_size = 16 : i32, section = "xdp"} {
    // CHECK: nfp.imm 5
    %five = nfp.imm 5
    // CHECK: nfp.lm index1[0]
    %len = nfp.lm index1[0]
    %zero = nfp.imm 0
    // CHECK: nfp.const 16383 : !nfp.gpr
    %mask = nfp.const 16383 : !nfp.gpr
    // CHECK: nfp.alu and %{{.*}}, %{{.*}} : !nfp.gpr, !nfp.lm -> !nfp.gpr
    %a = nfp.alu and %mask, %len : !nfp.gpr, !nfp.lm -> !nfp.gpr
    // CHECK: nfp.alu add %{{.*}}, %{{.*}} : !nfp.gpr, !nfp.imm -> !nfp.gpr flags !nfp.cc
    %lo, %c = nfp.alu add %a, %five : !nfp.gpr, !nfp.imm -> !nfp.gpr flags !nfp.cc
    // CHECK: nfp.alu addc %{{.*}}, %{{.*}} cc(%{{.*}}) : !nfp.gpr, !nfp.imm -> !nfp.gpr
    %hi = nfp.alu addc %a, %zero cc(%c) : !nfp.gpr, !nfp.imm -> !nfp.gpr
    // CHECK: nfp.alu b %{{.*}} to %{{.*}} : !nfp.gpr
    nfp.alu b %hi to %len : !nfp.gpr
    // CHECK: nfp.alu or %{{.*}}, %{{.*}} : !nfp.gpr, !nfp.imm prev !nfp.prev
    %p = nfp.alu or %lo, %zero : !nfp.gpr, !nfp.imm prev !nfp.prev
    // CHECK: nfp.shf b shl 0 indirect %{{.*}} prev(%{{.*}}) : !nfp.gpr -> !nfp.gpr
    %s = nfp.shf b shl 0 indirect %hi prev(%p) : !nfp.gpr -> !nfp.gpr
    // CHECK: nfp.shf b dbl 8 %{{.*}}, %{{.*}} : !nfp.gpr, !nfp.gpr -> !nfp.gpr
    %d = nfp.shf b dbl 8 %s, %lo : !nfp.gpr, !nfp.gpr -> !nfp.gpr
    // CHECK: nfp.shf or shl 16 %{{.*}}, %{{.*}} to %{{.*}} : !nfp.gpr, !nfp.gpr
    nfp.shf or shl 16 %s, %lo to %len : !nfp.gpr, !nfp.gpr
    // CHECK: nfp.ld_field 3 shr 16 clear %{{.*}} : !nfp.gpr -> !nfp.gpr
    %f = nfp.ld_field 3 shr 16 clear %d : !nfp.gpr -> !nfp.gpr
    // CHECK: nfp.ld_field 12 shl 16 %{{.*}} into(%{{.*}} : !nfp.gpr) : !nfp.gpr -> !nfp.gpr
    %g = nfp.ld_field 12 shl 16 %f into(%d : !nfp.gpr) : !nfp.gpr -> !nfp.gpr
    // CHECK: nfp.immed 4660 shl8 1 invert -> !nfp.gpr
    %i = nfp.immed 4660 shl8 1 invert -> !nfp.gpr
    // CHECK: nfp.immed_w 43981 half 1 of %{{.*}} : !nfp.gpr -> !nfp.gpr
    %w = nfp.immed_w 43981 half 1 of %i : !nfp.gpr -> !nfp.gpr
    // CHECK: nfp.mul m32x32 %{{.*}}, %{{.*}} : !nfp.gpr, !nfp.gpr -> lo !nfp.gpr hi !nfp.gpr
    %ml, %mh = nfp.mul m32x32 %w, %g : !nfp.gpr, !nfp.gpr -> lo !nfp.gpr hi !nfp.gpr
    // CHECK: nfp.mul m32x32 %{{.*}}, %{{.*}} : !nfp.gpr, !nfp.gpr -> hi !nfp.gpr
    %mh2 = nfp.mul m32x32 %w, %g : !nfp.gpr, !nfp.gpr -> hi !nfp.gpr
    // CHECK: nfp.csr_rd pseudo_random : !nfp.gpr
    %r = nfp.csr_rd pseudo_random : !nfp.gpr
    // CHECK: nfp.csr_wr lm_addr3 %{{.*}} : !nfp.gpr
    nfp.csr_wr lm_addr3 %r : !nfp.gpr
    // CHECK: nfp.exit %{{.*}} : !nfp.gpr
    nfp.exit %mh : !nfp.gpr
  }

  // CHECK-LABEL: nfp.func entry @memory()
  nfp.func entry @memory() attributes {frame_size = 64 : i32} {
    %off = nfp.imm 14
    // CHECK: nfp.frame_addr 8 : !nfp.gpr
    %key = nfp.frame_addr 8 : !nfp.gpr
    // CHECK: nfp.map_address @counters : !nfp.gpr
    %base = nfp.map_address @counters : !nfp.gpr
    %tid = nfp.const 1 : !nfp.gpr
    // CHECK: nfp.cmd read32_swap sum32 %{{.*}}, %{{.*}} count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
    %x = nfp.cmd read32_swap sum32 %tid, %off count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
    // CHECK: nfp.cmd read8 sum32 %{{.*}}, %{{.*}} count 2 signal 7 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
    %late = nfp.cmd read8 sum32 %tid, %off count 2 signal 7 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
    // CHECK: nfp.wait [7]
    nfp.wait [7]
    // CHECK: nfp.cmd write8_swap sum32 %{{.*}}, %{{.*}} data(%{{.*}} : !nfp.xfer) count 2 : (!nfp.gpr, !nfp.imm)
    nfp.cmd write8_swap sum32 %tid, %off data(%x : !nfp.xfer) count 2 : (!nfp.gpr, !nfp.imm)
    // CHECK: nfp.lm_store %{{.*}}, 8 size 4 : !nfp.xfer
    nfp.lm_store %x, 8 size 4 : !nfp.xfer
    // CHECK: nfp.lm_load 10 size 2 : !nfp.gpr
    %l = nfp.lm_load 10 size 2 : !nfp.gpr
    // CHECK: nfp.lm_load 0 size 4 at(%{{.*}} : !nfp.gpr) : !nfp.gpr
    %m = nfp.lm_load 0 size 4 at(%key : !nfp.gpr) : !nfp.gpr
    // CHECK: nfp.helper 1 "map_lookup_elem"(%{{.*}}) in [!nfp.gpr<a 0>] lm0(%{{.*}} : !nfp.gpr) : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
    %lo, %hi = nfp.helper 1 "map_lookup_elem" (%tid) in [!nfp.gpr<a 0>] lm0(%key : !nfp.gpr) : (!nfp.gpr) -> (!nfp.gpr, !nfp.gpr)
    // CHECK: nfp.call @sub(%{{.*}}, %{{.*}}) : (!nfp.gpr, !nfp.gpr) -> !nfp.gpr
    %res = nfp.call @sub(%lo, %hi) : (!nfp.gpr, !nfp.gpr) -> !nfp.gpr
    %z, %cc = nfp.alu sub %res, %off : !nfp.gpr, !nfp.imm -> !nfp.gpr flags !nfp.cc
    // CHECK: nfp.br_cc eq %{{.*}}, ^bb1, ^bb2(%{{.*}} : !nfp.gpr)
    nfp.br_cc eq %cc, ^bb1, ^bb2(%z : !nfp.gpr)
  ^bb1:
    // CHECK: nfp.br ^bb2(%{{.*}} : !nfp.gpr)
    nfp.br ^bb2(%l : !nfp.gpr)
  ^bb2(%code: !nfp.gpr):
    // CHECK: nfp.br_bit set 31 %{{.*}} : !nfp.gpr, ^bb3, ^bb1
    nfp.br_bit set 31 %m : !nfp.gpr, ^bb3, ^bb1
  ^bb3:
    // CHECK: nfp.br_byte eq 3 255 %{{.*}} : !nfp.xfer expect(30), ^bb4, ^bb2(%{{.*}} : !nfp.gpr)
    nfp.br_byte eq 3 255 %x : !nfp.xfer expect(30), ^bb4, ^bb2(%z : !nfp.gpr)
  ^bb4:
    // CHECK: nfp.br_byte ne 0 0 %{{.*}} : !nfp.gpr weights([1, 2]), ^bb1, ^bb5
    nfp.br_byte ne 0 0 %m : !nfp.gpr weights([1, 2]), ^bb1, ^bb5
  ^bb5:
    nfp.exit %code : !nfp.gpr
  }

  // CHECK-LABEL: nfp.func subprogram @sub(%{{.*}}: !nfp.gpr, %{{.*}}: !nfp.gpr) -> !nfp.gpr
  nfp.func subprogram @sub(%a: !nfp.gpr, %b: !nfp.gpr) -> !nfp.gpr {
    %s = nfp.alu xor %a, %b : !nfp.gpr, !nfp.gpr -> !nfp.gpr
    // CHECK: nfp.return %{{.*}} : !nfp.gpr
    nfp.return %s : !nfp.gpr
  }

  // CHECK-LABEL: nfp.func entry @physical
  nfp.func entry @physical() {
    // CHECK: nfp.live_in : !nfp.gpr<a 3>
    %a = nfp.live_in : !nfp.gpr<a 3>
    %b = nfp.live_in : !nfp.gpr<b 7>
    // CHECK: nfp.alu add %{{.*}}, %{{.*}} : !nfp.gpr<a 3>, !nfp.gpr<b 7> -> !nfp.gpr<ab 0>
    %s = nfp.alu add %a, %b : !nfp.gpr<a 3>, !nfp.gpr<b 7> -> !nfp.gpr<ab 0>
    // CHECK: nfp.nop
    nfp.nop
    nfp.exit %s : !nfp.gpr<ab 0>
  }
}
