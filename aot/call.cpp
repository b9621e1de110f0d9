// One call of a block program: uniform values by the interpreter's cells, passes by blocks.
#include <algorithm>
#include <cstring>

#include "aot/program.h"
#include "ir/accumulate.h"
#include "ir/evaluate.h"
#include "ir/few.h"
#include "ir/tree.h"

namespace trueno::aot {

using ir::Cell;
using ir::Node;
using ir::NodeId;
using ir::Op;

namespace {

/// A value as it lies in rows; a mask of a cell is 0 or 1, in a row 0 or -1.
std::uint64_t row_bits(Type type, Cell cell) { return is_mask(type) ? std::uint64_t{0} - (cell & 1) : cell; }
Cell cell_of(Type type, std::uint64_t bits) {
  if (is_mask(type)) return bits & 1;
  return bytes_in_row(type) == 4 ? bits & 0xffffffffu : bits;
}

void fill(Type type, void* row, std::uint64_t bits, std::size_t n) {
  if (bytes_in_row(type) == 4)
    std::fill_n(static_cast<std::uint32_t*>(row), n, static_cast<std::uint32_t>(bits));
  else
    std::fill_n(static_cast<std::uint64_t*>(row), n, bits);
}

const void* at(const void* row, Type type, std::size_t i) {
  return static_cast<const std::uint8_t*>(row) + i * bytes_in_row(type);
}
void* at(void* row, Type type, std::size_t i) { return static_cast<std::uint8_t*>(row) + i * bytes_in_row(type); }

/// The lanes of one component of a state: V of them.
struct alignas(64) Lanes {
  std::uint8_t bytes[256];
};
using State = ir::Few<Lanes, ir::kMaxState + 1>;

/// A step or a merge, ready to run on lanes: constants are in place.
class Joiner {
 public:
  Joiner(const ir::Kernel& kernel, const Block& block) : kernel_(kernel), frame_(block, 64) {
    const auto& leaves = block.leaves();
    constants_.resize(leaves.size());
    by_param_.resize(kernel.params.size(), ir::kNoNode);
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      const Node& n = kernel[leaves[i]];
      if (n.op == Op::param_scalar) {
        by_param_[n.imm] = leaves[i];
      } else {
        fill_constant(constants_[i], n);
        frame_.bind(leaves[i], constants_[i].data());
      }
    }
    results_.resize(kernel.outputs.size() * 512);
  }

  void param(std::size_t i, const void* row) {
    if (by_param_[i] != ir::kNoNode) frame_.bind(by_param_[i], row);
  }
  /// Everything is computed before anything is written: a parameter may be where a result goes.
  void run(State& out, std::size_t lane, std::size_t n) {
    frame_.run(n);
    for (std::size_t c = 0; c < kernel_.outputs.size(); ++c) {
      const NodeId id = kernel_.outputs[c].value;
      std::memcpy(results_.data() + c * 512, frame_.row(id), n * bytes_in_row(kernel_[id].type));
    }
    for (std::size_t c = 0; c < kernel_.outputs.size(); ++c) {
      const Type type = kernel_[kernel_.outputs[c].value].type;
      std::memcpy(at(out[c].bytes, type, lane), results_.data() + c * 512, n * bytes_in_row(type));
    }
  }

 private:
  static void fill_constant(Row& row, const Node& n) {
    row.resize(lines_for(64));
    fill(n.type, row.data(), row_bits(n.type, n.imm), 64);
  }

  const ir::Kernel& kernel_;
  Frame frame_;
  std::vector<Row> constants_;
  std::vector<NodeId> by_param_;
  std::vector<std::uint8_t> results_;
};

/// A reduction in progress.
class Accumulation {
 public:
  explicit Accumulation(const Reduction& r)
      : r_(r),
        step_(r.reducer->step, r.step),
        merge_(r.reducer->merge, r.merge),
        rows_(r.operands.size()),
        tree_(r.reducer->lanes(), start(*r.reducer), Rule{&merge_, &r}) {}

