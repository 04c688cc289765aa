// RUN: nfp-bpf-opt %s --nfp-byte-branches --split-input-file | FileCheck %s
// RUN: nfp-bpf-opt %s --nfp-byte-branches --split-input-file --remark-format=emitRemark --remarks-filter='nfp-.*' 2>&1 | FileCheck %s --check-prefix=REMARK

// REMARK-DAG: ByteBranch{{.*}}equality is asked by branches on two bytes, without taking the number out of its word
// REMARK-DAG: ByteBranch{{.*}}equality is asked by a branch on a byte
// REMARK-DAG: FlagsStay{{.*}}branches on bytes would take no fewer cycles{{.*}}equality is asked by flags
// REMARK-DAG: LikeliestFirst{{.*}}of 4 constants that the number is compared with, 8 is asked for first

// A field of two bytes that only a comparison reads: the branches read its word,
// the byte that is not zero first. The second byte is read only if the first
// one is equal; operands go to both ways.

// CHECK-LABEL: nfp.func entry @field
// CHECK-NOT: nfp.ld_field
// CHECK-NOT: nfp.alu sub
nfp.func entry @field() {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: %[[W:.+]] = nfp.cmd read32_swap
  %w = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  %type = nfp.ld_field 3 rotr 0 clear %w : !nfp.xfer -> !nfp.gpr
  %vlan = nfp.imm 129
  %cc = nfp.alu sub %type, %vlan : !nfp.gpr, !nfp.imm flags !nfp.cc
  // CHECK: nfp.br_byte eq 0 129 %[[W]] : !nfp.xfer expect(80), ^[[SECOND:.+]], ^[[JOIN:bb[0-9]+]](%[[W2:.+]] : !nfp.gpr)
  // CHECK-NEXT: ^[[SECOND]]:
  // CHECK-NEXT: nfp.br_byte eq 1 0 %[[W]] : !nfp.xfer expect(95), ^[[TAGGED:bb[0-9]+]], ^[[JOIN]](%[[W2]] : !nfp.gpr)
  nfp.br_cc ne %cc, ^join(%p : !nfp.gpr), ^tagged
// CHECK: ^[[TAGGED]]:
^tagged:
  %x = nfp.cmd read32_swap sum32 %p, %vlan count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  %y = nfp.alu b %x : !nfp.xfer -> !nfp.gpr
  nfp.br ^join(%y : !nfp.gpr)
^join(%code: !nfp.gpr):
  nfp.exit %code : !nfp.gpr
}

// -----

// One byte, taken out by a mask, a shift or both, also compared for being zero.

// CHECK-LABEL: nfp.func entry @byte
nfp.func entry @byte() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: %[[P:.+]] = nfp.csr_rd
  %q = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK-NEXT: %[[Q:.+]] = nfp.csr_rd
  %mask = nfp.imm 255
  %tcp = nfp.imm 6
  %protocol = nfp.shf and shr 8 %mask, %p : !nfp.imm, !nfp.gpr -> !nfp.gpr
  %cc = nfp.alu sub %protocol, %tcp : !nfp.gpr, !nfp.imm flags !nfp.cc
  // CHECK-NEXT: nfp.br_byte eq 1 6 %[[P]] : !nfp.gpr expect(60)
  nfp.br_cc eq %cc, ^one, ^two
^one:
  %word = nfp.shf b shr 16 %q : !nfp.gpr -> !nfp.gpr
  %top = nfp.shf b shr 8 %word : !nfp.gpr -> !nfp.gpr
  %cc2 = nfp.alu b %top : !nfp.gpr flags !nfp.cc
  // CHECK: ^bb1:
  // CHECK-NEXT: nfp.br_byte eq 3 0 %[[Q]] : !nfp.gpr
  nfp.br_cc eq %cc2, ^two, ^three
^two:
  nfp.exit %p : !nfp.gpr
