// What is written down when generated code gave wrong results: all it takes to see that again elsewhere, as a folder
// with the kernel's text, its inputs as .npy files, both answers, the machine code, and a README with the command
// lines.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/area.h"
#include "runtime/impl.h"

namespace trueno::runtime {

/// An argument or a result of either kind of call.
struct Operand {
  Type type = Type::f32;
  bool array = true, matrix = false;
  std::uint64_t bits = 0;  ///< of a scalar argument
  Area area;               ///< of everything else
};
template <class X>
std::vector<Operand> operands_of(std::span<const X> list) {
  std::vector<Operand> out;
  for (const X& x : list) {
    Operand o{x.type, x.array, false, 0, area_of(x)};
    if constexpr (requires { x.matrix; }) o.matrix = x.matrix;
    if constexpr (requires { x.bits; }) o.bits = x.bits;
    out.push_back(o);
  }
  return out;
}

/// Null: a directory is configured, and not too much has been written yet.
const char* why_no_reproducer();

class Reproducer {
 public:
  static constexpr int kMost = 16;  ///< per process
  static constexpr std::size_t kMostBytes = std::size_t{64}
                                            << 20;  ///< of inputs and results; beyond that they are left out
  /// Before the code runs: keeps those inputs that it is to overwrite.
  Reproducer(const Kernel::Impl& k, std::vector<Operand> inputs, std::vector<Operand> results, std::size_t n);
  /// Afterwards, with its results still in place. Returns where it was written, or why not, for the user.
  std::string write(const std::string& what, const std::vector<Operand>& right) const;

 private:
  class Folder;
  void write_operands(Folder& folder, const std::vector<Operand>& right) const;
  std::string readme(const std::string& what) const;
  std::string command() const;

  const Kernel::Impl& k_;
  std::vector<Operand> inputs_, results_;
  std::vector<std::uintptr_t> addresses_;  ///< of the inputs as they were given
  std::vector<std::unique_ptr<std::byte[]>> kept_;
  std::size_t n_;
  bool with_inputs_ = true;
};

}  // namespace trueno::runtime
