// .npy files: what is read, what is refused and how, what is written, and that bad bytes do no harm.
#include "tools/npy.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <random>

#include "tests/tools/scratch.h"

using namespace trueno;
using namespace trueno::tools;
using trueno::tests::read_bytes;
using trueno::tests::Scratch;
using trueno::tests::write_bytes;

namespace {

/// A file of version `major` with this dict, unpadded, and this data.
std::string file_of(const std::string& dict, const std::string& data, int major = 1) {
  std::string out = std::string("\x93NUMPY", 6) + static_cast<char>(major) + '\0';
  for (int i = 0; i < (major == 1 ? 2 : 4); ++i) out += static_cast<char>(dict.size() >> 8 * i);
  return out + dict + data;
}

std::string dict_of(const std::string& descr, const std::string& shape, const std::string& order = "False") {
  return "{'descr': " + descr + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

std::span<const std::uint8_t> bytes_of(const std::string& s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

std::string refusal(const std::string& file) {
  const auto header = parse_npy_header(bytes_of(file));
  if (header) return "(accepted)";
  CHECK(header.status() == Status::io);
  return header.error().text();
}

/// -7, -4, -1, ... as numpy_files.py has them.
template <class T>
std::vector<T> counting(std::size_t n) {
  std::vector<T> out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<T>(static_cast<double>(i) * 3 - 7);
  return out;
}

template <class T>
void check_round_trip(const Scratch& scratch, Type type, std::size_t n) {
  const std::vector<T> values = counting<T>(n);
  const std::string path = scratch / ("trueno_" + std::string(name_of(type)) + "_" + std::to_string(n) + ".npy");
  REQUIRE(write_npy(path, type, values.data(), n));
  const auto array = read_npy(path);
  REQUIRE(array);
  CHECK(array->type() == type);
  REQUIRE(array->length() == n);
  CHECK(reinterpret_cast<std::uintptr_t>(array->data()) % 64 == 0);
  CHECK((n == 0 || std::memcmp(array->data(), values.data(), n * sizeof(T)) == 0));
}

void write_all_types(const Scratch& scratch) {
  for (const std::size_t n : {0, 1, 5, 1000}) {
    check_round_trip<float>(scratch, Type::f32, n);
    check_round_trip<double>(scratch, Type::f64, n);
    check_round_trip<std::int32_t>(scratch, Type::i32, n);
    check_round_trip<std::int64_t>(scratch, Type::i64, n);
  }
}

/// A Python that has NumPy: the first of the path may be another than the distribution's, which owns the package.
std::optional<std::string> numpy() {
  for (const char* python : {"python3", "/usr/bin/python3"})
    if (std::system((python + std::string(" -c 'import numpy' 2>/dev/null")).c_str()) == 0)
      return python + std::string(" -W ignore " TRUENO_TESTS_DIR "/tools/numpy_files.py ");
  WARN("skipped: python3 with numpy is not installed");
  return std::nullopt;
}
int run(const std::string& command) { return std::system(command.c_str()); }

}  // namespace

TEST_CASE("what is written can be read") { write_all_types(Scratch()); }

TEST_CASE("headers that are accepted") {
  for (const char* descr : {"'<f4'", "'=f4'", "'|f4'", "\"<f4\""})
    for (const char* shape : {"(3,)", "( 3 , )", "(3L,)"})
      for (const int major : {1, 2, 3}) {
        INFO(descr << shape << major);
        const auto header = parse_npy_header(bytes_of(file_of(dict_of(descr, shape), "", major)));
        REQUIRE(header);
        CHECK(header->type == Type::f32);
        CHECK(header->shape == NpyShape(3));
      }
  const auto other_order =
      parse_npy_header(bytes_of(file_of("{\"shape\":(2,),\"descr\":'<i8','fortran_order':False}", "")));
  REQUIRE(other_order);
  CHECK(other_order->type == Type::i64);
}

TEST_CASE("headers that are refused, with what was found") {
  const struct {
    std::string file, says;
  } cases[] = {
      {"", "no .npy file"},
      {"PK\x03\x04 a zip", "no .npy file"},
      {"\x93NUMPY", "ends within its header"},
      {std::string("\x93NUMPY\x01\x00\x10", 9), "ends within its header"},
      {file_of(dict_of("'<f4'", "(3,)"), "", 4), "version 4.0"},
      {file_of(dict_of("'<f4'", "(3,)"), "").substr(0, 30), "truncated"},
      {file_of(dict_of("'>f4'", "(3,)"), ""), "big-endian ('>f4')"},
      {file_of(dict_of("'<f2'", "(3,)"), ""), "dtype '<f2'"},
      {file_of(dict_of("'f4'", "(3,)"), ""), "dtype 'f4'"},
      {file_of(dict_of("'<f44'", "(3,)"), ""), "dtype '<f44'"},
      {file_of(dict_of("''", "(3,)"), ""), "dtype ''"},
      {file_of(dict_of("[('a', '<f4'), ('b', '<i4', (2,))]", "(3,)"), ""), "structured type, [('a'"},
      {file_of(dict_of("'<f4'", "()"), ""), "0-D, shape ()"},
      {file_of(dict_of("'<f4'", "(2, 3, 1)"), ""), "3-D, shape (2, 3, 1)"},
      {file_of(dict_of("'<f4'", "(3)"), ""), "(N) without a comma"},
      {file_of(dict_of("'<f4'", "(-3,)"), ""), "expected a length"},
      {file_of(dict_of("'<f4'", "(3.5,)"), ""), "expected"},
      {file_of(dict_of("'<f4'", "[3]"), ""), "expected a tuple"},
      {file_of(dict_of("'<f4'", "(3 4)"), ""), "expected ',' or ')'"},
      {file_of(dict_of("'<f4'", "(99999999999999999999999,)"), ""), "beyond 64 bits"},
      {file_of(dict_of("'<f4'", "(18446744073709551615,)"), ""), "longer than memory"},
      {file_of(dict_of("'<f4'", "(4611686018427387904,)"), ""), "longer than memory"},
      {file_of(dict_of("'<f4'", "(3,)", "True"), ""), "Fortran order"},
      {file_of(dict_of("'<f4'", "(3,)", "1"), ""), "True or False"},
      {file_of("{'descr': '<f4', 'shape': (3,)}", ""), "no 'fortran_order'"},
      {file_of("{'descr': '<f4', 'descr': '<f4'}", ""), "'descr' twice"},
      {file_of("{'descr': '<f4', 'colour': 1}", ""), "unknown key 'colour'"},
      {file_of("{'descr': '<f4' 'shape': (3,)}", ""), "expected ',' or '}'"},
      {file_of("{'descr: 3}", ""), "quoted key"},
      {file_of("descr", ""), "expected '{'"},
      {file_of(dict_of("'<f4'", "(3,)") + "x", ""), "end of the header"},
      {file_of(dict_of("'<f4'", "(3,)") + std::string(1, '\0'), ""), "end of the header"},
      {file_of(dict_of(std::string(60000, '['), "(3,)"), ""), "too deeply"},
  };
  for (const auto& c : cases) {
    INFO(c.file);
    CHECK_THAT(refusal(c.file), Catch::Contains(c.says));
  }
}

TEST_CASE("a file of any other length is refused, and an error carries the file's name") {
  const Scratch scratch;
  const std::string path = scratch / "x.npy";
  const std::vector<float> values(3, 1.5f);
  REQUIRE(write_npy(path, Type::f32, values.data(), 3));
  const std::string whole = read_bytes(path);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    write_bytes(path, whole.substr(0, length));
    const auto array = read_npy(path);
    REQUIRE_FALSE(array);
    CHECK_THAT(array.error().text(), Catch::StartsWith(path + ": error: "));
  }
  write_bytes(path, whole + "x");
  CHECK_THAT(read_npy(path).error().text(),
             Catch::Contains("trailing bytes: 3 elements of f32 are 12 bytes, 13 follow"));
  write_bytes(path, whole);
  CHECK(read_npy(path));
}

TEST_CASE("misaligned data is copied to where it is aligned") {
  const Scratch scratch;
  const std::vector<double> values{1.5, -2.5};
  std::string data(16, '\0');
  std::memcpy(data.data(), values.data(), 16);
  for (const char* pad : {"", " ", "  ", "   ", "     ", "       "}) {
    write_bytes(scratch / "x.npy", file_of(pad + dict_of("'<f8'", "(2,)"), data));
    const auto array = read_npy(scratch / "x.npy");
    REQUIRE(array);
    CHECK(reinterpret_cast<std::uintptr_t>(array->data()) % 8 == 0);
    CHECK(std::memcmp(array->data(), values.data(), 16) == 0);
  }
}

TEST_CASE("what is no regular file is refused") {
  const Scratch scratch;
  CHECK_THAT(read_npy(scratch / "missing.npy").error().text(), Catch::Contains("No such file"));
  CHECK_THAT(read_npy(scratch / "").error().text(), Catch::Contains("directory"));
  REQUIRE(::mkfifo((scratch / "pipe").c_str(), 0600) == 0);
  CHECK_THAT(read_npy(scratch / "pipe").error().text(), Catch::Contains("not a regular file"));
  CHECK_THAT(read_npy("/dev/null").error().text(), Catch::Contains("not a regular file"));
}

TEST_CASE("an input that is replaced stays as it was mapped; links are followed, permissions kept") {
  const Scratch scratch;
  const std::string path = scratch / "x.npy", link = scratch / "link.npy";
  const float before = 1, after = 2;
  REQUIRE(write_npy(path, Type::f32, &before, 1));
  REQUIRE(::chmod(path.c_str(), 0640) == 0);
  std::filesystem::create_symlink(path, link);
  const auto mapped = read_npy(path);
  REQUIRE(write_npy(link, Type::f32, &after, 1));
  CHECK(*static_cast<const float*>(mapped->data()) == before);
  CHECK(*static_cast<const float*>(read_npy(path)->data()) == after);
  CHECK(std::filesystem::is_symlink(link));
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0640);
  CHECK(scratch.files() == 2);
}

