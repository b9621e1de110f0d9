#!/usr/bin/env python3
"""Would the suite notice? Plants one bug after the other in a copy of the sources, rebuilds and runs the tests.

Each bug is a small change of the kind that gets past reviews: an operand swapped, a mask one lane too long, a
register given back too early. A bug that survives is a hole in the tests, and the exit code says so. A change
whose original text is no longer in the sources is an error too: the table below has to follow the code.

    plant.py --source DIR --work DIR [--only SUBSTRING] [--record docs/planted-bugs.md] [--jobs N]
"""
import argparse
import datetime
import pathlib
import re
import shutil
import subprocess
import sys
import time
from typing import NamedTuple


class Bug(NamedTuple):
    name: str
    what: str
    file: str
    old: str
    new: str
    suites: tuple = ("verify",)


BUGS = [
    Bug("selection: NaN lost by max", "avx512 max without the merge that lets a NaN win", "jit/x86_avx512.cpp",
        "return s.merge(ps_pd(l.type, I::kIdVaddps, I::kIdVaddpd), nan, greater, a, b);",
        "(void)nan; return greater;"),
    Bug("selection: one order of min", "minps asked one way round only: -0 and NaN depend on the operands' order",
        "jit/x86_rows.cpp",
        "return s.op(ps_pd(t, I::kIdVorps, I::kIdVorpd), one, other);", "(void)other; return one;"),
    Bug("selection: copysign", "the sign is taken from the magnitude's operand", "jit/x86_rows.cpp",
        "s.op(and_, l.b, s.sign(l.type))", "s.op(and_, l.a, s.sign(l.type))"),
    Bug("selection: float to integer", "doubles beyond 2^31 are not saturated", "jit/x86_convert.cpp",
        "s.op(I::kIdVminpd, x, s.constant(Type::f64, 0x41dfffffffc00000u))", "x"),
    Bug("selection: i64 to f32 rounded twice", "below avx512 the bits that a double drops leave no trace",
        "jit/x86_convert.cpp", "i64_to_f64(s, with_sticky_bit(s, in.part[p]))", "i64_to_f64(s, s.reg(in.part[p]))"),
    Bug("selection: f64 to i64 not truncated", "below avx512 the fraction is rounded instead", "jit/x86_convert.cpp",
        "s.primitive(Op::trunc, Type::f64, x)", "s.reg(x)"),
    Bug("selection: f64 to i64 below the range", "below avx512 what lies under the least i64 is not saturated",
        "jit/x86_convert.cpp", "s.constant(Type::f64, kLeast)", "x"),
    Bug("selection: exponents of subnormals", "avx2 and sse forget what made a subnormal f64 normal",
        "jit/x86_vector_masks.cpp", "Format{52, 0x1p52 + 1023, -1022, 1023, 2300, 54}",
        "Format{52, 0x1p52 + 1023, -1022, 1023, 2300, 0}"),
    Bug("selection: i64 compared by difference", "sse2 takes the sign of a difference that may have wrapped",
        "jit/x86_vector_masks.cpp", "s.op(I::kIdVandnps, s.op(I::kIdVpxor, a, b), s.op(I::kIdVpsubq, b, a))",
        "s.op(I::kIdVpsubq, b, a)"),
    Bug("selection: sign of the addend", "fma with a negated addend emits the plain form", "jit/x86_rows.cpp",
        "[l.negate_product][l.negate_addend]", "[l.negate_product][false]"),
    Bug("canonical NaN dropped", "whatever NaN came out is stored", "jit/x86_rows.cpp",
        "return s.isa().choose(s, l.type, unordered(s, l.type, x, x), s.constant(l.type, nan), x);",
        "(void)nan; return x;"),
    Bug("tail one lane long", "the tail covers one element more than there is", "jit/loop.cpp",
        'e.mark("tail");', 'e.mark("tail"); a.inc(Emitter::kWork);'),
    Bug("tail window one lane short", "avx2's sliding mask starts one lane late", "jit/edges.h",
        "a.add(Emitter::kWork, static_cast<int>(layout.lanes));", "a.add(Emitter::kWork, static_cast<int>(layout.lanes) + 1);"),
    Bug("tail read unmasked", "avx512 reads a whole vector in the tail: right values, foreign bytes touched",
        "jit/x86_avx512.cpp", "return s.zeroed(ps_pd(t, I::kIdVmovups, I::kIdVmovupd), mask, memory);",
        "(void)t; (void)mask; return s.reg(memory);"),
    Bug("tail accumulates missing elements", "lanes beyond the end are stepped as well", "jit/body.cpp",
        "layout.isa.accumulate_masked(s, type, tail_mask(type, part), home, next);", "s.settle(next, home);"),
    Bug("stored before all is read", "a result in place overwrites what another result reads", "jit/body.cpp",
        "for (const ir::Store& store : stores) step.load(store.value);", ""),
    Bug("kept over an argument", "a value is kept although a later pass reads what may be the same array",
        "ir/passes/keep.cpp", "if (kept != kNoNode && reads_later(kernel, plan, bytes_of(kernel, kept)))",
        "if (kept == kNoNode - 1 && reads_later(kernel, plan, bytes_of(kernel, kept)))"),
    Bug("kept and read unmasked", "what was kept is read beyond the end of its array", "jit/body.cpp",
        "if (masked_loads()) return", "if (masked_loads() && n.op == Op::param_array) return"),
    Bug("half vectors read unmasked", "a widening takes its halves from the array in the tail, too", "jit/body.cpp",
        "from != ~0u && !masked_loads())", "from != ~0u)"),
    Bug("read before it is kept", "the pass that keeps a value reads it", "ir/passes/schedule.cpp",
        "if (keeping == ~0u || pass <= keeping) return ~0u;", "if (keeping == ~0u || pass < keeping) return ~0u;"),
    Bug("a kept negation is folded away", "an fma that takes a value's sign leaves nothing to keep", "jit/layout.cpp",
        "if (kept != ir::kNoNode) folded_neg[kept] = false;", "(void)kept;"),
    Bug("component replaced too early", "a component is written home while others still need what was there",
        "jit/select.cpp", "if (touches(code[at], home)) return move(home, value);", "if (touches(code[at], home) && at > code.size()) return move(home, value);"),
    Bug("fma over its own factor", "an accumulator that is a factor is overwritten by the addend first", "jit/allocate.cpp",
        "if (into_a || into_b) {", "if (false && (into_a || into_b)) {", ("runtime",)),
    Bug("states folded the wrong way round", "lanes are folded rotated where the order of a merge matters",
        "jit/compile.cpp", "if (in_order(plan)) emit_realign", "if (in_order(plan) && chunk < 0) emit_realign", ("runtime",)),
    Bug("rest: masks one vector behind", "the second vector of what the main loop leaves has the mask of the first",
        "jit/edges.cpp", "if (u) a.shr(Emitter::kWork,", "if (u > 1) a.shr(Emitter::kWork,"),
    Bug("rest: fma that knows no accumulator", "a masked fma is written over an accumulator it does not read",
        "jit/x86_avx512.cpp", "if (inst.fma) return from_there;", "if (inst.fma) return true;", ("runtime",)),
    Bug("state shared with others", "a value that something else uses too is made in an accumulator",
        "jit/state.cpp", "value.index >= first && !again", "!again", ("runtime",)),
    Bug("two parts of few lanes", "a conversion in a merge makes a second part of what fits one", "jit/x86_convert.cpp",
        "  if (s.parts(Type::f64) == 1) return out;", "  if (s.uniform()) return out;", ("runtime",)),
    Bug("half vectors of something else", "a conversion of a conversion reads the array the first one began with",
        "jit/select.cpp", "  out.array = {};", "", ("verify",)),
    Bug("index of the second half", "the elements of a step's second vector are numbered as those of the first",
        "jit/select.cpp", "inst.imm = static_cast<std::uint8_t>(part * width_ / 8);", "inst.imm = 0; (void)part;"),
    Bug("passed elements forgotten", "a filtered min does not say that an element passed", "ir/reducer.cpp",
        "append(k, Op::constant, type, {}, {}, 1)", "append(k, Op::constant, type, {}, {}, 0)", ("runtime",)),
    Bug("filter without its counterpart", "count() inside a filtered op counts every element", "ir/passes/expand.cpp",
        "if (node.op == Op::count && filter_ != kNoNode) return count_where(at);", "", ("ir", "ops")),
    Bug("fold order", "lanes are added in neighbouring pairs instead of halves", "jit/lanes.cpp",
        "joined(steps, reducer.merge, v[j], v[j + half])",
        "joined(steps, reducer.merge, v[2 * j], v[2 * j + 1])"),
    Bug("folded by sign", "a NaN with its sign set loses against numbers where lanes fold as integers", "ir/reducer.cpp",
        'append(f.into, Op::canonical, Type::f32, {parameter(f.into, "x", Type::f32)})',
        'parameter(f.into, "x", Type::f32)'),
    Bug("no longer held", "a uniform is spread from a register that holds another value by now", "jit/loop.cpp",
        "return h.reg == inst.dst.index;", "return h.reg == inst.dst.index && false;"),
    Bug("merge tree", "the binary counter looks at the wrong bit", "jit/compile.cpp",
        "a.test(Emitter::kLimit.r32(), 1);", "a.test(Emitter::kLimit.r32(), 2);"),
    Bug("block length", "blocks of 16384 elements instead of 8192", "jit/compile.cpp",
        "const int chunk = wide ? 4096 : 8192;", "const int chunk = wide ? 4096 : 16384;"),
    Bug("lanes not turned back", "rotated accumulators meet the lanes of other blocks", "jit/loop.cpp",
        "a.jz(aligned);", "a.jmp(aligned);"),
    Bug("condition inverted", "a conditional pass runs if it is not asked for", "jit/compile.cpp",
        "a().jz(there);", "a().jnz(there);", ("runtime", "verify")),
    Bug("section lost with its pass", "when a pass is left out block by block, so is the uniform code that follows it",
        "jit/compile.cpp", "leave_out(e, plan, ends_[plan.pass]);\n    for (int wide",
        "leave_out(e, plan, out_);\n    for (int wide", ("runtime", "verify")),
    Bug("left out though needed", "what a condition asks for is left out although its fast operand needs it too",
        "ir/passes/rare.cpp", "use(all[i], i == 1 && out", "use(all[i], i >= 1 && out", ("ir", "verify")),
    Bug("left out with less", "what depends on a value that is always computed is left out before that is known",
        "ir/passes/schedule.cpp", "plan.level[operand] < level || plan.left_out[operand]",
        "plan.level[operand] <= level", ("ir", "verify")),
    Bug("register reuse", "a register is given back before its last use", "jit/allocate.cpp",
        "if (l.next == l.end && l.reg >= 0) {", "if (l.next + 1 >= l.end && l.reg >= 0) {"),
    Bug("spill not stored", "a spilled value is read back from memory nobody wrote", "jit/allocate.cpp",
        "move(spill_operand(l), reg_operand(l));", ""),
    Bug("constants confused", "pool entries are the same if their first four bytes are", "jit/pool.h",
        "std::memcmp(bytes_.data() + at, data.data(), data.size()) == 0",
        "std::memcmp(bytes_.data() + at, data.data(), 4) == 0"),
    Bug("exact sum: no bound", "the cheap sum of f32 is taken whatever its error", "ops/exact_sum.tir",
        "* 0x1.8p-46", "* 0x0p-46", ("runtime",)),
    Bug("exact sum: no bound of f64", "the compensated sum is taken whatever its error", "ops/exact_sum.tir",
        "size * 0x1p-90", "size * 0x0p-90", ("runtime",)),
    Bug("exact sum: carry lost", "a digit that overflows where lanes merge leaves the next alone", "ops/exact_sum.tir",
        "(d3 + e3) + c3", "d3 + e3", ("runtime",)),
    Bug("exact sum: carry between windows lost", "a full window of digits leaves the next one alone", "ops/exact_sum.tir",
        "c4 = part.digits.d7(x3) * 0x1p-301", "c4 = part.digits.d7(x3) * 0", ("runtime",)),
    Bug("exact sum: rounded twice", "what is joined on the way is rounded to nearest, not to odd", "ops/exact_sum.tir",
        "select((e != 0) and even, bitcast.f64(bits + step), s)", "s", ("runtime",)),
    Bug("folding: x + 0", "constant folding takes +0 for the neutral element of addition", "ir/passes/fold.cpp",
        "return type == Type::f32 ? 0x80000000u : std::uint64_t{1} << 63;", "(void)type; return 0;"),
    Bug("environment ignored", "a caller's flush-to-zero mode is not noticed", "runtime/environment.h",
        "changed_(!environment_is_default())", "changed_(false)", ("runtime",)),
    Bug("overlap from one side", "an output that begins below an input is not seen to overlap it",
        "runtime/kernel.cpp", "return begin < o.end && o.begin < end && begin != end && o.begin != o.end;", "return begin >= o.begin && begin < o.end;",
        ("runtime",)),
    Bug("wrong code seen", "what the fallback gave is not put in the place of what wrong code gave", "runtime/watch.cpp",
        "if (answer && (differs || !found)) aside_.hand_out(outputs_);", "", ("runtime",)),
    Bug("believed for every length", "one verified call answers for calls of any length", "runtime/watch.cpp",
        "fetch_or(Watch::magnitude(n_)", "fetch_or(~std::uint64_t{0}", ("runtime",)),
    Bug("refusal not compared", "code that refuses a call, or does not, goes unnoticed", "runtime/watch.cpp",
        "(differs || answer.status() != found.status())", "(differs)", ("runtime",)),
    Bug("reproducer of its results", "inputs are written down after results took their place", "runtime/reproducer.cpp",
        "if (!overwritten) continue;", "continue;", ("runtime",)),
    Bug("held kernels given up", "the cache gives up kernels that somebody holds", "runtime/cache.cpp",
        "use_count() == 1", "use_count() >= 1", ("runtime",)),
    Bug("options not looked at", "a lookup compares the text and a hash, not the options", "runtime/cache.cpp",
        "*options == *o.options &&", "", ("runtime",)),
    Bug("age not noted", "a lookup does not say that its kernel is in use", "runtime/cache.cpp",
        "if (code.used.load(std::memory_order_relaxed) != now) code.used.store(now, std::memory_order_relaxed);",
        "(void)now;", ("runtime",)),
    Bug("child waits for nobody", "a forked child waits for what threads of its parent were compiling",
        "runtime/cache.cpp", "std::erase_if(shard.entries, [](const auto& entry) { return !entry.second.code; });", "",
        ("runtime",)),
    Bug("writable code", "generated code is mapped writable and executable", "jit/arena.cpp",
        "mmap(nullptr, bytes.size(), PROT_READ | PROT_EXEC, MAP_PRIVATE",
        "mmap(nullptr, bytes.size(), PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE", ("jit", "runtime")),
    Bug("zmm not saved", "detection trusts CPUID where the system saves only half of the zmm registers",
        "jit/host.cpp", "nullptr, 0xe6}", "nullptr, 0x26}", ("jit",)),
    Bug("a cap that raises", "what is configured as the highest ISA is used even where the host has less",
        "runtime/host.cpp", "if (!isa || isa_cap >= *isa) return;", "if (!isa) return;", ("runtime",)),
    Bug("configuration: general after specific", "[tuning] undoes what [tuning.ISA] of the same file says",
        "runtime/config.cpp", "for (int depth = 0; depth <= 2; ++depth)", "for (int depth = 2; depth >= 0; --depth)",
        ("runtime",)),
    Bug("configuration: strict is not", "mistakes are no error where they should be", "runtime/config.cpp",
        "if (now.strict && !problems_.empty())", "if (now.strict && problems_.empty())", ("runtime",)),
    Bug("configuration: a newer file is read", "a file for keys that are not known yet applies", "runtime/config.cpp",
        "version && *version > kSchemaVersion)", "version && *version < 0)", ("runtime",)),
    Bug("configuration: out of range", "an integer may be any", "runtime/config_keys.cpp",
        "*integer >= key.least && *integer <= key.most", "*integer >= key.least", ("runtime",)),
    Bug("configuration: names do not replace", "configure() keeps what it said before under the same name",
        "runtime/settings.cpp", "return layer.name == name;", "return layer.name == name && false;", ("runtime",)),
    Bug("configuration: tuned for another class", "every kernel is tuned as a reduction", "runtime/compile.cpp",
        "configured.tuned_for(target.isa, class_of(k))", "configured.tuned_for(target.isa, KernelClass::reduction)",
        ("runtime",)),
    Bug("C: options of a later version", "what a later header adds is passed over, set or not", "runtime/c_api.cpp",
        "if (bytes[i] != 0)", "if (bytes[i] != 0 && false)", ("runtime",)),
    Bug("C: one mistake of many", "an error tells the first mistake only", "runtime/c_api_errors.cpp",
        "count = pointers.size();", "count = 1;", ("runtime",)),
    Bug("C: an old error stays", "on success *error is left as it was", "runtime/c_api.h",
        "if (error) *error = nullptr;", "", ("runtime",)),
    Bug("fallback: one chunk handed on", "a constant that is stored as it stands has a row of one chunk only",
        "aot/call.cpp", "const bool full = n.op == Op::index || handed_on(pass, leaf);",
        "const bool full = n.op == Op::index;"),
    Bug("fallback: in place", "results are computed where an argument still is", "aot/call.cpp",
        "if (base == target(s, 0)) return false;", "(void)base;"),
    Bug("fallback: -0", "max of two zeros of either sign is the one that has a sign", "aot/loops.cpp",
        "meaning::bits(a > b ? a : b) & meaning::bits(b > a ? b : a)",
        "meaning::bits(a > b ? a : b) | meaning::bits(b > a ? b : a)"),
    Bug("peel: too long", "elements before an aligned store are counted in bytes", "jit/edges.cpp",
        "if (bytes > 1) a.shr(Emitter::kWork, bytes == 8 ? 3 : 2);", "if (bytes > 4) a.shr(Emitter::kWork, 3);",
        ("verify", "runtime")),
    Bug("past the caches: unaligned", "stores past the caches need not be aligned", "jit/edges.cpp",
        "a.jnz(ordinary);", "(void)ordinary;", ("runtime",)),
    Bug("profile: the return has a frame", "the caller is looked for in a frame that is gone when the function returns",
        "runtime/profile/unwind.cpp", "t.code(kRemember, kCfa, kRsp, 8);", "t.code(kRemember);",
        ("runtime",)),
    Bug("profile: a frame one instruction early", "the frame is there before rbp is set",
        "runtime/profile/unwind.cpp", "  advance(t, kMovRbpRsp);", "  advance(t, kMovRbpRsp - 3);",
        ("runtime",)),
    Bug("profile: GDB's list is torn", "what stood behind a kernel that goes still points to it",
        "runtime/profile/gdb.cpp", "if (mine.next_entry) mine.next_entry->prev_entry = mine.prev_entry;", "",
        ("runtime",)),
    Bug("profile: a function ends at its loop", "GDB does not take the loops for parts of the function",
        "runtime/profile/object_file.cpp", "table[entry].st_size += s.size;", "table[entry].st_size += 0 * s.size;",
        ("runtime",)),
    Bug("profile: a link is followed", "what a link at the place of perf's file leads to is written to",
        "runtime/profile/own_file.cpp", "O_APPEND | O_NOFOLLOW |", "O_APPEND |",
        ("runtime",)),
    Bug("profile: one index for all", "records of code have the same number",
        "runtime/profile/jitdump.cpp", "address, index++, time)", "address, index, time)",
        ("runtime",)),
    Bug("profile: one line further", "instructions stand at the next value's line",
        "runtime/profile/jitdump.cpp", "text.line_of[l.node] : text.head", "text.line_of[l.node] + 1 : text.head",
        ("runtime",)),
    Bug("profile: a second header", "a jitdump file that is come back to begins anew",
        "runtime/profile/jitdump.cpp", "if (file->size() == 0)\n", "",
        ("runtime",)),
    Bug("profile: the map names a file's code", "code stays in memory of a file, where perf's map is not looked at",
        "runtime/profile/observe.cpp", "if (perf != PerfFormat::map) return jit", "if (perf != PerfFormat::off) return jit",
        ("runtime",)),
    Bug("profile: the parent's file", "a forked child goes on with the file of its parent",
        "runtime/profile/observe.cpp", "if (pid_ != getpid() || format_", "if (format_",
        ("runtime",)),
    Bug("lint: tail mask", "avx2's masks of tails have one lane more than there are elements", "jit/edges.h",
        "a.add(Emitter::kWork, static_cast<int>(layout.lanes));",
        "a.add(Emitter::kWork, static_cast<int>(layout.lanes) - 1);", ("inspect",)),
    Bug("lint: no vzeroupper", "code returns with upper halves in use", "jit/emit.cpp",
        "if (!layout_.isa.legacy) a_.vzeroupper();", "(void)layout_;", ("inspect",)),
    Bug("lint: register not saved", "r12 is used, and not brought back", "jit/emit.cpp",
        "saved_.push_back(kSaved[saved]);", "if (saved != 1) saved_.push_back(kSaved[saved]);", ("inspect",)),
    Bug("lint: blind by one element", "a load may end one element beyond its array", "inspect/lint_state.cpp",
        "if (p.not_negative(room - access.bytes)) return true;",
        "if (p.not_negative(room - access.bytes + 4)) return true;", ("inspect",)),
    Bug("lint: as at first", "what a loop's first turn knows is taken to hold for all", "inspect/join.cpp",
        "keep_what_holds(world, top.facts, s, renamed);", "(void)renamed;", ("inspect",)),
    Bug("code that cannot be moved", "tuning.code_offset leaves nothing out before the code", "jit/emit.cpp",
        "if (bytes != 0) a_.embedUInt8", "if (bytes > 4096) a_.embedUInt8", ("runtime",)),
    Bug("ab: chance is a difference", "intervals hold half of the time", "tools/bench_judge.cpp",
        "return kRunsWrong / (kIntervalsPerCell *", "return 0.5; return kRunsWrong / (kIntervalsPerCell *", ("tools",)),
    Bug("ab: layout is a slowdown", "the ratio is that of things as they lie", "tools/bench_judge.cpp",
        "averaged.push_back(sum / kMovedPlacements);", "averaged.push_back(median_of(c.pairs.as_it_lies));", ("tools",)),
    Bug("size: half as much again", "sizes may grow by 50 %", "tools/bench_size.h", "kMayGrow = 0.05", "kMayGrow = 0.5",
        ("tools",)),
]


