// See jitdump_host.h.
#include "tools/jitdump_host.h"

#include <cpuid.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "jit/arena.h"
#include "tools/jitdump_study.h"
#include "tools/jitdump_views.h"

namespace trueno::tools {
namespace {

struct Leaf {
  unsigned a = 0, b = 0, c = 0, d = 0;
};
Leaf cpuid(unsigned leaf, unsigned sub = 0) {
  Leaf out;
  if (!__get_cpuid_count(leaf, sub, &out.a, &out.b, &out.c, &out.d)) return {};
  return out;
}

std::string text_of(std::initializer_list<unsigned> words) {
  std::string out;
  for (const unsigned word : words) {
    char bytes[4];
    std::memcpy(bytes, &word, 4);
    out.append(bytes, 4);
  }
  out.erase(std::find(out.begin(), out.end(), '\0'), out.end());
  out.erase(out.find_last_not_of(' ') + 1);
  return out.erase(0, std::min(out.find_first_not_of(' '), out.size()));
}

std::string brand() {
  if (cpuid(0x80000000u).a < 0x80000004u) return "unnamed";
  const Leaf x = cpuid(0x80000002u), y = cpuid(0x80000003u), z = cpuid(0x80000004u);
  return text_of({x.a, x.b, x.c, x.d, y.a, y.b, y.c, y.d, z.a, z.b, z.c, z.d});
}

void read_signature(HostReport& host) {
  const unsigned a = cpuid(1).a;
  host.family = a >> 8 & 15;
  host.model = a >> 4 & 15;
  host.stepping = a & 15;
  if (host.family == 6 || host.family == 15) host.model |= a >> 12 & 0xf0;
  if (host.family == 15) host.family += a >> 20 & 0xff;
}

/// Leaf 4, which AMD has at another place.
std::vector<Cache> read_caches(const std::string& vendor) {
  constexpr const char* kTypes[] = {"none", "data", "instructions", "unified"};
  constexpr unsigned kMost = 16;
  std::vector<Cache> caches;
  for (unsigned i = 0; i < kMost; ++i) {
    const Leaf leaf = cpuid(vendor == "AuthenticAMD" || vendor == "HygonGenuine" ? 0x8000001du : 4u, i);
    const unsigned type = leaf.a & 31;
    if (type == 0 || type > 3) break;
    Cache cache{static_cast<int>(leaf.a >> 5 & 7), kTypes[type], 0, (leaf.b & 0xfff) + 1, (leaf.b >> 22) + 1};
    const std::uint64_t partitions = (leaf.b >> 12 & 0x3ff) + 1, sets = std::uint64_t{leaf.c} + 1;
    cache.bytes = sets * partitions * cache.line_bytes * cache.ways;
    caches.push_back(std::move(cache));
  }
  return caches;
}

std::string size_text(std::uint64_t bytes) {
  return bytes >= 1 << 20 && bytes % (1 << 20) == 0 ? fmt::format("{} MiB", bytes >> 20)
                                                    : fmt::format("{} KiB", bytes >> 10);
}

constexpr const char* level_name(Isa isa) {
  constexpr const char* kNames[] = {"x86-64-v1", "x86-64-v2", "x86-64-v3", "x86-64-v4"};
  return kNames[static_cast<std::size_t>(isa)];
}

std::string level_or_none(const std::optional<Isa>& isa) { return isa ? std::string(name_of(*isa)) : "none"; }

/// Empty: it runs.
std::string why_not(const HostReport& host, const jit::Target& target) {
  if (runs_here(target)) return "";
  if (host.caps.detected && target.isa <= *host.caps.detected) return host.caps.note;
  std::string missing;
  for (const jit::Feature& f : host.features)
    if (f.level <= target.isa && !f.present)
      missing += (missing.empty() ? "" : ", ") + std::string(f.name) + (f.os ? " (operating system)" : "");
  return "there is no " + missing;
}

}  // namespace

HostReport look_at_host() {
  HostReport host;
  const Leaf zero = cpuid(0);
  host.vendor = text_of({zero.b, zero.d, zero.c});
  host.name = brand();
  read_signature(host);
  host.caches = read_caches(host.vendor);
  const jit::CpuidLeaves leaves = jit::read_leaves();
  host.features = jit::features_of(leaves);
  host.xcr0 = leaves.xcr0;
  host.caps = runtime::host();
  if (const auto memory = jit::executable_memory(); !memory)
    host.no_executable_memory = memory.error().diagnostics.front().message;
  return host;
}

std::string host_text(const HostReport& host) {
  std::string out = fmt::format("CPU         {}\n            {}, family {}, model {}, stepping {}\n", host.name,
                                host.vendor, host.family, host.model, host.stepping);
  for (const Cache& c : host.caches)
    out += fmt::format("L{} {:<8} {}, {} ways, lines of {} bytes\n", c.level,
                       c.type == "instructions" ? "code" : c.type, size_text(c.bytes), c.ways, c.line_bytes);
  for (const Isa isa : {Isa::sse2, Isa::sse42, Isa::avx2, Isa::avx512}) {
    out += fmt::format("{:<11}", name_of(isa));
    for (const jit::Feature& f : host.features)
      if (f.level == isa) out += fmt::format(" {}{}{}", f.present ? "" : "NO ", f.name, f.os ? " (OS)" : "");
    out += "\n";
  }
  out += fmt::format("detected    {}, XCR0 {:#x}\n", level_or_none(host.caps.detected), host.xcr0);
  out += fmt::format("in force    {}{}\n", level_or_none(host.caps.isa),
                     host.caps.note.empty() ? ", nothing is capped" : ": " + host.caps.note);
  out += fmt::format("executable  {}\n", host.no_executable_memory.empty()
                                             ? "memory can be had"
                                             : "memory cannot be had: " + host.no_executable_memory);
  return out;
}

Json host_json(const HostReport& host) {
  Json caches = Json::array(), features = Json::array();
  for (const Cache& c : host.caches)
    caches.push_back(
        {{"level", c.level}, {"type", c.type}, {"bytes", c.bytes}, {"line_bytes", c.line_bytes}, {"ways", c.ways}});
  for (const jit::Feature& f : host.features)
    features.push_back({{"name", f.name}, {"isa", name_of(f.level)}, {"os", f.os}, {"present", f.present}});
  const auto level = [](const std::optional<Isa>& isa) { return isa ? Json(name_of(*isa)) : Json(nullptr); };
  return {{"vendor", host.vendor},
          {"name", host.name},
          {"family", host.family},
          {"model", host.model},
          {"stepping", host.stepping},
          {"caches", std::move(caches)},
          {"features", std::move(features)},
          {"xcr0", host.xcr0},
          {"detected", level(host.caps.detected)},
          {"in_force", level(host.caps.isa)},
          {"vector_bits_cap", host.caps.vector_bits_cap},
          {"capped", host.caps.note},
          {"executable_memory", host.no_executable_memory.empty()},
          {"no_executable_memory", host.no_executable_memory}};
}

std::string isas_text(const HostReport& host) {
  std::string out;
  for (const jit::Target& target : jit::emittable_targets()) {
    const std::string why = why_not(host, target);
    out += fmt::format("{:<14} {}  {}\n", title(target), level_name(target.isa),
                       why.empty() ? "runs here" : "does not run here: " + why);
  }
  return out;
}

Json isas_json(const HostReport& host) {
  Json out = Json::array();
  for (const jit::Target& target : jit::emittable_targets()) {
    const std::string why = why_not(host, target);
    out.push_back({{"isa", name_of(target.isa)},
                   {"vector_bits", target.vector_bits},
                   {"level", level_name(target.isa)},
                   {"runs_here", why.empty()},
                   {"why_not", why}});
  }
  return out;
}

}  // namespace trueno::tools
