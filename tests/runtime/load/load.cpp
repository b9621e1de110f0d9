// Loads a library that uses trueno, uses it, and unloads it, a hundred times over: nothing may be left behind.
//
// A program of its own, which is not linked with trueno: else the library would never leave.
#include <dlfcn.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>

namespace {

/// Mappings of this process with that in their line.
int mappings(const char* what) {
  std::ifstream maps("/proc/self/maps");
  int count = 0;
  for (std::string line; std::getline(maps, line);) count += std::strstr(line.c_str(), what) != nullptr;
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  int before = 0;
  for (int round = 0; argc == 2 && round < 100; ++round) {
    void* const library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (!library) return std::printf("cannot be loaded: %s\n", dlerror()), 1;
    const auto use = reinterpret_cast<int (*)()>(dlsym(library, "use_trueno"));
    if (const int wrong = use ? use() : 99) return std::printf("round %d: step %d failed\n", round, wrong), 1;
    if (dlclose(library) != 0) return std::printf("cannot be unloaded: %s\n", dlerror()), 1;
    if (mappings("trueno_tests_plugin") != 0) return std::printf("it is still there after dlclose\n"), 1;
    if (mappings("memfd:trueno") != 0) return std::printf("generated code is still there\n"), 1;
    if (round == 4) before = mappings("");
    if (round > 4 && mappings("") > before)
      return std::printf("round %d: %d mappings, %d after round 4\n", round, mappings(""), before), 1;
  }
  return argc == 2 ? 0 : 2;
}
