// Dispatch from a row of the primitive table to its meaning: the switch is outside, the loop inside.
//
// One small function per way of being typed (primitives.h, Typing), each a template over the operand type, which
// gives the loop of a row. Each asserts that it knows every row of its kind.
#include "ir/evaluate.h"

#include <functional>

#include "ir/interpret.h"
#include "ir/meaning.h"

namespace trueno::ir {
namespace {

using Meaning = void (*)(const Cells&);

template <auto f, bool kKeepsPayload, class... A>
void apply(const Cells& x) {
  const Cell* const in[] = {x.a, x.b, x.c};
  [&]<std::size_t... at>(std::index_sequence<at...>) {
    for (std::size_t i = 0; i < x.n; ++i) {
      const auto value = f(from_cell<A>(in[at][i])...);
      if constexpr (kKeepsPayload)
        x.out[i] = to_cell(value);
      else
        x.out[i] = to_cell(meaning::canonical(value));
    }
  }
  (std::index_sequence_for<A...>{});
}
/// out[i] = f(a[i], ...) of operands of those types; a NaN becomes canonical.
template <auto f, class... A>
constexpr Meaning map = apply<f, false, A...>;
/// The same for what only touches bits, so that a NaN passes with its payload.
template <auto f, class... A>
constexpr Meaning map_bits = apply<f, true, A...>;

template <class T>
constexpr Meaning number(Op op) {
  switch (op) {
    case Op::add: return map<meaning::add<T>, T, T>;
    case Op::sub: return map<meaning::sub<T>, T, T>;
    case Op::mul: return map<meaning::mul<T>, T, T>;
    case Op::div: return map<meaning::div<T>, T, T>;
    case Op::min: return map<meaning::min<T>, T, T>;
    case Op::max: return map<meaning::max<T>, T, T>;
    case Op::neg: return map_bits<meaning::neg<T>, T>;
    case Op::abs: return map_bits<meaning::abs<T>, T>;
    default: return nullptr;
  }
}
static_assert(complete(Typing::number, number<float>) && complete(Typing::number, number<std::int32_t>));

template <class T>
constexpr Meaning real(Op op) {
  switch (op) {
    case Op::sqrt: return map<meaning::sqrt<T>, T>;
    case Op::fma:
    case Op::mad: return map<meaning::fma<T>, T, T, T>;
    case Op::copysign: return map_bits<meaning::copysign<T>, T, T>;
    case Op::canonical: return map<meaning::canonical<T>, T>;
    case Op::min_num: return map<meaning::min_num<T>, T, T>;
    case Op::max_num: return map<meaning::max_num<T>, T, T>;
    case Op::floor: return map<meaning::floor<T>, T>;
    case Op::ceil: return map<meaning::ceil<T>, T>;
    case Op::trunc: return map<meaning::trunc<T>, T>;
    case Op::rint: return map<meaning::rint<T>, T>;
    case Op::exponent: return map<meaning::exponent<T>, T>;
    case Op::significand: return map<meaning::significand<T>, T>;
    default: return nullptr;
  }
}
static_assert(complete(Typing::real, real<float>));

template <class T>
constexpr Meaning integer(Op op) {
  switch (op) {
    case Op::rem: return map<meaning::rem<T>, T, T>;
    case Op::shl: return map<meaning::shl<T>, T, T>;
    case Op::shr: return map<meaning::shr<T>, T, T>;
    case Op::sar: return map<meaning::sar<T>, T, T>;
    default: return nullptr;
  }
}
static_assert(complete(Typing::integer, integer<std::int32_t>));

template <class T>
constexpr Meaning compare(Op op) {
  switch (op) {
    case Op::eq: return map<std::equal_to<T>{}, T, T>;
    case Op::ne: return map<std::not_equal_to<T>{}, T, T>;
    case Op::lt: return map<std::less<T>{}, T, T>;
    case Op::le: return map<std::less_equal<T>{}, T, T>;
    case Op::gt: return map<std::greater<T>{}, T, T>;
    case Op::ge: return map<std::greater_equal<T>{}, T, T>;
    default: return nullptr;
  }
}
static_assert(complete(Typing::compare, compare<float>));

/// Bitwise, within `ones`: all bits of an integer, the one bit of a mask.
template <Cell ones>
constexpr Meaning logic(Op op) {
  switch (op) {
    case Op::bit_and: return map_bits<[](Cell a, Cell b) { return a & b; }, Cell, Cell>;
    case Op::bit_or: return map_bits<[](Cell a, Cell b) { return a | b; }, Cell, Cell>;
    case Op::bit_xor: return map_bits<[](Cell a, Cell b) { return a ^ b; }, Cell, Cell>;
    case Op::bit_not: return map_bits<[](Cell a) { return a ^ ones; }, Cell>;
    default: return nullptr;
  }
}
static_assert(complete(Typing::logic, logic<1>));
Meaning logic(Op op, Type type) {
  if (is_mask(type)) return logic<1>(op);
  return bits_of(type) == 32 ? logic<0xffffffff>(op) : logic<~Cell{0}>(op);
}

/// A select's values pass as they are.
constexpr Meaning kSelect = map_bits<[](Cell m, Cell a, Cell b) { return m != 0 ? a : b; }, Cell, Cell, Cell>;
static_assert(rows_of(Typing::select) == 2, "select and rare choose alike");

template <class T>
Meaning scaling(bool by_float) {
  using I = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
  return by_float ? map<[](T a, T n) { return meaning::ldexp(a, n); }, T, T>
                  : map<[](T a, I n) { return meaning::ldexp(a, n); }, T, I>;
}
static_assert(rows_of(Typing::scaling) == 2, "ldexp.near is ldexp with a promise");

Meaning convert(Type to, Type from) {
  return with_number(to, [&](auto t) {
    return with_number(from, [&](auto f) { return map<meaning::convert<decltype(t), decltype(f)>, decltype(f)>; });
  });
}
static_assert(rows_of(Typing::convert) == 1);

/// The cell holds the bits already.
constexpr Meaning kSameCell = map_bits<[](Cell a) { return a; }, Cell>;
static_assert(rows_of(Typing::mask_convert) == 1);
/// Of a bitcast only a NaN may have to change.
Meaning bitcast(bool raw, Type from) {
  if (raw || !is_float(from)) return kSameCell;
  return from == Type::f32 ? map<[](float a) { return a; }, float> : map<[](double a) { return a; }, double>;
}
static_assert(rows_of(Typing::bitcast) == 2, "bitcast and bitcast.raw");

void look_up(const std::vector<std::uint64_t>& entries, const Cells& x) {
  for (std::size_t i = 0; i < x.n; ++i) x.out[i] = entries[x.a[i] & (entries.size() - 1)];
}
static_assert(rows_of(Typing::table) == 1);

}  // namespace

void evaluate(const Kernel& kernel, const Node& node, const Cells& x) {
  const auto operand_type = [&](int i) { return kernel[node.args[i]].type; };
  const Op op = node.op;
  const bool narrow = bits_of(node.type) == 32;
  switch (row(op).typing) {
    case Typing::number: return with_number(node.type, [&](auto t) { return number<decltype(t)>(op); })(x);
    case Typing::real: return (narrow ? real<float>(op) : real<double>(op))(x);
    case Typing::integer: return (narrow ? integer<std::int32_t>(op) : integer<std::int64_t>(op))(x);
    case Typing::compare: return with_number(operand_type(0), [&](auto t) { return compare<decltype(t)>(op); })(x);
    case Typing::logic: return logic(op, node.type)(x);
    case Typing::select: return kSelect(x);
    case Typing::scaling: {
      const bool by_float = is_float(operand_type(1));
      return (narrow ? scaling<float>(by_float) : scaling<double>(by_float))(x);
    }
    case Typing::convert: return convert(node.type, operand_type(0))(x);
    case Typing::mask_convert: return kSameCell(x);
    case Typing::bitcast: return bitcast(op == Op::bitcast_raw, operand_type(0))(x);
    case Typing::table: return look_up(kernel.tables[node.imm].entries, x);
    case Typing::leaf:
    case Typing::reduce: return;
  }
}

std::uint64_t evaluate(const Kernel& kernel, const Node& node, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  Cell out = 0;
  evaluate(kernel, node, Cells{&a, &b, &c, &out, 1});
  return out;
}

}  // namespace trueno::ir
