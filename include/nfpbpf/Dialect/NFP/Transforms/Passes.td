//===- Passes.td - Passes of the nfp dialect ---------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DIALECT_NFP_TRANSFORMS_PASSES_TD
#define NFPBPF_DIALECT_NFP_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def Simplify : Pass<"nfp-simplify", "::mlir::ModuleOp"> {
  let summary = "Remove what the conversion computes in vain";
  let description = [{
    Before `nfp-expand-macros`. Replaces block arguments that are one value or
    one constant from everywhere, and removes those, with all that computes
    them, that nothing with an effect needs. A block that only tests its
    arguments is skipped by predecessors that pass constants. A comparison of
    the packet's end with a place at a constant distance from its start
    becomes one of the packet's length with that distance.
  }];
  let dependentDialects = ["::nfpbpf::nfp::NFPDialect"];
  let options = [
    Option<"maxRounds", "max-rounds", "unsigned", "16",
           "How often to repeat while branches skip tests">];
  let statistics = [
    Statistic<"numArguments", "num-arguments", "Number of block arguments removed">,
    Statistic<"numRemoved", "num-removed", "Number of instructions removed">,
    Statistic<"numThreaded", "num-threaded", "Number of branches that skip a test">,
    Statistic<"numLengths", "num-lengths", "Number of comparisons of lengths">];
}

def Combine : Pass<"nfp-combine", "::mlir::ModuleOp"> {
  let summary = "Fewer instructions for the same values";
  let description = [{
    After `nfp-simplify`. Constants up to 255 become operands of `alu` and `shf`
    (additions of small negative ones become subtractions where nobody reads
    the carry; `or` and `and` shift them into place), operations with zero that change nothing disappear, a shift
    whose only user is an `or` or `and` becomes part of it, a value is not
    computed again up to the next call, and a constant is made once for blocks
    near by that the first one dominates. What is computed from an argument of
    a block and constants is computed on the ways into the block, if it is a
    constant on one of them. What a block only stores to the stack, before
    anything else has to do with the stack, is stored on the ways into it. What
    is made of the packet's address or length, and only one way behind a branch
    needs, is made on that way.
  }];
  let dependentDialects = ["::nfpbpf::nfp::NFPDialect"];
  let options = [
    Option<"maxLevels", "max-levels", "unsigned", "8",
           "How many levels of the dominator tree a constant serves">];
  let statistics = [
    Statistic<"numImmediates", "num-immediates", "Number of constants moved into instructions">,
    Statistic<"numFolded", "num-folded", "Number of operations with zero removed">,
    Statistic<"numShifts", "num-shifts", "Number of shifts made part of another instruction">,
    Statistic<"numShared", "num-shared", "Number of constants and values made once instead of again">,
    Statistic<"numComputed", "num-computed", "Number of operations moved to the ways into their block">,
    Statistic<"numStores", "num-stores", "Number of stores moved to the ways into their block">,
    Statistic<"numSunk", "num-sunk", "Number of instructions moved to the way behind a branch that needs them">];
}

def ByteBranches : Pass<"nfp-byte-branches", "::mlir::ModuleOp"> {
  let summary = "Compare bytes of words where they are";
  let description = [{
    After `nfp-combine`. A number of one or two bytes whose upper bytes are known
    to be zero is compared with a constant by branches on its bytes instead of
    flags: no subtraction, no constant in a register, and, where nothing but
    comparisons reads the number, no instruction that takes it out of its word.
    Of two bytes the one that tells more constants apart is asked first; the
    second one is read only where the first one is equal.

    Questions for one number, one behind the other with nothing in between, are
    asked in the order of a profile or, without one, of what is to be expected of
    Ethernet types and protocols, if that takes fewer cycles.

    Before:
    ```mlir
      %type = nfp.ld_field 3 rotr 0 clear %w : !nfp.xfer -> !nfp.gpr
      %vlan = nfp.imm 129
      %cc = nfp.alu sub %type, %vlan : !nfp.gpr, !nfp.imm flags !nfp.cc
      nfp.br_cc eq %cc, ^tagged, ^plain
    ```
    After:
    ```mlir
      nfp.br_byte eq 0 129 %w : !nfp.xfer expect(30), ^second, ^plain
    ^second:
      nfp.br_byte eq 1 0 %w : !nfp.xfer expect(95), ^tagged, ^plain
    ```
  }];
  let dependentDialects = ["::nfpbpf::nfp::NFPDialect"];
  let statistics = [
    Statistic<"numSingle", "num-single", "Number of comparisons that are a branch on a byte">,
    Statistic<"numPairs", "num-pairs", "Number of comparisons that are branches on two bytes">,
    Statistic<"numOrdered", "num-ordered", "Number of chains of comparisons in another order">];
}

