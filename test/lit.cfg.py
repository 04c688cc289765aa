# Configuration of the lit suite. The site file that CMake writes sets the paths used here.
#
# Features (use with REQUIRES):
#   shared      the folder of shared inputs is there: NFPBPF_SHARED, or ../shared beside the source tree
#   peers       knfp-jit and nfp-objdump are built: NFP_PEERS, or .cache/nfp-peers in the home folder
#   clang-bpf   a clang that compiles C for BPF, with the kernel's user headers
#   asan        this build has AddressSanitizer
#   fuzzers     this build has the libFuzzer targets
#
# Substitutions:
#   %shared %peers   the folder of shared inputs; the folder that holds knfp-jit and nfp-objdump
#   %bpf_as          assembles verifier syntax to a BPF object:  %bpf_as %s -o %t.o   (CPU level v4)
#   %bpf_cc          compiles C to a BPF object:                 %bpf_cc -mcpu=v3 %s -o %t.o
#   %examples %utils %python %src_root %obj_root %llvm_lib_dir

import os
import platform
import shutil
import subprocess
import sys

import lit.formats
from lit.llvm import llvm_config
from lit.llvm.subst import ToolSubst

config.name = "nfp-bpf"
config.test_format = lit.formats.ShTest(execute_external=not llvm_config.use_lit_shell)
config.suffixes = [".mlir", ".s", ".test", ".c", ".yaml"]
config.excludes = ["Inputs", "CMakeLists.txt", "lib"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.nfpbpf_obj_root, "test")

llvm_config.use_default_substitutions()
llvm_config.with_system_environment(["HOME", "TMP", "TEMP", "TMPDIR"])
llvm_config.with_environment("PATH", [config.nfpbpf_tools_dir, config.llvm_tools_dir], append_path=True)
llvm_config.with_environment("FILECHECK_OPTS", "-enable-var-scope --allow-unused-prefixes=false")

llvm_config.add_tool_substitutions(
    [
        "nfp-bpf-check",
        "nfp-bpf-conformance",
        "nfp-bpf-link",
        "nfp-bpf-support",
        "nfp-bpf-mc",
        "nfp-bpf-opt",
        "nfp-bpf-translate",
        "nfp-bpf-run",
        "nfp-bpf-vectors",
        "nfp-bpf-lsp-server",
        "nfp-bpf-reduce",
        "llvm-mc",
        "llvm-nm",
        "llvm-ar",
        "llvm-objcopy",
        "llvm-readelf",
        "llvm-objdump",
        "obj2yaml",
        "yaml2obj",
        "split-file",
    ],
    [config.nfpbpf_tools_dir, config.llvm_tools_dir],
)


def add_path_substitution(name, path):
    config.substitutions.append((name + r"\b", path))


add_path_substitution("%examples", os.path.join(config.nfpbpf_src_root, "examples"))
add_path_substitution("%utils", os.path.join(config.nfpbpf_src_root, "utils"))
add_path_substitution("%src_root", config.nfpbpf_src_root)
add_path_substitution("%obj_root", config.nfpbpf_obj_root)
add_path_substitution("%tools_dir", config.nfpbpf_tools_dir)
add_path_substitution("%llvm_tools_dir", config.llvm_tools_dir)
add_path_substitution("%llvm_lib_dir", config.llvm_lib_dir)
add_path_substitution("%mlir_dir", config.mlir_dir)
add_path_substitution("%cmake", config.cmake)
add_path_substitution("%cxx_compiler", config.cxx_compiler)
add_path_substitution("%c_compiler", config.c_compiler)
config.substitutions.append((r"%python\b", '"%s"' % sys.executable))
add_path_substitution(
    "%bpf_as",
    os.path.join(config.llvm_tools_dir, "llvm-mc") + " -triple=bpfel -mcpu=v4 -filetype=obj",
)

shared = os.environ.get("NFPBPF_SHARED") or os.path.join(
    os.path.dirname(config.nfpbpf_src_root), "shared"
)
if os.path.isdir(os.path.join(shared, "corpus")):
    config.available_features.add("shared")
    add_path_substitution("%shared", shared)
    config.environment["NFPBPF_SHARED"] = shared

peers = os.environ.get("NFP_PEERS") or os.path.expanduser("~/.cache/nfp-peers")
if all(os.access(os.path.join(peers, "bin", p), os.X_OK) for p in ("knfp-jit", "nfp-objdump")):
    config.available_features.add("peers")
    add_path_substitution("%peers", os.path.join(peers, "bin"))
    config.environment["NFP_PEERS"] = peers

clang = os.path.join(config.llvm_tools_dir, "clang")
if os.access(clang, os.X_OK):
    # The architecture's own user headers (asm/types.h) live in a folder that the BPF target does not search.
    multiarch = "/usr/include/%s-linux-gnu" % platform.machine()
    command = [clang, "--target=bpfel", "-O2", "-g", "-Wall", "-Werror"]
    if os.path.isdir(multiarch):
        command += ["-idirafter", multiarch]
    probe = subprocess.run(
        command + ["-x", "c", "-fsyntax-only", "-"],
        input=b"#include <linux/bpf.h>\n",
        stderr=subprocess.DEVNULL,
    )
    if probe.returncode == 0:
        config.available_features.add("clang-bpf")
        add_path_substitution("%bpf_cc", " ".join(command + ["-c"]))

if "Address" in config.sanitizers:
    config.available_features.add("asan")
    # libLLVM and libMLIR are not instrumented: annotations of containers and arenas do not agree across the border.
    config.environment["ASAN_OPTIONS"] = "detect_container_overflow=0:allow_user_poisoning=0:detect_leaks=0"
    config.environment["UBSAN_OPTIONS"] = "halt_on_error=1:print_stacktrace=1"
if config.have_fuzzers:
    config.available_features.add("fuzzers")
