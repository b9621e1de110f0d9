// Columns of operands in, two columns of results out, held against each other (measure.h).
#include "tools/measure.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>

#include "ir/print.h"
#include "ir/typing.h"
#include "runtime/impl.h"
#include "runtime/verify_inputs.h"
#include "tools/jitdump.h"
#include "tools/sweep_inputs.h"

namespace trueno::tools {
namespace {

using runtime::Pattern;

/// One operand, or the results: values of one type as they lie in an array.
struct Column {
  Type type = Type::f32;
  std::vector<std::uint8_t> bytes;

  Column(Type t, std::size_t n) : type(t), bytes(n * stored_bytes(t) + 8) {}
  std::uint64_t bits(std::size_t i) const { return runtime::load_bits(type, bytes.data() + i * stored_bytes(type)); }
  void set(std::size_t i, std::uint64_t to) { runtime::store_bits(type, bytes.data() + i * stored_bytes(type), to); }
};
using Columns = std::vector<Column>;

std::int64_t integer_of(Type type, std::uint64_t bits) {
  return type == Type::i32 ? static_cast<std::int32_t>(bits) : static_cast<std::int64_t>(bits);
}
long double value_of(Type type, std::uint64_t bits) {
  if (type == Type::f32) return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  if (type == Type::f64) return std::bit_cast<double>(bits);
  return static_cast<long double>(integer_of(type, bits));
}

/// An op as a kernel over arrays, run on columns. A mask is given as the integers it is compared from.
class Callable {
 public:
  static Result<Callable> of(const ir::Definition& op, const Ops& ops) {
    const auto kernel = kernel_of_op(op.name, op.types, ops);
    if (!kernel) return kernel.error();
    auto built = runtime::build(*kernel, *ops, CompileOptions{});
    if (!built) return built.error();
    return Callable(*std::move(built));
  }

  Type operand(std::size_t i) const { return kernel_.parameters()[i].type; }
  Result<Column> operator()(const Columns& operands, std::size_t n) const {
    std::vector<Arg> args;
    for (std::size_t i = 0; i < operands.size(); ++i) args.emplace_back(operand(i), operands[i].bytes.data(), n);
    const Slot& slot = kernel_.results()[0];
    Column result(slot.type, slot.array ? n : 1);
    Out out(slot.type, result.bytes.data(), slot.array ? n : 1);
    out.array = slot.array;
    const auto done = kernel_.run(args, std::span(&out, 1));
    if (!done) return done.error();
    return result;
  }

 private:
  explicit Callable(Kernel kernel) : kernel_(std::move(kernel)) {}
  Kernel kernel_;
};

/// What the results should be.
class Expected {
 public:
  static Result<Expected> of(const ir::Definition& op, const ops::OpReference& reference, const Ops& ops) {
    Expected out;
    out.known_ = reference.known;
    out.one_ = ops::is_reduction(op);
    out.all_ = ops::is_compound(op);
    if (reference.known != nullptr) return out;
    auto other = Callable::of(*reference.op, ops);
    if (!other) return other.error();
    out.other_ = *std::move(other);
    return out;
  }

  Result<std::vector<long double>> operator()(const Columns& operands, std::size_t n) const {
    return known_ != nullptr ? by_library(operands, n) : by_op(operands, n);
  }

 private:
  Result<std::vector<long double>> by_op(const Columns& operands, std::size_t n) const {
    Columns widened;
    for (std::size_t k = 0; k < operands.size(); ++k) {
      const Column& from = operands[k];
      Column& to = widened.emplace_back(other_->operand(k), n);
      for (std::size_t i = 0; i < n; ++i)
        to.set(i, to.type == from.type
                      ? from.bits(i)
                      : std::bit_cast<std::uint64_t>(static_cast<double>(value_of(from.type, from.bits(i)))));
    }
    const auto results = (*other_)(widened, n);
    if (!results) return results.error();
    std::vector<long double> out;
    const std::size_t count = one_ ? 1 : n;
    for (std::size_t i = 0; i < count; ++i) out.push_back(value_of(results->type, results->bits(i)));
    return out;
  }

