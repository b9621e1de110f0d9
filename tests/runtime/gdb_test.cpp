// What GDB is told, read as GDB reads it: the list of object files in memory, and, by the unwinder that exceptions use,
// whether the caller is found from every single instruction of generated code.
#include <catch2/catch.hpp>

#include <elf.h>
#include <signal.h>
#include <ucontext.h>
#include <unwind.h>

#include <algorithm>
#include <map>

#include "runtime/host.h"
#include "tests/child.h"
#include "tests/runtime/profile_files.h"

using namespace trueno;
using namespace trueno::test;

extern "C" {
struct jit_code_entry {
  jit_code_entry* next_entry;
  jit_code_entry* prev_entry;
  const char* symfile_addr;
  std::uint64_t symfile_size;
};
struct jit_descriptor {
  std::uint32_t version, action_flag;
  jit_code_entry* relevant_entry;
  jit_code_entry* first_entry;
};
extern jit_descriptor __jit_debug_descriptor;
void __register_frame(void* begin);
void __deregister_frame(void* begin);
}

namespace {

/// An object file, as a reader of ELF sees it.
struct Object {
  explicit Object(const jit_code_entry& entry) : bytes(entry.symfile_addr, entry.symfile_size) {
    std::memcpy(&head, bytes.data(), sizeof head);
    sections.resize(head.e_shnum);
    std::memcpy(sections.data(), bytes.data() + head.e_shoff, sections.size() * sizeof(Elf64_Shdr));
  }
  const Elf64_Shdr& section(const std::string& name) const {
    for (const Elf64_Shdr& s : sections)
      if (name == &bytes[sections[head.e_shstrndx].sh_offset + s.sh_name]) return s;
    FAIL("no section " << name);
    return sections[0];
  }
  std::map<std::string, Elf64_Sym> symbols() const {
    std::map<std::string, Elf64_Sym> out;
    const Elf64_Shdr& table = section(".symtab");
    for (std::size_t at = sizeof(Elf64_Sym); at < table.sh_size; at += sizeof(Elf64_Sym)) {
      Elf64_Sym s;
      std::memcpy(&s, &bytes[table.sh_offset + at], sizeof s);
      out[&bytes[sections[table.sh_link].sh_offset + s.st_name]] = s;
    }
    return out;
  }
  std::string bytes;
  Elf64_Ehdr head{};
  std::vector<Elf64_Shdr> sections;
};

std::size_t listed() {
  std::size_t count = 0;
  for (const jit_code_entry* e = __jit_debug_descriptor.first_entry; e; e = e->next_entry) {
    if (e->next_entry && e->next_entry->prev_entry != e) return ~std::size_t{0};
    ++count;
  }
  return count;
}

/// Where the code of a kernel is, and what must hold of its caller at each of its instructions.
struct Walk {
  std::uint64_t begin = 0, end = 0;
  bool inside = false;
  std::uint64_t cfa = 0, caller = 0;
  std::uint64_t kept[6] = {};  // rbx, rbp, r12-r15
  std::size_t steps = 0, calls = 0, wrong = 0;
  std::uint64_t first_wrong = 0;
};
Walk walk;
constexpr int kKept[6] = {3, 6, 12, 13, 14, 15};  // as DWARF numbers them

struct Frames {
  std::uint64_t at;
  bool found_code = false, right = false;
};

_Unwind_Reason_Code each_frame(_Unwind_Context* context, void* data) {
  Frames& f = *static_cast<Frames*>(data);
  const std::uint64_t ip = _Unwind_GetIP(context);
  if (!f.found_code) {
    f.found_code = ip == f.at;
    return _URC_NO_REASON;
  }
  f.right = ip == walk.caller && _Unwind_GetCFA(context) == walk.cfa;
  for (int i = 0; i < 6; ++i) f.right = f.right && _Unwind_GetGR(context, kKept[i]) == walk.kept[i];
  return _URC_NORMAL_STOP;
}

void step(int, siginfo_t*, void* context) {
  const auto& regs = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const auto at = static_cast<std::uint64_t>(regs[REG_RIP]);
  const bool inside = at >= walk.begin && at < walk.end;
  if (inside && !walk.inside) {  // called: the return address lies on top
    ++walk.calls;
    const auto sp = static_cast<std::uint64_t>(regs[REG_RSP]);
    walk.caller = *reinterpret_cast<const std::uint64_t*>(sp);
    walk.cfa = sp + 8;
    const int names[6] = {REG_RBX, REG_RBP, REG_R12, REG_R13, REG_R14, REG_R15};
    for (int i = 0; i < 6; ++i) walk.kept[i] = static_cast<std::uint64_t>(regs[names[i]]);
  }
  walk.inside = inside;
  if (!inside) return;
  ++walk.steps;
  Frames frames{at};
  _Unwind_Backtrace(each_frame, &frames);
  if (!frames.right && walk.wrong++ == 0) walk.first_wrong = at - walk.begin;
}

/// The flag that makes the processor stop after each instruction; the red zone of the caller is left alone.
void trap(bool on) {
  if (on)
    asm volatile("sub $128, %%rsp; pushfq; orq $0x100, (%%rsp); popfq; add $128, %%rsp" ::: "memory", "cc");
  else
    asm volatile("sub $128, %%rsp; pushfq; andq $~0x100, (%%rsp); popfq; add $128, %%rsp" ::: "memory", "cc");
}

/// Nothing, or what was wrong.
std::string walk_through(const Kernel& kernel, const std::vector<Arg>& in, const std::vector<Out>& out) {
  const Object object(*__jit_debug_descriptor.first_entry);
  const Elf64_Shdr &text = object.section(".text"), &frames = object.section(".eh_frame");
  std::string table = object.bytes.substr(frames.sh_offset, frames.sh_size);
  walk = {};
  walk.begin = text.sh_addr;
  walk.end = text.sh_addr + text.sh_size;
  __register_frame(table.data());
  struct sigaction action {
  }, before{};
  action.sa_sigaction = step;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGTRAP, &action, &before);
  trap(true);
  const bool ran = kernel.run(in, out).ok();
  trap(false);
  sigaction(SIGTRAP, &before, nullptr);
  __deregister_frame(table.data());
  if (!ran) return "the kernel did not run";
  if (walk.steps < 20) return "only " + std::to_string(walk.steps) + " steps";
  if (walk.wrong != 0)
    return std::to_string(walk.wrong) + " of " + std::to_string(walk.steps) + " steps, first at " +
           std::to_string(walk.first_wrong);
  return {};
}

}  // namespace

