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
  # All optional: without the first four there is no benchmark, without a peer the others are measured (bench/).
  foreach(package IN ITEMS benchmark fmt CLI11 nlohmann_json Eigen3)
    find_package(${package} CONFIG QUIET)
  endforeach()
  # The others by header and library: Debian's package files of oneDNN ask for those of OpenCL, VOLK's for its tools.
  # trueno_find_peer(NAME header [library]): TRUENO_NAME_INCLUDE, TRUENO_NAME_LIBRARY, TRUENO_NAME_FOUND
  macro(trueno_find_peer name header)
    find_path(TRUENO_${name}_INCLUDE ${header})
    set(TRUENO_${name}_FOUND ${TRUENO_${name}_INCLUDE})
    if(${ARGC} GREATER 2)
      find_library(TRUENO_${name}_LIBRARY ${ARGV2})
      if(NOT TRUENO_${name}_LIBRARY)
        set(TRUENO_${name}_FOUND OFF)
      endif()
    endif()
    mark_as_advanced(TRUENO_${name}_INCLUDE TRUENO_${name}_LIBRARY)
  endmacro()
  trueno_find_peer(HIGHWAY hwy/contrib/math/math-inl.h)
  trueno_find_peer(SLEEF sleef.h sleef)
  trueno_find_peer(ONEDNN oneapi/dnnl/dnnl.hpp dnnl)
  trueno_find_peer(VOLK volk/volk.h volk)
endif()
