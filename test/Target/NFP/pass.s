# The smallest program: `r0 = 2; exit` leaves with the word for XDP_PASS in A0,
# loaded behind the branch (offload ABI, section "Exit protocol"), and 8 nops.
#
# RUN: nfp-bpf-translate --input=asm %s --form=loaded -o %t.bin
# RUN: nfp-bpf-translate --input=asm %s --emit=asm -o - | FileCheck %s
# RUN: %python -c "import sys; print(open(sys.argv[1],'rb').read()[-8:][::-1].hex())" %t.bin | FileCheck %s --check-prefix=NOP

# CHECK: br[.0], defer[1]  ; -> done
# CHECK-NEXT: immed[gprA_0, 0x1100, <<8]
# CHECK-COUNT-8: nop

# NOP: 000000f0000c0300

r0 = 2
exit
