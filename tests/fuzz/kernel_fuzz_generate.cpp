// Random kernels: see kernel_fuzz_generate.h.
//
// Every program draws its own small world first (types, a palette of operations, how far back operands are
// looked for, how many reductions): two primitives meet often only if there are few of them, and a program
// drawn from everything is declined by any target that declines anything. Values nobody uses yet are preferred
// as operands, and what is left unused becomes a result, so that little of a program is dead.
#include "tests/fuzz/kernel_fuzz_generate.h"

#include <algorithm>
#include <array>

#include "ir/reducer.h"
#include "ir/typing.h"
#include "ops/catalogue.h"

namespace trueno::fuzz {
namespace {

using ir::NodeId;
using ir::Op;
using runtime::Pattern;

/// One thing a program may do: a primitive on certain types, or an op of the catalogue.
struct Action {
  Op op = Op::call;
  const ir::Definition* definition = nullptr;
  std::vector<Type> operands;
  Type result = Type::f32;
  bool reduces = false;
};

std::string_view name_of(const Action& action) {
  return action.definition != nullptr ? std::string_view(action.definition->name) : ir::row(action.op).text;
}

/// What must not be written freely: its promise cannot be kept by clamping operands, or (mad) is not about bits.
bool is_promise_only(Op op) { return op == Op::mad || op == Op::bitcast_raw; }

/// Does the type asked for (`own`) decide, and may it be this one?
bool own_is_possible(ir::Typing typing, Type own) {
  switch (typing) {
    case ir::Typing::convert:
    case ir::Typing::bitcast:
    case ir::Typing::table: return is_number(own);
    case ir::Typing::mask_convert: return is_mask(own);
    default: return own == Type::f32;  // the operands decide: ask once
  }
}

void add_primitive(Op op, std::vector<Action>& out) {
  const ir::Primitive& row = ir::row(op);
  if (row.typing == ir::Typing::leaf || is_promise_only(op)) return;
  std::size_t combinations = 1;
  for (int i = 0; i < row.operands; ++i) combinations *= kTypeCount;
  for (std::size_t c = 0; c < combinations; ++c) {
    Action action{op, nullptr, {}, Type::f32, ir::is_reduction(op)};
    for (std::size_t i = 0, rest = c; i < row.operands; ++i, rest /= kTypeCount)
      action.operands.push_back(static_cast<Type>(rest % kTypeCount));
    for (std::size_t own = 0; own < kTypeCount; ++own) {
      if (!own_is_possible(row.typing, static_cast<Type>(own))) continue;
      const ir::Typed typed = ir::type_of(op, action.operands, static_cast<Type>(own));
      if (!typed.ok()) continue;
      action.result = typed.type;
      out.push_back(action);
    }
  }
}

std::vector<Action> all_actions() {
  std::vector<Action> out;
  for (std::size_t i = 0; i < ir::kPrimitiveCount; ++i) add_primitive(static_cast<Op>(i), out);
  const ir::Catalogue& ops = ops::built_in();
  for (const std::string& name : ops.names())
    for (const std::vector<Type>& types : ops.overloads(name))
      if (const ir::Definition* d = ops.find(name, types))
        out.push_back({Op::call, d, types, d->result, ir::reduces(*d)});
  return out;
}

class Generator {
 public:
  Generator(Random& random, const Without& without) : random_(random), without_(without) {}

  ir::Kernel make() {
    kernel_.name = "fuzz";
    kernel_.strict = random_.one_in(8);
    draw_world();
    if (!random_.one_in(12)) parameter(any_number(), true);
    for (int tries = 0; kernel_.nodes.size() < size_ && tries < 400 && !palette_.empty(); ++tries)
      if (seldom_ && random_.one_in(4))
        seldom();
      else
        act(*random_.pick(palette_));
    if (reductions_left_ > 0 && random_.one_in(3)) own_reductions();
    results();
    return std::move(kernel_);
  }

 private:
  // ---- reducers as a user would write them: their steps and merges are little worlds of scalars