  /// n more elements, from the rows of the reduction's operands.
  void add(const Frame& frame, std::size_t n) {
    std::vector<const void*>& rows = rows_;
    const std::vector<Type>& types = r_.types;
    for (std::size_t o = 0; o < rows.size(); ++o) rows[o] = frame.row(r_.operands[o]);
    for (std::size_t i = 0; i < n;) {
      const auto next = tree_.next();
      const std::size_t whole = std::min(next.rows, (n - i) / r_.reducer->lanes());
      std::size_t count = std::min(next.room, n - i);
      if (r_.rows && whole != 0) {
        const void* in[2] = {};
        for (std::size_t o = 0; o < r_.rows_from.size(); ++o)
          in[o] = at(rows[r_.rows_from[o]], types[r_.rows_from[o]], i);
        r_.rows(next.state[0].bytes, in, whole);
        count = whole * r_.reducer->lanes();
      } else {
        const std::size_t components = next.state.size();
        for (std::size_t c = 0; c < components; ++c)
          step_.param(c, at(next.state[c].bytes, r_.reducer->state[c].type, next.lane));
        for (std::size_t o = 0; o < rows.size(); ++o) step_.param(components + o, at(rows[o], types[o], i));
        step_.run(next.state, next.lane, count);
      }
      tree_.came(count);
      i += count;
    }
  }

  std::vector<Cell> finish() {
    const State all = tree_.finish();
    std::vector<Cell> out;
    for (std::size_t c = 0; c < all.size(); ++c) {
      std::uint64_t bits = 0;
      std::memcpy(&bits, all[c].bytes, 8);
      out.push_back(ir::closed(*r_.reducer, c, cell_of(r_.reducer->state[c].type, bits)));
    }
    return out;
  }

 private:
  struct Rule {
    Joiner* joiner;
    const Reduction* reduction;
    State merge(State earlier, const State& later, std::size_t lanes) {
      if (reduction->join && lanes == reduction->reducer->lanes()) {
        const void* const in[1] = {later[0].bytes};
        reduction->join(earlier[0].bytes, in, 1);
        return earlier;
      }
      for (std::size_t c = 0; c < earlier.size(); ++c) {
        joiner->param(c, earlier[c].bytes);
        joiner->param(earlier.size() + c, later[c].bytes);
      }
      joiner->run(earlier, 0, lanes);
      return earlier;
    }
    State upper(const State& state, std::size_t lanes) const {
      State out(state.size());
      for (std::size_t c = 0; c < state.size(); ++c) {
        const Type type = reduction->reducer->state[c].type;
        std::memcpy(out[c].bytes, at(state[c].bytes, type, lanes), lanes * bytes_in_row(type));
      }
      return out;
    }
  };
  static State start(const ir::Reducer& reducer) {
    State state(reducer.state.size());
    for (std::size_t c = 0; c < state.size(); ++c) {
      const Type type = reducer.state[c].type;
      fill(type, state[c].bytes, row_bits(type, reducer.state[c].init), reducer.lanes());
    }
    return state;
  }

  const Reduction& r_;
  Joiner step_, merge_;
  std::vector<const void*> rows_;
  ir::Tree<State, Rule> tree_;
};

}  // namespace

class Call {
 public:
  Call(const Program& program, std::span<const void* const> params, std::span<void* const> outputs, std::size_t n)
      : p_(program),
        kernel_(program.kernel_),
        params_(params),
        outputs_(outputs),
        n_(n),
        cells_(kernel_.nodes.size()) {}

  /// False: a filter let nothing pass where a result needs an element.
  bool run() {
    uniforms(0);
    for (std::uint32_t pass = 0; pass < p_.plan_.passes; ++pass) {
      if (asked_for(pass)) one_pass(pass);
      uniforms(pass + 1);
    }
    if (empty_) return false;
    for (std::size_t o = 0; o < outputs_.size(); ++o)
      if (!kernel_.outputs[o].array) {
        const NodeId id = kernel_.outputs[o].value;
        std::memcpy(outputs_[o], &cells_[id], stored_bytes(kernel_[id].type));
      }
    return true;
  }

