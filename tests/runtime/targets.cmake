# The library that fast_math_test.cpp loads. It is not ours, so it has none of our options: it is there for what
# linking with fast-math does to the process. gcc 13 and clang 19 do that to a shared library only by -mdaz-ftz,
# which those before them do not know.
include(CheckCXXCompilerFlag)
check_cxx_compiler_flag(-mdaz-ftz TRUENO_HAVE_MDAZ_FTZ)
add_library(trueno_tests_fast_math MODULE runtime/fast_math/library.cpp)
target_compile_options(trueno_tests_fast_math PRIVATE -ffast-math)
target_link_options(trueno_tests_fast_math PRIVATE -ffast-math $<$<BOOL:${TRUENO_HAVE_MDAZ_FTZ}>:-mdaz-ftz>)
add_dependencies(trueno_tests_runtime trueno_tests_fast_math)
target_compile_definitions(trueno_tests_runtime
                           PRIVATE TRUENO_TESTS_FAST_MATH="$<TARGET_FILE:trueno_tests_fast_math>")
target_link_libraries(trueno_tests_runtime PRIVATE ${CMAKE_DL_LIBS})

# A library that uses trueno, loaded and unloaded in a loop, and the shared library with it.
if(TARGET trueno::shared)
  add_library(trueno_tests_plugin MODULE runtime/load/plugin.cpp)
  trueno_defaults(trueno_tests_plugin)
  target_link_libraries(trueno_tests_plugin PRIVATE trueno::shared)
  trueno_executable(trueno_tests_load runtime/load/load.cpp)
  target_link_libraries(trueno_tests_load PRIVATE ${CMAKE_DL_LIBS})
  add_test(NAME runtime.load_unload COMMAND trueno_tests_load $<TARGET_FILE:trueno_tests_plugin>)
  set_tests_properties(runtime.load_unload PROPERTIES LABELS runtime TIMEOUT 600)
else()
  message(STATUS "trueno: loading and unloading is not tested; it needs TRUENO_SHARED or BUILD_SHARED_LIBS")
endif()
# c_api_calls.c is C, held to the standard that trueno.h promises.
enable_language(C)
target_sources(trueno_tests_runtime PRIVATE runtime/c_api_calls.c)
set_source_files_properties(runtime/c_api_calls.c PROPERTIES COMPILE_OPTIONS "-std=c99;-pedantic-errors;-Werror")