TEST_CASE("GDB's list has each kernel with its names while it lives") {
  if (compiled(text_named("k")).backend() != Backend::jit) {
    WARN("skipped: this host generates no code");
    return;
  }
  const std::string said = in_child([]() -> std::string {
    compiled(text_named("unlisted"));
    if (listed() != 0) return "listed without being configured";
    if (!configured("gdb = true")) return "not configured";
    std::vector<Kernel> kernels;
    for (const char* name : {"a", "b", "c"}) kernels.push_back(compiled(text_named(name)));
    if (listed() != 3 || __jit_debug_descriptor.version != 1) return "list";
    const Object object(*__jit_debug_descriptor.first_entry);
    const Elf64_Shdr& text = object.section(".text");
    const auto symbols = object.symbols();
    const auto whole = symbols.find("trueno::c::whole");
    if (whole == symbols.end() || whole->second.st_value != text.sh_addr) return "no symbol of the last one";
    std::uint64_t loops = 0;
    for (const auto& [name, symbol] : symbols) {
      if (symbol.st_value < text.sh_addr || symbol.st_value + symbol.st_size > text.sh_addr + text.sh_size)
        return name + " lies outside";
      const bool within = symbol.st_value > whole->second.st_value &&
                          symbol.st_value + symbol.st_size <= whole->second.st_value + whole->second.st_size;
      loops += within && name.find("] main loop") != name.npos;
    }
    if (loops != 1) return "the main loop is not in the function";
    kernels.erase(kernels.begin() + 1);  // from the middle
    if (listed() != 2) return "not forgotten";
    const Kernel copy = kernels[0];
    kernels.clear();
    if (listed() != 1) return "forgotten before the last copy went";
    if (!configured("") || !copy.value<float>({std::vector<float>(3, 0)})) return "copy";
    const std::string child = in_child([&] { return std::to_string(listed()); });
    return child == "1" ? "fine" : "child has " + child;
  });
  CHECK(said == "fine");
}

TEST_CASE("the caller is found from every instruction") {
  if (emulator() || kSanitized) {
    WARN("skipped: single steps, and what is on the stack, are not the program's own here");
    return;
  }
  struct Subject {
    const char* what;
    std::string text;
    std::size_t arrays, n;
  };
  const std::string many =
      "kernel k(a: f32[], b: f32[], c: f32[], d: f32[], e: f32[], f: f32[]) -> f32 "
      "{ sum(a * b + c * d + e * f) }";
  // Each step is a signal: those over several blocks run on one target only.
  constexpr std::size_t kBlock = 8192;
  const Subject subjects[] = {
      {"no frame", "kernel k(a: f32[]) -> f32 { sum(a) }", 1, 133},
      {"no frame, several blocks", "kernel k(a: f32[]) -> f32 { sum(a) }", 1, 2 * kBlock + 37},
      {"registers to be saved", many, 6, 133},
      {"registers to be saved, several blocks", many, 6, kBlock + 5},
      {"lanes in the frame", "kernel k(a: f32[], b: f32[]) -> f32 { correlation(a, b) }", 2, 37},
      {"lanes in the frame, several blocks", "kernel k(a: f32[], b: f32[]) -> f32 { correlation(a, b) }", 2,
       kBlock + 5},
      {"a table", "kernel k(a: f32[]) -> f32[] { exp(a) }", 1, 37},
      {"several passes", "kernel k(a: f32[]) -> f32[] { d = a - mean(a)\n d / sqrt(mean(d * d)) }", 1, kBlock + 133},
  };
  const jit::Target longest = runtime::runnable_targets().empty() ? jit::Target() : runtime::runnable_targets().back();
  REQUIRE(configured("gdb = true"));
  std::size_t steps = 0;
  for (const Subject& s : subjects)
    for (const jit::Target& target : runtime::runnable_targets()) {
      const bool last = target.isa == longest.isa && target.vector_bits == longest.vector_bits;
      if (s.n > kBlock && !last) continue;
      CompileOptions options;
      options.backend = Backend::jit;
      options.isa = target.isa;
      options.vector_bits = target.vector_bits;
      const auto kernel = compile(s.text, options);
      if (!kernel) continue;
      std::vector<std::vector<float>> arrays(s.arrays, numbers(s.n));
      std::vector<Arg> in(arrays.begin(), arrays.end());
      std::vector<float> array(s.n);
      float scalar = 0;
      std::vector<Out> out;
      if (kernel->results()[0].array)
        out.emplace_back(array);
      else
        out.emplace_back(scalar);
      INFO(s.what << ", " << kernel->origin());
      CHECK(walk_through(*kernel, in, out) == "");
      steps += walk.steps;
    }
  CHECK(configured(""));
  if (steps == 0) WARN("skipped: this host generates no code");
}
