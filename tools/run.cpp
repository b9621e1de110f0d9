// The steps of trueno-run; see run.h.
#include "tools/run.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <functional>

#include "ir/lex.h"
#include "tools/timing.h"
#include "tools/values.h"

namespace trueno::tools {
namespace {

Error refuse(std::string message) { return Error(Status::invalid_argument, std::move(message)); }

/// The options as strings, as CLI11 fills them.
struct RawOptions {
  std::string source, backend = "auto", isa, vl = "auto";
  std::vector<std::string> in, set, out;
  std::optional<std::int64_t> n;
  bool time = false, json = false, show_config = false;
};

void declare(CLI::App& app, RawOptions& raw) {
  app.name(std::string(kRunName));
  app.description(
      "Runs an expression, or the kernel in a file, over arrays in .npy files.\n"
      "Example: trueno-run 'mean(sigmoid(a*x + b))' --in x=column.npy --set a=0.5 --set b=-1\n"
      "2-D arrays are run row by row; 1-D arrays beside them are one row for all.\n"
      "An expression that begins with a minus goes last, after --.");
  auto* source = app.add_option("source", raw.source, "EXPR, or FILE.tir with one kernel");
  add_repeatable(app, "--in", raw.in,
                 "NAME=FILE.npy: an array of f32, f64, i32 or i64; if one is 2-D, the kernel runs over rows");
  add_repeatable(app, "--set", raw.set, "NAME=VALUE or NAME:TYPE=VALUE: a scalar, rounded once to its type");
  add_repeatable(app, "--out", raw.out, "FILE.npy or NAME=FILE.npy: where to write an array result");
  app.add_option("--n", raw.n, "Elements, for a kernel with an array result and no array parameter");
  app.add_option("--backend", raw.backend, "auto, jit (exit 3 if it is not to be had) or interpreter");
  app.add_option("--isa", raw.isa, "At most this: sse2, sse4.2, avx2, avx512");
  app.add_option("--vl", raw.vl, "Vector length in bits: 128, 256, 512, auto");
  app.add_flag("--time", raw.time, "Time many calls; the minimum counts");
  app.add_flag("--json", raw.json, "Print one JSON object; its ns is of one call unless --time is given");
  auto* show = app.add_flag("--show-config", raw.show_config, "Print every configured value with its origin; no EXPR");
  source->excludes(show);
  app.callback([source, show] {
    if (source->empty() && show->empty()) throw CLI::RequiredError("source");
  });
  app.footer(
      "Exit codes: 0 fine, 1 a defect or a mistake in the configuration was found, 2 bad usage, input or "
      "configuration,\n"
      "3 the JIT was required and is unavailable.");
}

/// "NAME=REST" with a name the language accepts.
Result<std::pair<std::string, std::string>> name_and_rest(std::string_view option, const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) return refuse(fmt::format("{} '{}': expected NAME=...", option, text));
  const std::string name = text.substr(0, equals);
  if (!ir::is_bindable(name)) return refuse(fmt::format("{} '{}': '{}' cannot be a name", option, text, name));
  return std::pair(name, text.substr(equals + 1));
}

Result<InputScalar> parse_set(const std::string& text) {
  const std::size_t colon = text.substr(0, text.find('=')).find(':');
  std::string plain = text;
  std::optional<Type> type;
  if (colon != std::string::npos) {
    const std::size_t equals = std::min(text.find('='), text.size());
    auto named = parse_number_type("--set " + text, text.substr(colon + 1, equals - colon - 1));
    if (!named) return named.error();
    type = *named;
    plain = text.substr(0, colon) + text.substr(equals);
  }
  auto parts = name_and_rest("--set", plain);
  if (!parts) return parts.error();
  return InputScalar{parts->first, parts->second, type};
}

Result<InputArray> parse_in(const std::string& text) {
  auto parts = name_and_rest("--in", text);
  if (!parts) return parts.error();
  auto array = read_npy(parts->second);
  if (!array) return array.error();
  return InputArray{parts->first, parts->second, std::move(*array)};
}

/// A path may hold an '=' of its own: only a name before it makes it NAME=FILE.
OutputFile parse_out(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals != std::string::npos && ir::is_bindable(text.substr(0, equals)))
    return {text.substr(0, equals), text.substr(equals + 1)};
  return {"", text};
}

