//===- NFPTypes.td - Register classes as types -------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DIALECT_NFP_IR_NFPTYPES_TD
#define NFPBPF_DIALECT_NFP_IR_NFPTYPES_TD

include "mlir/IR/AttrTypeBase.td"
include "nfpbpf/Dialect/NFP/IR/NFPEnums.td"

class NFP_Type<string name, string typeMnemonic> : TypeDef<NFP_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def NFP_Gpr : NFP_Type<"Gpr", "gpr"> {
  let summary = "general register, virtual (`!nfp.gpr`) or physical (`!nfp.gpr<a 3>`)";
  let description = [{
    Bank `ab` means that the same-numbered registers of both banks hold the
    value. Numbers 0 to 23 belong to the program.
  }];
  let parameters = (ins "::nfpbpf::nfp::Bank":$bank, "unsigned":$number);
  let builders = [
    TypeBuilder<(ins), [{ return $_get($_ctxt, Bank::None, 0u); }]>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    bool isAllocated() const { return getBank() != Bank::None; }
  }];
}

def NFP_Xfer : NFP_Type<"Xfer", "xfer"> {
  let summary = "transfer-in register, virtual (`!nfp.xfer`) or physical (`!nfp.xfer<0>`)";
  let parameters = (ins "int":$number);
  let builders = [TypeBuilder<(ins), [{ return $_get($_ctxt, -1); }]>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    bool isAllocated() const { return getNumber() >= 0; }
  }];
}

def NFP_XferOut : NFP_Type<"XferOut", "xfer_out"> {
  let summary = "transfer-out register, virtual or physical";
  let parameters = (ins "int":$number);
  let builders = [TypeBuilder<(ins), [{ return $_get($_ctxt, -1); }]>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    bool isAllocated() const { return getNumber() >= 0; }
  }];
}

def NFP_CC : NFP_Type<"CC", "cc"> { let summary = "condition codes"; }
def NFP_Prev : NFP_Type<"Prev", "prev"> {
  let summary = "result and left operand of the instruction just before";
}
def NFP_Imm : NFP_Type<"Imm", "imm"> { let summary = "constant inside an instruction"; }
def NFP_LM : NFP_Type<"LM", "lm"> { let summary = "location of a local-memory word"; }

def NFP_Src : AnyTypeOf<[NFP_Gpr, NFP_Xfer, NFP_Imm, NFP_LM],
                        "register, transfer register, constant or local-memory word">;
def NFP_Dst : AnyTypeOf<[NFP_Gpr, NFP_XferOut], "register or transfer-out register">;
def NFP_CmdData : AnyTypeOf<[NFP_Gpr, NFP_Xfer, NFP_Imm, NFP_LM, NFP_XferOut],
                            "any source, or a loaded transfer-out register">;
def NFP_CmdResult : AnyTypeOf<[NFP_Gpr, NFP_Xfer], "register or transfer register">;
def NFP_Reg : AnyTypeOf<[NFP_Gpr, NFP_Xfer], "register or transfer register">;

#endif // NFPBPF_DIALECT_NFP_IR_NFPTYPES_TD