  Result<std::vector<long double>> by_library(const Columns& operands, std::size_t n) const {
    std::vector<std::vector<long double>> values(operands.size());
    std::vector<const long double*> pointers;
    for (std::size_t k = 0; k < operands.size(); ++k) {
      for (std::size_t i = 0; i < n; ++i) values[k].push_back(value_of(operands[k].type, operands[k].bits(i)));
      pointers.push_back(values[k].data());
    }
    if (one_) return std::vector<long double>{known_->over(pointers.data(), n)};
    std::vector<long double> out(n), row(operands.size());
    if (all_) return known_->each(pointers.data(), n, out.data()), out;
    std::vector<std::int64_t> integers(operands.size());
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < operands.size(); ++k) {
        row[k] = values[k][i];
        if (is_int(operands[k].type)) integers[k] = integer_of(operands[k].type, operands[k].bits(i));
      }
      const bool whole = is_int(operands[0].type);
      out[i] = whole ? static_cast<long double>(
                           integer_of(operands[0].type, static_cast<std::uint64_t>(known_->integer(integers.data()))))
                     : known_->wider(row.data());
    }
    return out;
  }

  const ops::Reference* known_ = nullptr;
  std::optional<Callable> other_;
  bool one_ = false, all_ = false;
};

double error_of(Type type, std::uint64_t got, long double exact) {
  if (type == Type::f32) return ops::ulp_error(std::bit_cast<float>(static_cast<std::uint32_t>(got)), exact);
  if (type == Type::f64) return ops::ulp_error(std::bit_cast<double>(got), exact);
  return static_cast<double>(std::fabs(value_of(type, got) - exact));  // of integers and masks: the difference
}

class Measurement {
 public:
  Measurement(const ir::Definition& op, const Callable& run, const Expected& expected)
      : op_(op), run_(run), expected_(expected) {
    for (const auto& bound : op.bounds)
      if (bound.tier == "fast") out_.bound = bound;
  }

  Result<Measured> all() {
    const bool elementwise = !ops::is_reduction(op_) && !ops::is_compound(op_);
    auto done = elementwise ? each_alone() : together();
    if (!done) return done.error();
    return out_;
  }

 private:
  static constexpr std::size_t kRandom = 1 << 16, kMostCombinations = 1 << 18;
  static constexpr std::uint64_t kStride = 4093;  // prime: all exponents and low bits come up

  Columns empty(std::size_t n) const {
    Columns out;
    for (std::size_t k = 0; k < op_.types.size(); ++k) out.emplace_back(run_.operand(k), n);
    return out;
  }

  Columns random(Pattern pattern, std::size_t n) const {
    Columns out = empty(n);
    for (std::size_t k = 0; k < out.size(); ++k)
      for (std::size_t i = 0; i < n; ++i)
        out[k].set(i, runtime::draw_value(pattern, out[k].type, runtime::mix(runtime::mix(k + 1) + i)));
    return out;
  }

  Columns combinations() const {
    std::size_t total = 1;
    for (std::size_t k = 0; k < op_.types.size() && total <= kMostCombinations; ++k)
      total *= runtime::special_values(run_.operand(k)).size();
    if (total > kMostCombinations) return random(Pattern::special, kMostCombinations);
    Columns out = empty(total);
    std::size_t step = 1;
    for (Column& column : out) {
      const auto values = runtime::special_values(column.type);
      for (std::size_t i = 0; i < total; ++i) column.set(i, values[i / step % values.size()]);
      step *= values.size();
    }
    return out;
  }

  Result<void> each_alone() {
    const Columns special = combinations();
    if (auto done = judge(special, (special[0].bytes.size() - 8) / stored_bytes(special[0].type)); !done) return done;
    for (const Pattern p : {Pattern::ordinary, Pattern::wide, Pattern::special, Pattern::bits})
      if (auto done = judge(random(p, kRandom), kRandom); !done) return done;
    if (op_.types != std::vector<Type>{Type::f32}) return {};
    const SweepInputs inputs(Type::f32, kStride, 0);
    Columns x = empty(kSweepChunk);
    for (std::uint64_t chunk = 0; chunk < inputs.chunks(); ++chunk) {
      const std::size_t n = inputs.fill(chunk, x[0].bytes.data());
      if (auto done = judge(x, n); !done) return done;
    }
    return {};
  }

