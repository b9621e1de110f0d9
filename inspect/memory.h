// Memory as generated code sees it, holding terms: words at addresses of our choosing, and who may touch what.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "inspect/term.h"

namespace trueno::inspect {

/// A stretch of bytes that may be read, or written.
struct Region {
  std::string name;
  std::uint64_t begin = 0, end = 0;
  bool writable = false;
  bool scratch = false;  ///< what nobody wrote there may be read: anything
};

/// Sizes are 1, 2, 4 or 8 bytes; 4 and 8 at multiples of 4. What fails says why in `complaint` and changes nothing.
class Memory {
 public:
  explicit Memory(Terms& terms) : terms_(terms) {}

  void allow(Region region) { regions_.push_back(std::move(region)); }
  /// Reads and writes within regions.
  std::optional<TermId> read(std::uint64_t address, unsigned bytes);
  bool write(std::uint64_t address, unsigned bytes, TermId value);
  /// The same wherever it is.
  std::optional<TermId> look(std::uint64_t address, unsigned bytes);
  void put(std::uint64_t address, unsigned bytes, TermId value);

  const std::string& complaint() const { return complaint_; }

 private:
  bool allowed(std::uint64_t address, unsigned bytes, bool writing);
  bool scratch(std::uint64_t address) const;

  Terms& terms_;
  std::vector<Region> regions_;
  std::unordered_map<std::uint64_t, TermId> words_;
  std::string complaint_;
};

}  // namespace trueno::inspect
