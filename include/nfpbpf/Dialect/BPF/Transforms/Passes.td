//===- Passes.td - Passes of the bpf dialect ---------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NFPBPF_DIALECT_BPF_TRANSFORMS_PASSES_TD
#define NFPBPF_DIALECT_BPF_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def PacketBounds : Pass<"bpf-packet-bounds", "::mlir::ModuleOp"> {
  let summary = "Find the highest packet byte that the program may access";
  let description = [{
    First pass of every pipeline, so that its answer depends on no optimisation
    level. Follows packet pointers through arithmetic, blocks, calls and stack
    slots. Variable offsets count with the largest value that masks, widths and
    the comparisons on the way to the access leave. The result, the offset of
    the last byte, becomes the module's attribute `bpf.max_packet_offset`; 65535
    stands for an access without a known bound.

    The kernel's verifier counts the same way, except that it leaves legacy
    packet loads out and knows numbers that were kept on the stack.

    A card keeps only the first bytes of a packet where programs reach them.
    With `inline-bytes` given, the access that reaches furthest is an error if
    both its offset and `mtu` are greater than that: the driver's rule.

    ```mlir
    %p = bpf.packet_data %ctx
    %v = bpf.load %p[40] : <packet> -> i32
    ```
    makes the module's attribute `bpf.max_packet_offset = 43 : i64`.
  }];
  let options = [
    Option<"mtu", "mtu", "uint32_t", /*default=*/"1500",
           "largest frame of the port the program runs on, in bytes without "
           "the Ethernet header">,
    Option<"inlineBytes", "inline-bytes", "uint32_t", /*default=*/"0",
           "bytes of a packet that programs reach (0: do not check)">];
}

def InlineSubprograms : Pass<"bpf-inline", "::mlir::ModuleOp"> {
  let summary = "Put the code of subprograms in place of calls";
  let description = [{
    What a caller knows of arguments, packet, stack and maps ends at a call, and
    what the callee finds out is lost behind it. Subprograms that are called at
    one place, and those that are small, become parts of their callers, callees
    first; a subprogram that nobody calls any more goes.

    The frames of subprograms that are inlined into one function share the bytes
    behind its own frame: the stack is not deeper than it was. Where calls stay,
    only subprograms without a frame are inlined.

    Not inlined are subprograms that call themselves, and those with
    `bpf.may_goto`, whose counter starts anew with every call. `max-growth`
    bounds the operations that the code grows by for one subprogram.

    ```mlir
    bpf.func @main(%ctx: !bpf.ptr<ctx>) -> i64
        attributes {prog_type = #bpf.prog_type<xdp>} {
      %r = bpf.call @verdict(%ctx) : (!bpf.ptr<ctx>) -> i64
      bpf.return %r : i64
    }
    bpf.func private @verdict(%ctx: !bpf.ptr<ctx>) -> i64 {
      %pass = arith.constant 2 : i64
      bpf.return %pass : i64
    }
    ```
    becomes a function `@main` that returns 2.
  }];
  let options = [
    Option<"maxGrowth", "max-growth", "unsigned", "128",
           "Operations that the code may grow by for one subprogram">];
  let statistics = [
    Statistic<"numInlined", "num-inlined", "Number of calls inlined">,
    Statistic<"numKept", "num-kept", "Number of calls that stay">,
    Statistic<"numErased", "num-erased", "Number of subprograms that nobody calls any more">];
}

def PromoteStack : Pass<"bpf-promote-stack", "::mlir::ModuleOp"> {
  let summary = "Keep variables of the stack in registers";
  let description = [{
    clang puts variables on the stack that are parts of a larger object, or whose
    address is taken, though only loads and stores use them in the end. Bytes of
    the frame that no helper looks at, whose address is not passed on, and that
    are always stored before they are loaded become values in SSA form, with
    block arguments where ways meet.

    A variable is what the program accesses together: fields of 1, 2 or 4 bytes
    within a word, or 8 bytes that are never accessed in part. A field of less
    than a word is kept as a word, with zeros above it. Stores of
    constants, which clear a whole object, are divided among the variables in
    it; other accesses to several variables, or to variables and memory, become
    one access to each. Stores that nothing reads go.

    The frame loses what nothing needs at its ends. Where addresses in it are
    computed, only as many variables are taken, the most used ones, as leave room
    behind it: registers that do not suffice are put there.

    ```mlir
    %frame = bpf.frame 8
    bpf.store %zero, %frame[0] : i64, !bpf.ptr<stack>
    bpf.store %port, %frame[4] : i16, !bpf.ptr<stack>
    %p = bpf.load %frame[4] : !bpf.ptr<stack> -> i16
    ```
    leaves nothing on the stack; `%p` is `%port`.
  }];
  let statistics = [
    Statistic<"numVariables", "num-variables", "Number of variables in registers">,
    Statistic<"numBytes", "num-bytes", "Number of bytes of the stack that were theirs">];
}

