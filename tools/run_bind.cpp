// Binding what the command line gave to what the kernel takes; see run.h.
#include <fmt/format.h>

#include <algorithm>

#include "tools/run.h"
#include "tools/values.h"

namespace trueno::tools {
namespace {

std::string type_text(Type type, bool array) { return fmt::format("{}{}", name_of(type), array ? "[]" : ""); }

std::string signature(const Kernel& kernel) {
  std::string out;
  for (const Slot& p : kernel.parameters())
    out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", p.name, type_text(p.type, p.array));
  return fmt::format("{}({})", kernel.name(), out);
}

template <class Named>
const Named* named(const std::vector<Named>& list, const std::string& name) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const Named& item) { return item.name == name; });
  return found == list.end() ? nullptr : &*found;
}

/// The first input that is a matrix, or null.
const InputArray* a_matrix(const RunOptions& options) {
  const auto found = std::find_if(options.arrays.begin(), options.arrays.end(),
                                  [](const InputArray& in) { return in.array.shape().rows.has_value(); });
  return found == options.arrays.end() ? nullptr : &*found;
}

/// Every other matrix has that shape; a column is a row for all, or one value per row for a scalar parameter.
Result<Extent> extent_of_rows(const Kernel& kernel, const RunOptions& options, const InputArray& matrix) {
  const NpyShape& shape = matrix.array.shape();
  for (const InputArray& in : options.arrays) {
    const Slot* slot = named(kernel.parameters(), in.name);
    const bool per_row = slot && !slot->array;
    if (in.array.shape() == shape ||
        (!in.array.shape().rows && in.array.length() == (per_row ? *shape.rows : shape.columns)))
      continue;
    return Error(Status::invalid_argument,
                 fmt::format("{} has shape {} ({}), {} has {} ({}): for the rows of that matrix it must be {}", in.name,
                             in.array.shape().text(), in.path, matrix.name, shape.text(), matrix.path,
                             per_row ? fmt::format("({},)", *shape.rows)
                                     : fmt::format("{} or ({},)", shape.text(), shape.columns)));
  }
  return Extent{*shape.rows, shape.columns};
}

class Binder {
 public:
  Binder(const Kernel& kernel, const RunOptions& options) : kernel_(kernel), options_(options) {}

  Result<std::vector<RowsArg>> bind() {
    std::vector<RowsArg> arguments;
    for (const Slot& p : kernel_.parameters()) arguments.push_back(p.array ? array(p) : scalar(p));
    for (const InputArray& in : options_.arrays) complain_if_unknown("--in", in.name);
    for (const InputScalar& in : options_.scalars) complain_if_unknown("--set", in.name);
    if (mistakes_.empty()) return arguments;
    return Error(Status::invalid_argument, std::move(mistakes_));
  }

 private:
  void complain(std::string message) { mistakes_.push_back({{}, std::move(message), {}, {}}); }

  void complain_if_unknown(std::string_view option, const std::string& name) {
    if (!named(kernel_.parameters(), name))
      complain(
          fmt::format("{} {}: the kernel has no parameter of that name; it is {}", option, name, signature(kernel_)));
  }

  RowsArg array(const Slot& p) {
    if (const InputArray* in = named(options_.arrays, p.name)) {
      if (in->array.type() != p.type)
        complain(fmt::format("--in {}: the kernel takes {}, {} holds {}", p.name, type_text(p.type, true), in->path,
                             type_text(in->array.type(), true)));
      return argument_of(in->array);
    }
    if (named(options_.scalars, p.name))
      complain(fmt::format("--set {}: this parameter is an array, {}; use --in {}=FILE.npy", p.name,
                           type_text(p.type, true), p.name));
    else
      complain(
          fmt::format("parameter {}: {} is missing; use --in {}=FILE.npy", p.name, type_text(p.type, true), p.name));
    return RowsArg(p.type, nullptr, 0);
  }

  static RowsArg argument_of(const NpyArray& array) {
    const NpyShape& shape = array.shape();
    if (shape.rows) return RowsArg(array.type(), array.data(), *shape.rows, shape.columns, shape.columns);
    return RowsArg(array.type(), array.data(), shape.columns);
  }

  RowsArg scalar(const Slot& p) {
    RowsArg argument(std::int32_t{0});
    argument.type = p.type;
    if (const InputScalar* in = named(options_.scalars, p.name)) {
      if (in->type && *in->type != p.type)
        complain(
            fmt::format("--set {}: the kernel takes {}, {} was given", p.name, name_of(p.type), name_of(*in->type)));
      else if (auto bits = parse_value(p.type, in->text))
        argument.bits = *bits;
      else
        complain(fmt::format("--set {}: {}", p.name, bits.error().diagnostics[0].message));
    } else if (const InputArray* column = named(options_.arrays, p.name)) {
      if (over_rows_ && !column->array.shape().rows && column->array.type() == p.type)
        return argument_of(column->array);
      complain(fmt::format("--in {}: this parameter is a scalar, {}; use --set {}=VALUE{}", p.name, name_of(p.type),
                           p.name, over_rows_ ? ", or a 1-D array of one value per row" : ""));
    } else {
      complain(fmt::format("parameter {}: {} is missing; use --set {}=VALUE", p.name, name_of(p.type), p.name));
    }
    return argument;
  }

  const Kernel& kernel_;
  const RunOptions& options_;
  const bool over_rows_ = a_matrix(options_) != nullptr;
  std::vector<Diagnostic> mistakes_;
};

}  // namespace

Result<std::vector<RowsArg>> bind_arguments(const Kernel& kernel, const RunOptions& options) {
  return Binder(kernel, options).bind();
}

Result<Extent> extent_of(const Kernel& kernel, const RunOptions& options) {
  if (!options.arrays.empty()) {
    if (options.n)
      return Error(Status::invalid_argument, "--n: the arrays of --in already give the number of elements");
    if (const InputArray* matrix = a_matrix(options)) return extent_of_rows(kernel, options, *matrix);
    const InputArray& first = options.arrays[0];
    for (const InputArray& in : options.arrays)
      if (in.array.length() != first.array.length())
        return Error(Status::invalid_argument,
                     fmt::format("the arrays differ in length: {} has {} elements ({}), {} has {} ({})", first.name,
                                 first.array.length(), first.path, in.name, in.array.length(), in.path));
    return Extent{{}, first.array.length()};
  }
  const bool fills =
      std::any_of(kernel.results().begin(), kernel.results().end(), [](const Slot& r) { return r.array; });
  if (fills && !options.n)
    return Error(Status::invalid_argument, "the result is an array and no --in gives its length; use --n COUNT");
  if (options.n && !fills) return Error(Status::invalid_argument, "--n: the kernel has no array that needs a length");
  return Extent{{}, static_cast<std::size_t>(options.n.value_or(0))};
}

}  // namespace trueno::tools