^three:
  // A byte of each of two words.
  // CHECK: ^bb3:
  // CHECK: nfp.br_byte eq 3 9 %[[P]] : !nfp.gpr expect(30), ^bb4, ^bb6
  // CHECK-NEXT: ^bb4:
  // CHECK-NEXT: nfp.br_byte eq 1 7 %[[Q]] : !nfp.gpr expect(95), ^bb5, ^bb6
  %low = nfp.ld_field 1 shr 24 clear %p : !nfp.gpr -> !nfp.gpr
  %both = nfp.ld_field 2 rotr 0 %q into(%low : !nfp.gpr) : !nfp.gpr -> !nfp.gpr
  %k = nfp.const 1801 : !nfp.gpr
  %cc3 = nfp.alu xor %k, %both : !nfp.gpr, !nfp.gpr flags !nfp.cc
  nfp.br_cc eq %cc3, ^four, ^five
^four:
  nfp.exit %q : !nfp.gpr
^five:
  %sum = nfp.alu add %p, %q : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %sum : !nfp.gpr
}

// -----

// A number that is needed otherwise stays, and so does one that is computed:
// its register is read. A bit field is compared as a byte if what is around it
// is known to be zero.

// CHECK-LABEL: nfp.func entry @kept
nfp.func entry @kept() attributes {frame_size = 8 : i32} {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: %[[TYPE:.+]] = nfp.ld_field 3
  %type = nfp.ld_field 3 rotr 0 clear %p : !nfp.gpr -> !nfp.gpr
  %k = nfp.const 43144 : !nfp.gpr
  %cc = nfp.alu sub %type, %k : !nfp.gpr, !nfp.gpr flags !nfp.cc
  // CHECK-NEXT: nfp.br_byte eq 0 136 %[[TYPE]] : !nfp.gpr expect(30), ^bb1, ^bb3
  // CHECK-NEXT: ^bb1:
  // CHECK-NEXT: nfp.br_byte eq 1 168 %[[TYPE]] : !nfp.gpr expect(95), ^bb2, ^bb3
  nfp.br_cc eq %cc, ^one, ^two
^one:
  nfp.exit %p : !nfp.gpr
^two:
  %nibble = nfp.imm 15
  // CHECK: %[[LENGTH:.+]] = nfp.alu and
  %length = nfp.alu and %p, %nibble : !nfp.gpr, !nfp.imm -> !nfp.gpr
  %five = nfp.imm 5
  %cc2 = nfp.alu sub %length, %five : !nfp.gpr, !nfp.imm flags !nfp.cc
  // CHECK-NEXT: nfp.br_byte eq 0 5 %[[LENGTH]] : !nfp.gpr
  nfp.br_cc eq %cc2, ^three, ^four
^three:
  // CHECK: %[[LOADED:.+]] = nfp.lm_load 4 size 1
  %loaded = nfp.lm_load 4 size 1 : !nfp.gpr
  %cc3 = nfp.alu sub %loaded, %five : !nfp.gpr, !nfp.imm flags !nfp.cc
  // CHECK: nfp.br_byte eq 0 5 %[[LOADED]] : !nfp.gpr
  nfp.br_cc eq %cc3, ^four, ^five
^four:
  nfp.exit %type : !nfp.gpr
^five:
  %sum = nfp.alu add %p, %length : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  nfp.exit %sum : !nfp.gpr
}

// -----

// A number that comes from several places is compared in its register, if its
// upper bytes are zero wherever it comes from, in a loop too.

