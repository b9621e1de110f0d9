// trueno-bench size: how large the library and a program with it are, what they need, what a call allocates; and
// whether any of it has grown since it was written down (configs/size-baseline.json).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tools/options.h"

namespace trueno::tools {

struct SizeOptions {
  std::string build;     ///< as for ab
  std::string program;   ///< a program that tells its allocations (tests/size/probe.cpp); empty: none is looked at
  std::string baseline;  ///< a file; empty: nothing is compared
  bool update = false;   ///< write the baseline anew
  bool json = false;
};

struct SizeReport {
  std::string compiler;
  std::map<std::string, std::uint64_t> components;   ///< bytes of .text
  std::map<std::string, std::uint64_t> bytes;        ///< "library .text", "library stripped", "program stripped"
  std::map<std::string, std::uint64_t> allocations;  ///< per call
  std::vector<std::string> needs;
  double start_us = 0;  ///< of the program, from its start to its end; shown, never compared
};

/// What may grow before it is told: by 5 %, and by nothing where nothing was.
inline constexpr double kMayGrow = 0.05;

Result<SizeReport> measure_size(const SizeOptions& options);
/// What has grown or come: one line each. `not_compared`: why the baseline says nothing of this build, if so.
std::vector<std::string> grown(const SizeReport& now, const SizeReport& before, std::string& not_compared);

std::string json_of(const SizeReport& report);
/// Errors: invalid_argument where the text is no such report.
Result<SizeReport> size_report_from(const std::string& json, const std::string& path);

/// Measures, prints, compares or updates. Gives the exit code: kFinding where something has grown.
int size_command(const SizeOptions& options, const Streams& streams);

}  // namespace trueno::tools
