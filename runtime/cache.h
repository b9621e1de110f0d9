// The kernel cache: by what was asked (text and options), and behind that by what it means (canonical IR and target).
//
// The first table makes lookups quick: one hash of the text, one comparison. The second makes different spellings share
// code. Both compare whole keys. In both, a key that is being made has a *flight*, on which whoever else asks waits, so
// that everything is made once, outside of all locks.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/impl.h"
#include "trueno/cache.h"

namespace trueno::runtime {

/// A question, in the caller's memory: asking allocates nothing.
struct Request {
  /// Of now.
  Request(std::string_view asked, const std::vector<Name>* free, const CompileOptions& how);
  Request(std::string_view asked, const std::vector<Name>* free, const CompileOptions& how, const void* in_force,
          std::size_t its_hash)
      : text(asked), names(free), options(&how), settings(in_force), hash(its_hash) {}
  bool operator==(const Request& o) const;

  std::string_view text;
  const std::vector<Name>* names;  ///< of an expression; null: the text declares a kernel
  const CompileOptions* options;
  const void* settings;  ///< those in force, by their address, which is never used again
  std::size_t hash;
};

/// A question that is kept.
struct Spelling {
  explicit Spelling(const Request& request);
  Request request() const { return {text, names ? &*names : nullptr, options, settings, hash}; }
  std::size_t bytes() const;

  std::string text;
  std::optional<std::vector<Name>> names;
  CompileOptions options;
  const void* settings;
  std::size_t hash;
};

/// What a kernel is: all that code depends on, and all that its user can see of it, but for local names.
struct Meaning {
  std::string ir;                  ///< canonical, without local names
  std::vector<ir::NodeId> guards;  ///< of the kernel; not in its text
  bool needs_elements = false;
  Backend backend = Backend::automatic;
  jit::Target target;
  VerifyPolicy verify = VerifyPolicy::off;
  const void* settings = nullptr;
  friend bool operator==(const Meaning&, const Meaning&) = default;
};

class Cache {
 public:
  using Limit = std::function<std::size_t()>;
  using Build = std::function<Result<Kernel>(Prepared, const CompileOptions&)>;
  /// `limit`: in bytes, asked for at every miss; 0: nothing is kept. `build`: what makes kernels; may throw bad_alloc.
  explicit Cache(Limit limit,
                 Build build = static_cast<Result<Kernel> (*)(Prepared, const CompileOptions&)>(runtime::build))
      : limit_(std::move(limit)), build_(std::move(build)) {}

  Result<Kernel> get(const Request& request);  ///< see trueno::cached
  CacheStatistics statistics() const;
  void clear();

  // Around a fork: nothing may be in the middle of a change, and in the child nobody is left to finish what was begun.
  void before_fork();
  void after_fork_in_parent();
  void after_fork_in_child();

 private:
  class Flight;
  struct Code;
  struct Entry {
    Code* code = nullptr;            ///< null: it is being made
    std::shared_ptr<Flight> flight;  ///< while it is
  };
  struct Hash {
    using is_transparent = void;
    template <class Key>
    std::size_t operator()(const Key& key) const {
      return key.hash;
    }
    std::size_t operator()(const Meaning& meaning) const { return std::hash<std::string>()(meaning.ir); }
  };
  struct Equal {
    using is_transparent = void;
    static const Request& view(const Request& request) { return request; }
    static Request view(const Spelling& spelling) { return spelling.request(); }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return view(a) == view(b);
    }
  };
  using Entries = std::unordered_map<Spelling, Entry, Hash, Equal>;
  /// Lookups of different texts seldom meet: neither at the lock nor in a cache line.
  struct alignas(64) Shard {
    std::shared_mutex mutex;
    Entries entries;
    std::atomic<std::uint64_t> hits{0};
  };
  /// A kernel that is there or being made. `spellings`: what finds it.
  struct Code {
    std::optional<Kernel> kernel;
    std::shared_ptr<Flight> flight;
    std::size_t bytes = 0;
    std::vector<const Spelling*> spellings;
    std::atomic<std::uint64_t> used{0};  ///< when, in ticks
  };
  using Codes = std::unordered_map<Meaning, Code, Hash>;
  static constexpr std::size_t kShards = 16, kSpellings = 32;

  struct AllShards {
    explicit AllShards(Cache& c) : cache(c) {
      for (Shard& shard : cache.shards_) shard.mutex.lock();
    }
    ~AllShards() {
      for (Shard& shard : cache.shards_) shard.mutex.unlock();
    }
    Cache& cache;
  };

  Shard& shard_of(std::size_t hash) { return shards_[hash % kShards]; }
  Kernel hit(Shard& shard, Code& code);
  Result<Kernel> wait_or_make(Shard& shard, const Request& request);
  Result<Kernel> make_uncached(const Request& request);
  Result<Kernel> make(Shard& shard, Entries::value_type& entry) noexcept;
  Result<Kernel> find_or_build(Prepared prepared, Entries::value_type& entry);
  Result<Kernel> build(Prepared prepared, Entries::value_type& entry, Codes::value_type& code);
  void attach(Code& code, Entries::value_type& entry);
  void account(Code& code, std::size_t bytes);
  void forget(Code& code, const Spelling& spelling);
  Codes::node_type drop(Codes::iterator at);
  std::vector<Codes::node_type> make_room() noexcept;

  // Locks are taken in this order: codes_mutex_, then shards, ascending.
  Limit limit_;
  Build build_;
  std::array<Shard, kShards> shards_;
  mutable std::mutex codes_mutex_;
  Codes codes_;
  std::size_t bytes_ = 0, entries_ = 0;
  std::size_t tried_ = 0;  ///< if what is held is beyond the limit: with so many bytes it is time to look again
  std::atomic<std::uint64_t> tick_{1}, misses_{0}, compiles_{0}, shared_{0}, failures_{0}, evictions_{0};
};

}  // namespace trueno::runtime
