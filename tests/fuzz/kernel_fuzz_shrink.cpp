// The shrinker: see kernel_fuzz_shrink.h.
//
// The strongest edits use what the judge knows. Any value can be made the only result: the first that is wrong
// is near the defect. And any value can be replaced by a parameter that holds what the judge computed there, so
// that everything before the defect falls away while the defect still sees the operands it needs.
#include "tests/fuzz/kernel_fuzz_shrink.h"

#include <chrono>
#include <cmath>

#include "ir/evaluate.h"
#include "ir/passes/passes.h"
#include "ir/reducer.h"
#include "ops/catalogue.h"
#include "tests/fuzz/kernel_fuzz_edit.h"

namespace trueno::fuzz {
namespace {

using ir::NodeId;
using ir::Op;

constexpr std::size_t kMostChecks = 20'000;
constexpr double kMostSeconds = 30;

double as_double(Type type, std::uint64_t bits) {
  return ir::with_number(type, [&](auto t) { return static_cast<double>(ir::from_cell<decltype(t)>(bits)); });
}

/// The promise of ldexp.near.
bool near(double x, double n) {
  const bool small = n >= -252 && n < 254;
  if (std::isnan(x)) return small || std::isnan(n);
  return small && std::fabs(x) >= 0x1p-20 && std::fabs(x) <= 0x1p20;
}

class Shrinker {
 public:
  Shrinker(Checker& checker, const Case& failing, const Subject& subject, const Difference& first)
      : checker_(checker), subject_(subject), best_{failing, first, 0} {}

  Shrunk run() {
    expand();
    for (bool any = true; any && !spent();) {
      any = results();
      any = length() || any;
      any = first_wrong() || any;
      any = nodes() || any;
      any = reducers() || any;
      any = parameters() || any;
      any = elements() || any;
      any = placement() || any;
    }
    return std::move(best_);
  }

 private:
  Case& now() { return best_.smallest; }
  const ir::Kernel& kernel() const { return best_.smallest.kernel; }
  bool spent() const {
    return best_.checks >= kMostChecks ||
           std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count() > kMostSeconds;
  }

  /// Takes the case if it is smaller and still fails.
  bool take(Case candidate, bool at_any_cost = false) {
    if (spent()) return false;
    tidy(candidate);
    if (!at_any_cost && !(cost_of(candidate) < cost_of(now()))) return false;
    ++best_.checks;
    if (!components_fit(candidate.kernel) || !keeps_promises(candidate)) return false;
    auto difference = checker_.check(candidate, subject_);
    if (!difference || difference->kind != best_.difference.kind) return false;
    best_.smallest = std::move(candidate);
    best_.difference = *std::move(difference);
    return true;
  }

  /// A copy of the case after `edit(copy)`, taken if it is of use.
  template <class Edit>
  bool try_edit(Edit edit) {
    Case candidate = now();
    edit(candidate);
    return take(std::move(candidate));
  }

  // An edit may give ldexp.near operands that break its promise: what it does with them is nobody's fault.
  bool keeps_promises(const Case& c) {
    auto expanded = ir::expand(c.kernel, ops::built_in());
    if (!expanded) return false;
    std::vector<NodeId> promised;
    for (const ir::Node& n : expanded->nodes)
      if (n.op == Op::ldexp_near) promised.insert(promised.end(), {n.args[0], n.args[1]});
    if (promised.empty()) return true;
    const Case whole{*std::move(expanded), c.call};
    const auto values = checker_.values_of(whole, promised);
    if (values.empty()) return false;
    for (std::size_t i = 0; i < promised.size(); i += 2) {
      const Type a = whole.kernel[promised[i]].type, b = whole.kernel[promised[i + 1]].type;
      const std::size_t na = values[i].size() / stored_bytes(a), nb = values[i + 1].size() / stored_bytes(b);
      for (std::size_t e = 0; na != 0 && nb != 0 && e < std::max(na, nb); ++e)
        if (!near(as_double(a, runtime::load_bits(a, &values[i][e % na * stored_bytes(a)])),
                  as_double(b, runtime::load_bits(b, &values[i + 1][e % nb * stored_bytes(b)]))))
          return false;
    }
    return true;
  }

  /// Op calls become primitives, if that fails as well: then the primitive at fault can be found.
  void expand() {
    auto expanded = ir::expand(kernel(), ops::built_in());
    if (!expanded) return;
    expanded->guards.clear();  // found again in whatever is left
    take({*std::move(expanded), now().call}, true);
  }

