; RUN: %tools_dir/nfp-bpf-mc %s | FileCheck %s
; RUN: %tools_dir/nfp-bpf-mc --ecc %s | %tools_dir/nfp-bpf-mc --disassemble --check-ecc - | FileCheck %s --check-prefix=TEXT

; CHECK: 000000a080300801
; TEXT: alu[gprA_3, gprA_1, +, gprB_2]{{$}}
alu[gprA_3, gprA_1, +, gprB_2]

; The sources change ports when the left one is in bank B.
; CHECK-NEXT: 000000aac0501006
; TEXT-NEXT: alu[gprA_5, gprB_4, -, gprA_6]{{$}}
alu[gprA_5, gprB_4, -, gprA_6]

; CHECK-NEXT: 00000281f0300900
; TEXT-NEXT: alu_shf[gprA_3, --, B, gprB_2, >>31], gpr_wrboth
alu_shf[gprA_3, --, B, gprB_2, >>31], gpr_wrboth

; CHECK-NEXT: 000002c003114402
; TEXT-NEXT: ld_field_w_clr[gprA_2, 0011, *l$index0[1]], gpr_wrboth
ld_field_w_clr[gprA_2, 0011, *l$index0[1]], gpr_wrboth

; CHECK-NEXT: 000000d800608038
; TEXT-NEXT: br[.1], defer[2]
br[.1], defer[2]

; CHECK-NEXT: 0000105c1008e802
; TEXT-NEXT: mem[read32_swap, $xfer_0, gprA_2, 0x1a, 1], ctx_swap[sig1]
mem[read32_swap, $xfer_0, gprA_2, 0x1a, 1], ctx_swap[sig1]

; CHECK-NEXT: 000000f0000c0300
; TEXT-NEXT: nop
nop
