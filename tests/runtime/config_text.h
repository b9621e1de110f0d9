// Random configurations with nothing wrong in them, from the table of keys: what is added to it is in them.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "runtime/config_keys.h"

namespace trueno::test {

class RandomConfig {
 public:
  explicit RandomConfig(std::uint32_t seed) : random_(seed) {}

  /// A value that fits, as TOML.
  std::string value(const runtime::Key& key) {
    using Kind = runtime::Key::Kind;
    std::vector<std::string> words;
    for (std::size_t begin = 0; begin < key.words.size();) {
      const std::size_t end = std::min(key.words.find(' ', begin), key.words.size());
      const std::string word(key.words.substr(begin, end - begin));
      words.push_back(word[0] >= '0' && word[0] <= '9' ? word : "\"" + word + "\"");
      begin = end + 1;
    }
    if (key.kind == Kind::flag) return below(2) ? "true" : "false";
    if (key.kind == Kind::text) return below(2) ? "\"\"" : "\"no/such directory\"";
    if (key.kind == Kind::choice || (!words.empty() && below(3) == 0)) return words[below(words.size())];
    // Any magnitude as likely as any other, so that small ones occur in ranges that reach far.
    const auto span = static_cast<std::uint64_t>(key.most - key.least) + 1;
    const std::uint64_t most = std::uint64_t{2} << below(62);
    return std::to_string(key.least + static_cast<std::int64_t>(random_() % std::min(span, most)));
  }

  /// Some keys, those of [tuning] also for an ISA and for a class. Nothing is printed or written for it, so neither
  /// `verbose` nor `perf`.
  std::string text() {
    std::string out;
    for (const runtime::Key& key : runtime::keys()) {
      const std::string name(key.name);
      if (key.table.empty() && name != "verbose" && name != "perf" && below(2)) out += name + " = " + value(key) + "\n";
      if (key.table.empty()) continue;
      if (below(2)) out += "tuning." + name + " = " + value(key) + "\n";
      for (std::size_t i = 0; i < runtime::kIsas; ++i) {
        runtime::Scope scope{static_cast<Isa>(i), {}};
        if (below(3) == 0) out += scope.table() + "." + name + " = " + value(key) + "\n";
        scope.kernels = static_cast<runtime::KernelClass>(below(runtime::kKernelClasses));
        if (below(3) == 0) out += scope.table() + "." + name + " = " + value(key) + "\n";
      }
    }
    return out;
  }

 private:
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }
  std::mt19937_64 random_;
};

}  // namespace trueno::test
