# Builds one consumer, a CMake project, from nothing, runs it, and compares what it prints.
# cmake -DNAME=hostile|subproject|package|package_c -DSOURCE=root -DBUILD=trueno's build tree -DVERSION=... -P this
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/step.cmake)
include(${here}/compare.cmake)
file(REMOVE_RECURSE ${work})

set(arguments -G ${GENERATOR} -DCMAKE_C_COMPILER=${C_COMPILER} -DCMAKE_CXX_COMPILER=${COMPILER}
    -DCMAKE_BUILD_TYPE=Release -DTRUENO_SOURCE=${SOURCE} -DTRUENO_VERSION=${VERSION} --no-warn-unused-cli)
# The library alone must not need what only the tools and tests use.
foreach(package IN ITEMS CLI11 fmt nlohmann_json Zydis Catch2 benchmark Eigen3)
  list(APPEND arguments -DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON)
endforeach()

function(build)
  step("configure" ${CMAKE_COMMAND} -S ${here}/${NAME} -B ${work} ${arguments} ${ARGN})
  step("build" ${CMAKE_COMMAND} --build ${work} --parallel 2)
endfunction()

if(NAME STREQUAL "hostile")
  build("-DCMAKE_CXX_FLAGS=-ffast-math -march=native" "-DCMAKE_CXX_FLAGS_RELEASE=-O1 -DNDEBUG" -DBUILD_SHARED_LIBS=ON)
  compare_with_expected(${work}/bits)
elseif(NAME STREQUAL "subproject")
  step("configure" ${CMAKE_COMMAND} -S ${here}/${NAME} -B ${work} ${arguments})
elseif(NAME STREQUAL "package")
  build(-DCMAKE_PREFIX_PATH=${prefix})
  compare_with_expected(${work}/bits_static)
  compare_with_expected(${work}/bits_shared)
  prints_as_example("C++11" abi ${work}/abi)
else()
  foreach(shared IN ITEMS OFF ON)
    build(-DCMAKE_PREFIX_PATH=${prefix} -DBUILD_SHARED_LIBS=${shared})
    prints_as_example("C, shared: ${shared}" c_api ${work}/c_api)
  endforeach()
endif()
