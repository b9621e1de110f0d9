// The plan of a kernel as text: each pass over the data, and what is computed once between passes, as a kernel of its
// own. Its parameters are what it reads, its results what it hands on; what a listing cannot say stands in comments.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "ir/lex.h"
#include "ir/passes/passes.h"
#include "ir/print.h"
#include "ir/reducer.h"
#include "ir/tree.h"
#include "ir/typing.h"
#include "tools/jitdump.h"

namespace trueno::tools {
namespace {

using ir::kNoNode;
using ir::NodeId;
using Ids = std::vector<NodeId>;

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

class Plan {
 public:
  explicit Plan(const ir::Kernel& kernel) : k_(kernel), plan_(ir::schedule(kernel)) {
    name_values();
    for (std::uint32_t p = 0; p < plan_.passes; ++p) loops_.push_back(loop(p));
  }

  std::string text() {
    for (std::uint32_t p = 0; p < plan_.passes; ++p) {
      once(p);
      pass(p);
    }
    once(plan_.passes);
    return head() + declared_ + body_ + results();
  }

 private:
  const ir::Node& at(NodeId id) const { return k_[id]; }
  /// A value that is handed from one part to another: uniform, a number, and no leaf. Uniform masks are recomputed.
  bool handed_on(NodeId id) const { return !at(id).varying && is_number(at(id).type) && !ir::is_leaf(at(id).op); }

  // ---- names: the text's own, else r1, r2, ... for reductions, u1, u2, ... for other uniform values, k1, k2, ... for
  // ---- values kept in arrays, and m1, m2, ... for conditions of passes

  void name_values() {
    names_.resize(k_.nodes.size());
    std::set<std::string> taken;
    for (const ir::Param& p : k_.params) taken.insert(p.name);
    for (NodeId id = 0; id < k_.nodes.size(); ++id)
      if (at(id).op == ir::Op::param_array || at(id).op == ir::Op::param_scalar)
        names_[id] = k_.params[at(id).imm].name;
    std::size_t reductions = 0, others = 0, kept = 0, conditions = 0;
    const auto name = [&](NodeId id, const char* letter, std::size_t& number) {
      names_[id] = at(id).name;
      if (ir::is_bindable(names_[id]) && taken.insert(names_[id]).second) return;
      do names_[id] = fmt::format("{}{}", letter, ++number);
      while (!taken.insert(names_[id]).second);
    };
    for (std::uint32_t level = 0; level <= plan_.passes; ++level) {
      for (const ir::Output& o : outputs_once(level))
        if (is_number(at(o.value).type)) name(o.value, "u", others);
      if (level < plan_.passes)
        for (const NodeId id : reduced_values(level)) name(id, "r", reductions);
    }
    for (std::size_t i = 0; i < k_.outputs.size(); ++i)
      if (const NodeId id = plan_.kept[i]; id == k_.outputs[i].value)
        names_[id] = result_name(i);
      else if (id != kNoNode)
        name(id, "k", kept);
    for (const NodeId id : plan_.condition) {
      if (id == kNoNode || !names_[id].empty()) continue;
      const auto result = std::find_if(k_.outputs.begin(), k_.outputs.end(),
                                       [&](const ir::Output& o) { return !o.array && o.value == id; });
      if (result == k_.outputs.end())
        name(id, "m", conditions);
      else
        names_[id] = result_name(static_cast<std::size_t>(result - k_.outputs.begin()));
    }
  }

  std::string result_name(std::size_t i) const {
    const std::string& name = k_.outputs[i].name;
    if (!name.empty()) return name;
    return k_.outputs.size() == 1 ? "result" : fmt::format("result{}", i + 1);
  }

  bool read_back(std::uint32_t p, NodeId id) const { return plan_.read_back(p, id) != ~0u; }
  bool is_result(const ir::Store& s) const { return k_.outputs[s.output].value == s.value; }
  std::string stored_name(const ir::Store& s) const { return is_result(s) ? result_name(s.output) : names_[s.value]; }

  // ---- parts as kernels