Result<void> check_names(const RunOptions& options) {
  std::vector<std::string> names;
  for (const InputArray& in : options.arrays) names.push_back(in.name);
  for (const InputScalar& in : options.scalars) names.push_back(in.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) return refuse(fmt::format("'{}' is given twice", *twice));
  return {};
}

Result<CompileOptions> compile_options(const RawOptions& raw) {
  CompileOptions options;
  if (auto backend = parse_backend(raw.backend))
    options.backend = *backend;
  else
    return backend.error();
  if (auto bits = parse_vector_bits(raw.vl))
    options.vector_bits = *bits;
  else
    return bits.error();
  if (!raw.isa.empty()) {
    auto isa = parse_isa(raw.isa);
    if (!isa) return isa.error();
    options.isa = *isa;
  }
  return options;
}

Result<RunOptions> understand(const RawOptions& raw) {
  RunOptions options;
  options.source = raw.source;
  options.n = raw.n;
  options.time = raw.time;
  options.json = raw.json;
  if (raw.n && *raw.n < 0) return refuse(fmt::format("--n {}: a count cannot be negative", *raw.n));
  auto compile = compile_options(raw);
  if (!compile) return compile.error();
  options.compile = *compile;
  for (const std::string& text : raw.set) {
    auto scalar = parse_set(text);
    if (!scalar) return scalar.error();
    options.scalars.push_back(std::move(*scalar));
  }
  for (const std::string& text : raw.in) {
    auto array = parse_in(text);
    if (!array) return array.error();
    options.arrays.push_back(std::move(*array));
  }
  for (const std::string& text : raw.out) options.files.push_back(parse_out(text));
  if (auto unique = check_names(options); !unique) return unique.error();
  return options;
}

Result<Kernel> compile_source(const RunOptions& options) {
  CompileOptions how = options.compile;
  if (means_file(options.source)) {
    auto text = read_text_file(options.source);
    if (!text) return text.error();
    how.file = options.source;
    return compile(*text, how);
  }
  std::vector<Name> names;
  for (const InputArray& in : options.arrays) names.push_back({in.name, true, in.array.type()});
  for (const InputScalar& in : options.scalars) names.push_back({in.name, false, in.type});
  return compile_expression(options.source, names, how);
}

/// A result the text gives no name is "result", or "result1", "result2", ... if there are several.
std::vector<Slot> named_results(const Kernel& kernel) {
  std::vector<Slot> slots = kernel.results();
  for (std::size_t i = 0; i < slots.size(); ++i)
    if (slots[i].name.empty()) slots[i].name = slots.size() == 1 ? "result" : fmt::format("result{}", i + 1);
  return slots;
}

NpyShape shape_of_result(const Slot& slot, const Extent& extent) {
  if (!extent.rows) return slot.array ? extent.columns : 1;
  return slot.array ? NpyShape(*extent.rows, extent.columns) : NpyShape(*extent.rows);
}

/// Memory for the results, and the file each goes to.
Result<std::vector<ResultValue>> make_results(const Kernel& kernel, const RunOptions& options, const Extent& extent) {
  std::vector<ResultValue> results;
  for (Slot& slot : named_results(kernel)) {
    constexpr std::size_t kAlign = 64;
    const NpyShape shape = shape_of_result(slot, extent);
    const std::size_t length = shape.elements(), size = stored_bytes(slot.type);
    slot.array = slot.array || extent.rows;
    void* data =
        length > (SIZE_MAX / 2) / size
            ? nullptr
            : std::aligned_alloc(kAlign, (std::max<std::size_t>(length * size, 1) + kAlign - 1) / kAlign * kAlign);
    if (!data) return refuse(fmt::format("no memory for the {} elements of result {}", length, slot.name));
    results.push_back({slot, shape, std::shared_ptr<void>(data, std::free), ""});
  }
  const auto arrays = std::count_if(results.begin(), results.end(), [](const ResultValue& r) { return r.slot.array; });
  for (const OutputFile& file : options.files) {
    const auto takes = [&](const ResultValue& r) {
      return r.slot.array && (file.name.empty() || r.slot.name == file.name);
    };
    const auto found = std::find_if(results.begin(), results.end(), takes);
    if (file.name.empty() && arrays > 1)
      return refuse(fmt::format("--out {}: the kernel has {} array results; use NAME=FILE", file.path, arrays));
    if (found == results.end())
      return refuse(file.name.empty() ? fmt::format("--out {}: no result is an array", file.path)
                                      : fmt::format("--out: the kernel has no array result named {}", file.name));
    if (!found->file.empty()) return refuse(fmt::format("--out: result {} is given two files", found->slot.name));
    found->file = file.path;
  }
  return results;
}

