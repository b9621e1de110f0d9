# What the tools print of themselves, by those it is for.
find_package(Python3 COMPONENTS Interpreter QUIET)
get_property(tools GLOBAL PROPERTY TRUENO_TOOLS)
if(NOT Python3_FOUND OR NOT tools)
  message(STATUS "trueno: manual pages and completions are not tested by formatters and shells (Debian: python3)")
  return()
endif()
list(TRANSFORM tools REPLACE "(.+)" "$<TARGET_FILE:\\1>")
foreach(kind IN ITEMS man bash zsh fish)
  add_test(NAME tools.described_${kind} COMMAND Python3::Interpreter
           ${CMAKE_CURRENT_SOURCE_DIR}/tools/descriptions.py ${kind} ${tools})
  set_tests_properties(tools.described_${kind} PROPERTIES LABELS tools TIMEOUT 120 SKIP_REGULAR_EXPRESSION "SKIPPED: ")
endforeach()
