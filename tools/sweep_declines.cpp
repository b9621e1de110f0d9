// What each ISA declines, found by asking (sweep_declines.h).
#include "tools/sweep_declines.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "ir/passes/passes.h"
#include "jit/compile.h"
#include "jit/host.h"
#include "ops/catalogue.h"
#include "tools/primitive_kernels.h"

namespace trueno::tools {
namespace {

constexpr std::size_t kIsas = 4;

using Lengths = std::array<std::vector<int>, kIsas>;  // per ISA: vector lengths in bits

/// The vector lengths at which the use is declined.
Result<Lengths> declined(const PrimitiveUse& use) {
  const auto kernel = ir::optimize(kernel_of(use), ops::built_in());
  if (!kernel) return kernel.error();
  Lengths lengths;
  for (const jit::Target& target : jit::emittable_targets()) {
    const auto code = jit::compile(*kernel, target);
    if (code) continue;
    if (code.status() != Status::unavailable) return code.error();
    lengths[static_cast<std::size_t>(target.isa)].push_back(target.vector_bits);
  }
  return lengths;
}

const Lengths& emittable() {
  static const Lengths all = [] {
    Lengths lengths;
    for (const jit::Target& target : jit::emittable_targets())
      lengths[static_cast<std::size_t>(target.isa)].push_back(target.vector_bits);
    return lengths;
  }();
  return all;
}

/// What was declined with arrays for operands, and with a constant as the last one. Where a primitive has no such
/// form, both are the same.
struct Answers {
  Lengths arrays, constant;
  bool any() const { return arrays != Lengths{} || constant != Lengths{}; }
};

Result<Answers> ask(const PrimitiveUse& use) {
  const auto arrays = declined(use);
  if (!arrays) return arrays.error();
  const bool binary = use.operands.size() == 2 && is_number(use.operands[1]) && !ir::is_reduction(use.op);
  if (!binary) return Answers{*arrays, *arrays};
  PrimitiveUse by_constant = use;
  by_constant.constant = true;
  const auto constant = declined(by_constant);
  if (!constant) return constant.error();
  return Answers{*arrays, *constant};
}

/// "takes", "declines", "declines at 128 bits", "declines, but takes a constant".
std::string cell(const Answers& answers, std::size_t isa) {
  const auto &arrays = answers.arrays[isa], &constant = answers.constant[isa];
  const auto& lengths = arrays.empty() ? constant : arrays;
  if (lengths.empty()) return "takes";
  std::string text = "declines";
  if (arrays.empty()) text += " a constant";
  if (lengths != emittable()[isa]) {
    text += " at";
    for (const int bits : lengths) text += fmt::format("{} {}", bits == lengths.front() ? "" : ",", bits);
    text += " bits";
  }
  if (constant.empty()) text += ", but takes a constant";
  return text;
}

struct Row {
  std::string primitive, types, cells;
};

Row row_of(const PrimitiveUse& use, const Answers& answers) {
  Row row{use.name(), use.types(), {}};
  for (std::size_t isa = 0; isa < kIsas; ++isa)
    if (!emittable()[isa].empty()) row.cells += " " + cell(answers, isa) + " |";
  return row;
}

std::string table_head() {
  std::string names, line;
  for (std::size_t isa = 0; isa < kIsas; ++isa) {
    if (emittable()[isa].empty()) continue;
    names += fmt::format(" {} |", name_of(static_cast<Isa>(isa)));
    line += "---|";
  }
  return "| primitive | types |" + names + "\n|---|---|" + line + "\n";
}

constexpr std::string_view kHead = R"(# What each ISA declines

Made by `trueno-sweep --declines docs/declines.md`; do not edit. A back end may decline a primitive for which it has no
good code; the kernel then runs on the next back end with the same bits, and `origin()` says so.

)";

constexpr std::string_view kHow =
    R"(Each was asked as a kernel that does nothing else: its operands are arrays (masks: `p < 0.5`), its result is stored, or
returned if it is a reduction. Of two numbers the second was tried as a constant, too: 3. The optimizer ran first, so
that `gt` is what `lt` is. A larger kernel is declined where one of its primitives is.
)";

}  // namespace

Result<std::string> declines_document() {
  std::vector<Row> rows;
  std::size_t asked = 0, listed = 0;
  for (std::size_t op = 0; op < ir::kPrimitiveCount; ++op)
    for (const PrimitiveUse& use : uses_of(static_cast<ir::Op>(op))) {
      const auto answers = ask(use);
      if (!answers) return answers.error();
      ++asked;
      if (!answers->any()) continue;
      Row row = row_of(use, *answers);
      ++listed;
      if (!rows.empty() && rows.back().primitive == row.primitive && rows.back().cells == row.cells)
        rows.back().types += "; " + row.types;
      else
        rows.push_back(std::move(row));
    }
  std::string text(kHead);
  if (rows.empty())
    return text + fmt::format("Nothing: all {} uses of primitives were taken by every ISA.\n\n", asked) +
           std::string(kHow);
  text += fmt::format("Of {} uses of primitives (a primitive with a list of types) these {} are declined somewhere.\n",
                      asked, listed);
  text += std::string(kHow) + "\n" + table_head();
  for (const Row& row : rows) text += fmt::format("| `{}` | {} |{}\n", row.primitive, row.types, row.cells);
  return text;
}

}  // namespace trueno::tools
