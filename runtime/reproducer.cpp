// See reproducer.h. The folder is filled under another name and then renamed, so that whoever sees it sees all of it.
#include "runtime/reproducer.h"

#include <stdlib.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <new>
#include <system_error>

#include "ir/print.h"
#include "runtime/npy_header.h"
#include "runtime/settings.h"
#include "runtime/verify_inputs.h"
#include "runtime/watch.h"

namespace trueno::runtime {
namespace {

std::atomic<int> written{0};
constexpr char kEnough[] = "no reproducer, as enough have been written";

std::string shape_of(const Operand& o) {
  const std::string columns = std::to_string(o.area.row_bytes / stored_bytes(o.type));
  return o.matrix ? "(" + std::to_string(o.area.rows) + ", " + columns + ")" : "(" + columns + ",)";
}

std::string input_file(std::size_t i) { return "input-" + std::to_string(i) + ".npy"; }
std::string result_file(std::size_t i, const char* which) {
  return "result-" + std::to_string(i) + "." + which + ".npy";
}

std::string alignment(std::uintptr_t address) { return std::to_string(address % 64) + " bytes past a multiple of 64"; }

}  // namespace

const char* why_no_reproducer() {
  const auto& in_force = settings();
  if (!in_force || in_force->dump_directory.empty()) return "for a reproducer, configure dump_directory";
  return written.load(std::memory_order_relaxed) < Reproducer::kMost ? nullptr : kEnough;
}

/// A folder that is being filled. It is removed again unless it is published.
class Reproducer::Folder {
 public:
  explicit Folder(const std::string& parent) : path_(parent + "/.trueno-XXXXXX") {
    std::error_code error;
    std::filesystem::create_directories(parent, error);
    if (!mkdtemp(path_.data())) refuse(path_), path_.clear();
  }
  ~Folder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void add(const std::string& name, std::string_view head, const Area& body = {}) {
    if (!refusal_.empty()) return;
    std::ofstream file(path_ + "/" + name, std::ios::binary);
    file.write(head.data(), static_cast<std::streamsize>(head.size()));
    for (std::size_t row = 0; body.row_bytes != 0 && row < body.rows; ++row)
      file.write(reinterpret_cast<const char*>(body.row(row)), static_cast<std::streamsize>(body.row_bytes));
    if (!file.flush()) refuse(name);
  }
  /// Its name from now on; empty: something went wrong, see refusal().
  std::string publish() {
    if (!refusal_.empty()) return {};
    std::string name = path_;
    name.erase(name.rfind('/') + 1, 1);
    if (std::rename(path_.c_str(), name.c_str()) != 0) return refuse(name), std::string();
    path_.clear();
    return name;
  }
  const std::string& refusal() const { return refusal_; }

 private:
  void refuse(const std::string& what) {
    refusal_ = what + ": " + (errno != 0 ? std::generic_category().message(errno) : std::string("cannot be written"));
  }
  std::string path_, refusal_;
};

Reproducer::Reproducer(const Kernel::Impl& k, std::vector<Operand> inputs, std::vector<Operand> results, std::size_t n)
    : k_(k), inputs_(std::move(inputs)), results_(std::move(results)), n_(n) {
  std::size_t bytes = 0;
  for (const Operand& in : inputs_) {
    addresses_.push_back(reinterpret_cast<std::uintptr_t>(in.area.data));
    if (in.array) bytes += in.area.bytes();
  }
  for (const Operand& out : results_) bytes += out.area.bytes();
  with_inputs_ = bytes <= kMostBytes;
  if (!with_inputs_) return;
  for (Operand& in : inputs_) {
    bool overwritten = false;
    for (const Operand& out : results_) overwritten = overwritten || (in.array && in.area.touches(out.area));
    if (!overwritten) continue;
    kept_.emplace_back(new std::byte[in.area.bytes()]);
    const Area kept{kept_.back().get(), in.area.rows, in.area.row_bytes, in.area.row_bytes};
    copy(kept, in.area);
    in.area = kept;
  }
}

std::string Reproducer::write(const std::string& what, const std::vector<Operand>& right) const {
  if (written.fetch_add(1, std::memory_order_relaxed) >= kMost) return kEnough;
  errno = 0;
  Folder folder(settings()->dump_directory);
  const auto& code = *k_.watch->code;
  folder.add("kernel.tir", ir::print(k_.optimized));
  folder.add("code.bin", {reinterpret_cast<const char*>(code.memory->data()), code.memory->size()});
  write_operands(folder, right);
  folder.add("README.md", readme(what));
  const std::string name = folder.publish();
  return name.empty() ? "no reproducer could be written: " + folder.refusal() : "reproducer: " + name;
}

void Reproducer::write_operands(Folder& folder, const std::vector<Operand>& right) const {
  for (std::size_t i = 0; with_inputs_ && i < inputs_.size(); ++i)
    if (inputs_[i].array) folder.add(input_file(i), npy_header(inputs_[i].type, shape_of(inputs_[i])), inputs_[i].area);
  for (std::size_t i = 0; with_inputs_ && i < results_.size(); ++i) {
    folder.add(result_file(i, "right"), npy_header(right[i].type, shape_of(right[i])), right[i].area);
    folder.add(result_file(i, "found"), npy_header(results_[i].type, shape_of(results_[i])), results_[i].area);
  }
}

/// To run the kernel again, but that results are not in the place of inputs.
std::string Reproducer::command() const {
  const jit::Target& target = k_.code.target;
  const std::string on = " --isa " + std::string(name_of(target.isa)) + " --vl " + std::to_string(target.vector_bits);
  std::string run = "trueno-run kernel.tir --backend jit" + on;
  bool arrays = false;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const std::string& name = k_.parameters[i].name;
    arrays = arrays || inputs_[i].array;
    run += inputs_[i].array ? " --in " + name + "=" + input_file(i)
                            : " --set " + name + "=" + ir::print_literal(inputs_[i].type, inputs_[i].bits);
  }
  if (!arrays) run += " --n " + std::to_string(n_);
  for (std::size_t i = 0; i < results_.size(); ++i)
    if (k_.results[i].array) run += " --out " + k_.results[i].name + "=" + result_file(i, "again");
  return "    " + run + "\n    trueno-jitdump kernel.tir" + on + " --stage asm\n    trueno-jitdump kernel.tir" + on +
         " --verify\n";
}

std::string Reproducer::readme(const std::string& what) const {
  std::string out = "# Generated code was wrong\n\nKernel '" + k_.optimized.name + "', " + k_.watch->code->origin +
                    ", n = " + std::to_string(n_) + ":\n" + what + ".\n\n";
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const Operand& in = inputs_[i];
    out += "- argument '" + k_.parameters[i].name + "': ";
    out += in.array ? (with_inputs_ ? input_file(i) : "(too large to be kept)") + ", " + alignment(addresses_[i])
                    : show_bits(in.type, in.bits);
    for (std::size_t r = 0; in.array && r < results_.size(); ++r)
      if (reinterpret_cast<std::uintptr_t>(results_[r].area.data) == addresses_[i])
        out += ", in the same place as result '" + k_.results[r].name + "'";
    out += "\n";
  }
  for (std::size_t i = 0; i < results_.size(); ++i)
    out += "- result '" + k_.results[i].name + "': " + result_file(i, "right") + ", and " + result_file(i, "found") +
           " as the code gave it, " + alignment(reinterpret_cast<std::uintptr_t>(results_[i].area.data)) + "\n";
  return out + "\ncode.bin: the machine code with its constants. To see it again, here:\n\n" + command();
}

}  // namespace trueno::runtime
