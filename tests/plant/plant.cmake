# The suite's own test: plants bugs and expects the suite to fail. Takes a while: ctest -C Exhaustive -R plant.
find_package(Python3 COMPONENTS Interpreter QUIET)
if(Python3_FOUND)
  add_test(NAME plant
           COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/plant/plant.py --source ${PROJECT_SOURCE_DIR}
                   --work ${PROJECT_BINARY_DIR}/planted
           CONFIGURATIONS Exhaustive)
  set_tests_properties(plant PROPERTIES LABELS exhaustive TIMEOUT 36000)
endif()