def Peephole : Pass<"nfp-peephole", "::mlir::ModuleOp"> {
  let summary = "Shorten allocated code";
  let description = [{
    After `nfp-allocate-registers`. An instruction that computes a value whose
    sign or difference from zero is tested next (arithmetic, logic, shift or
    bytes merged) sets the flags itself. Before a helper whose key lies at the
    stack base, pointer 0 stays as it is; behind one that has set it, it is set
    back only if something uses it (attribute `nfp.leaves_pointer0`).
  }];
  let dependentDialects = ["::nfpbpf::nfp::NFPDialect"];
  let statistics = [
    Statistic<"numTests", "num-tests", "Number of tests removed">,
    Statistic<"numPointers", "num-pointers", "Number of helper calls that keep pointer 0">,
    Statistic<"numLeft", "num-left", "Number of helper calls that do not set pointer 0 back">];
}

def LayoutFrame : Pass<"nfp-layout-frame", "::mlir::ModuleOp"> {
  let summary = "Lay out the stack: overlapping objects, frequent keys first";
  let description = [{
    Before `nfp-expand-macros`. Local-memory pointer 0 is at the stack base
    already: a key that lies there needs neither address nor write of the
    pointer (`nfp-peephole`), and only 64 bytes are in reach of that pointer.

    In the entry function, words that are accessed together form objects, which
    keep their order inside. Objects may share places where no word is written
    while the other's content is still needed. The keys that routines read most
    often come first, then what is accessed most often. A frame stays as it is
    if an address in it is computed or goes to another routine than those of
    maps.
  }];
  let dependentDialects = ["::nfpbpf::nfp::NFPDialect"];
  let statistics = [
    Statistic<"numKeys", "num-keys", "Number of frames with another key at their start">,
    Statistic<"numSaved", "num-saved", "Number of bytes of the stack saved">];
}

def TestLengths : Pass<"nfp-test-lengths", "::mlir::ModuleOp"> {
  let summary = "Test one bit instead of comparing the packet's length";
  let description = [{
    Before `nfp-fill-waits`. A frame on the wire has at least 60 bytes, and
    parsers ask whether there are 14, 34, 54. The difference of the length and
    the largest such bound is computed once, together with the first check or in
    front of the first read of the packet, where it costs nothing. Its sign is
    tested by one instruction where a comparison and a branch stood. Packets
    for which it is set, which are rare, are asked the exact question then.
    Checks that are seldom made stay as they are; so do all if a profile
    (`branch_weights`) has seen short packets.

    ```mlir
    %c = nfp.alu sub %length, %34 : !nfp.gpr, !nfp.imm flags !nfp.cc
    nfp.br_cc lo %c, ^short, ^next
    ```
    becomes, where 54 is the largest bound,
    ```mlir
    nfp.br_bit set 31 %length_minus_54 : !nfp.gpr weights([0, 1000]), ^ask, ^next
    ```
    with the old operations in `^ask`.
  }];
  let dependentDialects = ["::nfpbpf::nfp::NFPDialect"];
  let statistics = [
    Statistic<"numTests", "num-tests", "Number of comparisons replaced by the test of a bit">];
}

def ThreadBranches : Pass<"nfp-thread-branches", "::mlir::ModuleOp"> {
  let summary = "Do not test a bit again that has been tested";
  let description = [{
    After register allocation. Where a bit of a register is tested, and tested
    again before the register changes, with ways in between that come together,
    the ways on which the rarer outcome is known get a copy of what stands up to
    the next test. The outcome of all these tests is certain then, in the copies
    and in what they were made of. Commands and calls are not copied.
  }];
  let dependentDialects = ["::nfpbpf::nfp::NFPDialect"];
  let options = [
    Option<"maxCopied", "max-copied", "unsigned", "24",
           "Words that may be copied in one function">];
  let statistics = [
    Statistic<"numDecided", "num-decided", "Number of tests whose outcome became certain">,
    Statistic<"numCopied", "num-copied", "Number of words copied">];
}

def FillWaits : Pass<"nfp-fill-waits", "::mlir::ModuleOp"> {
  let summary = "Work in front of commands that have to wait anyway";
  let description = [{
    Before `nfp-expand-macros`. A command starts at least 13 (packet) or 22 (map
    values) cycles behind the one before it or the start of the program. Where
    there is less to do, instructions behind the command that do not need it,
    and constants of blocks that it dominates, move in front of it; constants
    also in front of a decision behind which most ways wait. So do stores of
    small numbers to the frame that those blocks begin their keys with, if
    nothing else needs what the word held. Room is left for the word with which
    a branch leaves the program (`nfp-direct-exits`).
  }];
  let dependentDialects = ["::nfpbpf::nfp::NFPDialect"];
  let options = [
    Option<"maxLevels", "max-levels", "unsigned", "8",
           "How many levels of the dominator tree and commands of each block to "
           "look at for a constant">];
  let statistics = [
    Statistic<"numMoved", "num-moved", "Number of instructions moved in front of a command">];
}