// CHECK-LABEL: nfp.func entry @arguments
nfp.func entry @arguments() {
  %k = nfp.imm 136
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %half = nfp.shf b shr 16 %p : !nfp.gpr -> !nfp.gpr
  nfp.br ^loop(%half, %half : !nfp.gpr, !nfp.gpr)
// CHECK: ^bb1(%[[N:.+]]: !nfp.gpr, %[[M:.+]]: !nfp.gpr)
^loop(%n: !nfp.gpr, %m: !nfp.gpr):
  %cc = nfp.alu sub %n, %k : !nfp.gpr, !nfp.imm flags !nfp.cc
  // CHECK: nfp.br_byte eq 0 136 %[[N]] : !nfp.gpr {{.*}}, ^[[SECOND:.+]], ^[[OUT:.+]]
  // CHECK-NEXT: ^[[SECOND]]:
  // CHECK-NEXT: nfp.br_byte eq 1 0 %[[N]]
  nfp.br_cc eq %cc, ^again, ^end
^again:
  %q = nfp.csr_rd pseudo_random : !nfp.gpr
  %low = nfp.ld_field 3 rotr 0 clear %q : !nfp.gpr -> !nfp.gpr
  nfp.br_bit set 3 %q : !nfp.gpr, ^loop(%low, %q : !nfp.gpr, !nfp.gpr), ^loop(%n, %m : !nfp.gpr, !nfp.gpr)
^end:
  // Here one of the ways brings a whole word.
  // CHECK: nfp.alu sub %[[M]]
  // CHECK-NEXT: nfp.br_cc eq
  %cc2 = nfp.alu sub %m, %k : !nfp.gpr, !nfp.imm flags !nfp.cc
  nfp.br_cc eq %cc2, ^out, ^other
^out:
  nfp.exit %p : !nfp.gpr
^other:
  nfp.exit %m : !nfp.gpr
}

// -----

// What stays as it is: words of more than two bytes or with unknown upper bits,
// constants that are never equal, shifts by parts of bytes, other conditions,
// flags that are read twice, and flags that cost nothing.

// CHECK-LABEL: nfp.func entry @left(
// CHECK-NOT: nfp.br_byte
nfp.func entry @left() {
  %zero = nfp.imm 0
  %one = nfp.imm 1
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %w = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  %cc = nfp.alu sub %w, %one : !nfp.xfer, !nfp.imm flags !nfp.cc
  nfp.br_cc eq %cc, ^a, ^b
^a:
  nfp.exit %p : !nfp.gpr
^b:
  %three = nfp.ld_field 7 rotr 0 clear %w : !nfp.xfer -> !nfp.gpr
  %cc1 = nfp.alu sub %three, %one : !nfp.gpr, !nfp.imm flags !nfp.cc
  nfp.br_cc eq %cc1, ^a, ^c
^c:
  %half = nfp.ld_field 3 rotr 0 clear %w : !nfp.xfer -> !nfp.gpr
  %k = nfp.const 65536 : !nfp.gpr
  %cc2 = nfp.alu sub %half, %k : !nfp.gpr, !nfp.gpr flags !nfp.cc
  nfp.br_cc eq %cc2, ^a, ^d
^d:
  %bits = nfp.shf b shr 12 %w : !nfp.xfer -> !nfp.gpr
  %cc3 = nfp.alu sub %bits, %one : !nfp.gpr, !nfp.imm flags !nfp.cc
  nfp.br_cc eq %cc3, ^a, ^e
^e:
  %byte = nfp.shf b shr 24 %w : !nfp.xfer -> !nfp.gpr
  %cc4 = nfp.alu sub %byte, %one : !nfp.gpr, !nfp.imm flags !nfp.cc
  nfp.br_cc lo %cc4, ^a, ^f
^f:
  %cc5 = nfp.alu sub %byte, %one : !nfp.gpr, !nfp.imm flags !nfp.cc
  %borrow = nfp.alu subc %p, %zero cc(%cc5) : !nfp.gpr, !nfp.imm -> !nfp.gpr
  nfp.br_cc eq %cc5, ^a, ^g
^g:
  %both = nfp.alu and %p, %one : !nfp.gpr, !nfp.imm -> !nfp.gpr
  %cc6 = nfp.alu b %both : !nfp.gpr flags !nfp.cc
  nfp.br_cc eq %cc6, ^a, ^h
^h:
  nfp.exit %borrow : !nfp.gpr
}

