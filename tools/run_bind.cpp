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

class Binder {
 public:
  Binder(const Kernel& kernel, const RunOptions& options) : kernel_(kernel), options_(options) {}

  Result<std::vector<Arg>> bind() {
    std::vector<Arg> arguments;
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

  Arg array(const Slot& p) {
    if (const InputArray* in = named(options_.arrays, p.name)) {
      if (in->array.type() != p.type)
        complain(fmt::format("--in {}: the kernel takes {}, {} holds {}", p.name, type_text(p.type, true), in->path,
                             type_text(in->array.type(), true)));
      return Arg(in->array.type(), in->array.data(), in->array.length());
    }
    if (named(options_.scalars, p.name))
      complain(fmt::format("--set {}: this parameter is an array, {}; use --in {}=FILE.npy", p.name,
                           type_text(p.type, true), p.name));
    else
      complain(
          fmt::format("parameter {}: {} is missing; use --in {}=FILE.npy", p.name, type_text(p.type, true), p.name));
    return Arg(p.type, nullptr, 0);
  }

  Arg scalar(const Slot& p) {
    Arg argument(std::int32_t{0});
    argument.type = p.type;
    if (const InputScalar* in = named(options_.scalars, p.name)) {
      if (in->type && *in->type != p.type)
        complain(
            fmt::format("--set {}: the kernel takes {}, {} was given", p.name, name_of(p.type), name_of(*in->type)));
      else if (auto bits = parse_value(p.type, in->text))
        argument.bits = *bits;
      else
        complain(fmt::format("--set {}: {}", p.name, bits.error().diagnostics[0].message));
    } else if (named(options_.arrays, p.name)) {
      complain(
          fmt::format("--in {}: this parameter is a scalar, {}; use --set {}=VALUE", p.name, name_of(p.type), p.name));
    } else {
      complain(fmt::format("parameter {}: {} is missing; use --set {}=VALUE", p.name, name_of(p.type), p.name));
    }
    return argument;
  }

  const Kernel& kernel_;
  const RunOptions& options_;
  std::vector<Diagnostic> mistakes_;
};

}  // namespace

Result<std::vector<Arg>> bind_arguments(const Kernel& kernel, const RunOptions& options) {
  return Binder(kernel, options).bind();
}

Result<std::size_t> element_count(const Kernel& kernel, const RunOptions& options) {
  if (!options.arrays.empty()) {
    if (options.n)
      return Error(Status::invalid_argument, "--n: the arrays of --in already give the number of elements");
    const InputArray& first = options.arrays[0];
    for (const InputArray& in : options.arrays)
      if (in.array.length() != first.array.length())
        return Error(Status::invalid_argument,
                     fmt::format("the arrays differ in length: {} has {} elements ({}), {} has {} ({})", first.name,
                                 first.array.length(), first.path, in.name, in.array.length(), in.path));
    return first.array.length();
  }
  const bool fills =
      std::any_of(kernel.results().begin(), kernel.results().end(), [](const Slot& r) { return r.array; });
  if (fills && !options.n)
    return Error(Status::invalid_argument, "the result is an array and no --in gives its length; use --n COUNT");
  if (options.n && !fills) return Error(Status::invalid_argument, "--n: the kernel has no array that needs a length");
  return static_cast<std::size_t>(options.n.value_or(0));
}

}  // namespace trueno::tools