  bool results() {
    bool any = false;
    if (const int r = best_.difference.result; r != kNone && kernel().outputs.size() > 1)
      any = try_edit([&](Case& c) {
        for (std::size_t o = c.kernel.outputs.size(); o-- > 0;)
          if (o != static_cast<std::size_t>(r)) drop_result(c, o);
      });
    for (std::size_t o = kernel().outputs.size(); o-- > 0 && kernel().outputs.size() > 1;)
      any = try_edit([&](Case& c) { drop_result(c, o); }) || any;
    for (std::size_t o = 0; o < kernel().outputs.size(); ++o)
      if (kernel().outputs[o].array) any = try_edit([&](Case& c) { c.kernel.outputs[o].array = false; }) || any;
    return any;
  }

  bool length() {
    bool any = false;
    for (std::int64_t chunk = now().call.n; chunk > 0; chunk = chunk / 2) {
      int left = 24;  // long arrays: only so many places
      for (std::int64_t begin = now().call.n - chunk; begin >= 0 && left-- > 0; begin -= chunk)
        any = try_edit([&](Case& c) { drop_elements(c, begin, begin + chunk); }) || any;
    }
    return any;
  }

  bool first_wrong() {
    for (NodeId id = 0; id < kernel().nodes.size(); ++id)
      if (!ir::is_leaf(kernel()[id].op) && try_edit([&](Case& c) { make_only_result(c, id); })) return true;
    return false;
  }

  bool nodes() {
    bool any = false;
    for (auto id = static_cast<NodeId>(kernel().nodes.size()); id-- > 0 && !spent();)
      if (id < kernel().nodes.size() && !ir::is_leaf(kernel()[id].op)) any = node(id) || any;
    return any;
  }

  bool stands_for(NodeId id, NodeId earlier) {
    return kernel()[earlier].type == kernel()[id].type && try_edit([&](Case& c) { substitute(c.kernel, id, earlier); });
  }

  bool node(NodeId id) {
    const ir::Node n = kernel()[id];
    for (NodeId operand : ir::operands(kernel(), n)) {
      if (stands_for(id, operand)) return true;
      for (NodeId further : ir::operands(kernel(), kernel()[operand]))  // f32(f64(x)) becomes x
        if (stands_for(id, further)) return true;
      if (kernel().outputs.size() == 1 && kernel().outputs[0].value == id &&
          try_edit([&](Case& c) { make_only_result(c, operand); }))
        return true;
    }
    if (n.mask != ir::kNoNode && try_edit([&](Case& c) { drop_filter(c.kernel, id); })) return true;
    for (std::uint64_t bits : {std::uint64_t{0}, is_mask(n.type) ? 1 : one_of(n.type)})
      if (try_edit([&](Case& c) { make_constant(c.kernel, id, bits); })) return true;
    if (is_mask(n.type)) return false;
    const auto values = checker_.values_of(now(), {id});
    if (values.empty() || values[0].empty()) return false;
    return try_edit([&](Case& c) { make_parameter(c, id, n.varying, values[0]); });
  }

  /// Components of reducers become what they were, an operand or what another is merged with.
  bool reducers() {
    bool any = false;
    for (std::size_t r = 0; r < kernel().reducers.size(); ++r) {
      const std::shared_ptr<const ir::Reducer> reducer = kernel().reducers[r];
      const auto namesakes =
          std::ranges::count(kernel().reducers, reducer->name, [](auto& other) { return other->name; });
      if (reducer->mask || reducer->built_in || namesakes != 1) continue;  // its text defines all of one name
      for (const bool step : {true, false}) {
        const std::vector<ir::Param>& params = step ? reducer->step.params : reducer->merge.params;
        for (std::size_t i = 0; i < reducer->state.size(); ++i)
          for (std::size_t p = 0; p < params.size(); ++p)
            if (params[p].type == reducer->state[i].type)
              any = try_edit([&](Case& c) { pass_through(c.kernel, r, step, i, p); }) || any;
      }
    }
    return any;
  }

  bool parameters() {
    bool any = false;
    for (std::size_t p = kernel().params.size(); p-- > 0;) {
      if (p >= kernel().params.size()) continue;
      const ir::Param param = kernel().params[p];
      if (param.is_array()) {
        const auto at = best_.difference.index;
        any = try_edit([&](Case& c) { make_scalar(c, p, at >= 0 ? at : 0); }) || any;
      } else {
        const std::uint64_t bits = runtime::load_bits(param.type, now().call.inputs[p].bytes.data());
        any = try_edit([&](Case& c) {
                for (NodeId id = 0; id < c.kernel.nodes.size(); ++id)
                  if (c.kernel[id].op == Op::param_scalar && c.kernel[id].imm == p) make_constant(c.kernel, id, bits);
              }) ||
              any;
      }
    }
    for (std::size_t t = 0; t < kernel().tables.size(); ++t)
      while (kernel().tables[t].entries.size() > 1 &&
             try_edit([&](Case& c) { c.kernel.tables[t].entries.resize(c.kernel.tables[t].entries.size() / 2); }))
        any = true;
    return any;
  }