// -----

// Indirect and double shifts move bytes to places that are not known; what is
// merged from a word of local memory is compared where it was merged.

// CHECK-LABEL: nfp.func entry @shifts
nfp.func entry @shifts() {
  %zero = nfp.imm 0
  %five = nfp.imm 5
  %mask = nfp.imm 255
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %q = nfp.csr_rd pseudo_random : !nfp.gpr
  %amount = nfp.alu or %q, %zero : !nfp.gpr, !nfp.imm prev !nfp.prev
  %moved = nfp.shf b shr 0 indirect %p prev(%amount) : !nfp.gpr -> !nfp.gpr
  // CHECK: %[[MOVED:.+]] = nfp.shf b shr 0 indirect
  %a = nfp.alu and %moved, %mask : !nfp.gpr, !nfp.imm -> !nfp.gpr
  %cc = nfp.alu sub %a, %five : !nfp.gpr, !nfp.imm flags !nfp.cc
  // CHECK-NEXT: nfp.br_byte eq 0 5 %[[MOVED]] : !nfp.gpr
  nfp.br_cc eq %cc, ^out, ^double
^double:
  // CHECK: %[[D:.+]] = nfp.shf b dbl 8
  %d = nfp.shf b dbl 8 %p, %q : !nfp.gpr, !nfp.gpr -> !nfp.gpr
  %b = nfp.alu and %d, %mask : !nfp.gpr, !nfp.imm -> !nfp.gpr
  %cc2 = nfp.alu sub %b, %five : !nfp.gpr, !nfp.imm flags !nfp.cc
  // CHECK-NEXT: nfp.br_byte eq 0 5 %[[D]] : !nfp.gpr
  nfp.br_cc eq %cc2, ^out, ^memory
^memory:
  %lm = nfp.lm index1[2]
  // CHECK: %[[M:.+]] = nfp.ld_field 1 shr 8 clear
  %m = nfp.ld_field 1 shr 8 clear %lm : !nfp.lm -> !nfp.gpr
  %cc3 = nfp.alu sub %m, %five : !nfp.gpr, !nfp.imm flags !nfp.cc
  // CHECK: nfp.br_byte eq 0 5 %[[M]] : !nfp.gpr
  nfp.br_cc eq %cc3, ^out, ^end
^out:
  nfp.exit %p : !nfp.gpr
^end:
  nfp.exit %q : !nfp.gpr
}

// -----

// A chain: IPv4 first, then IPv6, then the others in their order. The low byte
// tells all of them apart. An operand that another block of the chain makes is
// made again.

