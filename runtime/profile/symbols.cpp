// See symbols.h.
#include "runtime/profile/symbols.h"

#include <algorithm>
#include <map>

namespace trueno::runtime {
namespace {

constexpr std::size_t kLongestName = 100;

bool is_entry(const jit::Code& code, std::uint32_t offset) {
  return offset == code.whole || std::any_of(code.passes.begin(), code.passes.end(), [&](const jit::PassCode& p) {
           return offset == p.stretch || offset == p.finish;
         });
}

/// "stretch of pass 1" as a part of a name of C++.
std::string as_identifier(std::string label) {
  std::replace(label.begin(), label.end(), ' ', '_');
  return label;
}

}  // namespace

std::string plain_name(std::string_view kernel) {
  std::string out(kernel.substr(0, kLongestName));
  for (char& c : out) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '.') c = '_';
  }
  return out.empty() ? "kernel" : out;
}

std::vector<Symbol> symbols_of(std::string_view kernel, const jit::Code& code) {
  const std::string stem = "trueno::" + plain_name(kernel);
  const std::string part =
      stem + " [" + std::string(name_of(code.target.isa)) + " vl" + std::to_string(code.target.vector_bits) + "] ";
  std::map<std::string_view, int> uses;  // a loop of each pass: "main loop", "main loop 2"
  std::vector<Symbol> symbols;
  for (std::size_t i = 0; i < code.labels.size(); ++i) {
    const jit::Label& label = code.labels[i];
    const std::uint32_t end = i + 1 < code.labels.size() ? code.labels[i + 1].offset : code.pool_offset;
    if (end <= label.offset) continue;
    const int use = ++uses[label.name];
    const bool entry = is_entry(code, label.offset);
    symbols.push_back({label.offset, end - label.offset,
                       entry ? stem + "::" + as_identifier(label.name)
                             : part + label.name + (use == 1 ? "" : " " + std::to_string(use)),
                       entry});
  }
  return symbols;
}

}  // namespace trueno::runtime
