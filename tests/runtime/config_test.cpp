// What a configuration means: layers, tables within tables, and what is said about mistakes. Nothing here depends on
// the files or variables of this machine; config_process_test.cpp sets those.
#include "runtime/config.h"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <string>

#include "runtime/config_files.h"
#include "runtime/config_reference.h"
#include "runtime/config_toml.h"
#include "tests/runtime/config_text.h"
#include "tests/tools/scratch.h"

using namespace trueno;
using namespace trueno::runtime;
using Catch::Contains;

namespace {

using Variables = std::map<std::string, std::string>;
std::function<const char*(const char*)> lookup_in(const Variables& variables) {
  return [&variables](const char* name) {
    const auto at = variables.find(name);
    return at == variables.end() ? nullptr : at->second.c_str();
  };
}

/// The configuration of some layers of TOML, the weakest first.
Configuration of(std::initializer_list<std::string> layers) {
  Configuration all;
  int i = 0;
  for (const std::string& text : layers) (void)all.add_toml(text, "layer" + std::to_string(++i)).ok();
  return all;
}

/// "value # origin" of a key, as it is listed; empty if it is not.
std::string listed(const Configuration& all, const std::string& key) {
  for (const ConfigurationValue& v : all.values())
    if (v.key == key) return v.value + " # " + v.origin;
  return "";
}

std::string as_text(const Configuration& all) {
  std::string out;
  for (const ConfigurationValue& v : all.values()) out += v.key + " = " + v.value + "\n";
  return out;
}

}  // namespace

TEST_CASE("what is built in is what Settings begins with, and fits") {
  CHECK(Configuration().settings() == Settings());
  for (const Key& key : keys()) {
    INFO(key.name);
    const Value value = built_in(key);
    CHECK(complaint(key, &value).empty());
    CHECK(toml_text(value) == key.otherwise);
    CHECK((key.set != nullptr) != (key.tune != nullptr));
  }
  for (const ConfigurationValue& v : Configuration().values()) CHECK(v.origin == "built-in");
}

TEST_CASE("each key reaches its setting") {
  const Settings s = of({"strict = true\njit = \"off\"\nmax_isa = \"v2\"\nmax_vector_bits = 256\nverify = \"always\"\n"
                         "cache_bytes = 77\ndump_directory = \"a b\"\nverbose = true\n[tuning]\nvector_bits = 128\n"
                         "unroll = 3\naccumulators = 5\npeel = 9\nnontemporal_bytes = 11\ncode_offset = 13\n"})
                         .settings();
  CHECK(s.strict);
  CHECK(s.backend == Backend::fallback);
  CHECK(s.backend_origin == "layer1:2");
  CHECK(s.isa == Isa::sse42);
  CHECK(s.vector_bits == 256);
  CHECK(s.verify == VerifyPolicy::always);
  CHECK(s.cache_bytes == 77);
  CHECK(s.dump_directory == "a b");
  CHECK(s.verbose);
  for (const auto& classes : s.tuned)
    for (const Tuned& t : classes) CHECK(t == Tuned{128, {3, 5, 9, 11, 13}});
  CHECK(of({"jit = \"require\""}).settings().backend == Backend::jit);
  CHECK(of({"jit = \"auto\""}).settings().backend == Backend::automatic);
  CHECK(of({"verify = \"first\""}).settings().verify == VerifyPolicy::first);
  const Settings never = of({"tuning.peel = 1", "tuning.peel = \"never\""}).settings();
  CHECK(never.tuned_for(Isa::avx2, KernelClass::mixed).tuning.peel == jit::Tuning::kNever);
}

TEST_CASE("the stronger layer wins, for what it says") {
  const Configuration all = of({"verify = \"first\"\ncache_bytes = 1", "cache_bytes = 2\njit = \"off\"", ""});
  CHECK(listed(all, "verify") == "\"first\" # layer1:1");
  CHECK(listed(all, "cache_bytes") == "2 # layer2:1");
  CHECK(listed(all, "jit") == "\"off\" # layer2:2");
  CHECK(listed(all, "verbose") == "false # built-in");
}