def NarrowSubregisters : Pass<"bpf-narrow-subregisters", "::mlir::ModuleOp"> {
  let summary = "Make 64-bit numbers 32-bit ones where the upper half is zero or unread";
  let description = [{
    eBPF computes in 64 bits, the NFP in 32: a number whose upper half is known
    to be zero, or is read by nobody, needs one register instead of two. Known
    bits go forward and demanded bits backward through the whole function,
    block arguments and loops included; dominating comparisons count. Rewrites
    arithmetic, comparisons (of numbers without sign bit), and block arguments;
    conversions at the borders are left to canonicalization.

    Masks and extensions that clear bits which nothing asks for go.

    ```mlir
    ^bb1(%port: i64):          // passed: extended from i16
      %c = arith.cmpi slt, %port, %c1024_i64 : i64
    ```
    becomes
    ```mlir
    ^bb1(%port: i32):
      %c = arith.cmpi ult, %port, %c1024_i32 : i32
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let statistics = [
    Statistic<"numArguments", "num-arguments", "Number of block arguments narrowed">,
    Statistic<"numOperations", "num-operations", "Number of operations narrowed">,
    Statistic<"numComparisons", "num-comparisons", "Number of comparisons narrowed">,
    Statistic<"numMasks", "num-masks", "Number of masks that clear what nothing asks for">];
}

def CombineBytes : Pass<"bpf-combine-bytes", "::mlir::ModuleOp"> {
  let summary = "Recognise fields that are put together byte by byte";
  let description = [{
    clang reads fields of unknown alignment byte by byte and joins the bytes with
    shifts. Where some of them turn out to be neighbouring bytes of one number, in
    either order, they are joined by a shift and a mask, or a byte swap, of that
    number.
    Numbers that are swapped only to be compared with a constant are compared
    with the swapped constant.

    ```mlir
    %lo = arith.andi %w, %c255 : i32
    %hi = arith.andi %w, %c65280 : i32
    %h = arith.ori %hi, %lo : i32
    ```
    is `%w` cut to 16 bits.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let statistics = [
    Statistic<"numFields", "num-fields", "Number of fields recognised">,
    Statistic<"numComparisons", "num-comparisons", "Number of swaps before comparisons removed">];
}

def DecideBranches : Pass<"bpf-decide-branches", "::mlir::ModuleOp"> {
  let summary = "Do not ask again what a comparison has decided";
  let description = [{
    A branch whose condition, or its opposite, was the condition of a branch that
    dominates it goes one certain way. So does a test whether bytes are in the
    packet, if branches above have told that the packet is long enough, or too
    short; a start that was moved by a known number of bytes in between makes no
    difference.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let statistics = [
    Statistic<"numDecided", "num-decided", "Number of branches decided">];
}

def ChooseVerdicts : Pass<"bpf-choose-verdicts", "::mlir::ModuleOp"> {
  let summary = "Choose the verdict where the outcome is chosen";
  let description = [{
    A program that numbers its outcomes, counts them in a map and returns the
    verdict for the number asks twice which outcome it is. Where a block argument
    is a constant on every edge into its block and alone decides what the program
    returns behind some work, the edges bring the verdict as a second argument.

    ```mlir
    ^count(%outcome: i32):
      ...
      %drop = arith.cmpi eq, %outcome, %c3_i32 : i32
      %verdict = arith.select %drop, %c1_i64, %c2_i64 : i64
      bpf.return %verdict : i64
    ```
    becomes
    ```mlir
    ^count(%outcome: i32, %verdict: i64):
      ...
      bpf.return %verdict : i64
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let statistics = [
    Statistic<"numChosen", "num-chosen", "Number of verdicts that come with their outcome">];
}

def OrderChecks : Pass<"bpf-order-checks", "::mlir::ModuleOp"> {
  let summary = "Ask first what needs no memory";
  let description = [{
    A program that leaves for one reason or another, with the same verdict, asks
    in the order of its source. If the first reason is in the packet or in a map
    value and the second one is not (a length, a bound), the second one is asked
    in front of the read: packets that it concerns do not wait for memory.

    ```mlir
      %type = bpf.load %data[12] : <packet> -> i16
      %other = arith.cmpi ne, %type, %ip : i16
      cf.cond_br %other, ^pass, ^next
    ^next:
      %short = arith.cmpi ult, %length, %least : i32
      cf.cond_br %short, ^pass, ^work
    ```
    asks for `%short` first. Nothing may be written between the read and the
    second question. A profile (`branch_weights`) decides whether it is worth
    it.
  }];
  let dependentDialects = ["::mlir::cf::ControlFlowDialect"];
  let options = [
    Option<"maxOps", "max-ops", "unsigned", "6",
           "Operations, other than constants, that a check may take">];
  let statistics = [
    Statistic<"numMoved", "num-moved", "Number of checks asked earlier">];
}

def SpecializePaths : Pass<"bpf-specialize-paths", "::mlir::ModuleOp"> {
  let summary = "Give ways that bring a constant packet offset their own code";
  let description = [{
    Parsers that skip optional headers (VLAN tags, extension headers) go on with
    a variable offset, though most packets have none of them. Where an edge
    brings a constant for a block argument that is added to a packet pointer,
    the blocks that depend on it are copied for that edge. The accesses of the
    copy are at constant distances and can become parts of a window that has
    been read already (`bpf-promote-packet-cache`). Blocks that nothing of this
    reaches are shared. Loops are not copied.

    `max-copied` bounds the operations that are copied in a function.
  }];
  let options = [
    Option<"maxCopied", "max-copied", "unsigned", "96",
           "Operations that may be copied in one function">];
  let statistics = [
    Statistic<"numPaths", "num-paths", "Number of edges with their own code">,
    Statistic<"numCopied", "num-copied", "Number of operations copied">];
}

def PlaceMaps : Pass<"bpf-place-maps", "::mlir::ModuleOp"> {
  let summary = "Look entries of maps up once, know elements of arrays";
  let description = [{
    A lookup is the dearest thing that a program does: the firmware hashes the
    key, locks the bucket and compares, for arrays as for hash tables.

    A lookup in the same map with the same key bytes as one that dominates it
    gives the same pointer. Keys are compared by what was stored in the stack,
    so that they may lie at different places and need not be written by the
    same instructions. For a hash table nothing between the two may update or
    delete entries of that map, call what does, or order memory accesses (a
    fence). Other engines and the host may change the table between, but they
    might as well have done it behind both lookups: nothing promises a program
    that they do it between, and a pointer stays usable until the program's
    end. Only the pointer is shared: what is read through it is read again.
    Elements of an array never move. Lookups in maps that keep their entries by
    age (LRU) are left alone.

    A lookup that every round of a loop makes with the same key, and the address
    of global data, is moved in front of the loop, unless the loop may change
    entries of the (hash) table. Where only the loop stores the key, it gets a
    place of its own in the frame. All global data of a section is addressed
    from its start, so that one lookup does for all.

    A lookup in an array with an index that is a known number, or has a known
    range, is never null below the array's size, so that tests for null go away,
    and is always null at or above it, so that the lookup does. Firmware that
    creates the elements of an array only when they are first written is not
    known to have been released; a profile that says `complete_arrays: false`
    keeps the tests.

    The driver's interface gives programs no address of a map, and so an array
    stays a lookup. With firmware that does (`array_addresses` of a profile, as
    `extended` has it), elements and global data are addressed directly: the
    index is compared with the array's end, where it is not known to be below,
    and multiplied.

    ```mlir
    bpf.store %c3, %frame[0] : i32, !bpf.ptr<stack>
    %v = bpf.map_lookup %array, %frame : !bpf.ptr<stack>
    %n = bpf.is_null %v : !bpf.ptr<map_value>
    ...
    bpf.store %c3, %frame[8] : i32, !bpf.ptr<stack>
    %w = bpf.map_lookup %array, %key : !bpf.ptr<stack> // key: frame + 8
    ```
    With four elements or more `%n` is false, and `%w` is `%v`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let options = [
    Option<"completeArrays", "complete-arrays", "bool", "true",
           "Every element of an array exists from the start">,
    Option<"arrayAddresses", "array-addresses", "bool", "false",
           "The loader tells programs where arrays lie">];
  let statistics = [
    Statistic<"numShared", "num-shared", "Number of lookups shared">,
    Statistic<"numHoisted", "num-hoisted", "Number of lookups moved out of loops">,
    Statistic<"numAddressed", "num-addressed", "Number of lookups replaced by addresses">,
    Statistic<"numNeverNull", "num-never-null", "Number of lookups that are never null">,
    Statistic<"numNull", "num-null", "Number of lookups that are always null">];
}

def FuseMemcpy : Pass<"bpf-fuse-memcpy", "::mlir::ModuleOp"> {
  let summary = "Join stores, take loads from stored numbers";
  let description = [{
    On the card a store to the packet or to a map value is a command that is
    waited for, whatever its size. Stores wait here as long as nothing can see
    their bytes: other constant distances from the same pointer are other
    bytes, other pointers may be the same ones, and helpers see what they are
    given. They wait through blocks, and over joins if all ways in stored the
    same. Then neighbouring bytes are written together (`bpf.store_words`, up to
    128 bytes), in the byte order in which the numbers need the least
    rearrangement; on the stack, word by word. Bytes that are overwritten before
    anything sees them are not written at all, nor stack bytes that nobody
    reads. A load of waiting bytes is made from the stored numbers, and a pointer
    that lies on the stack is used as it was stored. Behind the first read of the
    packet, a store to the stack moves down to where all that reads it is reached
    through, if some packets leave before.

    Copies, moves, swaps and the clearing of memory are cases of this: with the
    loads joined by `bpf-promote-packet-cache`, each takes one read and one
    write of as many bytes as are neighbours.

    ```mlir
    bpf.store %a, %p[4] : i16, <packet>
    bpf.store %b, %p[0] : i32, <packet>
    ```
    becomes a store of 6 bytes at `%p[0]`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::cf::ControlFlowDialect"];
  let statistics = [
    Statistic<"numLoads", "num-loads", "Number of loads taken from stored numbers">,
    Statistic<"numStores", "num-stores", "Number of stores that waited">,
    Statistic<"numCommands", "num-commands", "Number of stores that were made of them">,
    Statistic<"numUnread", "num-unread", "Number of stack stores removed">,
    Statistic<"numSunk", "num-sunk", "Number of stack stores moved down">];
}

def PromotePacketCache : Pass<"bpf-promote-packet-cache", "::mlir::ModuleOp"> {
  let summary = "Read bytes of packets and map values once and wide";
  let description = [{
    On the card every read of the packet or of a map value is a command that is
    waited for; up to 32 words cost what one byte costs. Loads at constant
    distances from one pointer become parts of a window (`bpf.load_words`) that
    is read where the first of them stands. That one dominates the others, so no
    path reads more often than before, and what it reads beyond the others'
    bounds checks is looked at behind them only. A load stays alone if a way
    from the window to it may change its bytes: writes through other pointers,
    helpers that write the packet or move its end, and for map values also
    updates, deletions and fences, unless they are of another map or the program
    never writes the map. Moving the packet's start by a known number of bytes
    changes no bytes: they are the old ones at another distance. Words that are
    counters are left out, because the card keeps them in another byte order.

    A lookup leaves few registers alone. Two words or more that are needed only
    behind the first read of the value that it has found are read there, too:
    the two commands share a wait, and where nothing is found no word has been
    kept in vain.

    A load through a pointer that a block is given is done at the ends of the
    ways into the block, if a load beside those bytes stands on most of them.

    The window starts up to three bytes early if more of the loads are whole
    words then, and has the byte order that most of them want. The words stay in
    transfer registers as long as these last.

    ```mlir
    %a = bpf.load %p[12] order be : <packet> -> i16
    ...
    %b = bpf.load %p[26] : <packet> -> i32
    ```
    become shifts and masks of `%w:5 = bpf.load_words %p[10]`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let options = [
    Option<"maxWords", "max-words", "unsigned", "32",
           "Words that one window may have (at most 32)">];
  let statistics = [
    Statistic<"numWindows", "num-windows", "Number of windows">,
    Statistic<"numLoads", "num-loads", "Number of loads replaced">,
    Statistic<"numJoinLoads", "num-join-loads", "Number of loads done on the ways to them">];
}

#endif // NFPBPF_DIALECT_BPF_TRANSFORMS_PASSES_TD