  Result<void> together() {
    for (const std::size_t n : {1, 2, 3, 64, 100, 1000, 8192, 8229, 24613})
      if (auto done = judge(random(Pattern::ordinary, n), n); !done) return done;
    return {};
  }

  Result<void> judge(const Columns& operands, std::size_t n) {
    const auto got = run_(operands, n);
    if (!got) return got.error();
    const auto exact = expected_(operands, n);
    if (!exact) return exact.error();
    out_.results += exact->size();
    for (std::size_t i = 0; i < exact->size(); ++i) {
      const std::uint64_t bits = got->bits(i);
      const long double value = value_of(got->type, bits), right = (*exact)[i];
      out_.zero_signs += is_float(got->type) && value == 0 && std::signbit(value) != std::signbit(right);
      const double error = error_of(got->type, bits, right);
      const bool wild = std::isinf(error) || (std::isinf(value) && error > 1);
      const bool floor = out_.bound && std::fabs(value - right) <= out_.bound->floor;
      if (wild ? out_.wild++ != 0 : floor || !(error > out_.worst.ulp)) continue;
      Deviation& found = wild ? out_.first_wild : out_.worst;
      found = {error, {}, bits, right};
      if (exact->size() != n) continue;
      for (const Column& column : operands) found.operands.push_back(column.bits(i));
    }
    return {};
  }

  const ir::Definition& op_;
  const Callable& run_;
  const Expected& expected_;
  Measured out_;
};

std::string value_text(Type type, std::uint64_t bits) {
  return fmt::format("{} (0x{:0{}x})", ir::print_literal(type, bits), bits, 2 * stored_bytes(type));
}

/// "at x (bits), y (bits): got z (bits), reference w"
std::string deviation_text(const ir::Definition& op, const Deviation& d) {
  std::string out;
  for (std::size_t k = 0; k < d.operands.size(); ++k) {
    const Type type = is_mask(op.types[k]) ? ir::int_of(bits_of(op.types[k])) : op.types[k];
    out += (k == 0 ? " at " : ", ") + value_text(type, d.operands[k]);
  }
  return out + fmt::format(": got {}, reference {:.17g}", value_text(op.result, d.got), static_cast<double>(d.exact));
}

}  // namespace

Result<Measured> measure(const ir::Definition& op, const ops::OpReference& reference, const Ops& ops) {
  const auto run = Callable::of(op, ops);
  if (!run) return run.error();
  const auto expected = Expected::of(op, reference, ops);
  if (!expected) return expected.error();
  return Measurement(op, *run, *expected).all();
}

Result<bool> print_error(const ir::Definition& op, const Ops& ops, const Streams& streams) {
  const auto reference = ops::reference_of(op, *ops);
  if (!reference) return reference.error();
  if (!*reference) {
    fmt::print(streams.out, "{}: no reference ('ref NAME' in its block): only bits were compared\n", op.name);
    return false;
  }
  const auto measured = measure(op, *reference, ops);
  if (!measured) return measured.error();
  const auto say = [&](const std::string& what) { fmt::print(streams.out, "{}: {}\n", op.name, what); };
  const double ulp = measured->worst.ulp;
  say(fmt::format("largest error {} ULP against {} in {} results",
                  ulp < 1e6 ? fmt::format("{:.4f}", ulp) : fmt::format("{:.3g}", ulp), op.reference,
                  measured->results) +
      (measured->worst.ulp > 0 ? "," + deviation_text(op, measured->worst) : ""));
  if (measured->wild != 0)
    say(fmt::format("{} results are NaN or infinite where the reference is not, or the other way round, the first",
                    measured->wild) +
        deviation_text(op, measured->first_wild));
  if (measured->zero_signs != 0)
    say(fmt::format("{} zeros have another sign than the reference's", measured->zero_signs));
  if (measured->bound) say(fmt::format("bound {} ULP: {}", measured->bound->ulp, measured->ok() ? "held" : "BROKEN"));
  return !measured->ok();
}

}  // namespace trueno::tools