TEST_CASE("tuning: what is said for fewer kernels wins in a layer, a layer above wins over all below") {
  const auto unroll = [](const Configuration& all, Isa isa, KernelClass c) {
    return all.settings().tuned_for(isa, c).tuning.unroll;
  };
  const std::string specific = "[tuning.avx512.reduction]\nunroll = 3\n[tuning.avx512]\nunroll = 2\n";
  const Configuration one = of({specific + "[tuning]\nunroll = 1\n"});
  CHECK(unroll(one, Isa::avx512, KernelClass::reduction) == 3);
  CHECK(unroll(one, Isa::avx512, KernelClass::mixed) == 2);
  CHECK(unroll(one, Isa::avx2, KernelClass::reduction) == 1);
  CHECK(listed(one, "tuning.unroll") == "1 # layer1:6");
  CHECK(listed(one, "tuning.avx512.reduction.unroll") == "3 # layer1:2");
  CHECK(listed(one, "tuning.avx512.elementwise.unroll") == "2 # layer1:4");
  CHECK(listed(one, "tuning.avx2.unroll").empty());

  const Configuration above = of({specific, "tuning.unroll = 7", "tuning.sse42.unroll = 5"});
  CHECK(unroll(above, Isa::avx512, KernelClass::reduction) == 7);
  CHECK(unroll(above, Isa::sse42, KernelClass::mixed) == 5);
  CHECK(listed(above, "tuning.sse42.unroll") == "5 # layer3:1");
  CHECK(listed(above, "tuning.avx512.reduction.unroll").empty());
}

TEST_CASE("what is listed is a configuration, and gives the same again") {
  test::RandomConfig random(1);
  for (int i = 0; i < 200; ++i) {
    const std::string text = random.text();
    INFO(text);
    const Configuration all = of({random.text(), text});
    REQUIRE(all.problems().empty());
    Settings again = of({as_text(all)}).settings();
    Settings expected = all.settings();
    again.backend_origin = expected.backend_origin = "";
    REQUIRE(again == expected);
  }
}