def OverlapCommands : Pass<"nfp-overlap-commands", "::mlir::ModuleOp"> {
  let summary = "Issue commands early and wait for several together";
  let description = [{
    Before `nfp-expand-macros`. In each block a command moves up, with what
    makes its address and data, to right behind the command in front of it if
    it needs nothing of that one's answer and the two do not touch the same
    bytes unless both only read. All of them get signals, and one `nfp.wait`
    stands where the first answer is needed: they cost one wait instead of
    several. A command alone is split into issue and wait if enough other work
    can be done in between. Work behind the wait that needs no answer moves in
    front of it while that costs nothing.
  }];
  let dependentDialects = ["::nfpbpf::nfp::NFPDialect"];
  let options = [
    Option<"minOverlap", "min-overlap", "unsigned", "4",
           "Words to be executed between issue and wait of a command alone">,
    Option<"window", "window", "unsigned", "64",
           "Operations to look at before and behind a command">];
  let statistics = [
    Statistic<"numOverlapped", "num-overlapped", "Number of commands that the program goes on behind">,
    Statistic<"numWaits", "num-waits", "Number of waits for them">];
}

def ExpandMacros : Pass<"nfp-expand-macros", "::mlir::ModuleOp"> {
  let summary = "Make every operation one that register allocation understands";
  let description = [{
    First of the passes that every level needs. Removes dead instructions and
    unreachable blocks, turns stack accesses and long commands into
    instructions, moves command data into transfer registers, assigns transfer
    registers, and moves operands that the ports of an instruction cannot take
    (two constants, two transfer registers, two local-memory words, fields too
    narrow) into registers.

    The first 64 bytes of the entry function's frame are operands; the rest goes
    through pointer 3, which stays at the window of 64 bytes that is accessed
    most often. Calls and accesses elsewhere lose it: it is set again behind
    them, or where ways part, if it is more likely than not to be used before
    it is lost again.

    What a command delivers stays in its transfer registers for the whole
    function, in other blocks and loops too. Calls and firmware routines destroy
    all of them; uses behind one get a copy in a general register, made as late
    as possible, only on paths that need it, and not in a loop without the
    command. A command that finds no group of free registers takes the one
    whose values are cheapest to copy.

    Afterwards every operation is an instruction, except those that the
    allocator or the emitter expands itself.
  }];
  let dependentDialects = ["::nfpbpf::nfp::NFPDialect"];
  let statistics = [
    Statistic<"numDead", "num-dead-removed", "Number of dead instructions removed">,
    Statistic<"numMoves", "num-moves-inserted", "Number of operand moves inserted">];
}

def AllocateRegisters : Pass<"nfp-allocate-registers", "::mlir::ModuleOp"> {
  let summary = "Assign physical registers of both banks and lay out the stack";
  let description = [{
    After `nfp-expand-macros`. Works callees first, so that a call clobbers
    exactly what its callee writes; then gives every function a fixed place on
    the stack. Recursion and a stack that is larger than the module's
    `nfp.stack_limit` are errors.
  }];
  let dependentDialects = ["::nfpbpf::nfp::NFPDialect"];
  let statistics = [
    Statistic<"numCopies", "num-copies", "Number of copies left">,
    Statistic<"numSpilled", "num-spilled", "Number of values spilled">];
}

def DirectExits : Pass<"nfp-direct-exits", "::mlir::ModuleOp"> {
  let summary = "Leave the program by the branch that decides it";
  let description = [{
    After register allocation. A block that loads a constant into A0 and
    branches to the firmware costs a branch of its own where a conditional
    branch leads to it. Where A0 is free the word is loaded before the decision,
    as far up as is cheapest: in front of a command that waits it costs nothing.
    The conditional branch then goes to the firmware itself. Of several words
    the one that is left with most often takes A0 where both could have it.
  }];
  let dependentDialects = ["::nfpbpf::nfp::NFPDialect"];
  let statistics = [
    Statistic<"numDirect", "num-direct", "Number of conditional branches that leave the program">];
}

