# What the scripts of this folder share: where they work, and a step that says what failed.
set(here ${CMAKE_CURRENT_LIST_DIR})
set(root ${BUILD}/tests/consumers)
set(work ${root}/${NAME})
set(prefix ${root}/moved)  # where install.cmake leaves the installed package

# step(what command...): runs it; its standard output is in `printed`.
function(step what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${NAME}: ${what} failed (${result}):\n${output}${errors}")
  endif()
  set(printed "${output}" PARENT_SCOPE)
endfunction()

# prints_as_example(what name command...): it prints docs/examples/<name>.txt.
function(prints_as_example what name)
  step("${what}" ${ARGN})
  file(READ ${SOURCE}/docs/examples/${name}.txt expected)
  if(NOT printed STREQUAL expected)
    message(FATAL_ERROR "${NAME}: ${what} printed\n${printed}\nand not what docs/examples/${name}.txt says")
  endif()
endfunction()
