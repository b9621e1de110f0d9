// See mca.h.
#include "inspect/mca.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "inspect/program.h"

namespace trueno::inspect {
namespace {

using nlohmann::json;

constexpr int kTurns = 200;

/// A core whose instructions include those of the level, for code that this machine cannot run.
const char* typical_core(Isa isa) {
  constexpr const char* kCores[] = {"x86-64", "nehalem", "haswell", "skylake-avx512"};
  return kCores[static_cast<std::size_t>(isa)];
}

std::vector<const Part*> loops_of(const Study& study) {
  std::vector<const Part*> loops;
  for (const Part& part : study.parts)
    if (part.loop && part.elements > 0) loops.push_back(&part);
  return loops;
}

std::string input_of(const Study& study, const std::vector<const Part*>& loops) {
  std::string text = ".intel_syntax noprefix\n";
  for (std::size_t i = 0; i < loops.size(); ++i)
    text += fmt::format("# LLVM-MCA-BEGIN loop{}\n{}# LLVM-MCA-END\n", i, assembler_text(study, *loops[i]));
  return text + "out:\n";
}

/// Runs the first of these programs that there is.
Result<ProgramOutput> run_first(const std::string& wanted, const std::vector<std::string>& arguments,
                                const std::string& input, std::string& program) {
  std::vector<std::string> programs;
  if (!wanted.empty()) programs.push_back(wanted);
  for (int version = 24; wanted.empty() && version >= 13; --version)
    programs.push_back(fmt::format("llvm-mca-{}", version));
  if (wanted.empty()) programs.emplace_back("llvm-mca");
  Error missing(Status::unavailable, "");
  for (const std::string& name : programs) {
    std::vector<std::string> all = arguments;
    all.insert(all.begin(), program = name);
    auto output = run_program(all, input);
    if (output || output.error().status != Status::unavailable) return output;
    missing = output.error();
  }
  if (!wanted.empty()) return missing;
  return Error(Status::unavailable, "llvm-mca is not installed (Debian: llvm), so no cost is estimated");
}

/// Its complaint: the first line that speaks of an error, or else the first.
std::string complaint(const std::string& err) {
  const std::size_t error = err.find("error: "), at = error == err.npos ? 0 : error;
  std::string line = err.substr(at, err.find('\n', at) - at);
  return line.empty() ? "it said nothing of why" : line;
}

/// Usage by resource, and what each instruction takes of all of them.
void read_pressure(const json& region, const json& resources, LoopCost& cost) {
  std::map<std::size_t, double> usage;
  for (const json& entry : region.at("ResourcePressureView").at("ResourcePressureInfo")) {
    const auto instruction = entry.at("InstructionIndex").get<std::size_t>();
    if (instruction >= cost.instructions.size()) continue;  // the sums
    const double cycles = entry.at("ResourceUsage").get<double>();
    usage[entry.at("ResourceIndex").get<std::size_t>()] += cycles;
    cost.instructions[instruction].port_cycles += cycles;
  }
  for (const auto& [resource, cycles] : usage)
    if (cycles > cost.port_bound) {
      cost.port_bound = cycles;
      cost.busiest = resource < resources.size() ? resources.at(resource).get<std::string>() : "";
    }
}

LoopCost read_region(const json& region, const json& resources, const Part& part) {
  LoopCost cost;
  cost.part = part.name;
  cost.elements = part.elements;
  const json& summary = region.at("SummaryView");
  const double turns = summary.at("Iterations").get<double>();
  cost.cycles = summary.at("TotalCycles").get<double>() / turns;
  cost.micro_ops = summary.at("TotaluOps").get<double>() / turns;
  for (const json& entry : region.at("InstructionInfoView").at("InstructionList"))
    cost.instructions.push_back({0, entry.at("Latency").get<double>(), entry.at("NumMicroOpcodes").get<double>()});
  read_pressure(region, resources, cost);
  return cost;
}

}  // namespace

const LoopCost* Estimate::of(const Part& part) const {
  const auto found = std::find_if(loops.begin(), loops.end(), [&](const LoopCost& l) { return l.part == part.name; });
  return found == loops.end() ? nullptr : &*found;
}

std::string assembler_text(const Study& study, const Part& part) {
  ZydisFormatter formatter;
  ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
  ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_FORCE_SIZE, ZYAN_TRUE);
  ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_FORCE_RELATIVE_RIPREL, ZYAN_TRUE);
  std::string out;
  for (std::size_t i = part.first; i < part.first + part.steps; ++i) {
    const Step& step = study.steps[i];
    char text[256] = "nop";
    if (step.valid)
      ZydisFormatterFormatInstruction(&formatter, &step.instruction, step.operands,
                                      step.instruction.operand_count_visible, text, sizeof(text), step.offset, nullptr);
    std::string line = text;
    if (step.target) line = line.substr(0, line.find(' ')) + " out";  // where to does not matter
    out += line + "\n";
  }
  return out;
}

Result<Estimate> estimate(const Study& study, const McaOptions& options) {
  const std::vector<const Part*> loops = loops_of(study);
  Estimate out;
  if (loops.empty()) return out;
  const std::string cpu = !options.cpu.empty() ? options.cpu
                          : options.runs_here  ? "native"
                                               : typical_core(study.code.target.isa);
  const auto output = run_first(options.program, {"--json", "-mcpu=" + cpu, fmt::format("-iterations={}", kTurns)},
                                input_of(study, loops), out.program);
  if (!output) return output.error();
  const auto refused = [&](const std::string& why) {
    return Error(Status::unavailable, fmt::format("{} -mcpu={}: {}", out.program, cpu, why));
  };
  if (output->code != 0 || output->err.find("error: ") != std::string::npos) return refused(complaint(output->err));
  try {
    const json all = json::parse(output->out);
    out.cpu = all.at("TargetInfo").at("CPUName").get<std::string>();
    const json& resources = all.at("TargetInfo").at("Resources");
    for (std::size_t i = 0; i < loops.size(); ++i) {
      LoopCost cost = read_region(all.at("CodeRegions").at(i), resources, *loops[i]);
      if (cost.instructions.size() != loops[i]->steps)
        return refused(fmt::format("it read {} instructions of {}", cost.instructions.size(), loops[i]->steps));
      out.loops.push_back(std::move(cost));
    }
  } catch (const json::exception& error) {
    return refused(fmt::format("its answer cannot be understood ({})", error.what()));
  }
  return out;
}

}  // namespace trueno::inspect