TEST_CASE("a file that cannot be written leaves the old one, and nothing else") {
  const Scratch scratch;
  const std::vector<float> values(10000, 1);
  CHECK_THAT(write_npy(scratch / "no/such/place.npy", Type::f32, values.data(), 10).error().text(),
             Catch::Contains("No such file"));
  CHECK_THAT(write_npy(scratch / "", Type::f32, values.data(), 10).error().text(), Catch::Contains("directory"));
  CHECK_THAT(write_npy("/dev/full", Type::f32, values.data(), 10).error().text(), Catch::Contains("No space left"));

  const std::string path = scratch / "x.npy";
  REQUIRE(write_npy(path, Type::f32, values.data(), 10));
  struct rlimit old {};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
  const struct rlimit small { 4096, old.rlim_max };
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const auto done = write_npy(path, Type::f32, values.data(), values.size());
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &old) == 0);
  ::signal(SIGXFSZ, handler);
  REQUIRE_FALSE(done);
  CHECK_THAT(done.error().text(), Catch::Contains("too large"));
  CHECK(read_npy(path)->length() == 10);
  CHECK(scratch.files() == 1);
}

TEST_CASE("mutated headers do no harm") {
  std::mt19937 random(7);
  const std::string seeds[] = {file_of(dict_of("'<f4'", "(3,)"), std::string(12, 'x')),
                               file_of(dict_of("[('a', '<f4')]", "(3, 4)"), std::string(12, 'x'), 2),
                               file_of(dict_of("'<i8'", "(12345678901234567890,)", "True"), "", 3)};
  constexpr char kLikely[] = "{}()[]',:\"<>=|0123456789TrueFalsefortran_ \n\\L\0\xff";
  std::size_t accepted = 0;
  for (int i = 0; i < 300000; ++i) {
    std::string file = seeds[random() % 3];
    for (unsigned m = 1 + random() % 4; m-- > 0;) {
      const std::size_t at = random() % file.size();
      const char c = random() % 4 ? kLikely[random() % (sizeof(kLikely) - 1)] : static_cast<char>(random());
      switch (random() % 4) {
        case 0: file.insert(at, 1, c); break;
        case 1: file.erase(at, 1 + random() % 3); break;
        default: file[at] = c;
      }
    }
    // A heap copy of the exact size, so that a sanitizer sees any read beyond it.
    const std::vector<std::uint8_t> bytes(file.begin(), file.end());
    if (const auto header = parse_npy_header(bytes)) {
      ++accepted;
      REQUIRE(header->data_offset <= bytes.size());
      REQUIRE(header->shape.elements() <= (std::uint64_t{1} << 63) / stored_bytes(header->type));
    }
  }
  CHECK(accepted > 1000);
}

