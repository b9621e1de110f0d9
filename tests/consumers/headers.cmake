# trueno.h is C99 and C++98, trueno/abi.h C++11: each standard is held to its letter, each header stands alone.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/step.cmake)
file(MAKE_DIRECTORY ${work})

function(compiles header language compiler)
  set(file ${work}/header.${language})
  file(WRITE ${file} "#include <${header}>\n#include <${header}>\nint main(void) { return 0; }\n")
  foreach(standard IN LISTS ARGN)
    step("${header} as ${standard}" ${compiler} -std=${standard} -pedantic -Wall -Wextra -Wconversion -Wshadow -Werror
         -I${SOURCE}/include -fsyntax-only ${file})
  endforeach()
endfunction()
compiles(trueno.h c ${C_COMPILER} c99 c11 gnu17)
compiles(trueno.h cpp ${COMPILER} c++98 c++11 c++20)
compiles(trueno/version.h c ${C_COMPILER} c99)
compiles(trueno/version.h cpp ${COMPILER} c++98 c++11)
compiles(trueno/abi.h cpp ${COMPILER} c++11 c++20)
