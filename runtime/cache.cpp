// See cache.h. A lookup that finds its kernel ends in `get`; all else is about making one, exactly once.
#include "runtime/cache.h"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <new>

#include "ir/print.h"
#include "runtime/boundary.h"
#include "runtime/environment.h"
#include "runtime/settings.h"

namespace trueno::runtime {
namespace {

std::size_t join(std::size_t hash, std::uint64_t value) {
  return static_cast<std::size_t>((hash ^ value) * 0x9e3779b97f4a7c15u);  // 2^64 / golden ratio
}
std::size_t hash_of(std::string_view text) { return std::hash<std::string_view>()(text); }

/// What seldom differs need not be in it: keys are compared whole.
std::size_t hash_of(std::string_view text, const std::vector<Name>* names, const CompileOptions& options) {
  std::size_t hash = hash_of(text);
  const auto isa = options.isa ? static_cast<unsigned>(*options.isa) + 1 : 0;
  hash = join(hash, static_cast<unsigned>(options.backend) | isa << 8 |
                        static_cast<std::uint64_t>(static_cast<unsigned>(options.vector_bits)) << 16);
  if (names)
    for (const Name& n : *names)
      hash = join(hash, hash_of(n.name) + (n.array ? 8u : 0u) + (n.type ? static_cast<unsigned>(*n.type) : 7u));
  if (!options.extra_ops.empty()) hash = join(hash, hash_of(options.extra_ops));
  return hash ^ hash >> 32;
}

/// What a kernel's IR takes, about.
std::size_t bytes_of(const ir::Kernel& k) {
  std::size_t bytes = k.nodes.size() * sizeof(ir::Node);
  for (const ir::Table& t : k.tables) bytes += t.entries.size() * sizeof(t.entries[0]);
  return bytes;
}

/// What a kernel takes: of code whole pages, as each has a mapping of its own; the rest is near enough.
std::size_t bytes_of(const Kernel::Impl& k) {
  constexpr std::size_t kPage = 4096, kProgramPerNode = 128;
  std::size_t bytes = sizeof(k) + bytes_of(k.optimized);
  if (k.memory) bytes += (k.memory->size() + kPage - 1) / kPage * kPage;
  if (k.program) bytes += k.optimized.nodes.size() * kProgramPerNode;
  return bytes;
}

/// The kernel without the names of its values, which mean nothing.
std::string canonical_text(const ir::Kernel& kernel) {
  ir::Kernel nameless = kernel;
  for (ir::Node& node : nameless.nodes) node.name.clear();
  return ir::print(nameless);
}

Meaning meaning_of(const Prepared& prepared, const Spelling& spelling) {
  const CompileOptions& options = spelling.options;
  const auto target = choose_target(options);  // if there is none, that is the same for all who ask for this back end
  return {
      canonical_text(prepared.optimized),           prepared.optimized.guards, prepared.needs_elements, options.backend,
      target ? *target : jit::Target{Isa::sse2, 0}, policy_of(options),        spelling.settings};
}

Result<Prepared> prepared_for(const Request& request) {
  return request.names ? prepare_expression(request.text, *request.names, *request.options)
                       : prepare(request.text, *request.options);
}

}  // namespace

Request::Request(std::string_view asked, const std::vector<Name>* free, const CompileOptions& how)
    : Request(asked, free, how, &runtime::settings(), hash_of(asked, free, how)) {}

bool Request::operator==(const Request& o) const {
  return hash == o.hash && text == o.text && settings == o.settings && *options == *o.options &&
         (names && o.names ? *names == *o.names : names == o.names);
}

Spelling::Spelling(const Request& request)
    : text(request.text), options(*request.options), settings(request.settings), hash(request.hash) {
  if (request.names) names = *request.names;
}

std::size_t Spelling::bytes() const {
  return sizeof(*this) + text.size() + options.extra_ops.size() + options.file.size() +
         (names ? names->size() * sizeof(Name) : 0);
}

/// What waits for a kernel that another thread makes.
class Cache::Flight {
 public:
  void land(Result<Kernel>&& result) noexcept {
    {
      const std::lock_guard lock(mutex_);
      result_ = std::move(result);
      landed_ = true;
    }
    all_.notify_all();
  }
  Result<Kernel> wait() {
    std::unique_lock lock(mutex_);
    all_.wait(lock, [&] { return landed_; });
    return result_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_;
  bool landed_ = false;
  Result<Kernel> result_ = Error();
};

Kernel Cache::hit(Shard& shard, Code& code) {
  const std::uint64_t now = tick_.load(std::memory_order_relaxed);
  if (code.used.load(std::memory_order_relaxed) != now) code.used.store(now, std::memory_order_relaxed);
  shard.hits.fetch_add(1, std::memory_order_relaxed);
  return *code.kernel;
}

Result<Kernel> Cache::get(const Request& request) try {
  Shard& shard = shard_of(request.hash);
  {
    const std::shared_lock lock(shard.mutex);
    const auto at = shard.entries.find(request);
    if (at != shard.entries.end() && at->second.code) return hit(shard, *at->second.code);
  }
  return limit_() != 0 ? wait_or_make(shard, request) : make_uncached(request);
} catch (const std::bad_alloc&) {
  return Error::out_of_memory();
}

Result<Kernel> Cache::wait_or_make(Shard& shard, const Request& request) {
  auto flight = std::make_shared<Flight>();
  Spelling spelling(request);
  Entries::value_type* mine = nullptr;
  {
    const std::unique_lock lock(shard.mutex);
    const auto [at, fresh] = shard.entries.try_emplace(std::move(spelling));
    if (at->second.code) return hit(shard, *at->second.code);
    if (fresh) {
      at->second.flight = flight;
      mine = &*at;
    } else {
      flight = at->second.flight;
      shard.hits.fetch_add(1, std::memory_order_relaxed);
    }
  }
  if (mine) flight->land(make(shard, *mine));
  return flight->wait();
}

Result<Kernel> Cache::make_uncached(const Request& request) {
  clear();  // the limit may have been another one before
  const DefaultEnvironment environment;
  misses_.fetch_add(1, std::memory_order_relaxed);
  auto prepared = prepared_for(request);
  Result<Kernel> made = prepared ? build_(std::move(*prepared), *request.options) : Result<Kernel>(prepared.error());
  (made ? compiles_ : failures_).fetch_add(1, std::memory_order_relaxed);
  return made;
}

/// What the owner of a new entry does. When it returns, the entry has its kernel, or is gone.
Result<Kernel> Cache::make(Shard& shard, Entries::value_type& entry) noexcept {
  misses_.fetch_add(1, std::memory_order_relaxed);
  Result<Kernel> made = guarded_and_told([&]() -> Result<Kernel> {
    const DefaultEnvironment environment;
    auto prepared = prepared_for(entry.first.request());
    if (!prepared) return prepared.error();
    return find_or_build(std::move(*prepared), entry);
  });
  if (made && !made->impl().provisional) return made;
  (made ? compiles_ : failures_).fetch_add(1, std::memory_order_relaxed);
  const std::unique_lock lock(shard.mutex);
  shard.entries.erase(shard.entries.find(entry.first));
  return made;
}

Result<Kernel> Cache::find_or_build(Prepared prepared, Entries::value_type& entry) {
  const Meaning meaning = meaning_of(prepared, entry.first);
  const auto flight = std::make_shared<Flight>();
  for (;;) {
    std::unique_lock lock(codes_mutex_);
    const auto [at, fresh] = codes_.try_emplace(meaning);
    if (fresh) {
      at->second.flight = flight;
      lock.unlock();
      return build(std::move(prepared), entry, *at);
    }
    if (at->second.kernel) {
      attach(at->second, entry);
      shared_.fetch_add(1, std::memory_order_relaxed);
      return *at->second.kernel;
    }
    const auto other = at->second.flight;
    lock.unlock();
    // Once it has landed it is looked for again: it may have been given up since.
    if (auto made = other->wait(); !made || made->impl().provisional) return made;
  }
}

/// What the owner of new code does. When it returns, `code` has its kernel and `entry` leads there, or `code` is gone.
Result<Kernel> Cache::build(Prepared prepared, Entries::value_type& entry, Codes::value_type& code) {
  const auto flight = code.second.flight;
  Result<Kernel> made = Error::out_of_memory();
  std::vector<Codes::node_type> gone;  // they end after the lock does
  try {
    made = build_(std::move(prepared), entry.first.options);
    const std::lock_guard lock(codes_mutex_);
    if (made && !made->impl().provisional) {  // which is what `code` is for: others had better try again
      code.second.kernel = *made;
      attach(code.second, entry);  // from here on nothing throws
      code.second.flight.reset();
      account(code.second, bytes_of(made->impl()) + sizeof(code) + code.first.ir.size());
      ++entries_;
      compiles_.fetch_add(1, std::memory_order_relaxed);
      gone = make_room();
    }
  } catch (const std::bad_alloc&) {
    made = Error::out_of_memory();
  }
  if (!made || made->impl().provisional) {
    const std::lock_guard lock(codes_mutex_);
    codes_.erase(codes_.find(code.first));
  }
  flight->land(std::move(made));
  return flight->wait();
}

/// The entry leads to the code from now on.
void Cache::attach(Code& code, Entries::value_type& entry) {
  code.spellings.reserve(kSpellings);
  if (code.spellings.size() == kSpellings) {  // so many that they are made up: the oldest goes
    forget(code, *code.spellings.front());
    code.spellings.erase(code.spellings.begin());
  }
  code.spellings.push_back(&entry.first);
  account(code, entry.first.bytes());
  code.used.store(tick_.fetch_add(1, std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  const std::unique_lock lock(shard_of(entry.first.hash).mutex);
  entry.second.code = &code;
  entry.second.flight.reset();
}

void Cache::account(Code& code, std::size_t bytes) {
  code.bytes += bytes;
  bytes_ += bytes;
}

void Cache::forget(Code& code, const Spelling& spelling) {
  Shard& shard = shard_of(spelling.hash);
  const std::unique_lock lock(shard.mutex);
  code.bytes -= spelling.bytes();
  bytes_ -= spelling.bytes();
  shard.entries.erase(shard.entries.find(spelling));
}

/// With all locks held.
Cache::Codes::node_type Cache::drop(Codes::iterator at) {
  for (const Spelling* spelling : at->second.spellings) {
    Entries& entries = shard_of(spelling->hash).entries;
    entries.erase(entries.find(*spelling));
  }
  bytes_ -= at->second.bytes;
  --entries_;
  return codes_.extract(at);
}

/// What must go for the limit, if anything must. Under codes_mutex_.
std::vector<Cache::Codes::node_type> Cache::make_room() noexcept {
  std::vector<Codes::node_type> gone;
  const std::size_t limit = limit_();
  if (bytes_ <= std::max(limit, tried_)) return gone;
  const AllShards lock(*this);
  try {
    std::vector<std::pair<std::uint64_t, Codes::iterator>> free;
    for (auto at = codes_.begin(); at != codes_.end(); ++at)
      if (at->second.kernel && at->second.kernel->handle().use_count() == 1)
        free.emplace_back(at->second.used.load(std::memory_order_relaxed), at);
    std::sort(free.begin(), free.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    gone.reserve(free.size());
    for (const auto& [used, at] : free)
      if (bytes_ > limit - limit / 8) gone.push_back(drop(at));
  } catch (const std::bad_alloc&) {  // another time
  }
  evictions_.fetch_add(gone.size(), std::memory_order_relaxed);
  tried_ = bytes_ > limit ? bytes_ + limit / 8 : 0;
  return gone;
}

void Cache::clear() {
  std::vector<Codes::node_type> gone;
  const std::lock_guard lock(codes_mutex_);
  const AllShards all(*this);
  gone.reserve(entries_);
  for (auto at = codes_.begin(); at != codes_.end();) {
    const auto next = std::next(at);
    if (at->second.kernel) gone.push_back(drop(at));
    at = next;
  }
}

CacheStatistics Cache::statistics() const {
  CacheStatistics s;
  for (const Shard& shard : shards_) s.hits += shard.hits.load(std::memory_order_relaxed);
  s.misses = misses_.load(std::memory_order_relaxed);
  s.compiles = compiles_.load(std::memory_order_relaxed);
  s.shared = shared_.load(std::memory_order_relaxed);
  s.failures = failures_.load(std::memory_order_relaxed);
  s.evictions = evictions_.load(std::memory_order_relaxed);
  s.limit = limit_();
  const std::lock_guard lock(codes_mutex_);
  s.entries = entries_;
  s.bytes = bytes_;
  return s;
}

void Cache::before_fork() {
  codes_mutex_.lock();
  for (Shard& shard : shards_) shard.mutex.lock();
}

void Cache::after_fork_in_parent() {
  for (Shard& shard : shards_) shard.mutex.unlock();
  codes_mutex_.unlock();
}

/// The thread here is not the one that locked: the locks are made anew.
void Cache::after_fork_in_child() {
  for (Shard& shard : shards_) {
    new (&shard.mutex) std::shared_mutex;
    std::erase_if(shard.entries, [](const auto& entry) { return !entry.second.code; });
  }
  std::erase_if(codes_, [](const auto& code) { return !code.second.kernel; });
  new (&codes_mutex_) std::mutex;
}

namespace {

/// Never destroyed: threads may ask for kernels until the very end.
Cache& process_cache() {
  static Cache* const cache = [] {
    static Cache* made;
    made = new Cache([] { return settings() ? settings()->cache_bytes : Settings().cache_bytes; });
    pthread_atfork([] { made->before_fork(); }, [] { made->after_fork_in_parent(); },
                   [] { made->after_fork_in_child(); });
    return made;
  }();
  return *cache;
}

}  // namespace
}  // namespace trueno::runtime

namespace trueno {
inline namespace v0 {

Result<Kernel> cached(std::string_view text, const CompileOptions& options) {
  return runtime::process_cache().get({text, nullptr, options});
}

Result<Kernel> cached_expression(std::string_view text, const std::vector<Name>& names, const CompileOptions& options) {
  return runtime::process_cache().get({text, &names, options});
}

CacheStatistics cache_statistics() { return runtime::process_cache().statistics(); }

void clear_cache() { runtime::process_cache().clear(); }

}  // namespace v0
}  // namespace trueno