  /// What `roots` are computed from, themselves included, down to what other parts hand on.
  std::vector<bool> closure(const Ids& roots, std::uint32_t level, bool in_loop) const {
    std::vector<bool> needed(k_.nodes.size());
    for (const NodeId id : roots) needed[id] = true;
    for (NodeId id = static_cast<NodeId>(k_.nodes.size()); id-- > 0;)
      if (needed[id] && !comes_in(id, roots, level, in_loop))
        for (const NodeId operand : ir::operands(k_, at(id))) needed[operand] = true;
    return needed;
  }
  bool comes_in(NodeId id, const Ids& roots, std::uint32_t level, bool in_loop) const {
    if (in_loop && read_back(level, id)) return true;
    if (!handed_on(id)) return false;
    const bool own = in_loop ? ir::is_reduced(at(id).op) && std::find(roots.begin(), roots.end(), id) != roots.end()
                             : plan_.level[id] == level && !ir::is_reduced(at(id).op);
    return !own;
  }

  /// The part of the kernel that computes `outputs`.
  ir::Kernel part(const std::string& name, const std::vector<ir::Output>& outputs, std::uint32_t level,
                  bool in_loop) const {
    Ids roots;
    for (const ir::Output& o : outputs) roots.push_back(o.value);
    const std::vector<bool> needed = closure(roots, level, in_loop);
    ir::Kernel out;
    out.name = name;
    out.strict = k_.strict;
    out.tables = k_.tables;
    out.reducers = k_.reducers;
    Ids renamed(k_.nodes.size(), kNoNode);
    for (NodeId id = 0; id < k_.nodes.size(); ++id) {
      if (!needed[id]) continue;
      ir::Node n = at(id);
      const bool parameter = n.op == ir::Op::param_array || n.op == ir::Op::param_scalar;
      if (parameter) {
        out.params.push_back(k_.params[n.imm]);
      } else if (comes_in(id, roots, level, in_loop)) {
        out.params.push_back({names_[id], n.type, n.varying ? std::uint8_t{1} : std::uint8_t{0}, n.at});
        n = ir::Node();
        n.op = at(id).varying ? ir::Op::param_array : ir::Op::param_scalar;
        n.type = at(id).type;
        n.varying = at(id).varying;
      }
      if (n.op == ir::Op::param_array || n.op == ir::Op::param_scalar) n.imm = out.params.size() - 1;
      for (int i = 0; i < n.arity; ++i) n.args[i] = renamed[n.args[i]];
      if (n.mask != kNoNode) n.mask = renamed[n.mask];
      if (!ir::is_bindable(n.name)) n.name.clear();  // of an op's body
      renamed[id] = static_cast<NodeId>(out.nodes.size());
      out.nodes.push_back(std::move(n));
    }
    for (ir::Output o : outputs) {
      o.value = renamed[o.value];
      if (out.nodes[o.value].name == o.name) out.nodes[o.value].name.clear();  // the result has it
      out.outputs.push_back(std::move(o));
    }
    return out;
  }

  /// Tables and reducers once, above everything; the kernel at the end.
  void show(const ir::Kernel& kernel) {
    const ir::PrintedKernel printed = ir::print_parts(kernel);
    for (const std::string& declaration : printed.declarations)
      if (declared_.find(declaration) == std::string::npos) declared_ += declaration;
    body_ += printed.kernel + "\n";
  }

  // ---- passes

  /// Varying values that pass p computes, leaves left out.
  std::vector<bool> loop(std::uint32_t p) const {
    Ids roots;
    for (const ir::Output& o : outputs_of(p)) roots.push_back(o.value);
    std::vector<bool> needed = closure(roots, p, true);
    for (NodeId id = 0; id < k_.nodes.size(); ++id)
      needed[id] = needed[id] && at(id).varying && !ir::is_leaf(at(id).op) && !read_back(p, id);
    return needed;
  }

  std::vector<ir::Output> outputs_of(std::uint32_t p) const {
    std::vector<ir::Output> outputs;
    for (const NodeId id : reduced_values(p)) outputs.push_back({names_[id], id, false});
    for (const ir::Store& s : ir::stores(k_, plan_, p)) outputs.push_back({stored_name(s), s.value, true});
    return outputs;
  }

