# compare_with_expected(program): runs it; every line it prints must be in expected.txt, and the other way
# round. TRUENO_BLESS=1 in the environment writes expected.txt anew (only our own build should).
# Also a script: cmake -DPROGRAM=... -P compare.cmake
set(expected_file ${CMAKE_CURRENT_LIST_DIR}/expected.txt)

function(compare_with_expected program)
  execute_process(COMMAND ${program} RESULT_VARIABLE result OUTPUT_VARIABLE printed ERROR_VARIABLE errors)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${program} ended with ${result}:\n${printed}${errors}")
  endif()
  if("$ENV{TRUENO_BLESS}" STREQUAL "1" AND PROGRAM)
    file(WRITE ${expected_file} "${printed}")
  endif()
  file(READ ${expected_file} expected)
  if(NOT printed STREQUAL expected)
    message(FATAL_ERROR "other bits than expected.txt has.\nprinted:\n${printed}\nexpected:\n${expected}")
  endif()
  message("${printed}")
endfunction()

if(PROGRAM)
  compare_with_expected(${PROGRAM})
endif()
