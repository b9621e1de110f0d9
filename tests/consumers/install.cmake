# Installs what was built, then moves it: whoever uses it must not care where it lies. Nothing may name the place it
# was installed to, or the trees it comes from.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/step.cmake)
file(REMOVE_RECURSE ${work} ${prefix})
step("install" ${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/prefix)
file(RENAME ${work}/prefix ${prefix})

file(GLOB_RECURSE texts ${prefix}/*.cmake ${prefix}/*.pc ${prefix}/*.h)
foreach(text IN LISTS texts)
  file(READ ${text} content)
  foreach(place IN ITEMS ${BUILD} ${SOURCE} ${work})
    string(FIND "${content}" ${place} at)
    if(NOT at EQUAL -1)
      message(FATAL_ERROR "${text} names ${place}")
    endif()
  endforeach()
endforeach()
step("trueno-run" ${prefix}/bin/trueno-run --help)