  void pass(std::uint32_t p) {
    const ir::Kernel kernel = part(fmt::format("pass{}", p + 1), outputs_of(p), p, true);
    std::vector<std::string> reads, waits;
    for (const ir::Param& param : kernel.params)
      if (param.is_array()) reads.push_back(param.name);
    for (NodeId id = 0; id < k_.nodes.size(); ++id)
      if (handed_on(id) && std::any_of(kernel.params.begin(), kernel.params.end(),
                                       [&](const ir::Param& q) { return q.name == names_[id]; }))
        waits.push_back(names_[id]);
    body_ += fmt::format("# pass {} of {}: reads {}", p + 1, plan_.passes, reads.empty() ? "no array" : join(reads));
    body_ += waits.empty() ? "\n" : fmt::format("; waits for {}\n", join(waits));
    if (plan_.conditional(p))
      body_ += fmt::format("#   only if {}: else its results are 0, and nothing asks for them\n",
                           names_[plan_.condition[p]]);
    reduced(p);
    stored(p);
    again(p);
    show(kernel);
  }

  /// Reductions with the same state on one line.
  void reduced(std::uint32_t p) {
    const Ids& all = plan_.reductions[p];
    std::map<std::string, Ids> alike;
    for (const NodeId id : all) alike[state_of(id)].push_back(id);
    for (const auto& [state, ids] : alike) {
      std::vector<std::string> names;
      for (const NodeId id : ids) names.push_back(names_[id]);
      body_ += fmt::format("#   {}: {}{} lanes of {}, blocks of {} elements\n", join(names),
                           names.size() > 1 ? "each " : "", lanes_of(ids[0]), state, block_of(ids[0]));
    }
    if (all.size() > 1) body_ += fmt::format("#   {} independent reductions share the loop\n", all.size());
  }
  /// The types of the components: "f32", "i32 and i64".
  std::string state_of(NodeId id) const {
    std::vector<Type> types;
    for (const ir::Reducer::Component& c : ir::reducer_of(k_, at(id)).state) types.push_back(c.type);
    return ir::list_of(types);
  }
  /// The reductions of a pass, and the further components of their states.
  Ids reduced_values(std::uint32_t p) const {
    Ids out = plan_.reductions[p];
    for (NodeId id = 0; id < k_.nodes.size(); ++id)
      if (at(id).op == ir::Op::component && plan_.level[id] == p + 1) out.push_back(id);
    return out;
  }

  void stored(std::uint32_t p) {
    std::vector<std::string> arrays;
    bool early = false;
    for (const ir::Store& s : ir::stores(k_, plan_, p)) {
      if (is_result(s)) arrays.push_back(result_name(s.output));
      early = early || plan_.level[s.value] < p;
      if (!is_result(s))
        body_ +=
            fmt::format("#   keeps {} in the array of {} for later passes\n", names_[s.value], result_name(s.output));
    }
    if (!arrays.empty()) body_ += fmt::format("#   stores {}", join(arrays));
    if (!arrays.empty() && plan_.last(p) && early)
      body_ += ": not before the last pass, as an array may be one that is still read";
    if (!arrays.empty()) body_ += "\n";
    if (p == plan_.keeping)
      body_ += fmt::format("#   {} not repeated: no later pass reads an argument of that size\n", operations(saved()));
  }

  static std::string operations(std::size_t n) { return fmt::format("{} operation{}", n, n == 1 ? "" : "s"); }

  /// Operations that later passes would compute again if nothing were kept.
  std::size_t saved() const {
    ir::Schedule plain = plan_;
    plain.keeping = ~0u;
    std::fill(plain.kept.begin(), plain.kept.end(), kNoNode);
    const auto computed = [&](const ir::Schedule& plan) {
      std::size_t sum = 0;
      for (std::uint32_t p = plan_.keeping + 1; p < plan_.passes; ++p)
        for (const NodeId id : ir::loop_nodes(k_, plan, p))
          sum += at(id).varying && !ir::is_leaf(at(id).op) && plan.read_back(p, id) == ~0u;
      return sum;
    };
    return computed(plain) - computed(plan_);
  }

  /// What earlier passes have computed already.
  void again(std::uint32_t p) {
    std::size_t all = 0, known = 0;
    std::set<std::uint32_t> where;
    for (NodeId id = 0; id < k_.nodes.size(); ++id) {
      if (!loops_[p][id]) continue;
      ++all;
      bool before = false;
      for (std::uint32_t q = 0; q < p; ++q)
        if (loops_[q][id]) before = true, where.insert(q + 1);
      known += before;
    }
    if (all == 0) return;
    body_ += fmt::format("#   {} per element", operations(all));
    if (known != 0) {
      std::vector<std::string> passes;
      for (const std::uint32_t q : where) passes.push_back(std::to_string(q));
      body_ += fmt::format(", {} of them again as in pass {}: to keep them does not pay or is not allowed", known,
                           join(passes));
    }
    body_ += "\n";
  }