def LayoutBlocks : Pass<"nfp-layout-blocks", "::mlir::ModuleOp"> {
  let summary = "Order blocks so that branches fall through";
  let description = [{
    After register allocation. Guesses how often each block is executed: loops
    go on, what only leaves the program is rare, and so are equality and numbers
    that are too small. Blocks
    that follow each other most often become neighbours, and conditions are
    inverted so that the block behind is the one reached by not branching.
    Merges chains and blocks that bring the same constants to the same place,
    removes unreachable blocks, and copies short ends of the program to where
    branches lead to them. A branch to a block that begins with a call of a
    helper or function, or with few instructions and the call, becomes a copy of
    those with the same return address, so that nothing branches to the call.
    The emitter drops branches to the next block, and branches behind a call,
    whose target is the return address then.
  }];
  let dependentDialects = ["::nfpbpf::nfp::NFPDialect"];
  let options = [
    Option<"maxCopied", "max-copied", "unsigned", "3",
           "Words before the end of the program that are copied to a branch">,
    Option<"maxBeforeCall", "max-before-call", "unsigned", "6",
           "Words before a call that are copied to a branch">];
  let statistics = [
    Statistic<"numMerged", "num-merged", "Number of blocks that are the same as another">,
    Statistic<"numCopied", "num-copied", "Number of branches replaced by the end they lead to">,
    Statistic<"numCalls", "num-calls", "Number of branches replaced by the call they lead to">];
}

def FillDeferSlots : Pass<"nfp-fill-defer-slots", "::mlir::ModuleOp"> {
  let summary = "Do useful work behind branches";
  let description = [{
    After `nfp-layout-blocks`. The instructions behind a branch, up to two
    behind an unconditional one and three behind a conditional one or a
    return, are executed before control moves. Moves instructions there that
    stand before the branch and that neither the branch nor anything between
    needs: they then cost nothing when the branch is taken. What only the way
    behind a conditional branch needs, which leads nowhere else, goes there
    first, and on to the next branch. Slots of
    unconditional branches that stay empty get copies of the first
    instructions of the target. So do those of conditional branches, where the
    words are dead on the way behind the branch and the branch is taken often
    enough, the way behind waits for memory, or nothing but a branch is left of
    the target, which is skipped then. The slots are marked with the attribute
    `nfp.defer` of the branch, the number of words before it that are emitted
    behind it. A posted command goes there together with its override word, over
    a test too: it leaves the flags alone.
    Flags, control registers and other commands stay where they are, and so
    does what stands in front of a command that waits, where it costs nothing,
    for conditional branches.
  }];
  let dependentDialects = ["::nfpbpf::nfp::NFPDialect"];
  let options = [
    Option<"window", "window", "unsigned", "16",
           "Instructions to look at before a branch">,
    Option<"copyTargets", "copy-targets", "bool", "true",
           "Copy the first instructions of a branch's target into its slots">,
    Option<"sink", "sink", "bool", "true",
           "Move work of one case only behind the decision">];
  let statistics = [
    Statistic<"numFilled", "num-filled", "Number of words moved into slots">,
    Statistic<"numCopied", "num-copied", "Number of words copied from targets">,
    Statistic<"numTaken", "num-taken",
              "Number of words of targets done behind conditional branches">,
    Statistic<"numSunk", "num-sunk", "Number of words moved behind decisions">];
}

def FillPointerWaits : Pass<"nfp-fill-pointer-waits", "::mlir::ModuleOp"> {
  let summary = "Useful instructions between setting and using a pointer";
  let description = [{
    After `nfp-layout-blocks`. A local-memory pointer may be used three
    instructions after it was set. Where fewer stand between the two, setting
    it moves up in its block, and instructions behind the use that do not need
    it move in front. The entry of the program counts as setting pointer 0.
    What is left becomes `nfp.nop` in `nfp-insert-hazard-slots`.
  }];
  let dependentDialects = ["::nfpbpf::nfp::NFPDialect"];
  let options = [
    Option<"window", "window", "unsigned", "16",
           "Instructions to look at on both sides">];
  let statistics = [
    Statistic<"numFilled", "num-filled", "Number of waiting slots filled">];
}

def InsertHazardSlots : Pass<"nfp-insert-hazard-slots", "::mlir::ModuleOp"> {
  let summary = "Keep three instructions between setting and using a pointer";
  let description = [{
    After `nfp-layout-blocks` and all that moves instructions. Inserts
    `nfp.nop` where fewer than three instructions stand between a write of a
    local-memory pointer and its first use, on any path; the entry of the
    program counts as a write of pointer 0.
  }];
  let dependentDialects = ["::nfpbpf::nfp::NFPDialect"];
  let statistics = [
    Statistic<"numNops", "num-nops", "Number of waiting slots inserted">];
}

def VerifyMachine : Pass<"nfp-verify-machine", "::mlir::ModuleOp"> {
  let summary = "Prove that allocated code keeps the rules of the hardware";
  let description = [{
    Last pass before emission. Reports, at its location, every instruction
    that reads a register which no longer holds its value (for transfer
    registers: on every path to it) or was never written, reads two registers of one bank, reads flags or the previous
    result that another instruction has changed, uses a local-memory pointer
    too soon after it was set or that nothing has set, or fills defer slots
    with what may not stand there.
  }];
}

#endif // NFPBPF_DIALECT_NFP_TRANSFORMS_PASSES_TD