// CHECK-LABEL: nfp.func entry @chain
nfp.func entry @chain() {
  %zero = nfp.imm 0
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: %[[W:.+]] = nfp.cmd read32_swap
  %w = nfp.cmd read32_swap sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  %type = nfp.shf b shr 16 %w : !nfp.xfer -> !nfp.gpr
  %vlan = nfp.imm 129
  %cc = nfp.alu sub %type, %vlan : !nfp.gpr, !nfp.imm flags !nfp.cc
  // CHECK: nfp.br_byte eq 2 8 %[[W]] : !nfp.xfer expect(80), ^[[SECOND:.+]], ^[[NEXT:bb[0-9]+]]
  // CHECK-NEXT: ^[[SECOND]]:
  // CHECK-NEXT: nfp.br_byte eq 3 0 %[[W]] : !nfp.xfer expect(95), ^[[IPV4:bb[0-9]+]], ^[[NEXT]]
  // CHECK-NEXT: ^[[NEXT]]:
  // CHECK: %[[SIX:.+]] = nfp.const 6 :
  // CHECK-NEXT: nfp.br_byte eq 2 134 %[[W]] : !nfp.xfer expect(70), ^[[SECOND:.+]], ^[[NEXT:bb[0-9]+]]
  // CHECK-NEXT: ^[[SECOND]]:
  // CHECK-NEXT: nfp.br_byte eq 3 221 %[[W]] : !nfp.xfer expect(95), ^[[IPV6:bb[0-9]+]](%[[SIX]] : !nfp.gpr), ^[[NEXT]]
  // CHECK-NEXT: ^[[NEXT]]:
  // CHECK-NEXT: nfp.br_byte eq 2 129 %[[W]]
  // CHECK-NOT: nfp.alu sub
  nfp.br_cc eq %cc, ^tagged, ^one
^one:
  %qinq = nfp.const 43144 : !nfp.gpr
  %cc1 = nfp.alu sub %type, %qinq : !nfp.gpr, !nfp.gpr flags !nfp.cc
  nfp.br_cc ne %cc1, ^two, ^tagged
^two:
  %v6 = nfp.const 56710 : !nfp.gpr
  %six = nfp.const 6 : !nfp.gpr
  %cc2 = nfp.alu sub %type, %v6 : !nfp.gpr, !nfp.gpr flags !nfp.cc
  nfp.br_cc eq %cc2, ^ipv6(%six : !nfp.gpr), ^three
^three:
  %v4 = nfp.imm 8
  %cc3 = nfp.alu sub %type, %v4 : !nfp.gpr, !nfp.imm flags !nfp.cc
  nfp.br_cc eq %cc3, ^ipv4, ^other
^tagged:
  %a = nfp.cmd read8 sum32 %p, %zero count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  nfp.br ^other
// CHECK: ^[[IPV6]](
^ipv6(%n: !nfp.gpr):
  %b = nfp.cmd read8 sum32 %p, %n count 1 : (!nfp.gpr, !nfp.gpr) -> !nfp.xfer
  nfp.br ^other
// CHECK: ^[[IPV4]]:
^ipv4:
  %c = nfp.cmd read8 sum32 %p, %vlan count 1 : (!nfp.gpr, !nfp.imm) -> !nfp.xfer
  nfp.br ^other
^other:
  nfp.exit %p : !nfp.gpr
}

// -----

// A profile decides about the order, of words too, and counts follow: what goes
// on and what was equal.

// CHECK-LABEL: nfp.func entry @profile
nfp.func entry @profile() {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  // CHECK: %[[P:.+]] = nfp.csr_rd
  // CHECK: %[[SEVEN:.+]] = nfp.imm 7
  // CHECK-NEXT: %[[CC:.+]] = nfp.alu sub %[[P]], %[[SEVEN]]
  // CHECK-NEXT: nfp.br_cc eq %[[CC]] weights([90, 10]), ^[[MANY:bb[0-9]+]], ^[[NEXT:bb[0-9]+]]
  // CHECK: ^[[NEXT]]:
  // CHECK: %[[K:.+]] = nfp.const 1000
  // CHECK-NEXT: %[[CC:.+]] = nfp.alu sub %[[P]], %[[K]]
  // CHECK-NEXT: nfp.br_cc eq %[[CC]] weights([1, 9])
  %k = nfp.const 1000 : !nfp.gpr
  %cc = nfp.alu sub %p, %k : !nfp.gpr, !nfp.gpr flags !nfp.cc
  nfp.br_cc eq %cc weights([1, 99]), ^few, ^one
^one:
  %seven = nfp.imm 7
  %cc1 = nfp.alu sub %p, %seven : !nfp.gpr, !nfp.imm flags !nfp.cc
  nfp.br_cc ne %cc1 weights([9, 90]), ^other, ^many
^few:
  %a = nfp.const 1 : !nfp.gpr
  nfp.exit %a : !nfp.gpr
// CHECK: ^[[MANY]]:
// CHECK-NEXT: nfp.const 2
^many:
  %b = nfp.const 2 : !nfp.gpr
  nfp.exit %b : !nfp.gpr
^other:
  nfp.exit %p : !nfp.gpr
}

