// What a fuzzing run says: its statistics, and failures as text that a person can repeat by hand.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/fuzz/kernel_fuzz_check.h"
#include "tests/fuzz/kernel_fuzz_shrink.h"

namespace trueno::fuzz {

struct Statistics {
  struct PerSubject {
    std::uint64_t compared = 0, declined = 0;
    std::map<std::string, std::uint64_t> reasons;
    void decline(const std::string& message);
  };

  explicit Statistics(std::size_t subjects) : of(subjects) {}
  void add_size(std::size_t nodes) { ++sizes[nodes]; }
  void add(const Statistics& other);
  /// Programs per minute, sizes, and per target how many were compared and why the others were not.
  std::string table(const std::vector<Subject>& subjects, double seconds, unsigned threads) const;
  /// A target that declines nearly everything was not tested: says so.
  std::string proves_nothing(const std::vector<Subject>& subjects) const;

  std::uint64_t programs = 0, too_large = 0;
  std::map<std::size_t, std::uint64_t> sizes;  ///< nodes before expansion: programs
  std::vector<PerSubject> of;
};

/// The kind of difference and the operations that are left: failures of one cause mostly share it.
std::string likeness(const Shrunk& shrunk);

std::string describe(std::uint64_t seed, const Subject& subject, const Difference& first, const Case& original,
                     const Shrunk& shrunk);

}  // namespace trueno::fuzz
