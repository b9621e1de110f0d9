// See kernel_fuzz_report.h.
#include "tests/fuzz/kernel_fuzz_report.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "ir/print.h"

namespace trueno::fuzz {
namespace {

constexpr std::size_t kReasons = 6;
constexpr std::int64_t kElements = 16;

std::string hex(Type type, std::uint64_t bits) {
  char text[24];
  const int digits = is_mask(type) ? 2 : bits_of(type) / 4;
  std::snprintf(text, sizeof text, "0x%0*llx", digits, static_cast<unsigned long long>(bits));
  return text;
}

std::string with_value(Type type, std::uint64_t bits) {
  return hex(type, bits) + (is_mask(type) ? "" : " (" + ir::print_literal(type, bits) + ")");
}

std::string values(Type type, const Call::Input& input, std::int64_t from, std::int64_t to) {
  std::string out;
  const std::size_t size = stored_bytes(type);
  for (std::int64_t i = from; i < to; ++i)
    out += (out.empty() ? "" : " ") +
           hex(type, runtime::load_bits(type, input.bytes.data() + static_cast<std::size_t>(i) * size));
  return out;
}

/// The elements of a long array that are not 0, if they are few; else nothing.
std::string sparse_values(Type type, const Call::Input& input, std::int64_t n) {
  std::string out;
  std::int64_t left = 2 * kElements;
  for (std::int64_t i = 0; i < n; ++i)
    if (const std::string one = values(type, input, i, i + 1); one != hex(type, 0)) {
      if (left-- == 0) return "";
      out += " [" + std::to_string(i) + "] = " + one;
    }
  return out.empty() ? "all 0" : "0 but for" + out;
}

std::string describe_values(const ir::Param& param, const Call::Input& input, const Call& call, std::int64_t index) {
  if (call.n > kElements)
    if (std::string few = sparse_values(param.type, input, call.n); !few.empty()) return few;
  std::string out = "[" + values(param.type, input, 0, std::min(call.n, kElements));
  if (call.n > kElements) {
    out += " ...";
    const std::int64_t from = std::max(kElements, index - 2), to = std::min(call.n, index + 3);
    if (from < to) out += " from " + std::to_string(from) + ": " + values(param.type, input, from, to) + " ...";
  }
  return out + "]";
}

std::string describe_input(const ir::Param& param, const Call::Input& input, const Call& call, std::int64_t index) {
  std::string out = "  " + param.name + ": ";
  if (!param.is_array()) return out + with_value(param.type, runtime::load_bits(param.type, input.bytes.data())) + "\n";
  out += describe_values(param, input, call, index);
  if (input.at_end) out += ", at the end of a page";
  if (input.shift != 0) out += ", " + std::to_string(input.shift) + " elements from an aligned address";
  if (input.same_as != kNone) out += ", the same array as parameter " + std::to_string(input.same_as);
  return out + "\n";
}

std::string describe_difference(const Case& c, const Difference& d) {
  std::string out = d.what;
  if (d.result == kNone) return out + "\n";
  out += ": result " + std::to_string(d.result);
  if (d.index < 0) return out + "\n";
  const Type type = c.kernel[c.kernel.outputs[static_cast<std::size_t>(d.result)].value].type;
  return out + ", element " + std::to_string(d.index) + ": expected " + with_value(type, d.expected) + ", got " +
         with_value(type, d.actual) + "\n";
}

std::size_t operations(const ir::Kernel& kernel) {
  return static_cast<std::size_t>(
      std::ranges::count_if(kernel.nodes, [](const ir::Node& n) { return !ir::is_leaf(n.op); }));
}

}  // namespace

void Statistics::PerSubject::decline(const std::string& message) {
  ++declined;
  const std::size_t reason = message.find("': ");  // "avx2 vl256 declines 'fuzz': ..."
  ++reasons[reason == std::string::npos ? message : message.substr(reason + 3)];
}

void Statistics::add(const Statistics& other) {
  programs += other.programs;
  too_large += other.too_large;
  for (const auto& [nodes, count] : other.sizes) sizes[nodes] += count;
  for (std::size_t s = 0; s < of.size(); ++s) {
    of[s].compared += other.of[s].compared;
    of[s].declined += other.of[s].declined;
    for (const auto& [why, count] : other.of[s].reasons) of[s].reasons[why] += count;
  }
}

std::string Statistics::table(const std::vector<Subject>& subjects, double seconds, unsigned threads) const {
  const auto size_at = [&](double part) {
    double left = part * static_cast<double>(programs - too_large);
    for (const auto& [nodes, count] : sizes)
      if ((left -= static_cast<double>(count)) < 0) return nodes;
    return sizes.empty() ? std::size_t{0} : sizes.rbegin()->first;
  };
  char line[200];
  std::snprintf(
      line, sizeof line,
      "%llu programs in %.1f s on %u threads: %.0f per minute\nnodes: half have %zu or fewer, 1 in 10 has %zu "
      "or more, the largest %zu; %llu too large to expand\n",
      static_cast<unsigned long long>(programs), seconds, threads,
      static_cast<double>(programs) / std::max(seconds, 1e-9) * 60, size_at(0.5), size_at(0.9), size_at(1),
      static_cast<unsigned long long>(too_large));
  std::string out = line;
  for (std::size_t s = 0; s < of.size(); ++s) {
    std::snprintf(line, sizeof line, "%-14s %9llu compared %9llu declined\n", subjects[s].name().c_str(),
                  static_cast<unsigned long long>(of[s].compared), static_cast<unsigned long long>(of[s].declined));
    out += line;
    std::vector<std::pair<std::uint64_t, std::string>> most;
    for (const auto& [why, count] : of[s].reasons) most.emplace_back(count, why);
    std::ranges::sort(most, std::greater<>());
    for (std::size_t i = 0; i < std::min(most.size(), kReasons); ++i)
      out += "    " + std::to_string(most[i].first) + "  " + most[i].second + "\n";
    if (most.size() > kReasons) out += "    and " + std::to_string(most.size() - kReasons) + " reasons more\n";
  }
  return out;
}

std::string Statistics::proves_nothing(const std::vector<Subject>& subjects) const {
  if (programs < 1000) return "";
  for (std::size_t s = 0; s < of.size(); ++s)
    if (of[s].compared * 10 < programs) return subjects[s].name() + " took fewer than one program in ten";
  return "";
}

std::string likeness(const Shrunk& shrunk) {
  std::set<std::string> left;
  for (const ir::Node& n : shrunk.smallest.kernel.nodes)
    if (!ir::is_leaf(n.op)) left.insert(std::string(ir::row(n.op).id) + " " + std::string(name_of(n.type)));
  std::string out = shrunk.difference.what.substr(0, shrunk.difference.what.find('\n')) + ":";
  for (const std::string& operation : left) out += " " + operation;
  return out;
}

std::string describe(std::uint64_t seed, const Subject& subject, const Difference& first, const Case& original,
                     const Shrunk& shrunk) {
  const Case& c = shrunk.smallest;
  std::string out = "FAILURE: " + subject.name() + ", program " + std::to_string(seed) +
                    "; repeat it with --programs 1 --seed " + std::to_string(seed) +
                    "\nat first: " + describe_difference(original, first);
  if (shrunk.checks != 0)
    out += "made smaller by " + std::to_string(shrunk.checks) + " checks, from " +
           std::to_string(operations(original.kernel)) + " operations and n = " + std::to_string(original.call.n) +
           " to " + std::to_string(operations(c.kernel)) + " and n = " + std::to_string(c.call.n) + ": " +
           describe_difference(c, shrunk.difference);
  out += "---- kernel\n" + ir::print(c.kernel) + "---- call, n = " + std::to_string(c.call.n) +
         (c.call.control == kDefaultControl ? "" : ", MXCSR " + hex(Type::i32, c.call.control)) + "\n";
  for (std::size_t p = 0; p < c.call.inputs.size(); ++p)
    out += describe_input(c.kernel.params[p], c.call.inputs[p], c.call, shrunk.difference.index);
  for (std::size_t o = 0; o < c.call.places.size(); ++o) {
    const Call::Place& place = c.call.places[o];
    if (place.over != kNone)
      out += "  result " + std::to_string(o) + " in place of " +
             c.kernel.params[static_cast<std::size_t>(place.over)].name + "\n";
    else if (place.shift != 0 && c.kernel.outputs[o].array)
      out +=
          "  result " + std::to_string(o) + " " + std::to_string(place.shift) + " elements from an aligned address\n";
  }
  return out + "----\n";
}

}  // namespace trueno::fuzz