  /// The palette of a part of a reducer: what looks at nothing but its operands.
  Generator(const Generator& outer, std::size_t size)
      : random_(outer.random_), without_(outer.without_), types_(outer.types_), size_(size), locality_(4) {
    for (const Action* a : outer.palette_)
      if (!a->reduces && (a->definition == nullptr || a->definition->asks == 0)) palette_.push_back(a);
    most_arrays_ = 0;
    scalars_only_ = true;
  }

  void own_reductions() {
    std::vector<std::shared_ptr<const ir::Reducer>> reducers;
    for (std::size_t i = 1 + random_.below(2); i > 0; --i) reducers.push_back(own_reducer(reducers.size()));
    for (std::size_t i = 1 + random_.below(3); i > 0; --i) {
      const auto& reducer = random_.pick(reducers);
      std::vector<NodeId> operands;
      for (std::size_t p = reducer->state.size(); p < reducer->step.params.size(); ++p)
        operands.push_back(pick(reducer->step.params[p].type));
      const NodeId mask = filter(true);
      for (NodeId o : operands) ++uses_[o];
      const NodeId state = keep(ir::append_reduce(kernel_, reducer, operands, mask));
      for (std::size_t c = 1; c < reducer->state.size(); ++c)
        if (!random_.one_in(3)) ++uses_[state], keep(ir::append_component(kernel_, state, c));
    }
  }

  std::shared_ptr<const ir::Reducer> own_reducer(std::size_t number) {
    auto out = std::make_shared<ir::Reducer>();
    out->name = "own" + std::to_string(number);
    out->needs_elements = random_.one_in(4);
    std::vector<ir::Param> state, later, operands;
    for (std::size_t i = 1 + random_.below(4); i > 0; --i) {
      const std::string name = std::to_string(state.size());
      const Type type = any_number();
      state.push_back({"s" + name, type, 0, {}});
      later.push_back({"later" + name, type, 0, {}});
      out->state.push_back({"s" + name, type, constant_bits(type)});
    }
    for (std::size_t i = 1 + random_.below(2); i > 0; --i) {
      const Type number = any_number();
      operands.push_back({"x" + std::to_string(i), random_.one_in(8) ? ir::mask_of(number) : number, 0, {}});
    }
    out->step = Generator(*this, random_.below(12)).part(state, operands);
    out->merge = Generator(*this, random_.below(12)).part(state, later);
    return out;
  }

  /// A body over these, with a result for each component of the state: often a parameter as it is, or one twice.
  ir::Kernel part(std::vector<ir::Param> state, const std::vector<ir::Param>& others) {
    std::vector<Type> results;
    for (const ir::Param& p : state) results.push_back(p.type);
    state.insert(state.end(), others.begin(), others.end());
    for (const ir::Param& p : state) {
      const NodeId id = parameter(p.type, false);
      kernel_.nodes[id].varying = true;  // as in the body of an op
      kernel_.nodes[id].name = kernel_.params.back().name = p.name;
    }
    for (int tries = 0; kernel_.nodes.size() < state.size() + size_ && tries < 100 && !palette_.empty(); ++tries)
      act(*random_.pick(palette_));
    for (const Type type : results) kernel_.outputs.push_back({"", pick(type), false});
    return std::move(kernel_);
  }

  // ---- the world of one program

  void draw_world() {
    constexpr std::array kNumbers = {Type::f32, Type::f64, Type::i32, Type::i64};
    const std::size_t kinds = random_.one_in(4) ? 4 : 1 + random_.below(2);
    while (types_.size() < kinds)
      if (const Type t = random_.pick(kNumbers); std::ranges::find(types_, t) == types_.end()) types_.push_back(t);
    constexpr std::size_t kSizes[] = {8, 8, 8, 8, 24, 24, 24, 60, 60, 200};
    size_ = 1 + random_.below(random_.pick(kSizes));
    locality_ = random_.pick(std::array{1, 2, 4, 4, 16, 1000});
    constexpr int kReductions[] = {0, 0, 1, 2, 4, 20};
    reductions_left_ = random_.pick(kReductions);
    most_arrays_ = 1 + random_.below(random_.one_in(4) ? 10 : 4);
    mask_results_ = random_.one_in(4);
    seldom_ = reductions_left_ > 0 && random_.one_in(4) &&
              std::ranges::find(without_.operations, "rare") == without_.operations.end();
    draw_palette();
  }

