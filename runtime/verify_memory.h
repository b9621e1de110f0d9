// Memory that notices: arrays between two pages that cannot be touched, and faults turned into values.
//
// A read one byte past an array is invisible in ordinary memory. Here an array can be placed so that it ends
// exactly where an inaccessible page begins, or begins where one ends; elsewhere its surroundings are painted
// and compared afterwards. A fault inside generated code comes back as text instead of ending the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace trueno::runtime {

/// Pages for one array, with an inaccessible page on either side. `ok()` is false if the system refused.
class GuardedPages {
 public:
  explicit GuardedPages(std::size_t bytes);
  ~GuardedPages();
  GuardedPages(GuardedPages&& other) noexcept : base_(other.base_), data_(other.data_), size_(other.size_) {
    other.base_ = nullptr;
  }
  GuardedPages(const GuardedPages&) = delete;
  GuardedPages& operator=(const GuardedPages&) = delete;

  bool ok() const { return base_ != nullptr; }
  std::uint8_t* begin() const { return data_; }
  std::uint8_t* end() const { return data_ + size_; }

 private:
  std::uint8_t* base_ = nullptr;
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Where one array lies, and the painted bytes around it.
struct Place {
  static constexpr std::size_t kMargin = 128;  ///< painted on either side: two of the longest vectors
  static constexpr std::uint8_t kPaint = 0xa5;
  std::uint8_t* at = nullptr;
  std::size_t bytes = 0;
  std::uint8_t *from = nullptr, *to = nullptr;  ///< its surroundings, cut at the ends of the pages
};
Place paint_around(const GuardedPages& pages, std::uint8_t* at, std::size_t bytes);
/// First byte in [from, to) that is not paint, or null.
const std::uint8_t* unpainted(const std::uint8_t* from, const std::uint8_t* to);
/// First byte around the array that was written to, or null.
const std::uint8_t* stray_write(const Place& place);

/// While one exists, `run` survives faults. Handlers are process-wide and chain to those that were there.
/// Threads: safe; several may exist at once.
class FaultCatcher {
 public:
  FaultCatcher();
  ~FaultCatcher();
  FaultCatcher(const FaultCatcher&) = delete;
  FaultCatcher& operator=(const FaultCatcher&) = delete;

  struct Fault {
    int signal = 0;  ///< 0: none
    const void* address = nullptr;
    std::string name() const;
  };
  /// Calls `body`; if it faults, abandons it (what it held is leaked) and says how.
  Fault run(const std::function<void()>& body) const;
};

}  // namespace trueno::runtime