// -----

// The order stays where something is done between two questions, where what one
// makes is needed elsewhere, where one constant comes twice, and where a profile
// says so.

// CHECK-LABEL: nfp.func entry @order
nfp.func entry @order() attributes {frame_size = 8 : i32} {
  %p = nfp.csr_rd pseudo_random : !nfp.gpr
  %type = nfp.ld_field 3 rotr 0 clear %p : !nfp.gpr -> !nfp.gpr
  %vlan = nfp.imm 129
  %ipv4 = nfp.imm 8
  %cc = nfp.alu sub %type, %vlan : !nfp.gpr, !nfp.imm flags !nfp.cc
  // CHECK: nfp.br_byte eq 0 129
  nfp.br_cc eq %cc, ^out, ^store
^store:
  // CHECK: nfp.lm_store
  nfp.lm_store %p, 4 size 4 : !nfp.gpr
  %cc1 = nfp.alu sub %type, %ipv4 : !nfp.gpr, !nfp.imm flags !nfp.cc
  // CHECK: nfp.br_byte eq 0 8
  nfp.br_cc eq %cc1, ^out, ^used
^used:
  %q = nfp.csr_rd pseudo_random : !nfp.gpr
  %field = nfp.ld_field 3 rotr 0 clear %q : !nfp.gpr -> !nfp.gpr
  %cc2 = nfp.alu sub %field, %vlan : !nfp.gpr, !nfp.imm flags !nfp.cc
  // CHECK: nfp.br_byte eq 0 129
  nfp.br_cc eq %cc2, ^out, ^constant
^constant:
  %k = nfp.const 2048 : !nfp.gpr
  %cc3 = nfp.alu sub %field, %k : !nfp.gpr, !nfp.gpr flags !nfp.cc
  // CHECK: nfp.br_byte eq 1 8
  nfp.br_cc eq %cc3, ^out, ^twice
^twice:
  %r = nfp.csr_rd pseudo_random : !nfp.gpr
  %low = nfp.ld_field 1 rotr 0 clear %r : !nfp.gpr -> !nfp.gpr
  %cc4 = nfp.alu sub %low, %vlan : !nfp.gpr, !nfp.imm flags !nfp.cc
  // CHECK: nfp.br_byte eq 0 129
  nfp.br_cc eq %cc4, ^out, ^again
^again:
  %cc5 = nfp.alu sub %low, %vlan : !nfp.gpr, !nfp.imm flags !nfp.cc
  // CHECK: nfp.br_byte eq 0 129
  nfp.br_cc eq %cc5, ^other, ^common
^common:
  %cc6 = nfp.alu sub %low, %ipv4 : !nfp.gpr, !nfp.imm flags !nfp.cc
  // CHECK: nfp.br_byte eq 0 8
  nfp.br_cc eq %cc6, ^other, ^profile
^profile:
  %s = nfp.csr_rd pseudo_random : !nfp.gpr
  %last = nfp.ld_field 1 rotr 0 clear %s : !nfp.gpr -> !nfp.gpr
  %cc7 = nfp.alu sub %last, %vlan : !nfp.gpr, !nfp.imm flags !nfp.cc
  // CHECK: nfp.br_byte eq 0 129 %{{.+}} : !nfp.gpr weights([90, 10])
  nfp.br_cc eq %cc7 weights([90, 10]), ^out, ^second
^second:
  %cc8 = nfp.alu sub %last, %ipv4 : !nfp.gpr, !nfp.imm flags !nfp.cc
  // CHECK: nfp.br_byte eq 0 8 %{{.+}} : !nfp.gpr weights([9, 1])
  nfp.br_cc eq %cc8 weights([9, 1]), ^out, ^other
^out:
  nfp.exit %p : !nfp.gpr
^other:
  nfp.exit %k : !nfp.gpr
}