  bool in_world(Type t) const {
    if (is_number(t)) return std::ranges::find(types_, t) != types_.end();
    return std::ranges::any_of(types_, [&](Type number) { return ir::mask_of(number) == t; });
  }

  void draw_palette() {
    static const std::vector<Action> kActions = all_actions();
    std::vector<const Action*> fitting;
    const bool of_text = random_.one_in(4);  // an op of text is thirty primitives that others have tested
    for (const Action& a : kActions)
      if ((a.definition == nullptr || a.reduces || of_text) && in_world(a.result) &&
          std::ranges::all_of(a.operands, [&](Type t) { return in_world(t); }) &&
          (!a.reduces || reductions_left_ > 0) &&
          std::ranges::find(without_.operations, name_of(a)) == without_.operations.end())
        fitting.push_back(&a);
    if (random_.one_in(12)) return contracting(fitting);
    std::size_t wanted = random_.pick(std::array<std::size_t, 5>{2, 4, 8, 16, 1000});
    if (fitting.empty()) return;
    if (wanted >= fitting.size()) {
      palette_ = std::move(fitting);
      return;
    }
    while (wanted-- > 0) palette_.push_back(random_.pick(fitting));
    if (reductions_left_ > 0)  // they are few in the table, but half of what there is to get wrong
      for (const Action* a : fitting)
        if (a->reduces && random_.one_in(4)) palette_.push_back(a);
  }

  /// What contraction looks at, and nothing else: products and sums in all ways to write them.
  void contracting(const std::vector<const Action*>& fitting) {
    constexpr std::array kOps = {Op::add, Op::sub, Op::mul, Op::neg, Op::fma, Op::reduce_sum, Op::reduce_sum_fma};
    for (const Action* a : fitting)
      if (a->reduces || std::ranges::find(kOps, a->op) != kOps.end()) palette_.push_back(a);
  }

  Type any_number() { return random_.pick(types_); }
  Type number_of_width(int bits) {
    std::vector<Type> fitting;
    for (Type t : types_)
      if (bits_of(t) == bits) fitting.push_back(t);
    return fitting.empty() ? ir::int_of(bits) : random_.pick(fitting);
  }

  // ---- values

  NodeId keep(NodeId id) {
    uses_.resize(kernel_.nodes.size());
    pools_[static_cast<std::size_t>(kernel_[id].type)].push_back(id);
    return id;
  }

  NodeId node(Op op, Type type, std::initializer_list<NodeId> operands, std::uint64_t imm = 0) {
    for (NodeId o : operands) ++uses_[o];
    return keep(ir::append(kernel_, op, type, operands, {}, imm));
  }

  NodeId parameter(Type type, bool array) {
    const std::string name = (array ? "x" : "a") + std::to_string(kernel_.params.size());
    const NodeId id = node(array ? Op::param_array : Op::param_scalar, type, {}, kernel_.params.size());
    kernel_.params.push_back({name, type, static_cast<std::uint8_t>(array ? 1 : 0), {}});
    kernel_.nodes[id].name = name;
    arrays_ += array;
    return id;
  }

  std::uint64_t constant_bits(Type type) {
    const Pattern pattern = random_.one_in(2) ? Pattern::special : Pattern::ordinary;
    return runtime::draw_value(pattern, type, random_.next());
  }

  NodeId leaf(Type type) {
    if (is_mask(type)) {
      if (random_.one_in(6) && !without_.mask_constants) return node(Op::constant, type, {}, random_.below(2));
      const Type number = number_of_width(bits_of(type));
      constexpr std::array kCompares = {Op::lt, Op::le, Op::eq, Op::ne};
      const NodeId a = pick(number), b = pick(number);
      return node(random_.pick(kCompares), type, {a, b});
    }
    if (scalars_only_) return node(Op::constant, type, {}, constant_bits(type));
    if (arrays_ < most_arrays_ && !random_.one_in(3)) return parameter(type, true);
    if (kernel_.params.size() < 20 && random_.one_in(2)) return parameter(type, false);
    if (type == Type::i64 && random_.one_in(4)) return node(random_.one_in(2) ? Op::count : Op::index, type, {});
    return node(Op::constant, type, {}, constant_bits(type));
  }

