// A miscompile to order: as long as one of these lives, generated code computes with another constant than the kernel
// says. And the log, to read what the user was told.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "runtime/watch.h"

namespace trueno::test {

/// The f32 that goes wrong: 1.4140625 becomes 1.4140626.
inline constexpr const char* kWrong = "1.4140625";

class Planted {
 public:
  Planted() {
    places() = 0;
    runtime::plant_in_code = [](std::vector<std::uint8_t>& bytes) {
      constexpr std::uint32_t kBits = 0x3fb50000;
      for (std::size_t i = 0; i + sizeof(kBits) <= bytes.size(); ++i)
        if (std::memcmp(&bytes[i], &kBits, sizeof(kBits)) == 0) ++bytes[i], ++places();
    };
  }
  ~Planted() { runtime::plant_in_code = nullptr; }
  Planted(const Planted&) = delete;
  Planted& operator=(const Planted&) = delete;
  /// How often the constant was found: a plant that hits nothing tests nothing.
  static std::atomic<int>& places() {
    static std::atomic<int> count{0};
    return count;
  }
};

/// What goes to stderr while it lives.
class Log {
 public:
  Log() : before_(dup(STDERR_FILENO)), file_(memfd_create("log", MFD_CLOEXEC)) { dup2(file_, STDERR_FILENO); }
  ~Log() {
    dup2(before_, STDERR_FILENO);
    close(before_);
    close(file_);
  }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  std::string text() const {
    std::string out(static_cast<std::size_t>(lseek(file_, 0, SEEK_END)), '\0');
    const ssize_t got = pread(file_, out.data(), out.size(), 0);
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return out;
  }
  int count(const std::string& what) const {
    const std::string all = text();
    int n = 0;
    for (std::size_t at = 0; (at = all.find(what, at)) != all.npos; ++at) ++n;
    return n;
  }

 private:
  int before_, file_;
};

}  // namespace trueno::test
