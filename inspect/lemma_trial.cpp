// A lemma on values: corners, random draws, and all combinations of bits where bits do not mix (see lemma.h).
#include <algorithm>
#include <bit>
#include <cmath>

#include "inspect/lemma.h"

namespace trueno::inspect {
namespace {

using ir::Op;
using U = std::uint64_t;

constexpr std::size_t kSamples = 1200;  // random ones, of each lemma
constexpr std::size_t kCorners = 4000;  // at most
constexpr std::size_t kFewest = 100;    // evaluated; below, promises excluded nearly all
constexpr std::size_t kMostBitVariables = 10;

// ---- programs: cones made flat, to be evaluated often

class Program {
 public:
  Program(const Terms& terms, const std::vector<TermId>& cone) : terms_(terms), cone_(cone) {}
  void input(TermId term, std::size_t at) { places_[term] = at; }
  void finish(std::size_t inputs) {
    std::size_t next = inputs;
    for (const TermId id : cone_) {
      for (const TermId arg : terms_.args(id)) {
        if (places_.contains(arg)) continue;
        constants_.push_back({next, terms_.imm(arg)});  // all that is no cut and not in the cone
        places_[arg] = next++;
      }
      places_[id] = next++;
    }
    for (const TermId id : cone_) {
      steps_.push_back({id, places_[id], args_.size()});
      for (const TermId arg : terms_.args(id)) args_.push_back(places_[arg]);
    }
    size_ = next;
  }
  std::size_t size() const { return size_; }
  std::size_t place(TermId term) const { return places_.at(term); }
  void begin(std::vector<U>& values) const {
    for (const auto& [at, value] : constants_) values[at] = value;
  }
  /// False: a promise of the IR does not hold for these values.
  bool run(std::vector<U>& values) const;

 private:
  struct Step {
    TermId term;
    std::size_t to, first;
  };
  const Terms& terms_;
  const std::vector<TermId>& cone_;
  std::unordered_map<TermId, std::size_t> places_;
  std::vector<std::pair<std::size_t, U>> constants_;
  std::vector<Step> steps_;
  std::vector<std::size_t> args_;
  std::size_t size_ = 0;
};

template <class T>
bool promise_of_near(T a, T b, T least, T most) {
  if (a != a) return !std::isinf(b);
  if (!(b >= least && b < most)) return false;
  const int count = static_cast<int>(std::floor(b));
  const T y = std::ldexp(a, count), half = std::ldexp(a, static_cast<int>(std::floor(count / 2.0)));
  return y == 0 || std::isinf(y) || std::ldexp(half, -static_cast<int>(std::floor(count / 2.0))) == a;
}

/// A NaN of known bits.
bool is_canonical(const Terms& terms, TermId id) {
  if (!terms.is(id, Fn::primitive)) return false;
  const PrimitiveMeaning& m = terms.primitive_of(id);
  return m.kernel[m.node].op == Op::canonical;
}

/// What the IR asks of whoever uses some primitives (ir/primitives.h).
bool promised(const PrimitiveMeaning& m, const U* v) {
  const Op op = m.kernel[m.node].op;
  if (op == Op::bitcast_raw && is_float(m.operand(0))) return !is_nan(bits_of(m.type()), v[0]);
  if (op != Op::ldexp_near) return true;
  const Type count = m.operand(1);
  if (m.type() == Type::f32) {
    const float b = is_float(count) ? std::bit_cast<float>(static_cast<std::uint32_t>(v[1]))
                                    : static_cast<float>(static_cast<std::int32_t>(v[1]));
    return promise_of_near(std::bit_cast<float>(static_cast<std::uint32_t>(v[0])), b, -252.f, 254.f);
  }
  const double b = is_float(count) ? std::bit_cast<double>(v[1]) : static_cast<double>(static_cast<std::int64_t>(v[1]));
  return promise_of_near(std::bit_cast<double>(v[0]), b, -2044.0, 2046.0);
}

bool Program::run(std::vector<U>& values) const {
  U in[300];
  for (const Step& step : steps_) {
    const Term& t = terms_[step.term];
    for (std::size_t i = 0; i < t.arity; ++i) in[i] = values[args_[step.first + i]];
    const bool canonical = t.arity == 1 && is_canonical(terms_, terms_.arg(step.term, 0));
    if (t.fn == Fn::primitive && !canonical && !promised(terms_.primitive_of(step.term), in)) return false;
    values[step.to] = terms_.value_of(t, in);
  }
  return true;
}

// ---- evaluating

class Trial {
 public:
  Trial(const Terms& terms, const Question& q, const std::vector<Type>& types)
      : terms_(terms), q_(q), types_(types), code_(terms, q.code_cone), meaning_(terms, q.meaning_cone) {
    for (std::size_t i = 0; i < q.cuts.size(); ++i) code_.input(q.cuts[i].code, i);
    for (std::size_t i = 0; i < q.variables.size(); ++i) meaning_.input(q.variables[i], i);
    code_.finish(q.cuts.size());
    meaning_.finish(q.variables.size());
    in_code_.resize(code_.size() + 1);
    in_meaning_.resize(meaning_.size() + 1);
    code_.begin(in_code_);
    meaning_.begin(in_meaning_);
    for (const CutTerm& cut : q.cuts) {
      const auto at = std::find(q.variables.begin(), q.variables.end(), cut.meaning) - q.variables.begin();
      held_.push_back(meaning_.place(cut.meaning));
      cut_types_.push_back(held_.back() < types.size() ? types[static_cast<std::size_t>(at)]
                                                       : terms.type_of(cut.meaning));
    }
  }

