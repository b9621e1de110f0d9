// Fuzzes configurations: config_fuzz [count] [seed].
//
// Mutates TOML. For each input: no crash, bounded memory, every mistake is told in one line of bounded length; what was
// understood, listed and read again, gives the same settings without a mistake; and values that are out of range never
// arrive in them. Built with the sanitizers, it found that toml++ 3.3 takes for impossible what broken input does.
#include <cctype>
#include <cstdio>
#include <string>

#include "runtime/config.h"
#include "tests/fuzz/text_fuzz.h"

namespace {

using namespace trueno;
using namespace trueno::runtime;
using fuzz::Random;

constexpr std::size_t kMostMemory = 32 << 20;  // live at once, for an input of at most kLongestInput

constexpr std::string_view kCorpus[] = {
    "schema_version = 1\nstrict = false\njit = \"auto\"\nmax_isa = \"avx2\"\nmax_vector_bits = 256\n",
    "verify = \"first\"\ncache_bytes = 67_108_864\ndump_directory = \"a/b\"\nverbose = true\n",
    "[tuning]\nvector_bits = 256\nunroll = 4\naccumulators = 8\npeel = 4096\nnontemporal_bytes = \"never\"\n",
    "[tuning.avx512]\nunroll = 2\n\n[tuning.avx512.reduction]\nunroll = 8\n[tuning.sse42.mixed]\npeel = 0x10\n",
    "tuning.avx2 = { unroll = 3, mixed.peel = 'never', elementwise = { unroll = \"auto\" } }\n",
    "# \xc3\xa9\n\"jit\" = '''off'''\ndump_directory = \"\"\"\na\\u0041\\\n  b\"\"\"\n",
    "a = [1, 2.5, 1979-05-27T07:32:00Z, [true, \"x\"], { b = 07:32:00 }]\n[[c]]\nd.e.f = inf\n",
};

constexpr std::string_view kTokens[] = {
    "=",
    ".",
    ",",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "\"",
    "'",
    "\"\"\"",
    "'''",
    "\n",
    "\r\n",
    "#",
    "\\u00e9",
    "\\",
    "true",
    "false",
    "1",
    "-1",
    "0x7f",
    "1e400",
    "nan",
    "inf",
    "\xc3\xa9",
    "\xff",
    "\xef\xbb\xbf",
    "9223372036854775807",
    "9223372036854775808",
    "1979-05-27",
    "schema_version",
    "schema_version = 2\n",
    "strict = true\n",
    "jit",
    "max_isa",
    "tuning",
    "unroll",
    "peel",
    "[tuning.avx512.reduction]\n",
    "[tuning]\n",
    "avx2",
    "mixed",
    "\"auto\"",
    "\"never\"",
    "a.b.c",
};
constexpr std::string_view kOpeners[] = {"[",  "{a=",     "a.",         "[a.b.",   "{ a.b.c = [",
                                         "\"", "a = 1\n", "a.b = 1\n[", "\xc3\xa9"};

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/// A word or number for another.
void exchange(std::string& text, Random& random) {
  constexpr std::string_view kWords[] = {"unroll",    "peel", "auto",   "never",  "off",  "avx2",
                                         "reduction", "jit",  "tuning", "verify", "1",    "0",
                                         "16",        "17",   "256",    "true",   "false"};
  std::size_t begin = random.below(text.size());
  if (!in_word(text[begin])) return;
  std::size_t end = begin;
  while (begin > 0 && in_word(text[begin - 1])) --begin;
  while (end < text.size() && in_word(text[end])) ++end;
  text.replace(begin, end - begin, random.pick(kWords));
}

bool in_range(const Tuned& t) {
  return (t.vector_bits == 0 || t.vector_bits == 128 || t.vector_bits == 256 || t.vector_bits == 512) &&
         t.tuning.unroll <= 16 && t.tuning.accumulators <= 32;
}

std::string check_one(const std::string& text, std::size_t& accepted) {
  Configuration all;
  const auto found = all.add_toml(text, "fuzz");
  accepted += found.ok() && found->empty();
  if (!found && all.problems().empty()) return "a refusal without a reason";
  for (const Diagnostic& d : all.problems())
    if (d.message.empty() || d.message.size() > 600 || d.message.find('\n') != d.message.npos)
      return "a mistake is told in " + std::to_string(d.message.size()) + " bytes: " + d.message;
  const Settings settings = all.settings();
  for (const auto& classes : settings.tuned)
    for (const Tuned& t : classes)
      if (!in_range(t)) return "tuning out of range";
  if (settings.cache_bytes > std::size_t{1} << 40 || settings.dump_directory.size() > 4000) return "out of range";

  std::string listed;
  for (const ConfigurationValue& v : all.values()) listed += v.key + " = " + v.value + "\n";
  Configuration again;
  if (const auto read = again.add_toml(listed, "listed"); !read || !read->empty())
    return "what is listed is refused:\n" + listed + Error(Status::internal, again.problems()).text();
  Settings same = again.settings();
  same.backend_origin = settings.backend_origin;
  return same == settings ? "" : "what is listed gives other settings:\n" + listed;
}

}  // namespace

int main(int argc, char** argv) {
  return fuzz::run("config_fuzz", argc, argv, {kCorpus, kTokens, kOpeners, exchange}, kMostMemory, check_one);
}