def run(command, **more):
    return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)


class Tree:
    """A copy of the sources with a build of its own."""

    def __init__(self, source, work, jobs):
        self.source, self.copy, self.build, self.jobs = source, work / "source", work / "build", jobs
        for old in (self.copy, self.build):  # copied files keep their times: an old build would not see changes
            if old.exists():
                shutil.rmtree(old)
        self.copy.mkdir(parents=True)
        for entry in source.iterdir():
            if entry.name in ("build", ".git") or entry.resolve() in work.resolve().parents:
                continue
            copy = shutil.copytree if entry.is_dir() else shutil.copy2
            copy(entry, self.copy / entry.name)

    def configure(self):
        done = run(["cmake", "-S", self.copy, "-B", self.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=None",
                    "-DCMAKE_CXX_FLAGS=-O1", "-DTRUENO_BUILD_BENCH=OFF"])
        if done.returncode:
            sys.exit(done.stdout)

    def make(self, suites):
        targets = [f"trueno_tests_{s}" for s in suites]
        return run(["cmake", "--build", self.build, "-j", str(self.jobs), "--target", *targets])

    def test(self, suite):
        """None if the suite passes, else what failed first. Directed tests have the word before random ones."""
        return self.run_tests(suite, "~[random]~[slow]~[exhaustive]~[.]~[fresh]") or self.run_tests(suite, "[random]~[slow]")

    def run_tests(self, suite, which):
        program = self.build / "tests" / f"trueno_tests_{suite}"
        try:
            done = run([program, "--abort", which], timeout=600)
        except subprocess.TimeoutExpired:
            return "(hangs)"
        if done.returncode == 0:
            return None
        name = re.search(r"^-{70,}\n(.+?)\n-{70,}$", done.stdout, re.M | re.S)
        return name.group(1).strip().splitlines()[0] if name else f"(exit code {done.returncode})"

    def plant(self, bug):
        path = self.copy / bug.file
        text = path.read_text()
        if text.count(bug.old) != 1:
            return f"'{bug.old}' is {text.count(bug.old)} times in {bug.file}, not once: the table must follow the code"
        path.write_text(text.replace(bug.old, bug.new))
        return None

    def heal(self, bug):
        shutil.copyfile(self.source / bug.file, self.copy / bug.file)


