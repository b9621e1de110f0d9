// From rows of the primitive table to kernels: see subjects.h.
#include "tests/verify/subjects.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>
#include <optional>

#include "ir/builder.h"
#include "ir/parse.h"
#include "ir/passes/passes.h"
#include "ops/catalogue.h"
#include "runtime/host.h"
#include "runtime/impl.h"
#include "runtime/verify_inputs.h"
#include "tests/emulator.h"
#include "tests/verify/emulated_reads.h"
#include "tests/verify/hard_cases.h"

namespace trueno::test {
namespace {

using ir::NodeId;
using ir::Typing;
using Types = std::vector<Type>;

constexpr Type kFloats[] = {Type::f32, Type::f64};
constexpr Type kInts[] = {Type::i32, Type::i64};
constexpr Type kNumbers[] = {Type::f32, Type::f64, Type::i32, Type::i64};

/// The lists of operand types a row allows. Masks are operands as well; `operand` makes them from numbers.
std::vector<Types> operand_types(const ir::Primitive& row) {
  std::vector<Types> out;
  const auto all = [&](auto& types) {
    for (const Type t : types) out.emplace_back(row.operands, t);
  };
  switch (row.typing) {
    case Typing::number:
    case Typing::compare:
    case Typing::convert:
    case Typing::bitcast: all(kNumbers); break;
    case Typing::real: all(kFloats); break;
    case Typing::table:
    case Typing::integer: all(kInts); break;
    case Typing::logic:
      all(kInts);
      for (const Type t : {Type::m32, Type::m64}) out.emplace_back(row.operands, t);
      break;
    case Typing::mask_convert:
      for (const Type t : {Type::m32, Type::m64}) out.push_back({t});
      break;
    case Typing::select:
      for (const Type t : kNumbers) out.push_back({bits_of(t) == 32 ? Type::m32 : Type::m64, t, t});
      out.push_back({Type::m32, Type::m32, Type::m32});
      out.push_back({Type::m64, Type::m64, Type::m64});
      break;
    case Typing::scaling:
      out = {{Type::f32, Type::i32}, {Type::f32, Type::f32}, {Type::f64, Type::i64}, {Type::f64, Type::f64}};
      break;
    case Typing::leaf:
    case Typing::reduce: break;
  }
  return out;
}

/// What an operand is made of.
enum class Form : std::uint8_t { array, scalar, constant, same };
constexpr std::string_view name_of(Form f) {
  constexpr std::string_view kNames[] = {"array", "scalar", "constant", "same"};
  return kNames[static_cast<std::size_t>(f)];
}

/// All arrays; each operand in turn a scalar, a constant; the first operand everywhere; all scalars.
std::vector<std::vector<Form>> forms(std::size_t operands) {
  std::vector<std::vector<Form>> out = {std::vector<Form>(operands, Form::array)};
  for (std::size_t i = 0; i < operands && operands > 1; ++i)
    for (const Form f : {Form::scalar, Form::constant}) {
      out.emplace_back(operands, Form::array);
      out.back()[i] = f;
    }
  if (operands > 1) {
    out.emplace_back(operands, Form::same);
    out.back()[0] = Form::array;
  }
  out.emplace_back(operands, Form::scalar);
  return out;
}

/// A kernel of one primitive under construction.
class Maker {
 public:
  Maker() : builder_("subject", ops::built_in()) {}

  NodeId operand(Type type, Form form, std::uint64_t constant) {
    if (form == Form::same) return first_;
    const NodeId node = is_mask(type) ? mask(type, form) : number(type, form, constant);
    if (first_ == ir::kNoNode) first_ = node;
    return node;
  }

  ir::Kernel finish(NodeId value) {
    builder_.result("y", value);
    const Result<ir::Kernel> kernel = builder_.finish();
    if (!kernel) FAIL(kernel.error().text());
    Result<ir::Kernel> expanded = ir::expand(*kernel, ops::built_in());
    if (!expanded) FAIL(expanded.error().text());
    return *std::move(expanded);
  }

  ir::Builder& builder() { return builder_; }
  const Types& params() const { return params_; }

 private:
  NodeId number(Type type, Form form, std::uint64_t constant) {
    if (form == Form::constant) return builder_.constant_bits(type, constant);
    params_.push_back(type);
    const std::string name = "p" + std::to_string(params_.size());
    return form == Form::array ? builder_.array(name, type) : builder_.scalar(name, type);
  }
  NodeId mask(Type type, Form form) {
    const Type of = bits_of(type) == 32 ? Type::f32 : Type::f64;
    return builder_.call("lt", {number(of, form, 0), builder_.constant(of, 0.5)});
  }