/// The call, ready to be made many times.
std::function<Result<void>()> call_of(const Kernel& kernel, const std::vector<RowsArg>& arguments,
                                      const RunReport& report) {
  std::vector<RowsOut> outs;
  for (const ResultValue& r : report.results) {
    if (r.shape.rows)
      outs.emplace_back(r.slot.type, r.data.get(), *r.shape.rows, r.shape.columns, r.shape.columns);
    else
      outs.emplace_back(r.slot.type, r.data.get(), r.length());
    outs.back().array = r.slot.array;
  }
  if (report.extent.rows) return [&kernel, arguments, outs] { return kernel.run_rows(arguments, outs); };
  return [&kernel, in = std::vector<Arg>(arguments.begin(), arguments.end()),
          out = std::vector<Out>(outs.begin(), outs.end())] { return kernel.run(in, out); };
}

Result<void> run_and_time(const Kernel& kernel, const std::vector<RowsArg>& arguments, bool many, RunReport& report) {
  for (const ResultValue& r : report.results) report.bytes += r.slot.array ? r.length() * stored_bytes(r.slot.type) : 0;
  for (const RowsArg& a : arguments)
    report.bytes += a.array ? (a.matrix ? a.rows : 1) * a.length * stored_bytes(a.type) : 0;

  const auto call = call_of(kernel, arguments, report);
  const double begin = now_ns();
  if (auto done = call(); !done) return done;
  report.ns = now_ns() - begin;
  if (!many) return {};
  std::vector<Timed> timed{{[&] { (void)call().ok(); }}};
  constexpr double kBudgetNs = 0.3e9;
  measure(timed, kBudgetNs);
  report.ns = timed[0].ns;
  report.timed = true;
  return {};
}

Result<void> write_files(const RunReport& report) {
  for (const ResultValue& r : report.results)
    if (!r.file.empty())
      if (auto done = write_npy(r.file, r.slot.type, r.data.get(), r.shape); !done) return done;
  return {};
}

Result<void> execute(const RunOptions& options, const Streams& streams) {
  auto kernel = compile_source(options);
  if (!kernel) return kernel.error();
  auto arguments = bind_arguments(*kernel, options);
  if (!arguments) return arguments.error();
  auto extent = extent_of(*kernel, options);
  if (!extent) return extent.error();
  auto results = make_results(*kernel, options, *extent);
  if (!results) return results.error();
  RunReport report{std::move(*results), *extent};
  if (auto done = run_and_time(*kernel, *arguments, options.time, report); !done) return done;
  if (auto done = write_files(report); !done) return done;
  options.json ? print_json(streams, *kernel, report) : print_report(streams, *kernel, report);
  return {};
}

}  // namespace

int run_tool(int argc, const char* const* argv, const Streams& streams) {
  CLI::App app;
  RawOptions raw;
  declare(app, raw);
  if (const auto code = parse_command_line(app, argc, argv, streams)) return *code;
  if (raw.show_config) return show_config(raw.json, streams);
  auto options = understand(raw);
  if (!options) return fail(streams, kRunName, options.error());
  if (auto done = execute(*options, streams); !done) return fail(streams, kRunName, done.error());
  return finish(streams, kRunName, kFine);
}

}  // namespace trueno::tools