def try_bug(tree, bug):
    """(verdict, detail)"""
    wrong = tree.plant(bug)
    if wrong:
        return "stale", wrong
    try:
        made = tree.make(bug.suites)
        if made.returncode:
            return "stale", "does not compile: " + made.stdout[-2000:]
        for suite in bug.suites:
            failed = tree.test(suite)
            if failed:
                return "caught", f"{suite}: {failed}"
        return "survived", "every test passed"
    finally:
        tree.heal(bug)


def record(path, rows):
    caught = sum(1 for _, verdict, _ in rows if verdict == "caught")
    lines = ["# Planted bugs", "",
             "Is the suite able to fail? `tests/plant/plant.py` plants each of these in a copy of the sources, rebuilds, and",
             "runs the tests until the first failure. Run it again with `ctest -C Exhaustive -R plant`; it fails if a bug gets",
             "through, or if the code has moved on so that a bug can no longer be planted.", "",
             f"Last recorded run: {datetime.date.today()}, {caught} of {len(rows)} caught.", "",
             "| planted | in | what it does | caught by |", "|---|---|---|---|"]
    for bug, verdict, detail in rows:
        by = detail.replace("|", "\\|") if verdict == "caught" else f"**{verdict}**"
        lines.append(f"| {bug.name} | `{bug.file}` | {bug.what} | {by} |")
    path.write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True, help="a directory to copy and build in")
    parser.add_argument("--only", default="", help="only bugs whose name contains this")
    parser.add_argument("--record", type=pathlib.Path, help="write the table as Markdown")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()

    tree = Tree(args.source.resolve(), args.work, args.jobs)
    tree.configure()
    suites = ("verify", "runtime", "jit", "inspect")
    made = tree.make(suites)
    if made.returncode:
        sys.exit("the sources do not build as they are:\n" + made.stdout[-4000:])
    for suite in suites:
        failed = tree.test(suite)
        if failed:
            sys.exit(f"{suite} fails without any bug planted: {failed}")

    rows = []
    for bug in BUGS:
        if args.only not in bug.name:
            continue
        since = time.monotonic()
        verdict, detail = try_bug(tree, bug)
        rows.append((bug, verdict, detail))
        print(f"{verdict:8}  {bug.name:34} {detail}  ({time.monotonic() - since:.0f} s)", flush=True)
    if args.record:
        record(args.record, rows)
    missed = [bug.name for bug, verdict, _ in rows if verdict != "caught"]
    print(f"{len(rows) - len(missed)} of {len(rows)} planted bugs were caught")
    return 1 if missed or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
