// trueno-sweep: command line, words for people, JSON for programs. The work is in sweep.cpp and sweep_docs.cpp.
#include "tools/sweep_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <bit>
#include <nlohmann/json.hpp>

#include "tools/sweep.h"
#include "tools/sweep_docs.h"
#include "tools/sweep_primitive_command.h"

namespace trueno::tools {
namespace {

constexpr std::string_view kTool = "trueno-sweep";

struct CommandLine {
  SweepOptions sweep;
  std::string ops, isa, precision = "fast", backend = "auto", vector_bits = "auto", record, docs;
  std::string primitive, type, to, declines;
  bool compare = false, primitives = false, json = false;
  bool about_primitives() const { return primitives || !primitive.empty(); }
};

void declare(CLI::App& app, CommandLine& line) {
  app.add_option("op", line.sweep.op, "The op: of one float, with a result of its type");
  app.add_option("--ops", line.ops, "FILE.tir: look for the op among those of this file too");
  app.add_option("--precision", line.precision, "The tier: fast, the only one there is")
      ->check(CLI::IsMember({"fast"}));
  app.add_option("--isa", line.isa, "sse2, sse4.2, avx2 or avx512: generate code for this one; with --compare a list");
  app.add_option("--vl", line.vector_bits, "Vector length in bits: 128, 256, 512 or auto");
  app.add_option("--backend", line.backend, "auto, jit or interpreter; with --compare, interpreter joins in");
  app.add_option("--stride", line.sweep.stride, "Every N-th input, and special values")->check(CLI::PositiveNumber);
  app.add_option("--samples", line.sweep.samples, "Of f64: so many inputs, beside the hard cases")
      ->check(CLI::PositiveNumber);
  app.add_option("--threads", line.sweep.threads, "Threads; all of the host if not given")->check(CLI::Range(1, 1024));
  app.add_flag("--compare", line.compare, "Compare the bits of every target of this host; no reference");
  app.add_option("--record", line.record, "Put the result into this file of records");
  app.add_option("--docs", line.docs, "Print docs/ops.md from this file of records, and do nothing else");
  app.add_option("--primitive", line.primitive, "Compare this primitive of one operand, on all targets, not an op");
  app.add_option("--type", line.type,
                 "Of an op: f32 (default) or f64, by samples; with --primitive(s): f32 or i32 only");
  app.add_option("--to", line.to, "With --primitive(s): only those with a result of this type");
  app.add_flag("--primitives", line.primitives, "Compare all such primitives");
  app.add_option("--declines", line.declines, "Write docs/declines.md to this file, and do nothing else");
  app.add_flag("--json", line.json, "Print JSON");
}

Result<void> interpret_names(CommandLine& line) {
  const auto backend = parse_backend(line.backend);
  if (!backend) return backend.error();
  const auto bits = parse_vector_bits(line.vector_bits);
  if (!bits) return bits.error();
  line.sweep.backend = *backend;
  line.sweep.vector_bits = *bits;
  if (!line.isa.empty()) {
    const std::vector<std::string> names = split(line.isa, ',');
    if (names.size() > 1 && !line.compare)
      return Error(Status::invalid_argument, "--isa: a list of ISAs goes with --compare");
    for (const std::string& name : names) {
      const auto isa = parse_isa(name);
      if (!isa) return isa.error();
      line.sweep.isa = *isa;
      line.sweep.compared.push_back(*isa);
    }
  }
  const bool target_named = line.sweep.isa || *bits != 0;
  if (target_named && !line.compare) {
    if (*backend == Backend::interpreter)
      return Error(Status::invalid_argument, "--isa and --vl choose generated code; the interpreter has none");
    line.sweep.backend = Backend::jit;  // asked for: running something else instead would be a lie
  }
  return {};
}

std::string value_text(Type type, std::uint64_t bits) {
  if (type == Type::f64) return fmt::format("{:a} (0x{:016x})", std::bit_cast<double>(bits), bits);
  return fmt::format("{:a} (0x{:08x})", std::bit_cast<float>(static_cast<std::uint32_t>(bits)), bits);
}

void print_finding(std::FILE* out, const char* what, Type type, const Finding& finding) {
  if (finding.count == 0) return;
  fmt::print(out, "  {}: {} wrong, first at x = {}: got {}\n", what, finding.count, value_text(type, finding.input),
             value_text(type, finding.got));
}

void print(std::FILE* out, const SweepReport& r) {
  fmt::print(out, "{}: {} inputs, {:.1f} s, {}\n", r.op, r.inputs, r.seconds, r.origin);
  fmt::print(out, "  largest error  {:.4f} ULP", r.max_ulp);
  if (r.max_ulp > 0)
    fmt::print(out, " at x = {}: got {}, exact {}", value_text(r.type, r.worst_input), value_text(r.type, r.worst_got),
               r.type == Type::f32 ? fmt::format("{:a}", static_cast<double>(r.worst_exact))
                                   : fmt::format("{:a}", r.worst_exact));
  fmt::print(out, "\n  reference      {}\n", r.reference);
  if (r.bound)
    fmt::print(out, "  bound          {} ULP: {}\n", *r.bound, r.max_ulp <= *r.bound ? "held" : "BROKEN");
  else
    fmt::print(out, "  bound          none\n");
  fmt::print(out, "  misrounded     {}, undecided {}\n", r.misrounded, r.undecided);
  fmt::print(out, "  special values {}\n", r.nan.count + r.infinity.count + r.zero_sign.count == 0 ? "right" : "WRONG");
  print_finding(out, "NaN", r.type, r.nan);
  print_finding(out, "infinity", r.type, r.infinity);
  print_finding(out, "sign of zero", r.type, r.zero_sign);
}

void print(std::FILE* out, const CompareReport& r) {
  fmt::print(out, "{}: {} inputs, {:.1f} s\n", r.op, r.inputs, r.seconds);
  bool first = true;
  for (const TargetBits& t : r.targets) {
    if (!t.ran) {
      fmt::print(out, "  {:<14} left out: {}\n", t.target, t.origin);
    } else if (first) {
      fmt::print(out, "  {:<14} what the others are compared with\n", t.target);
      first = false;
    } else if (t.different == 0) {
      fmt::print(out, "  {:<14} the same bits\n", t.target);
    } else {
      fmt::print(out, "  {:<14} DIFFERENT for {} inputs, first x = {}: {} instead of {}\n", t.target, t.different,
                 value_text(r.type, t.input), value_text(r.type, t.got), value_text(r.type, t.expected));
    }
  }
}

/// Prints and records a report of either kind.
template <class Report>
int conclude(const Streams& streams, const CommandLine& line, const Report& report, bool fine) {
  if (line.json)
    fmt::print(streams.out, "{}\n", to_json(report).dump(2));
  else
    print(streams.out, report);
  if (!line.record.empty()) {
    if (const auto done = record(line.record, report); !done) return fail(streams, kTool, done.error());
  }
  return finish(streams, kTool, fine ? kFine : kFinding);
}

std::optional<Type> type_or_any(std::string_view text) { return text.empty() ? std::nullopt : type_named(text); }

/// --primitive and --primitives: everything that is about ops alone is refused.
int sweep_primitives(const Streams& streams, const CommandLine& line) {
  const auto refuse = [&](std::string why) {
    return fail(streams, kTool, Error(Status::invalid_argument, std::move(why)));
  };
  if (line.primitives && !line.primitive.empty()) return refuse("--primitive and --primitives exclude each other");
  if (!line.sweep.op.empty() || !line.ops.empty() || line.compare || !line.record.empty() || line.backend != "auto")
    return refuse("an op, --ops, --compare, --record and --backend do not go with --primitive");
  for (const auto& [option, text] : {std::pair("--type", line.type), std::pair("--to", line.to)})
    if (!text.empty() && !type_named(text)) return refuse(fmt::format("{}: '{}' is not a type", option, text));
  const auto uses = sweepable_uses(line.primitive, type_or_any(line.type), type_or_any(line.to));
  if (!uses) return fail(streams, kTool, uses.error());
  PrimitiveSweepOptions options;
  options.isa = line.sweep.isa;
  options.vector_bits = line.sweep.vector_bits;
  options.stride = line.sweep.stride;
  options.threads = line.sweep.threads;
  return primitives_command(*uses, options, line.json, streams);
}

int print_docs(const Streams& streams, const std::string& path) {
  const auto text = ops_document(path);
  if (!text) return fail(streams, kTool, text.error());
  fmt::print(streams.out, "{}", *text);
  return finish(streams, kTool, kFine);
}

}  // namespace

int sweep_command(int argc, const char* const* argv, const Streams& streams) {
  CLI::App app("Measures the error of an op over all f32, against a reference in a wider type", std::string(kTool));
  CommandLine line;
  declare(app, line);
  if (const auto code = parse_command_line(app, argc, argv, streams)) return *code;
  if (!line.docs.empty()) return print_docs(streams, line.docs);
  if (!line.declines.empty()) return declines_command(line.declines, streams);
  if (line.about_primitives()) {
    if (const auto done = interpret_names(line); !done) return fail(streams, kTool, done.error());
    return sweep_primitives(streams, line);
  }
  if (!line.to.empty())
    return fail(streams, kTool, Error(Status::invalid_argument, "--to goes with --primitive or --primitives"));
  if (line.sweep.op.empty())
    return fail(streams, kTool, Error(Status::invalid_argument, "name an op, for example: trueno-sweep exp"));
  if (!line.record.empty() && line.sweep.stride != 1)
    return fail(streams, kTool, Error(Status::invalid_argument, "--record needs all inputs: leave out --stride"));
  if (!line.record.empty() && !line.ops.empty())
    return fail(streams, kTool, Error(Status::invalid_argument, "--record is for the library's ops: leave out --ops"));
  if (const auto done = interpret_names(line); !done) return fail(streams, kTool, done.error());
  auto own = ops_of_file(line.ops);
  if (!own) return fail(streams, kTool, own.error());
  line.sweep.ops = *std::move(own);
  if (!line.type.empty()) {
    const auto type = parse_number_type("--type", line.type);
    if (!type) return fail(streams, kTool, type.error());
    line.sweep.type = *type;
  }

  if (line.compare) {
    const auto report = compare_targets(line.sweep);
    if (!report) return fail(streams, kTool, report.error());
    return conclude(streams, line, *report, report->different() == 0);
  }
  const auto report = sweep(line.sweep);
  if (!report) return fail(streams, kTool, report.error());
  return conclude(streams, line, *report, report->ok());
}

}  // namespace trueno::tools