  ir::Builder builder_;
  NodeId first_ = ir::kNoNode;
  Types params_;
};

/// The variants a row has beyond its operands: result types of a conversion, sizes of a table.
std::vector<int> variants(const ir::Primitive& row, Type operand) {
  if (row.typing == Typing::convert) return {0, 1, 2, 3};
  if (row.typing == Typing::table)
    return operand == Type::i32 ? std::vector<int>{1, 2, 4, 8, 16, 32, 64, 256} : std::vector<int>{2, 8, 16, 64};
  if (row.typing == Typing::mask_convert) return {0, 1};
  return {0};
}

NodeId apply(ir::Builder& b, const ir::Primitive& row, const Types& types, int variant,
             const std::vector<NodeId>& args) {
  switch (row.typing) {
    case Typing::convert: return b.convert(kNumbers[variant], args[0]);
    case Typing::mask_convert: return b.convert(variant == 0 ? Type::m32 : Type::m64, args[0]);
    case Typing::bitcast: {
      constexpr Type kOther[] = {Type::i32, Type::i64, Type::f32, Type::f64};
      return b.bitcast(kOther[static_cast<std::size_t>(types[0])], args[0], row.id == "bitcast_raw");
    }
    case Typing::table: {
      ir::Table table{"t", types[0] == Type::i32 ? Type::f32 : Type::f64, {}};
      for (int i = 0; i < variant; ++i)
        table.entries.push_back(runtime::draw_value(runtime::Pattern::ordinary, table.type, runtime::mix(i + 1)));
      return b.table(std::move(table), args[0]);
    }
    default: return b.call(row.text, args);
  }
}

std::string name_subject(const ir::Primitive& row, const Types& types, const std::vector<Form>& form, int variant) {
  std::string out(row.id);
  out += " " + std::to_string(variant) + " (";
  for (std::size_t i = 0; i < types.size(); ++i)
    out += (i == 0 ? "" : ", ") + std::string(name_of(types[i])) + " " + std::string(name_of(form[i]));
  return out + ")";
}

/// The mask type a row makes of these operands, or nothing.
std::optional<Type> mask_made(const ir::Primitive& row, const Types& types, int variant) {
  if (row.typing == Typing::compare) return bits_of(types[0]) == 32 ? Type::m32 : Type::m64;
  if (row.typing == Typing::mask_convert) return variant == 0 ? Type::m32 : Type::m64;
  if ((row.typing == Typing::logic || row.typing == Typing::select) && is_mask(types.back())) return types.back();
  return std::nullopt;
}

/// Whether there is such a subject: no constants for masks, nothing the same but different in type, and for
/// ldexp.near, which is promised something about values, no values but the cases.
bool exists(ir::Op op, const Types& types, const std::vector<Form>& form) {
  const bool promised = op == ir::Op::ldexp_near;
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (form[i] == Form::constant && (is_mask(types[i]) || promised)) return false;
    if (form[i] == Form::same && (types[i] != types[0] || promised)) return false;
  }
  return true;
}

Subject make_subject(ir::Op op, const Types& types, const std::vector<Form>& form, int variant, bool store_mask) {
  const ir::Primitive& row = ir::row(op);
  Maker maker;
  std::vector<NodeId> args;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const auto values = runtime::special_values(types[i]);
    const std::size_t which = runtime::mix(static_cast<std::size_t>(op) * 64 + i) % values.size();
    args.push_back(maker.operand(types[i], form[i], values[which]));
  }
  NodeId value = apply(maker.builder(), row, types, variant, args);
  if (const auto mask = mask_made(row, types, variant); mask && !store_mask) {
    const Type t = *mask == Type::m32 ? Type::f32 : Type::f64;
    ir::Builder& b = maker.builder();
    value = b.call("select", {value, b.constant(t, 1), b.constant(t, 2)});
  }
  Subject s{name_subject(row, types, form, variant), maker.finish(value), {}, store_mask};
  s.options.full = full_run();
  // Cases belong to operands; where a parameter is missing they do not fit.
  if (maker.params() == types) s.options.cases = hard_cases(op, types);
  s.options.only_cases = op == ir::Op::ldexp_near;
  if (form == std::vector<Form>(types.size(), Form::array)) return s;
  s.options.unroll = 1;
  // A scalar meets elements of other cases; then NaN would no longer come with NaN, as is promised.
  if (s.options.only_cases)
    std::erase_if(s.options.cases,
                  [](const auto& row) { return row[0] == 0x7fc00000u || row[0] == 0x7ff8000000000000u; });
  return s;
}

}  // namespace

