# The libraries trueno is built with, and what to install where one is missing.
#
# The library itself needs asmjit and the headers of toml++; the tools, tests and benchmarks need more, and only when
# they are built. Nothing is ever downloaded here.

# trueno_need(package "what for" "Debian package"): finds it, or says what it is for and how to get it.
macro(trueno_need package purpose debian)
  find_package(${package} CONFIG QUIET)
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR "trueno: ${package} was not found; ${purpose} needs it.\n"
                        "On Debian: apt-get install ${debian}\n"
                        "Elsewhere: install it and point CMAKE_PREFIX_PATH at it.")
  endif()
endmacro()

find_package(Threads REQUIRED)
trueno_need(asmjit "the just-in-time back end" libasmjit-dev)
# Headers only: its library is not linked, so a path is all that is wanted of it (runtime/config_toml.cpp).
find_path(TRUENO_TOMLPLUSPLUS_INCLUDE toml++/toml.h)
mark_as_advanced(TRUENO_TOMLPLUSPLUS_INCLUDE)
if(NOT TRUENO_TOMLPLUSPLUS_INCLUDE)
  message(FATAL_ERROR "trueno: toml++ was not found; reading configurations needs its headers.\n"
                      "On Debian: apt-get install libtomlplusplus-dev\n"
                      "Elsewhere: install it and point CMAKE_PREFIX_PATH at it.")
endif()

if(TRUENO_BUILD_TOOLS)
  trueno_need(fmt "TRUENO_BUILD_TOOLS" libfmt-dev)
  trueno_need(CLI11 "TRUENO_BUILD_TOOLS" libcli11-dev)
  trueno_need(nlohmann_json "TRUENO_BUILD_TOOLS" nlohmann-json3-dev)
  trueno_need(Zydis "TRUENO_BUILD_TOOLS" libzydis-dev)
  find_path(TRUENO_MPFR_INCLUDE mpfr.h)
  find_library(TRUENO_MPFR_LIBRARY mpfr)
  mark_as_advanced(TRUENO_MPFR_INCLUDE TRUENO_MPFR_LIBRARY)
  if(NOT TRUENO_MPFR_INCLUDE OR NOT TRUENO_MPFR_LIBRARY)
    message(STATUS "trueno: trueno-sweep leaves near-ties undecided, as MPFR was not found (Debian: libmpfr-dev)")
  endif()
endif()
if(TRUENO_BUILD_TESTS)
  trueno_need(Catch2 "TRUENO_BUILD_TESTS" catch2)
  find_program(TRUENO_PERF perf)
  find_program(TRUENO_GDB gdb)
  mark_as_advanced(TRUENO_PERF TRUENO_GDB)
  if(NOT TRUENO_PERF OR NOT TRUENO_GDB)
    message(STATUS "trueno: what perf or gdb show is not tested, as they were not found (Debian: linux-perf, gdb)")
  endif()
endif()
if(TRUENO_BUILD_BENCH)
  find_package(benchmark CONFIG QUIET)
  find_package(Eigen3 CONFIG QUIET)
  if(NOT benchmark_FOUND)
    message(STATUS "trueno: no benchmarks, as Google Benchmark was not found (Debian: libbenchmark-dev)")
  endif()
endif()