TEST_CASE("mistakes: where, what is allowed, the nearest; and the rest applies") {
  const struct {
    std::string text, says;
    bool rest = true;
  } cases[] = {
      {"jitt = \"off\"", "f:2:1: error: unknown key 'jitt': must be one of schema_version, strict, jit, max_isa, "},
      {"jitt = \"off\"", "tuning; did you mean 'jit'?"},
      {"unroll = 4", "; did you mean 'tuning.unroll'?"},
      {"[tunning]\nunroll = 4", "f:2:2: error: unknown table 'tunning': must be one of "},
      {"[tuning]\n unrol = 4", "f:3:2: error: unknown key 'unrol' in [tuning]: must be one of vector_bits, unroll, "},
      {"[tuning.avx51]\nunroll = 4", "f:2:9: error: unknown table 'avx51' in [tuning]: must be one of "},
      {"[tuning.sse4.2]\nunroll = 4", "did you mean 'sse42'?"},
      {"[tuning.avx2.reducton]",
       "in [tuning.avx2]: must be one of vector_bits, unroll, accumulators, peel, "
       "nontemporal_bytes, code_offset, reduction, elementwise, mixed; did you mean 'reduction'?"},
      {"[tuning.avx2.mixed.mixed]", "unknown table 'mixed' in [tuning.avx2.mixed]"},
      {"\"tuning.unroll\" = 4", "unknown key 'tuning.unroll'"},
      {"tuning = 3", "f:2:10: error: 'tuning' must be a table, not an integer"},
      {"[tuning]\navx2 = 3", "'tuning.avx2' must be a table, not an integer"},
      {"[jit]", "jit is a table: must be \"auto\", \"off\" or \"require\""},
      {"jit = \"of\"", "f:2:7: error: jit = \"of\": must be \"auto\", \"off\" or \"require\"; did you mean 'off'?"},
      {"jit = [\"off\"]", "f:2:7: error: jit is an array: must be"},
      {"verbose = 1", "f:2:11: error: verbose = 1: must be true or false"},
      {"cache_bytes = 1.5", "cache_bytes is a float: must be an integer, 0 to 1099511627776"},
      {"cache_bytes = -1", "cache_bytes = -1: must be an integer, 0 to 1099511627776"},
      {"cache_bytes = \"64M\"", "cache_bytes = \"64M\": must be an integer"},
      {"dump_directory = 3", "dump_directory = 3: must be a string of at most 4000 bytes"},
      {"dump_directory = \"a\\u0000b\"", "dump_directory = \"a\\u0000b\": must be a string"},
      {"dump_directory = \"" + std::string(4001, 'x') + "\"", "dump_directory is a string: must be"},
      {"max_vector_bits = 384", "must be \"auto\", 128, 256 or 512"},
      {"max_vector_bits = \"256\"", "max_vector_bits = \"256\": must be \"auto\", 128, 256 or 512"},
      {"tuning.unroll = 17", "tuning.unroll = 17: must be an integer, 1 to 16, or \"auto\""},
      {"tuning.peel = \"nevr\"", "must be an integer, 0 or more, or \"never\"; did you mean 'never'?"},
      {"tuning = { \"\xc3\xa9\" = 1, unroll = 99 }", "f:2:31: error: tuning.unroll = 99"},
      {"schema_version = \"1\"", "schema_version = \"1\": must be an integer, 1"},
      {"schema_version = 0", "schema_version = 0: must be an integer, 1"},
      {"date = 2020-01-01", "unknown key 'date'"},
      {"strict = 2020-01-01", "strict is a date or time: must be true or false"},
      {"schema_version = 2", "f:2:18: error: schema_version = 2 is newer than 1", false},
      {"jit = ", "f:2:7: error: no TOML: ", false},
      {"jit = \"off", "no TOML: ", false},
      {"[= 1", "f:2:2: error: no TOML: ", false},  // these two break what toml++ takes for granted
      {"\xc3\xa9 = 1", "f:2:1: error: no TOML: ", false},
      {"verify = \"off\"", "no TOML: ", false},  // twice
      {"jit = \"\xff\"", "no TOML: ", false},
      {"peel = 99999999999999999999", "no TOML: ", false},
      {std::string("a = \0", 5), "no TOML: ", false},
      {"a" + std::string(200, '.') + "b = 1", "f:2:1: error: more than 100 dots in a line", false},
      {"a = " + std::string(10000, '['), "no TOML: ", false},
      {"#" + std::string(kMostConfigBytes, 'x'), "f: error: longer than 65536 bytes", false},
  };
  for (const auto& c : cases) {
    INFO(c.text.substr(0, 200));
    Configuration all;
    const auto found = all.add_toml("verify = \"first\"\n" + c.text, "f");
    CHECK(found.ok() == c.rest);
    REQUIRE_FALSE(all.problems().empty());
    CHECK_THAT(Error(Status::invalid_argument, all.problems()).text(), Contains(c.says));
    CHECK((all.settings().verify == VerifyPolicy::first) == c.rest);
    CHECK(all.outcome().ok());
    for (const Diagnostic& d : all.problems()) {
      CHECK(d.message.size() < 400);
      CHECK(d.message.find('\n') == d.message.npos);
    }
  }
}

TEST_CASE("all mistakes of a file at once, up to a limit") {
  CHECK(of({"a = 1\nb = 2\n[tuning]\nc = 3\n"}).problems().size() == 3);
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "k" + std::to_string(i) + " = 1\n";
  CHECK(of({many}).problems().size() == 101);
  const Configuration long_name = of({std::string(20000, 'x') + " = 1"});
  CHECK_THAT(long_name.problems().at(0).message, Contains("xxx...'"));
}

