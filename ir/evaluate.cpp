// Dispatch from a row of the primitive table to its meaning: the switch is outside, the loop inside.
//
// One small function per way of being typed (primitives.h, Typing), each a template over the operand type.
// `map` is the only loop.
#include "ir/evaluate.h"

#include "ir/interpret.h"
#include "ir/meaning.h"

namespace trueno::ir {
namespace {

template <class A, class F>
void map(const Cells& x, F f) {
  for (std::size_t i = 0; i < x.n; ++i) x.out[i] = to_cell(meaning::canonical(f(from_cell<A>(x.a[i]))));
}
template <class A, class B, class F>
void map(const Cells& x, F f) {
  for (std::size_t i = 0; i < x.n; ++i)
    x.out[i] = to_cell(meaning::canonical(f(from_cell<A>(x.a[i]), from_cell<B>(x.b[i]))));
}
template <class A, class B, class C, class F>
void map(const Cells& x, F f) {
  for (std::size_t i = 0; i < x.n; ++i)
    x.out[i] = to_cell(meaning::canonical(f(from_cell<A>(x.a[i]), from_cell<B>(x.b[i]), from_cell<C>(x.c[i]))));
}
/// Bit operations see cells, so that a NaN passes with its payload.
template <class F>
void map_cells(const Cells& x, F f) {
  for (std::size_t i = 0; i < x.n; ++i) x.out[i] = f(i);
}

template <class T>
void number(Op op, const Cells& x) {
  switch (op) {
    case Op::add: return map<T, T>(x, meaning::add<T>);
    case Op::sub: return map<T, T>(x, meaning::sub<T>);
    case Op::mul: return map<T, T>(x, meaning::mul<T>);
    case Op::div: return map<T, T>(x, meaning::div<T>);
    case Op::min: return map<T, T>(x, meaning::min<T>);
    case Op::max: return map<T, T>(x, meaning::max<T>);
    case Op::neg: return map_cells(x, [&](std::size_t i) { return to_cell(meaning::neg(from_cell<T>(x.a[i]))); });
    case Op::abs: return map_cells(x, [&](std::size_t i) { return to_cell(meaning::abs(from_cell<T>(x.a[i]))); });
    default: return;
  }
}

template <class T>
void copysign(const Cells& x) {
  map_cells(x, [&](std::size_t i) { return to_cell(meaning::copysign(from_cell<T>(x.a[i]), from_cell<T>(x.b[i]))); });
}

template <class T>
void real(Op op, const Cells& x) {
  switch (op) {
    case Op::sqrt: return map<T>(x, meaning::sqrt<T>);
    case Op::fma:
    case Op::mad: return map<T, T, T>(x, meaning::fma<T>);
    case Op::copysign: return copysign<T>(x);
    case Op::canonical: return map<T>(x, meaning::canonical<T>);
    case Op::min_num: return map<T, T>(x, meaning::min_num<T>);
    case Op::max_num: return map<T, T>(x, meaning::max_num<T>);
    case Op::floor: return map<T>(x, meaning::floor<T>);
    case Op::ceil: return map<T>(x, meaning::ceil<T>);
    case Op::trunc: return map<T>(x, meaning::trunc<T>);
    case Op::rint: return map<T>(x, meaning::rint<T>);
    case Op::exponent: return map<T>(x, meaning::exponent<T>);
    case Op::significand: return map<T>(x, meaning::significand<T>);
    default: return;
  }
}

template <class T>
void integer(Op op, const Cells& x) {
  switch (op) {
    case Op::rem: return map<T, T>(x, meaning::rem<T>);
    case Op::shl: return map<T, T>(x, meaning::shl<T>);
    case Op::shr: return map<T, T>(x, meaning::shr<T>);
    case Op::sar: return map<T, T>(x, meaning::sar<T>);
    default: return;
  }
}

template <class T>
void compare(Op op, const Cells& x) {
  switch (op) {
    case Op::eq: return map<T, T>(x, [](T a, T b) { return a == b; });
    case Op::ne: return map<T, T>(x, [](T a, T b) { return a != b; });
    case Op::lt: return map<T, T>(x, [](T a, T b) { return a < b; });
    case Op::le: return map<T, T>(x, [](T a, T b) { return a <= b; });
    case Op::gt: return map<T, T>(x, [](T a, T b) { return a > b; });
    case Op::ge: return map<T, T>(x, [](T a, T b) { return a >= b; });
    default: return;
  }
}

/// Bitwise, within `ones`: all bits of an integer, the one bit of a mask.
void logic(Op op, Cell ones, const Cells& x) {
  switch (op) {
    case Op::bit_and: return map_cells(x, [&](std::size_t i) { return x.a[i] & x.b[i]; });
    case Op::bit_or: return map_cells(x, [&](std::size_t i) { return x.a[i] | x.b[i]; });
    case Op::bit_xor: return map_cells(x, [&](std::size_t i) { return x.a[i] ^ x.b[i]; });
    case Op::bit_not: return map_cells(x, [&](std::size_t i) { return x.a[i] ^ ones; });
    default: return;
  }
}

template <class T>
void scaling(bool by_float, const Cells& x) {
  using I = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
  if (by_float) return map<T, T>(x, [](T a, T n) { return meaning::ldexp(a, n); });
  map<T, I>(x, [](T a, I n) { return meaning::ldexp(a, n); });
}

void convert(Type to, Type from, const Cells& x) {
  with_number(to, [&](auto t) {
    with_number(from, [&](auto f) { map<decltype(f)>(x, meaning::convert<decltype(t), decltype(f)>); });
  });
}

/// The cell holds the bits already; only a NaN may have to change.
void bitcast(bool raw, Type from, const Cells& x) {
  if (raw || !is_float(from)) return map_cells(x, [&](std::size_t i) { return x.a[i]; });
  with_number(from, [&](auto f) {
    using F = decltype(f);
    map_cells(x, [&](std::size_t i) { return to_cell(meaning::canonical(from_cell<F>(x.a[i]))); });
  });
}

/// Calls f(T{}) for the float type, f(I{}) for the integer type.
template <class F>
void with_real(Type type, F f) {
  type == Type::f32 ? f(float{}) : f(double{});
}
template <class F>
void with_integer(Type type, F f) {
  type == Type::i32 ? f(std::int32_t{}) : f(std::int64_t{});
}

}  // namespace

void evaluate(const Kernel& kernel, const Node& node, const Cells& x) {
  const auto operand_type = [&](int i) { return kernel[node.args[i]].type; };
  const Op op = node.op;
  switch (row(op).typing) {
    case Typing::number: return with_number(node.type, [&](auto t) { number<decltype(t)>(op, x); });
    case Typing::real: return with_real(node.type, [&](auto t) { real<decltype(t)>(op, x); });
    case Typing::integer: return with_integer(node.type, [&](auto t) { integer<decltype(t)>(op, x); });
    case Typing::compare: return with_number(operand_type(0), [&](auto t) { compare<decltype(t)>(op, x); });
    case Typing::logic: return logic(op, is_mask(node.type) ? 1 : ~Cell{0} >> (64 - bits_of(node.type)), x);
    case Typing::select: return map_cells(x, [&](std::size_t i) { return x.a[i] != 0 ? x.b[i] : x.c[i]; });
    case Typing::scaling:
      return with_real(node.type, [&](auto t) { scaling<decltype(t)>(is_float(operand_type(1)), x); });
    case Typing::convert: return convert(node.type, operand_type(0), x);
    case Typing::mask_convert: return map_cells(x, [&](std::size_t i) { return x.a[i]; });
    case Typing::bitcast: return bitcast(op == Op::bitcast_raw, operand_type(0), x);
    case Typing::table: {
      const std::vector<std::uint64_t>& entries = kernel.tables[node.imm].entries;
      return map_cells(x, [&](std::size_t i) { return entries[x.a[i] & (entries.size() - 1)]; });
    }
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