  NodeId pick(Type type) {
    const std::vector<NodeId>& pool = pools_[static_cast<std::size_t>(type)];
    if (pool.empty() || random_.one_in(8)) return leaf(type);
    if (random_.one_in(2))
      for (std::size_t i = pool.size(); i-- > 0 && pool.size() - i <= 8;)
        if (uses_[pool[i]] == 0) return pool[i];
    const std::size_t reach =
        random_.one_in(4) ? pool.size() : std::min(pool.size(), static_cast<std::size_t>(locality_));
    return pool[pool.size() - 1 - random_.below(reach)];
  }

  // ---- operations

  void act(const Action& action) {
    if (action.reduces && reductions_left_ <= 0) return;
    std::vector<NodeId> operands;
    for (Type t : action.operands) operands.push_back(pick(t));
    reductions_left_ -= action.reduces;
    if (action.definition != nullptr) {
      const NodeId mask = filter(action.reduces);
      for (NodeId o : operands) ++uses_[o];
      keep(ir::append_call(kernel_, *action.definition, std::move(operands), mask));
    } else if (action.reduces) {
      reduce(action, operands);
    } else {
      if (action.op == Op::ldexp_near) keep_promise(operands);
      for (NodeId o : operands) ++uses_[o];
      const std::uint64_t imm = action.op == Op::table ? table(action.result) : 0;
      keep(ir::append(kernel_, action.op, action.result, operands, {}, imm));
    }
    if (random_.one_in(12)) kernel_.nodes.back().name = "n" + std::to_string(kernel_.nodes.size());
  }

  /// A third of the reductions have a `where`, of a mask of any width.
  NodeId filter(bool reduces) {
    if (!reduces || !random_.one_in(3)) return ir::kNoNode;
    const NodeId mask = pick(random_.one_in(2) ? Type::m32 : Type::m64);
    ++uses_[mask];
    return mask;
  }

  void reduce(const Action& action, const std::vector<NodeId>& operands) {
    const NodeId mask = filter(true);
    for (NodeId o : operands) ++uses_[o];
    keep(ir::append_reduction(kernel_, action.op, operands, mask));
  }

  /// rare under a uniform condition. What is reduced for its slow operand alone is no operand of anything else, so
  /// that passes are left out; other times it is, or is another rare's.
  void seldom() {
    if (reductions_left_ < 2) return;
    const Type type = any_number();
    const std::vector<NodeId>& pool = pools_[static_cast<std::size_t>(type)];
    const NodeId condition = uniform_mask(bits_of(type));
    NodeId slow = reduced(type);
    if (random_.one_in(2)) pools_[static_cast<std::size_t>(type)].pop_back();
    if (random_.one_in(3))
      slow = node(random_.one_in(2) ? Op::add : Op::max, type, {slow, pool.empty() ? slow : pick(type)});
    if (random_.one_in(3)) slow = reduced_over(node(Op::sub, type, {pick(type), slow}));
    const NodeId fast = random_.one_in(8) ? pick(type) : uniform(type);
    conditions_.push_back(condition);
    node(Op::rare, type, {condition, slow, fast});
  }

  NodeId reduced_over(NodeId operand) {
    --reductions_left_;
    ++uses_[operand];
    const bool keeps_type = kernel_[operand].type != Type::i32;  // the sum of i32 is i64
    const Op op =
        random_.pick(std::array{Op::reduce_min, Op::reduce_max, keeps_type ? Op::reduce_sum : Op::reduce_max});
    const NodeId mask = filter(true), operands[] = {operand};
    return keep(ir::append_reduction(kernel_, op, operands, mask));
  }
  NodeId reduced(Type type) { return reduced_over(pick(type)); }

  NodeId uniform(Type type) {
    if (reductions_left_ > 0 && random_.one_in(2)) return reduced(type);
    if (kernel_.params.size() < 20 && random_.one_in(2)) return parameter(type, false);
    return node(Op::constant, type, {}, constant_bits(type));
  }