  // ---- what is computed once

  /// Uniform values that become known after `level` passes and are needed elsewhere, or are results.
  std::vector<ir::Output> outputs_once(std::uint32_t level) const {
    std::vector<bool> wanted(k_.nodes.size());
    for (NodeId id = 0; id < k_.nodes.size(); ++id) {
      const bool elsewhere = at(id).varying || ir::is_reduced(at(id).op) || plan_.level[id] != level;
      for (const NodeId operand : ir::operands(k_, at(id)))
        wanted[operand] = wanted[operand] || elsewhere || is_mask(at(id).type);
    }
    for (const ir::Output& o : k_.outputs) wanted[o.value] = true;
    std::vector<ir::Output> outputs;
    const auto here = [&](NodeId id) {
      return !at(id).varying && plan_.level[id] == level && !ir::is_leaf(at(id).op) && !ir::is_reduced(at(id).op);
    };
    for (NodeId id = 0; id < k_.nodes.size(); ++id)
      if (wanted[id] && here(id) && is_number(at(id).type)) outputs.push_back({names_[id], id, false});
    for (std::size_t i = 0; i < k_.outputs.size(); ++i)
      if (const NodeId id = k_.outputs[i].value; here(id) && is_mask(at(id).type) && !k_.outputs[i].array)
        outputs.push_back({result_name(i), id, false});
    for (NodeId id = 0; id < k_.nodes.size(); ++id)  // conditions that are no results
      if (here(id) && is_condition(id) &&
          std::none_of(outputs.begin(), outputs.end(), [&](const ir::Output& o) { return o.value == id; }))
        outputs.push_back({names_[id], id, false});
    return outputs;
  }

  bool is_condition(NodeId id) const {
    return std::find(plan_.condition.begin(), plan_.condition.end(), id) != plan_.condition.end();
  }

  void once(std::uint32_t level) {
    const std::vector<ir::Output> outputs = outputs_once(level);
    if (outputs.empty()) return;
    const bool first = level == 0, last = level == plan_.passes;
    body_ += first && last ? std::string("# once\n")
             : first       ? std::string("# once, before the first pass\n")
             : last        ? std::string("# once, after the last pass\n")
                           : fmt::format("# once, between pass {} and {}\n", level, level + 1);
    show(part(first ? "before" : last ? "after" : fmt::format("between{}", level), outputs, level, false));
  }

  // ---- the frame

  std::string head() const {
    if (plan_.passes == 0) return "# no pass: nothing varies from element to element\n";
    std::size_t block = 0;
    for (const Ids& pass : plan_.reductions)
      for (const NodeId id : pass) block = block == 0 ? block_of(id) : std::min(block, block_of(id));
    const std::string count = fmt::format("# {} pass{}", plan_.passes, plan_.passes == 1 ? "" : "es");
    if (block == 0) return count + ", in one call for any n\n";
    return count + fmt::format(": in one call up to n = {}, beyond it block by block\n", block);
  }

  /// Where each result comes from.
  std::string results() const {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < k_.outputs.size(); ++i) {
      const NodeId id = k_.outputs[i].value;
      const ir::Node& n = at(id);
      const std::string from = n.op == ir::Op::constant ? ir::print_literal(n.type, n.imm)
                               : n.op == ir::Op::count  ? "count()"
                               : is_mask(n.type)        ? result_name(i)
                                                        : names_[id];
      const std::uint32_t by = plan_.kept[i] == id ? plan_.keeping + 1 : plan_.passes;
      lines.push_back(k_.outputs[i].array ? fmt::format("{} stored by pass {}", result_name(i), by)
                                          : fmt::format("{} = {}", result_name(i), from));
    }
    return "# results: " + join(lines) + "\n";
  }

  std::size_t lanes_of(NodeId reduction) const { return ir::reducer_of(k_, at(reduction)).lanes(); }
  std::size_t block_of(NodeId reduction) const { return lanes_of(reduction) * ir::kRowsPerBlock; }

  const ir::Kernel& k_;
  const ir::Schedule plan_;
  std::vector<std::string> names_;        ///< per node
  std::vector<std::vector<bool>> loops_;  ///< per pass
  std::string declared_, body_;
};

}  // namespace

std::string passes_text(const ir::Kernel& optimized) { return Plan(optimized).text(); }

}  // namespace trueno::tools
