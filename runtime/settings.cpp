// The settings in force: read from files and environment when first asked for, then replaced by configure().
//
// Readers take no lock: they load a pointer to settings that are never changed and never freed, as nobody knows how
// long they are read. Settings that come back (configure() called in turns) are those of before, so that only
// combinations that differ cost memory.
#include "runtime/settings.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "ir/once.h"
#include "jit/host.h"
#include "runtime/config.h"
#include "runtime/config_files.h"
#include "runtime/host.h"
#include "runtime/log.h"

namespace trueno {
namespace runtime {
namespace {

struct Snapshot {
  Result<Settings> settings;
  Host host;
};

bool same(const Snapshot& a, const Snapshot& b) {
  if (a.settings.ok() != b.settings.ok() || a.host != b.host) return false;
  return a.settings
             ? *a.settings == *b.settings
             : a.settings.status() == b.settings.status() && a.settings.error().text() == b.settings.error().text();
}

/// A program that runs with more rights than who started it does not take orders by variables.
const char* lookup(const char* variable) { return ::secure_getenv(variable); }

/// What files and environment say, over what is built in. Nothing: none of them says anything.
std::optional<Configuration> configured_outside() {
  std::optional<Configuration> all;
  const auto said = [&]() -> Configuration& { return all ? *all : all.emplace(); };
  for (const ConfigFile& file : config_files(lookup)) {
    auto text = read_config_file(file.path);
    if (text && !*text && file.asked_for)
      said().fail(Error(Status::io, "TRUENO_CONFIG=" + file.path + ": there is no such file"));
    else if (!text && file.asked_for)
      said().fail(text.error());
    else if (!text)
      said().add_problem(text.error().diagnostics.front());
    else if (*text)
      (void)said().add_toml(**text, file.path).ok();
  }
  if (Configuration::in_environment(lookup)) said().add_environment(lookup);
  return all;
}

/// "FILE:LINE:COLUMN: message", in one line.
std::string line_of(const Diagnostic& d) {
  std::string out = d.file.empty() ? "" : d.file + ":";
  if (d.at.line != 0) out += std::to_string(d.at.line) + ":" + std::to_string(d.at.column) + ":";
  return "configuration: " + out + (out.empty() ? "" : " ") + d.message;
}

/// What is outside, read once, and what follows from it alone.
struct Outside {
  std::optional<Configuration> all;  ///< none: what is built in, which Settings begin with
  Snapshot snapshot;
};

Snapshot snapshot_of(const std::optional<Configuration>& all) {
  const auto isa = jit::detected_isa();
  if (all) return {all->outcome(), all->capped(isa)};
  return {Settings(), {isa, isa}};
}

/// Compiling takes no lock in here, so a child that was forked at any time can compile; see ir/once.h.
class Store {
 public:
  const Snapshot& now() {
    const Snapshot* snapshot = now_.load(std::memory_order_acquire);
    return snapshot != nullptr ? *snapshot : outside().snapshot;
  }

  Configuration configuration() {
    const Outside& outer = outside();
    const std::lock_guard lock(mutex_);
    return together(outer).value_or(Configuration());
  }

  Result<void> add(std::string_view toml, std::string_view name) {
    const Outside& outer = outside();
    const std::lock_guard lock(mutex_);
    Configuration trial;
    auto found = trial.add_toml(toml, name);
    if (!found) return found.error();
    std::erase_if(layers_, [&](const Layer& layer) { return layer.name == name; });
    if (!toml.empty()) layers_.push_back({std::string(name), std::string(toml)});
    publish(outer);
    if (found->empty()) return {};
    return Error(Status::invalid_argument, std::move(*found));
  }

 private:
  struct Layer {
    std::string name, toml;
  };

  /// Read by whoever comes first, who also tells what is wrong with it.
  const Outside& outside() {
    bool mine = false;
    const Outside& outer = outside_.get([&] {
      Outside fresh{configured_outside(), {Settings(), {}}};
      fresh.snapshot = snapshot_of(fresh.all);
      mine = true;
      return fresh;
    });
    if (mine && outer.all && !told_.exchange(true))
      for (const Diagnostic& problem : outer.all->problems()) log(LogLevel::warning, line_of(problem));
    return outer;
  }

  std::optional<Configuration> together(const Outside& outer) const {
    std::optional<Configuration> all = outer.all;
    for (const Layer& layer : layers_) (void)(all ? *all : all.emplace()).add_toml(layer.toml, layer.name).ok();
    return all;
  }

  void publish(const Outside& outer) {
    Snapshot next = snapshot_of(together(outer));
    if (same(outer.snapshot, next)) return now_.store(&outer.snapshot, std::memory_order_release);
    auto at = std::find_if(kept_.begin(), kept_.end(), [&](const Snapshot& s) { return same(s, next); });
    if (at == kept_.end()) at = kept_.insert(kept_.end(), std::move(next));
    now_.store(&*at, std::memory_order_release);
  }

  ir::Once<Outside> outside_;
  std::atomic<bool> told_{false};
  std::mutex mutex_;
  std::vector<Layer> layers_;
  std::deque<Snapshot> kept_;  // grows at its end only: what is in it stays where it is
  std::atomic<const Snapshot*> now_{nullptr};
};

/// Lives until the process ends: other objects with static storage may compile in their destructors.
constinit std::atomic<Store*> the_store{nullptr};

Store& store() {
  if (Store* made = the_store.load(std::memory_order_acquire)) return *made;
  auto fresh = std::make_unique<Store>();
  Store* before = nullptr;
  return the_store.compare_exchange_strong(before, fresh.get()) ? *fresh.release() : *before;
}

}  // namespace

const Result<Settings>& settings() { return store().now().settings; }
const Host& host() { return store().now().host; }

}  // namespace runtime

inline namespace v0 {

Result<void> configure(std::string_view toml, std::string_view name) { return runtime::store().add(toml, name); }
std::vector<ConfigurationValue> configuration() { return runtime::store().configuration().values(); }
std::vector<Diagnostic> configuration_diagnostics() { return runtime::store().configuration().problems(); }

}  // namespace v0
}  // namespace trueno
