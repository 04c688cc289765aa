// Uses one library without MLIR and the dialects.
#include "nfpbpf/InitAllDialects.h"
#include "nfpbpf/Profile/Profile.h"

#include "mlir/IR/MLIRContext.h"

int main() {
  llvm::Expected<nfpbpf::Profile> profile = nfpbpf::loadProfile("agilio");
  if (!profile) {
    llvm::errs() << llvm::toString(profile.takeError()) << "\n";
    return 1;
  }
  mlir::DialectRegistry registry;
  nfpbpf::registerAllDialects(registry);
  mlir::MLIRContext context(registry);
  llvm::outs() << profile->Name << ", "
               << context.getOrLoadDialect("nfp")->getNamespace() << ", "
               << context.getOrLoadDialect("bpf")->getNamespace() << "\n";
  return 0;
}