 private:
  /// A pass that only a `rare` needs is left out where its condition is false; its results are zeros then.
  bool asked_for(std::uint32_t pass) const {
    const NodeId condition = p_.plan_.condition[pass];
    return condition == ir::kNoNode || (cells_[condition] & 1) != 0;
  }

  void uniforms(std::uint32_t level) {
    for (NodeId id = 0; id < kernel_.nodes.size(); ++id) {
      const Node& n = kernel_[id];
      if (n.varying || p_.plan_.level[id] != level || ir::is_reduced(n.op)) continue;
      if (n.op == Op::constant) cells_[id] = n.imm;
      if (n.op == Op::count) cells_[id] = n_;
      if (n.op == Op::param_scalar) std::memcpy(&cells_[id], params_[n.imm], stored_bytes(n.type));
      if (ir::is_leaf(n.op)) continue;
      const auto operand = [&](int i) { return i < n.arity ? &cells_[n.args[i]] : nullptr; };
      ir::evaluate(kernel_, n, {operand(0), operand(1), operand(2), &cells_[id], 1});
    }
  }

  /// Is a leaf read by others than loops: stored or reduced as it stands?
  static bool handed_on(const Program::Pass& pass, NodeId leaf) {
    for (const ir::Store& s : pass.stores)
      if (s.value == leaf) return true;
    for (const Reduction& r : pass.reductions)
      if (std::find(r.operands.begin(), r.operands.end(), leaf) != r.operands.end()) return true;
    return false;
  }

  void one_pass(std::uint32_t number) {
    const Program::Pass& pass = p_.passes_[number];
    const std::size_t stretch = std::min(pass.stretch, n_);
    Frame frame(pass.body, stretch);
    // Rows of one value, and the arrays a leaf walks along.
    std::vector<Row> broadcast;
    std::vector<std::pair<NodeId, const void*>> arrays;
    std::vector<std::pair<NodeId, std::int64_t*>> indices;
    for (NodeId leaf : pass.body.leaves()) {
      const Node& n = kernel_[leaf];
      const std::uint32_t kept = p_.plan_.read_back(number, leaf);
      if (n.op == Op::param_array || kept != ~0u) {
        arrays.emplace_back(leaf, kept != ~0u ? outputs_[kept] : params_[n.imm]);
        continue;
      }
      const bool full = n.op == Op::index || handed_on(pass, leaf);
      Row& row = broadcast.emplace_back(lines_for(full ? stretch : kChunk));
      full ? frame.bind(leaf, row.data()) : frame.bind_same(leaf, row.data());
      if (n.op == Op::index)
        indices.emplace_back(leaf, reinterpret_cast<std::int64_t*>(row.data()));
      else
        fill(n.type, row.data(), row_bits(n.type, cells_[leaf]), full ? stretch : kChunk);
    }
    std::vector<std::unique_ptr<Accumulation>> accumulations;
    for (const Reduction& r : pass.reductions) accumulations.push_back(std::make_unique<Accumulation>(r));
    Stores stores(*this, pass, stretch, arrays);
    std::size_t count = std::min(stores.first(stretch), n_);
    for (std::size_t begin = 0; begin < n_; begin += count, count = std::min(stretch, n_ - begin)) {
      for (const auto& [leaf, base] : arrays) frame.bind(leaf, at(base, kernel_[leaf].type, begin));
      for (const auto& [leaf, row] : indices)
        for (std::size_t i = 0; i < count; ++i) row[i] = static_cast<std::int64_t>(begin + i);
      stores.direct(frame, begin);
      frame.run(count);
      for (std::size_t r = 0; r < accumulations.size(); ++r) accumulations[r]->add(frame, count);
      stores.write(frame, begin, count);
    }
    for (std::size_t r = 0; r < accumulations.size(); ++r) keep(pass.reductions[r], accumulations[r]->finish());
  }

  void keep(const Reduction& r, const std::vector<Cell>& state) {
    cells_[r.node] = state[0];
    const std::vector<NodeId>& guards = p_.plan_.guards;
    if (std::find(guards.begin(), guards.end(), r.node) != guards.end())
      empty_ = empty_ || state[*r.reducer->some] == 0;
    for (NodeId id = r.node + 1; id < kernel_.nodes.size(); ++id)
      if (const Node& n = kernel_[id]; n.op == Op::component && n.args[0] == r.node) cells_[id] = state[n.imm];
  }

