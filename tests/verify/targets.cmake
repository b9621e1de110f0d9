# One ctest entry per target that code can be generated for (targets.cpp): shown as skipped where the host lacks it.
foreach(target IN ITEMS "sse2 vl128" "sse4.2 vl128" "avx2 vl128" "avx2 vl256" "avx512 vl128" "avx512 vl256" "avx512 vl512")
  string(REPLACE " " "." name ${target})
  add_test(NAME target.${name} COMMAND trueno_tests_verify "target ${target}")
  set_tests_properties(target.${name} PROPERTIES LABELS verify TIMEOUT 600 SKIP_REGULAR_EXPRESSION "SKIPPED: ")
endforeach()

# All of it at every block boundary and misalignment: ctest -C Exhaustive -R verify.full
add_test(NAME verify.full COMMAND trueno_tests_verify "~[.]" CONFIGURATIONS Exhaustive)
set_tests_properties(verify.full PROPERTIES LABELS exhaustive TIMEOUT 36000 ENVIRONMENT TRUENO_TEST_FULL=1)

include(${CMAKE_CURRENT_LIST_DIR}/../plant/plant.cmake)
