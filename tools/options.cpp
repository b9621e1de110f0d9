// The shared half of the tools; see options.h for why it is shared.
#include "tools/options.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <memory>
#include <sstream>

#include "jit/host.h"
#include "tools/describe.h"
#include "trueno/lint.h"

namespace trueno::tools {
namespace {

Error bad_value(std::string_view option, std::string_view text, std::string_view takes) {
  return Error(Status::invalid_argument, fmt::format("{}: '{}' is not one of {}", option, text, takes));
}

int exit_code_of(Status status) {
  switch (status) {
    case Status::ok: return kFine;
    case Status::internal: return kFinding;
    case Status::unavailable: return kUnavailable;
    default: return kBadInput;
  }
}

}  // namespace

namespace {

/// What a tool prints of itself for --man and --completion; nothing where it was not asked to.
std::optional<Result<std::string>> description_of(const CLI::App& app, int argc, const char* const* argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--man") return man_page(app);
  if (argc == 3 && std::string_view(argv[1]) == "--completion") return completion(app, argv[2]);
  return std::nullopt;
}

}  // namespace

std::optional<int> parse_command_line(CLI::App& app, int argc, const char* const* argv, const Streams& streams) {
  if (const auto text = description_of(app, argc, argv)) {
    if (!*text) return fail(streams, app.get_name(), text->error());
    fmt::print(streams.out, "{}", **text);
    return finish(streams, app.get_name(), kFine);
  }
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    std::ostringstream out, err;
    const int code = app.exit(error, out, err) == 0 ? kFine : kBadInput;  // CLI11's own codes begin at 100
    fmt::print(streams.out, "{}", out.str());
    fmt::print(streams.err, "{}{}", err.str().empty() ? "" : app.get_name() + ": error: ", err.str());
    return finish(streams, app.get_name(), code);
  }
}

void add_repeatable(CLI::App& app, const std::string& name, std::vector<std::string>& into, const std::string& help) {
  app.add_option(name, into, help)->allow_extra_args(false)->take_all();
}

int fail(const Streams& streams, std::string_view tool, const Error& error) {
  fmt::print(streams.err, "{}: {}", tool, error.text());
  return exit_code_of(error.status);
}

int finish(const Streams& streams, std::string_view tool, int code) {
  if (std::fflush(streams.out) == 0 && !std::ferror(streams.out)) return code;
  fmt::print(streams.err, "{}: error: standard output cannot be written: {}\n", tool, std::strerror(errno));
  return kBadInput;
}

int main_of(Tool tool, int argc, const char* const* argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error as others are, and cleaned up after
  use_lint();
  try {
    return tool(argc, argv, Streams());
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: error: {}\n", argc > 0 ? argv[0] : "trueno", error.what());
    return kBadInput;
  }
}

Result<Isa> parse_isa(std::string_view text) {
  if (const auto isa = jit::isa_named(text)) return *isa;
  return bad_value("--isa", text, "sse2, sse4.2, avx2, avx512");
}

Result<Backend> parse_backend(std::string_view text) {
  for (const Backend b : {Backend::automatic, Backend::jit, Backend::fallback, Backend::interpreter})
    if (name_of(b) == text) return b;
  return bad_value("--backend", text, "auto, jit, fallback, interpreter");
}

Result<int> parse_vector_bits(std::string_view text) {
  if (text == "auto") return 0;
  for (const int bits : {128, 256, 512})
    if (std::to_string(bits) == text) return bits;
  return bad_value("--vl", text, "128, 256, 512 (bits), auto");
}

Result<Type> parse_number_type(std::string_view option, std::string_view text) {
  const auto type = type_named(text);
  if (type && is_number(*type)) return *type;
  return bad_value(option, text, "f32, f64, i32, i64");
}

std::vector<std::string> split(std::string_view list, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : list) {
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

bool means_file(const std::string& argument) {
  if (argument.ends_with(".tir")) return true;
  struct stat info {};
  return ::stat(argument.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

Result<std::string> read_text_file(const std::string& path) {
  const auto failed = [&](std::string_view what) {
    Error error(Status::io, fmt::format("{}: {}", what, std::strerror(errno)));
    error.diagnostics[0].file = path;
    return error;
  };
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
  if (!file) return failed("cannot be opened");
  std::string text;
  char part[1 << 16];
  while (const std::size_t n = std::fread(part, 1, sizeof(part), file.get())) text.append(part, n);
  if (std::ferror(file.get())) return failed("cannot be read");
  return text;
}

}  // namespace trueno::tools
