// What the fuzzers of texts share: mutations of a corpus, memory that is counted, and the loop over inputs.
//
// No fuzzing framework: the run is the same on every machine, and a failing input is printed with the command that
// repeats it. For one program each: it replaces operator new.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <new>
#include <span>
#include <string>
#include <string_view>

namespace trueno::fuzz {

constexpr std::size_t kLongestInput = 64 << 10;

inline std::size_t live_bytes = 0, peak_bytes = 0;
constexpr std::size_t kHeader = alignof(std::max_align_t);  // in front of every block: its size

inline void* counted_alloc(std::size_t size) {
  void* block = std::malloc(size + kHeader);
  if (block == nullptr) std::abort();
  std::memcpy(block, &size, sizeof size);
  live_bytes += size;
  if (live_bytes > peak_bytes) peak_bytes = live_bytes;
  return static_cast<char*>(block) + kHeader;
}

inline void counted_free(void* p) {
  if (p == nullptr) return;
  void* block = static_cast<char*>(p) - kHeader;
  std::size_t size;
  std::memcpy(&size, block, sizeof size);
  live_bytes -= size;
  std::free(block);
}

/// xorshift64*: the same stream everywhere (std distributions differ between libraries).
struct Random {
  std::uint64_t state;
  std::uint64_t next() {
    state ^= state >> 12, state ^= state << 25, state ^= state >> 27;
    return state * 0x2545f4914f6cdd1dull;
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>((next() >> 33) % n); }
  template <class List>
  std::string_view pick(const List& list) {
    return list[below(std::size(list))];
  }
};

/// What is mutated, and by what.
struct Language {
  std::span<const std::string_view> corpus, tokens;
  std::span<const std::string_view> openers;  ///< what nests, or goes on for long
  void (*exchange)(std::string&, Random&);  ///< puts a word in the place of another, so that the text stays well formed
};

inline std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  while (times-- > 0 && out.size() + piece.size() < kLongestInput / 2) out += piece;
  return out;
}

/// Bytes, tokens, splices, long repetitions, deep nesting.
inline void mutate(std::string& text, Random& random, const Language& language) {
  const std::size_t at = random.below(text.size() + 1);
  const std::size_t length = random.below(std::min<std::size_t>(text.size() - at, 24) + 1);
  const std::size_t kind = random.below(64);
  if (kind < 32) {
    if (!text.empty()) language.exchange(text, random);
  } else if (kind < 40) {
    text.insert(at, random.pick(language.tokens));
  } else if (kind < 46) {
    text.replace(at, length, random.pick(language.tokens));
  } else if (kind < 51) {
    text.erase(at, length);
  } else if (kind < 54) {
    if (at < text.size()) text[at] = static_cast<char>(random.next());
  } else if (kind < 57) {
    text.insert(random.below(text.size() + 1), text.substr(at, length));
  } else if (kind < 60) {
    const std::string_view other = random.pick(language.corpus);
    text.insert(at, other.substr(random.below(other.size())));
  } else if (random.below(16) == 0) {  // seldom, as it is slow: long chains, lists, lines; and deep nesting
    const std::string piece = text.substr(at, length) + std::string(random.pick(language.tokens)) + " ";
    text.insert(at, kind < 62 ? repeated(piece, 1 + random.below(4096))
                              : repeated(random.pick(language.openers), 1 + random.below(600)));
  }
}

/// Runs `program [count] [seed]` over mutated inputs. `check`: what is wrong with an input, or nothing; it counts what
/// is accepted. `most_memory`: that an input may take at once.
template <class Check>
int run(const char* program, int argc, char** argv, const Language& language, std::size_t most_memory, Check check) {
  const unsigned long long count = argc > 1 ? std::strtoull(argv[1], nullptr, 0) : 1'000'000;
  const unsigned long long seed = argc > 2 ? std::strtoull(argv[2], nullptr, 0) : 1;
  std::size_t accepted = 0, largest = 0;
  for (unsigned long long i = 0; i < count; ++i) {
    // Each input has a stream of its own, so that a failure repeats without the inputs before it.
    Random random{(seed + i) * 0x9e3779b97f4a7c15ull | 1};
    for (int warm = 0; warm < 4; ++warm) random.next();
    std::string text(random.pick(language.corpus));
    for (std::size_t n = random.below(8); n > 0; --n) mutate(text, random, language);
    if (text.size() > kLongestInput) text.resize(kLongestInput);
    peak_bytes = live_bytes;
    const std::size_t before = live_bytes;
    std::string problem = check(text, accepted);
    largest = std::max(largest, peak_bytes - before);
    if (problem.empty() && peak_bytes - before > most_memory)
      problem = "used " + std::to_string(peak_bytes - before) + " bytes";
    if (problem.empty()) continue;
    std::fprintf(stderr, "%s 1 %llu: %s\n--- input, %zu bytes\n%s\n", program, seed + i, problem.c_str(), text.size(),
                 text.c_str());
    return 1;
  }
  std::printf("%llu inputs, %zu accepted, at most %zu KiB for one\n", count, accepted, largest >> 10);
  return 0;
}

}  // namespace trueno::fuzz

void* operator new(std::size_t size) { return trueno::fuzz::counted_alloc(size); }
void* operator new[](std::size_t size) { return trueno::fuzz::counted_alloc(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return trueno::fuzz::counted_alloc(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return trueno::fuzz::counted_alloc(size); }
void operator delete(void* p) noexcept { trueno::fuzz::counted_free(p); }
void operator delete[](void* p) noexcept { trueno::fuzz::counted_free(p); }
void operator delete(void* p, std::size_t) noexcept { trueno::fuzz::counted_free(p); }
void operator delete[](void* p, std::size_t) noexcept { trueno::fuzz::counted_free(p); }
