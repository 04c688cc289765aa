; RUN: not %tools_dir/nfp-bpf-mc %s 2>&1 | FileCheck %s -DFILE=%s
; RUN: not %tools_dir/nfp-bpf-mc --disassemble %s 2>&1 | FileCheck %s -DFILE=%s --check-prefix=HEX

; HEX: [[FILE]]:[[#]]: expected a word in hexadecimal, found 'alu[
; CHECK: [[FILE]]:[[#@LINE+1]]: column 1: sources gprA_1 and gprA_2 are of one kind, which has one read port
alu[gprA_3, gprA_1, +, gprA_2]
; CHECK: [[FILE]]:[[#@LINE+1]]: column 1: sources 0x1 and 0x2 are of one kind, which has one read port
alu[gprA_3, 0x1, +, 0x2]
; CHECK: [[FILE]]:[[#@LINE+1]]: column 1: right source *l$index0[8]: local memory offset must be below 8
alu_shf[gprA_3, gprA_1, OR, *l$index0[8], <<4]
; CHECK: [[FILE]]:[[#@LINE+1]]: column 1: first address operand *l$index2: commands reach local memory through pointers 0 and 1 only
mem[read32, $xfer_0, *l$index2, 0x0, 1], ctx_swap[sig1]
; CHECK: [[FILE]]:[[#@LINE+1]]: column 1: defer count 3 must be at most 2 here
br[.1], defer[3]
; CHECK: [[FILE]]:[[#@LINE+1]]: column 4: 16384 is too large, the limit is 16383
br[.16384]