  Answer run() {
    answer_.verdict = Verdict::evaluated;
    answer_.exact = true;
    corners();
    for (std::size_t i = 0; i < kSamples && answer_.verdict == Verdict::evaluated; ++i) {
      draw();
      if (i % 4 == 0) draw_tie();
      ask();
    }
    if (answer_.verdict != Verdict::evaluated) return answer_;
    if (answer_.samples < kFewest && !exhausted_) answer_.verdict = Verdict::open;
    if (exhausted_ || (bitwise() && all_bits())) answer_.verdict = Verdict::proven;
    return answer_;
  }

 private:
  U& value(std::size_t variable) { return in_meaning_[variable]; }
  /// An earlier variable of the same type, or none.
  const U* relative(std::size_t v) {
    if (v == 0) return nullptr;
    const std::size_t other = random_.below(v);
    return types_[other] == types_[v] ? &in_meaning_[other] : nullptr;
  }

  /// Values for all variables: any, or all of one sign, or of few values. Of many that are drawn without regard to each
  /// other some are nearly always positive, large, or a NaN, which may hide what the others do.
  void draw() {
    const U mood = random_.below(6);
    const std::size_t alike = 1 + random_.below(3);
    for (std::size_t v = 0; v < types_.size(); ++v) {
      value(v) = any_value(types_[v], random_, relative(v));
      if (is_mask(types_[v])) continue;
      const U sign = U{1} << (bits_of(types_[v]) - 1);
      if (mood == 0) value(v) |= sign;
      if (mood == 1) value(v) &= ~sign;
      const std::size_t other = random_.below(alike);
      if (mood == 2 && v >= alike && types_[other] == types_[v]) value(v) = value(other);
    }
  }

  /// Three floats that an fma finds hard, in any order.
  void draw_tie() {
    std::vector<std::size_t> floats;
    for (std::size_t v = 0; v < types_.size(); ++v)
      if (is_float(types_[v])) floats.push_back(v);
    if (floats.size() < 3) return;
    for (std::size_t i = 0; i < 3; ++i) std::swap(floats[i], floats[i + random_.below(floats.size() - i)]);
    if (types_[floats[0]] != types_[floats[1]] || types_[floats[0]] != types_[floats[2]]) return;
    U abc[3];
    near_tie_of_fma(bits_of(types_[floats[0]]), abc, random_);
    for (std::size_t i = 0; i < 3; ++i) value(floats[i]) = abc[i];
  }

  /// Hard values of one or two variables in all combinations.
  void corners() {
    if (types_.empty() || types_.size() > 2) {
      exhausted_ = types_.empty();
      if (exhausted_) ask();
      return;
    }
    const auto first = hard_values(types_[0]);
    const U nothing = 0;
    const auto second = types_.size() == 2 ? hard_values(types_[1]) : std::span<const U>(&nothing, 1);
    const std::size_t stride = 1 + first.size() * second.size() / kCorners;
    exhausted_ = std::all_of(types_.begin(), types_.end(), [](Type t) { return is_mask(t); });
    for (std::size_t i = 0; i < first.size() * second.size(); i += stride) {
      value(0) = first[i % first.size()];
      if (types_.size() == 2) value(1) = second[i / first.size()];
      if (answer_.verdict == Verdict::evaluated) ask();
    }
  }

