# Builds one consumer from nothing, runs it, and compares what it prints with expected.txt.
# cmake -DPROJECT=hostile|package -DSOURCE=root -DBUILD=trueno's build tree -DGENERATOR=... -DCOMPILER=... -P this
set(here ${CMAKE_CURRENT_LIST_DIR})
set(work ${BUILD}/tests/consumers/${PROJECT})
file(REMOVE_RECURSE ${work})

function(step what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${PROJECT}: ${what} failed (${result}):\n${output}")
  endif()
endfunction()

set(arguments -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_BUILD_TYPE=Release)
if(PROJECT STREQUAL "hostile")
  # Shared here and static in the other consumer, so that both are covered. The library alone must not need
  # what only the tools and tests use.
  list(APPEND arguments -DTRUENO_SOURCE=${SOURCE} "-DCMAKE_CXX_FLAGS=-ffast-math -march=native"
       -DBUILD_SHARED_LIBS=ON)
  foreach(package IN ITEMS CLI11 fmt nlohmann_json Zydis Catch2 benchmark Eigen3)
    list(APPEND arguments -DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON)
  endforeach()
else()
  step("install" ${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/prefix)
  list(APPEND arguments -DCMAKE_PREFIX_PATH=${work}/prefix)
endif()

step("configure" ${CMAKE_COMMAND} -S ${here}/${PROJECT} -B ${work}/build ${arguments})
step("build" ${CMAKE_COMMAND} --build ${work}/build --parallel 2)
include(${here}/compare.cmake)
compare_with_expected(${work}/build/bits)
