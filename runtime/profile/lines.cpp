// The printer gives a line to what has a name: so all get one, and lines are found by it again.
#include "runtime/profile/lines.h"

#include <algorithm>
#include <unordered_map>

#include "ir/print.h"
#include "ir/print_body.h"

namespace trueno::runtime {
namespace {

bool is_parameter(const ir::Node& n) { return n.op == ir::Op::param_array || n.op == ir::Op::param_scalar; }

/// Names that the printer will keep: none is taken, or given twice.
void name_all(ir::Kernel& kernel) {
  ir::Names names;
  for (std::size_t i = 0; i < kernel.params.size(); ++i) names.take(names.fresh(kernel.params[i].name, i + 1));
  for (const ir::Table& t : kernel.tables) names.take(t.name);
  for (ir::NodeId id = 0; id < kernel.nodes.size(); ++id) {
    ir::Node& n = kernel.nodes[id];
    if (!is_parameter(n) && (n.op != ir::Op::constant || !n.name.empty())) n.name = names.fresh(n.name, id);
  }
}

}  // namespace

TextWithLines text_with_lines(ir::Kernel kernel) {
  name_all(kernel);
  const ir::PrintedKernel parts = ir::print_parts(kernel);
  TextWithLines out;
  for (const std::string& declaration : parts.declarations) out.text += declaration;
  auto line = static_cast<std::uint32_t>(1 + std::count(out.text.begin(), out.text.end(), '\n'));
  out.head = line;
  out.text += parts.kernel;
  std::unordered_map<std::string, std::uint32_t> lines;  // "  NAME = ..."
  for (std::size_t at = 0; at < parts.kernel.size(); ++line) {
    const std::size_t end = parts.kernel.find('\n', at), equals = parts.kernel.find(" = ", at);
    if (equals < end) lines.emplace(parts.kernel.substr(at + 2, equals - at - 2), line);
    at = end + 1;
  }
  for (const ir::Node& n : kernel.nodes) {
    const auto found = lines.find(n.name);
    out.line_of.push_back(is_parameter(n) || found == lines.end() ? out.head : found->second);
  }
  return out;
}

}  // namespace trueno::runtime