std::vector<Subject> subjects_of(ir::Op op) {
  const ir::Primitive& row = ir::row(op);
  std::vector<Subject> out;
  for (const Types& types : operand_types(row))
    for (const auto& form : forms(types.size()))
      for (const int variant : variants(row, types[0])) {
        if (!exists(op, types, form)) continue;
        if (row.typing == Typing::convert && kNumbers[variant] == types[0]) continue;
        out.push_back(make_subject(op, types, form, variant, false));
        if (mask_made(row, types, variant)) out.push_back(make_subject(op, types, form, variant, true));
      }
  return out;
}

ir::Kernel kernel_of(std::string_view text) {
  Result<ir::Module> module = ir::parse_module(text, ops::built_in(), "test");
  if (!module) FAIL(module.error().text());
  REQUIRE(module->kernels.size() == 1);
  const ops::UserCatalogue known(ops::built_in(), std::move(module->definitions));
  Result<ir::Kernel> expanded = ir::expand(module->kernels[0], known);
  if (!expanded) FAIL(expanded.error().text());
  return *std::move(expanded);
}

namespace {

/// The fallback at the host's level and at the lowest. A decline is a failure where nothing says it is one of its few.
void check_fallback(runtime::Verifier& verifier, const ir::Kernel& kernel) {
  if (!runtime::host().isa) return;
  const auto prepared = runtime::prepare(kernel, ops::built_in());
  REQUIRE(prepared);
  for (const Isa isa : {*runtime::host().isa, Isa::sse2}) {
    CompileOptions options;
    options.backend = Backend::fallback;
    options.isa = isa;
    const auto compiled = runtime::build(*prepared, options);
    if (!compiled) {
      INFO(compiled.error().text());
      CHECK(compiled.error().text().find("array results beside a filtered min or max") != std::string::npos);
      continue;
    }
    const runtime::Report report =
        verifier.check(compiled->origin(), 64,
                       [&](std::span<const Arg> args, std::span<const Out> outs) { return compiled->run(args, outs); });
    if (!report.ok()) FAIL_CHECK(kernel.name << "\n" << report.describe());
  }
}

}  // namespace

std::string check_on_all_targets(const std::string& name, const ir::Kernel& kernel,
                                 const runtime::VerifyOptions& options) {
  runtime::Verifier verifier(kernel, possible(options, &kernel));
  std::string declined;
  for (const jit::Target& target : runtime::runnable_targets()) {
    const runtime::Report report = verifier.check(target);
    if (!report.ok()) FAIL_CHECK(name << "\n" << report.describe());
    if (report.outcome == runtime::Report::Outcome::declined && takes_everything_common(target) && declined.empty())
      declined = report.describe();
  }
  check_fallback(verifier, kernel);
  CHECK(true);  // counts the subject
  return declined;
}

void check_text(std::string_view text, const runtime::VerifyOptions& options) {
  runtime::VerifyOptions o = options;
  o.full = o.full || full_run();
  const ir::Kernel kernel = kernel_of(text);
  runtime::Verifier verifier(kernel, possible(o, &kernel));
  for (const jit::Target& target : runtime::runnable_targets()) {
    const runtime::Report report = verifier.check(target);
    INFO(report.describe());
    if (takes_everything_common(target))
      CHECK(report.outcome == runtime::Report::Outcome::same);
    else
      CHECK(report.ok());
  }
  check_fallback(verifier, kernel);
}

namespace {

bool widens_i32(const ir::Kernel& k) {
  return std::any_of(k.nodes.begin(), k.nodes.end(), [&](const ir::Node& n) {
    return n.op == ir::Op::convert && n.type == Type::f64 && k[n.args[0]].type == Type::i32;
  });
}

bool said(std::string_view what) {
  std::cerr << "SKIPPED: arrays at guard pages: this emulator reads " << what << std::endl;
  return true;
}

}  // namespace

runtime::VerifyOptions possible(runtime::VerifyOptions options, const ir::Kernel* kernel) {
  static const bool kNone = !masked_lanes_are_left_alone() && said("the masked lanes of vmaskmov");
  static const bool kNoHalves = !half_vectors_are_read_alone() && said("a whole vector where i32 become f64");
  if (kNone || (kNoHalves && kernel != nullptr && widens_i32(*kernel))) options.guard_pages = false;
  options.in_turn = options.in_turn || emulator() != nullptr;
  return options;
}

bool full_run() {
  const char* text = std::getenv("TRUENO_TEST_FULL");
  return text != nullptr && *text != '\0' && *text != '0';
}

}  // namespace trueno::test