TEST_CASE("strict: whatever is wrong, in whatever layer, is an error, all of it at once") {
  const std::string wrong = "jitt = 1\nverbose = 3\n";
  CHECK(of({wrong}).outcome().ok());
  for (const Configuration& all : {of({"strict = true", wrong}), of({wrong, "strict = true"})}) {
    const auto outcome = all.outcome();
    REQUIRE_FALSE(outcome.ok());
    CHECK(outcome.status() == Status::invalid_argument);
    CHECK(outcome.error().diagnostics.size() == 2);
  }
  CHECK(of({"strict = true", wrong, "strict = false"}).outcome().ok());
  CHECK(of({"strict = true"}).outcome().ok());
  CHECK_FALSE(of({"strict = true", "schema_version = 9"}).outcome().ok());
  CHECK_FALSE(of({"strict = true", "jit ="}).outcome().ok());
}

TEST_CASE("the environment") {
  const Variables good{{"TRUENO_JIT", "off"},          {"TRUENO_MAX_ISA", "v3"}, {"TRUENO_VL", "128"},
                       {"TRUENO_VERBOSE", "1"},        {"TRUENO_STRICT", "off"}, {"TRUENO_VERIFY", "first"},
                       {"TRUENO_CACHE_BYTES", "4096"}, {"TRUENO_DUMP_DIR", "77"}};
  Configuration all = of({"verify = \"always\""});
  all.add_environment(lookup_in(good));
  CHECK(all.problems().empty());
  CHECK(listed(all, "jit") == "\"off\" # environment TRUENO_JIT");
  CHECK(listed(all, "max_isa") == "\"v3\" # environment TRUENO_MAX_ISA");
  CHECK(listed(all, "max_vector_bits") == "128 # environment TRUENO_VL");
  CHECK(listed(all, "verbose") == "true # environment TRUENO_VERBOSE");
  CHECK(listed(all, "verify") == "\"first\" # environment TRUENO_VERIFY");
  CHECK(listed(all, "cache_bytes") == "4096 # environment TRUENO_CACHE_BYTES");
  CHECK(listed(all, "dump_directory") == "\"77\" # environment TRUENO_DUMP_DIR");

  const Variables bad{{"TRUENO_JIT", "require "},    {"TRUENO_MAX_ISA", "mmx"},
                      {"TRUENO_VL", "77"},           {"TRUENO_VERBOSE", "perhaps"},
                      {"TRUENO_CACHE_BYTES", "1e6"}, {"TRUENO_VERIFY", "\xff\n"},
                      {"TRUENO_STRICT", ""},         {"TRUENO_DUMP_DIR", std::string(5000, 'x')}};
  Configuration wrong;
  wrong.add_environment(lookup_in(bad));
  CHECK(wrong.problems().size() == bad.size() - 1);  // an empty one is not set
  CHECK(wrong.settings() == Settings());
  const std::string told = Error(Status::invalid_argument, wrong.problems()).text();
  CHECK_THAT(told,
             Contains("TRUENO_JIT='require ': must be \"auto\", \"off\" or \"require\"; did you mean 'require'?"));
  CHECK_THAT(told, Contains("TRUENO_VL='77': must be \"auto\", 128, 256 or 512"));
}

TEST_CASE("caps lower, and say who set them") {
  Configuration all = of({"max_isa = \"avx2\"\nmax_vector_bits = 128"});
  const Host host = all.capped(Isa::avx512);
  CHECK(host.isa == Isa::avx2);
  CHECK(host.detected == Isa::avx512);
  CHECK(host.vector_bits_cap == 128);
  CHECK(host.note ==
        "isa capped to avx2 by max_isa (layer1:1); vectors capped to 128 bits by max_vector_bits (layer1:2)");
  CHECK(all.capped(Isa::sse2).isa == Isa::sse2);
  CHECK(all.capped(std::nullopt).isa == std::nullopt);
  CHECK(of({"max_isa = \"avx512\"\nmax_vector_bits = 512"}).capped(Isa::sse42) ==
        Host{Isa::sse42, Isa::sse42, 512, ""});
}