TEST_CASE("NumPy reads what is written here") {
  const auto script = numpy();
  if (!script) return;
  const Scratch scratch;
  write_all_types(scratch);
  std::vector<std::uint8_t> mask(100);
  for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = i % 3 == 0;
  REQUIRE(write_npy(scratch / "trueno_m32_100.npy", Type::m32, mask.data(), mask.size()));
  const float matrix[] = {-7, -4, -1, 2, 5, 8};
  REQUIRE(write_npy(scratch / "trueno_f32_2x3.npy", Type::f32, matrix, {2, 3}));
  CHECK(run(*script + "check " + (scratch / "")) == 0);
}

TEST_CASE("what NumPy writes is read, or refused") {
  const auto script = numpy();
  if (!script) return;
  const Scratch scratch;
  REQUIRE(run(*script + "write " + (scratch / "")) == 0);
  std::size_t good = 0, bad = 0;
  for (const auto& entry : std::filesystem::directory_iterator(scratch / "")) {
    const std::string name = entry.path().stem().string();
    INFO(name);
    const auto array = read_npy(entry.path().string());
    if (name.starts_with("bad_")) {
      ++bad;
      REQUIRE_FALSE(array);
      continue;
    }
    ++good;
    REQUIRE(array);
    CHECK(name_of(array->type()) == name.substr(0, 3));
    if (name == "f32_2x3")
      CHECK(array->shape() == NpyShape(2, 3));
    else
      REQUIRE(array->shape() == NpyShape(std::stoul(name.substr(4))));
    for (std::size_t i = 0; i < array->length(); ++i) {
      const double expected = static_cast<double>(i) * 3 - 7;
      const auto is = [&]<class T>(T) { return static_cast<const T*>(array->data())[i] == static_cast<T>(expected); };
      REQUIRE((array->type() == Type::f32   ? is(float{})
               : array->type() == Type::f64 ? is(double{})
               : array->type() == Type::i32 ? is(std::int32_t{})
                                            : is(std::int64_t{})));
    }
  }
  CHECK(good == 29);
  CHECK(bad == 12);
}