  /// Results on their way to their arrays. What is computed goes there at once, if the array is no argument, too.
  /// A result may lie over an argument that another result is: where there are several, those that are arguments as
  /// they stand are put aside first.
  class Stores {
   public:
    using Arrays = std::vector<std::pair<NodeId, const void*>>;
    Stores(const Call& call, const Program::Pass& pass, std::size_t stretch, const Arrays& arrays)
        : call_(call), pass_(pass), direct_(pass.stores.size()), aside_(pass.stores.size()) {
      for (std::size_t s = 0; s < aside_.size(); ++s) {
        direct_[s] = goes_directly(s, arrays);
        if (aside_.size() > 1 && !direct_[s]) aside_[s].resize(lines_for(stretch));
      }
    }
    /// How many elements come first, so that what goes directly is aligned from there on.
    std::size_t first(std::size_t stretch) const {
      for (std::size_t s = 0; s < direct_.size(); ++s)
        if (direct_[s])
          return stretch - (reinterpret_cast<std::uintptr_t>(target(s, 0)) % sizeof(Line)) / stored_bytes(type(s));
      return stretch;
    }
    void direct(Frame& frame, std::size_t begin) const {
      for (std::size_t s = 0; s < direct_.size(); ++s)
        if (direct_[s]) frame.bind(pass_.stores[s].value, target(s, begin));
    }
    void write(const Frame& frame, std::size_t begin, std::size_t count) {
      for (std::size_t s = 0; s < aside_.size(); ++s)
        if (!aside_[s].empty())
          std::memcpy(aside_[s].data(), frame.row(pass_.stores[s].value), count * bytes_in_row(type(s)));
      for (std::size_t s = 0; s < aside_.size(); ++s) {
        if (direct_[s]) continue;
        const void* from = aside_[s].empty() ? frame.row(pass_.stores[s].value) : aside_[s].data();
        if (is_mask(type(s)))
          mask_bytes(s, from, target(s, begin), count);
        else
          std::memmove(target(s, begin), from, count * stored_bytes(type(s)));
      }
    }

   private:
    Type type(std::size_t s) const { return call_.kernel_[pass_.stores[s].value].type; }
    std::uint8_t* target(std::size_t s, std::size_t begin) const {
      return static_cast<std::uint8_t*>(call_.outputs_[pass_.stores[s].output]) + begin * stored_bytes(type(s));
    }
    void mask_bytes(std::size_t s, const void* from, void* to, std::size_t count) const {
      const Operand row{from, kChunk};
      const Operand* const mask = &row;
      call_.p_.level_->mask_bytes(type(s))(&mask, to, count);
    }
    bool goes_directly(std::size_t s, const Arrays& arrays) const {
      if (is_mask(type(s)) || !pass_.body.computes(pass_.stores[s].value)) return false;
      for (std::size_t before = 0; before < s; ++before)
        if (pass_.stores[before].value == pass_.stores[s].value) return false;
      for (const auto& [leaf, base] : arrays)
        if (base == target(s, 0)) return false;
      return true;
    }

    const Call& call_;
    const Program::Pass& pass_;
    std::vector<bool> direct_;
    std::vector<Row> aside_;
  };

  const Program& p_;
  const ir::Kernel& kernel_;
  std::span<const void* const> params_;
  std::span<void* const> outputs_;
  std::size_t n_;
  std::vector<Cell> cells_;  // of uniform nodes
  bool empty_ = false;
};

Result<void> Program::run(std::span<const void* const> params, std::span<void* const> outputs, std::int64_t n) const {
  if (n == 0 && plan_.needs_elements)
    return Error(Status::empty, "kernel '" + kernel_.name + "': a result depends on the min or max of no elements");
  if (Call(*this, params, outputs, static_cast<std::size_t>(n)).run()) return {};
  return Error(Status::empty, "kernel '" + kernel_.name +
                                  "': a result depends on the min or max of elements that are all filtered out");
}

}  // namespace trueno::aot