  void ask() {
    if (!meaning_.run(in_meaning_)) return;
    for (std::size_t i = 0; i < q_.cuts.size(); ++i) {
      const CutTerm& cut = q_.cuts[i];
      const Type type = cut_types_[i];
      const U bits = as_held(type, terms_[cut.code].width, in_meaning_[held_[i]]);
      in_code_[i] = cut.exact || !is_float(type) ? bits : other_nan(bits_of(type), bits, random_);
    }
    code_.run(in_code_);
    ++answer_.samples;
    const U code = result(in_code_, code_, q_.code, true), meaning = result(in_meaning_, meaning_, q_.meaning, false);
    if (code == meaning) return;
    const Type type = meaning_type();
    if (!q_.to_the_bit && is_float(type) && is_nan(bits_of(type), code) && is_nan(bits_of(type), meaning)) {
      answer_.exact = false;
      return;
    }
    answer_.verdict = Verdict::differs;
    answer_.code_value = code, answer_.meaning_value = meaning;
    answer_.counterexample.assign(in_meaning_.begin(),
                                  in_meaning_.begin() + static_cast<std::ptrdiff_t>(types_.size()));
  }

  Type meaning_type() const {
    if (!terms_.is_constant(q_.meaning)) return terms_.type_of(q_.meaning);
    return terms_[q_.meaning].width == 1 ? Type::m32 : terms_[q_.meaning].width == 32 ? Type::i32 : Type::i64;
  }

  U result(const std::vector<U>& values, const Program&, TermId of, bool code) const {
    if (terms_.is_constant(of))
      return code ? terms_.imm(of) : as_held(meaning_type(), terms_[q_.code].width, terms_.imm(of));
    if (code) {
      for (std::size_t i = 0; i < q_.cuts.size(); ++i)
        if (q_.code_cone.empty() && q_.cuts[i].code == of) return values[i];
      return values[code_.size() - 1];
    }
    return as_held(meaning_type(), terms_[q_.code].width, values[meaning_.place(of)]);
  }

  /// Does each bit of the result depend on the same bit of the variables alone, and on masks?
  bool bitwise() const {
    if (types_.size() > kMostBitVariables) return false;
    const auto code = [&](TermId id) {
      const Fn fn = terms_[id].fn;
      return (fn >= Fn::bit_and && fn <= Fn::bit_andnot) || fn == Fn::choose || fn == Fn::spread || fn == Fn::low ||
             fn == Fn::high || fn == Fn::join;
    };
    const auto meaning = [&](TermId id) {
      const Op op = terms_.primitive_of(id).kernel[terms_.primitive_of(id).node].op;
      const bool real = is_float(terms_.type_of(id));
      return op == Op::select || op == Op::rare || op == Op::bit_and || op == Op::bit_or || op == Op::bit_xor ||
             op == Op::bit_not || ((op == Op::neg || op == Op::abs) && real);
    };
    return std::all_of(q_.code_cone.begin(), q_.code_cone.end(), code) &&
           std::all_of(q_.meaning_cone.begin(), q_.meaning_cone.end(), meaning);
  }

  bool all_bits() {
    const U before = answer_.samples;
    for (U which = 0; which < U{1} << types_.size() && answer_.verdict == Verdict::evaluated; ++which) {
      for (std::size_t v = 0; v < types_.size(); ++v)
        value(v) = (which >> v & 1) == 0 ? 0 : is_mask(types_[v]) ? 1 : ~U{0} >> (64 - bits_of(types_[v]));
      // All ones are a NaN, whose bits are asked about here: they are to be the same on both sides.
      meaning_.run(in_meaning_);
      for (std::size_t i = 0; i < q_.cuts.size(); ++i)
        in_code_[i] = as_held(cut_types_[i], terms_[q_.cuts[i].code].width, in_meaning_[held_[i]]);
      code_.run(in_code_);
      if (result(in_code_, code_, q_.code, true) != result(in_meaning_, meaning_, q_.meaning, false)) return false;
    }
    answer_.samples = static_cast<std::uint32_t>(before);
    return answer_.verdict == Verdict::evaluated;
  }

  const Terms& terms_;
  const Question& q_;
  const std::vector<Type>& types_;
  Program code_, meaning_;
  std::vector<U> in_code_, in_meaning_;
  std::vector<std::size_t> held_;  // per cut: the place of its meaning
  std::vector<Type> cut_types_;
  Random random_{1};
  Answer answer_;
  bool exhausted_ = false;
};

}  // namespace

std::uint64_t as_held(Type type, int width, std::uint64_t value) {
  if (!is_mask(type) || width == 1) return value;
  return value != 0 ? ~U{0} >> (64 - width) : 0;
}

Answer evaluate(const Terms& terms, const Question& q, const std::vector<Type>& types) {
  return Trial(terms, q, types).run();
}

}  // namespace trueno::inspect