  /// One that is there already, now and then: several things may wait for one condition.
  NodeId uniform_mask(int bits) {
    const Type number = number_of_width(bits);
    for (const NodeId id : conditions_)
      if (bits_of(kernel_[id].type) == bits && random_.one_in(2)) return id;
    const NodeId a = uniform(number), b = uniform(number);
    return node(random_.pick(std::array{Op::lt, Op::le, Op::eq, Op::ne}), ir::mask_of(number), {a, b});
  }

  // ldexp.near: 2^-20 <= |a| <= 2^20 or NaN, and -252 <= b < 254. min_num and max_num let no NaN through, min and
  // max do.
  void keep_promise(std::vector<NodeId>& operands) {
    const Type a = kernel_[operands[0]].type, b = kernel_[operands[1]].type;
    const bool narrow = bits_of(a) == 32;
    const auto constant = [&](Type t, std::uint64_t bits) { return node(Op::constant, t, {}, bits); };
    NodeId size = node(Op::abs, a, {operands[0]});
    size = node(Op::max, a, {size, constant(a, narrow ? 0x35800000 : 0x3eb0000000000000)});
    size = node(Op::min, a, {size, constant(a, narrow ? 0x49800000 : 0x4130000000000000)});
    operands[0] = node(Op::copysign, a, {size, operands[0]});
    const Type wide = ir::int_of(bits_of(b));
    const std::uint64_t all = bits_of(b) == 32 ? 0xffffffff : ~std::uint64_t{0};
    const NodeId low = is_float(b) ? constant(b, narrow ? 0xc37c0000 : 0xc06f800000000000) : constant(wide, all - 251);
    const NodeId high = is_float(b) ? constant(b, narrow ? 0x437d0000 : 0x406fa00000000000) : constant(wide, 253);
    const NodeId least = node(is_float(b) ? Op::max_num : Op::max, b, {operands[1], low});
    operands[1] = node(is_float(b) ? Op::min_num : Op::min, b, {least, high});
  }

  std::uint64_t table(Type type) {
    ir::Table t{"t" + std::to_string(kernel_.tables.size()), type, {}};
    const std::size_t n = std::size_t{1} << random_.below(random_.one_in(3) ? 9 : 5);
    for (std::size_t i = 0; i < n; ++i) t.entries.push_back(constant_bits(type));
    return ir::table_index(kernel_, t);
  }

  // ---- results

  void results() {
    if (kernel_.nodes.empty()) parameter(any_number(), true);
    std::vector<NodeId> loose;
    const auto last = static_cast<NodeId>(kernel_.nodes.size());
    uses_.resize(last);
    for (NodeId id = last; id-- > 0;)
      if (uses_[id] == 0 && !ir::is_leaf(kernel_[id].op)) loose.push_back(id);
    const std::size_t most = 1 + random_.below(random_.one_in(8) ? 16 : 6);
    for (NodeId id : loose)
      if (kernel_.outputs.size() < most) result(id);
    while (kernel_.outputs.empty() || (kernel_.outputs.size() < most && random_.one_in(2)))
      result(static_cast<NodeId>(last - 1 - random_.below(last)));
  }

  /// Most targets have no code for masks as results, so that they are mostly seen through a select.
  void result(NodeId id) {
    const Type type = kernel_[id].type;
    if (is_mask(type) && !mask_results_) {
      const Type number = number_of_width(bits_of(type));
      const NodeId a = pick(number), b = pick(number);
      id = node(Op::select, number, {id, a, b});
    }
    const std::string name = random_.one_in(2) ? "r" + std::to_string(kernel_.outputs.size()) : "";
    kernel_.outputs.push_back({name, id, kernel_[id].varying || random_.one_in(4)});
  }

  Random& random_;
  const Without& without_;
  ir::Kernel kernel_;
  std::vector<Type> types_;
  std::vector<const Action*> palette_;
  std::vector<NodeId> pools_[kTypeCount];
  std::vector<std::uint32_t> uses_;
  std::size_t size_ = 1, arrays_ = 0, most_arrays_ = 1;
  int locality_ = 1, reductions_left_ = 0;
  bool mask_results_ = false, scalars_only_ = false, seldom_ = false;
  std::vector<NodeId> conditions_;  ///< of rare
};

}  // namespace

ir::Kernel random_kernel(Random& random, const Without& without) { return Generator(random, without).make(); }

}  // namespace trueno::fuzz
