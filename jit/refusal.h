// Why the system refused executable memory: what an administrator needs to know to allow it.
#pragma once

#include <string>

namespace trueno::jit {

struct Refusal {
  /// In one line: the system call, what the kernel said, and whatever in this process or on this machine explains it.
  std::string text;
  /// A policy: the same attempt would end in the same way, so there need not be another. Else something ran out.
  bool for_good = false;
};

/// Of `call` ("mmap(PROT_EXEC)"), which failed with `reason`, an errno. Looks around only now that it has failed.
Refusal explain_refusal(const char* call, int reason);

}  // namespace trueno::jit