TEST_CASE("which files") {
  const auto paths = [](const Variables& variables) {
    std::string out;
    for (const ConfigFile& f : config_files(lookup_in(variables))) out += f.path + (f.asked_for ? "!" : "") + " ";
    return out;
  };
  const std::string name = "/trueno/config.toml ", system = "/etc" + name;
  CHECK(paths({}) == system + "/etc/xdg" + name);
  CHECK(paths({{"HOME", "/h"}}) == system + "/etc/xdg" + name + "/h/.config" + name);
  CHECK(paths({{"HOME", "/h"}, {"XDG_CONFIG_HOME", "/c"}}) == system + "/etc/xdg" + name + "/c" + name);
  CHECK(paths({{"HOME", "/h"}, {"XDG_CONFIG_HOME", "c"}}) == system + "/etc/xdg" + name + "/h/.config" + name);
  CHECK(paths({{"XDG_CONFIG_DIRS", "/a:/b::c:/d:"}}) == system + "/d" + name + "/b" + name + "/a" + name);
  CHECK(paths({{"XDG_CONFIG_DIRS", ":"}}) == system);
  CHECK(paths({{"TRUENO_CONFIG", "mine"}, {"XDG_CONFIG_DIRS", "/a"}}) == system + "/a" + name + "mine! ");
}

TEST_CASE("reading files that are none, or too much") {
  const tests::Scratch files;
  tests::write_bytes(files / "a", "jit = 1\n");
  tests::write_bytes(files / "huge", std::string(std::size_t{1} << 20, '#'));
  REQUIRE(mkfifo((files / "pipe").c_str(), 0600) == 0);
  std::filesystem::create_directory(files / "d");
  CHECK(**read_config_file(files / "a") == "jit = 1\n");
  CHECK(read_config_file(files / "none")->has_value() == false);
  CHECK(read_config_file(files / "a/none")->has_value() == false);
  CHECK(**read_config_file("/dev/null") == "");
  const auto refused = [](const std::string& path) {
    const auto text = read_config_file(path);
    return text ? "read" : text.error().text();
  };
  CHECK_THAT(refused(files / "d"), Contains("/d: error: cannot be read: is a directory"));
  CHECK_THAT(refused(files / "pipe"), Contains("/pipe: error: cannot be read: is no file"));
  CHECK_THAT(refused(files / "huge"), Contains("/huge: error: longer than 65536 bytes"));
  CHECK_THAT(refused("/dev/zero"), Contains("longer than"));
  std::filesystem::permissions(files / "a", std::filesystem::perms::none);
  if (geteuid() != 0) CHECK_THAT(refused(files / "a"), Contains("cannot be read: Permission denied"));
}

TEST_CASE("configs/default.toml and docs/configuration.md say what the table of keys says") {
  const std::filesystem::path root = std::filesystem::path(TRUENO_TESTS_DIR).parent_path();
  const std::string toml = (root / "configs/default.toml").string(), docs = (root / "docs/configuration.md").string();
  const std::string begin = "<!-- keys: made from the table of keys -->\n", end = "<!-- end of keys -->\n";
  std::string page = tests::read_bytes(docs);
  const std::size_t from = page.find(begin) + begin.size(), to = page.find(end);
  REQUIRE(page.find(begin) != page.npos);
  REQUIRE((to != page.npos && to >= from));
  if (const char* bless = std::getenv("TRUENO_BLESS"); bless && std::string(bless) == "1") {
    tests::write_bytes(toml, reference_toml());
    tests::write_bytes(docs, page.substr(0, from) + reference_markdown() + page.substr(to));
    return;
  }
  CHECK(page.substr(from, to - from) == reference_markdown());
  const std::string text = tests::read_bytes(toml);
  CHECK(text == reference_toml());
  const Configuration all = of({text});
  CHECK(all.problems().empty());
  Settings settings = all.settings();
  settings.backend_origin = Settings().backend_origin;
  CHECK(settings == Settings());
  for (const ConfigurationValue& v : all.values()) CHECK(v.origin.rfind("layer1:", 0) == 0);
}
