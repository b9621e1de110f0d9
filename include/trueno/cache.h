// Kernels by their text, kept for the process: asking again for what was compiled already costs a lookup.
//
// Which to use: `compile` where the program keeps the Kernel itself (a member, a static), which is the fastest of all;
// `cached` where texts come from elsewhere, such as the queries of a user, and the same ones come again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "trueno/kernel.h"

namespace trueno {
inline namespace v0 {

/// The kernel that `compile(text, options)` gives, from the cache if it is there.
/// Texts that mean the same kernel share its code, however they are spelt; Kernel::text() has the local names of the
/// one that came first. All options are part of the question, and so is what is configured at the time. Memory: see
/// CacheStatistics::limit. A limit of 0 turns the cache off. Threads: safe. Whoever asks for what another thread is
/// compiling waits for it: it is compiled once. If that fails, every waiter gets the error; nothing is kept of a
/// failure, nor of a kernel without code for want of executable memory; who asks next makes a new attempt. A child
/// forked meanwhile finds all that was finished, and compiles the rest itself. Errors: as compile.
TRUENO_API Result<Kernel> cached(std::string_view text, const CompileOptions& options = {});

/// The kernel that `compile_expression(text, names, options)` gives, likewise.
TRUENO_API Result<Kernel> cached_expression(std::string_view text, const std::vector<Name>& names,
                                            const CompileOptions& options = {});

/// What became of every lookup since the start: lookups = hits + misses, misses = compiles + shared + failures, but for
/// those in progress.
struct CacheStatistics {
  std::uint64_t hits = 0;       ///< found, or waited for while another thread made it
  std::uint64_t misses = 0;     ///< had to be parsed
  std::uint64_t compiles = 0;   ///< misses that were compiled
  std::uint64_t shared = 0;     ///< misses that turned out to be another spelling of what was there or being compiled
  std::uint64_t failures = 0;   ///< misses that ended in an error
  std::uint64_t evictions = 0;  ///< kernels given up for the limit
  std::size_t entries = 0;      ///< kernels there now
  std::size_t bytes = 0;        ///< what they take: code in whole pages, IR, and the texts they are found by
  /// Beyond so many bytes those used least recently are given up until an eighth of it is free, but never one that
  /// somebody holds: that would free nothing. If what is held alone is more, the cache grows, and looks again for every
  /// eighth of the limit it grows by.
  std::size_t limit = 0;
};
/// Threads: safe; a moment's sum of counters that go on.
TRUENO_API CacheStatistics cache_statistics();

/// Forgets every kernel; those who hold one keep it. Counters go on; what is being compiled at the time may stay.
/// Threads: safe.
TRUENO_API void clear_cache();

}  // namespace v0
}  // namespace trueno