  // ---- values

  /// Elements for which `which` is true become `bits`.
  template <class Which>
  bool set(std::size_t p, std::uint64_t bits, Which which) {
    const Type type = kernel().params[p].type;
    return try_edit([&](Case& c) {
      std::vector<std::uint8_t>& bytes = c.call.inputs[p].bytes;
      const std::size_t n = kernel().params[p].is_array() ? static_cast<std::size_t>(c.call.n) : 1;
      for (std::size_t i = 0; i < n; ++i)
        if (which(i)) runtime::store_bits(type, bytes.data() + i * stored_bytes(type), bits);
    });
  }

  bool elements() {
    bool any = false;
    for (std::size_t p = 0; p < kernel().params.size(); ++p) {
      const Type type = kernel().params[p].type;
      const auto wrong = static_cast<std::size_t>(best_.difference.index);
      for (std::uint64_t bits : {std::uint64_t{0}, one_of(type)}) {
        any = set(p, bits, [](std::size_t) { return true; }) || any;
        any = set(p, bits, [&](std::size_t i) { return i != wrong; }) || any;
      }
      const std::size_t n = kernel().params[p].is_array() ? static_cast<std::size_t>(now().call.n) : 1;
      any = stretches(p, n) || any;
      for (std::size_t i = 0; i < n && n <= 64; ++i) any = element(p, i) || any;
    }
    for (NodeId id = 0; id < kernel().nodes.size(); ++id)
      if (const ir::Node n = kernel()[id]; n.op == Op::constant && is_number(n.type))
        for (std::uint64_t bits : {std::uint64_t{0}, one_of(n.type)})
          any = try_edit([&](Case& c) { c.kernel.nodes[id].imm = bits; }) || any;
    return any;
  }

  /// Zeros in as much as possible of a long array.
  bool stretches(std::size_t p, std::size_t n) {
    bool any = false;
    for (std::size_t chunk = n / 2; n > 64 && chunk > n / 4096; chunk /= 2)
      for (std::size_t begin = 0; begin < n && !spent(); begin += chunk)
        any = set(p, 0, [&](std::size_t i) { return i >= begin && i < begin + chunk; }) || any;
    return any;
  }

  bool element(std::size_t p, std::size_t i) {
    const Type type = kernel().params[p].type;
    const auto only = [&](std::size_t at) { return at == i; };
    for (std::uint64_t bits : {std::uint64_t{0}, one_of(type)})
      if (set(p, bits, only)) return true;
    bool any = false;
    for (int low : {bits_of(type) / 2, bits_of(type) / 4, bits_of(type) / 8}) {
      const std::uint64_t bits = runtime::load_bits(type, now().call.inputs[p].bytes.data() + i * stored_bytes(type));
      any = set(p, bits >> low << low, only) || any;
    }
    return any;
  }

  bool placement() {
    bool any = try_edit([](Case& c) {
      for (Call::Input& input : c.call.inputs) input.shift = 0, input.at_end = false, input.same_as = kNone;
      for (Call::Place& place : c.call.places) place = {};
    });
    any = try_edit([](Case& c) { c.call.control = kDefaultControl; }) || any;
    for (std::size_t p = 0; p < now().call.inputs.size(); ++p) {
      any = try_edit([&](Case& c) { c.call.inputs[p].shift = 0; }) || any;
      any = try_edit([&](Case& c) { c.call.inputs[p].at_end = false; }) || any;
      any = try_edit([&](Case& c) { c.call.inputs[p].same_as = kNone; }) || any;
    }
    for (std::size_t o = 0; o < now().call.places.size(); ++o) {
      any = try_edit([&](Case& c) { c.call.places[o].over = kNone; }) || any;
      any = try_edit([&](Case& c) { c.call.places[o].shift = 0; }) || any;
      any = try_edit([&](Case& c) { c.call.places[o].at_end = false; }) || any;
    }
    return any;
  }

  Checker& checker_;
  const Subject& subject_;
  Shrunk best_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

Shrunk shrink(Checker& checker, const Case& failing, const Subject& subject, const Difference& first) {
  return Shrinker(checker, failing, subject, first).run();
}

}  // namespace trueno::fuzz
