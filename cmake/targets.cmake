# What every target of trueno has in common, in one place: language, include root, the floating-point rules
# that our bits depend on, warnings, sanitizers.
#
# All of it is target properties. Target options come after CMAKE_CXX_FLAGS on the command line, so whatever
# a parent project put there (-ffast-math, -Ofast, -ffp-contract=fast) is taken back for our files, and for
# ours only. `-march` of a parent may stay: without contraction it changes speed, not results.

# The meaning of a float operation, spelled out so that no single flag of a parent survives. Kept from
# fast-math: math functions need not set errno, and nobody reads the exception flags.
set(TRUENO_STRICT_MATH
    -fno-fast-math -ffp-contract=off -fno-unsafe-math-optimizations -fno-associative-math -fno-reciprocal-math
    -fno-finite-math-only -fsigned-zeros -fno-rounding-math -fno-math-errno -fno-trapping-math)

# Position independent where a library is shared or the parent asks for it; else the compiler's default. On x86-64,
# with all but the API hidden, it is the same code but for calls of the API.
if(BUILD_SHARED_LIBS OR TRUENO_SHARED)
  set(TRUENO_ANY_SHARED ON)
else()
  set(TRUENO_ANY_SHARED OFF)
endif()
if(TRUENO_ANY_SHARED OR CMAKE_POSITION_INDEPENDENT_CODE)
  set(TRUENO_PIC ON)
else()
  set(TRUENO_PIC OFF)
endif()

# trueno_defaults(target): the common properties. PRIVATE: nothing of this reaches a consumer.
function(trueno_defaults target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
                                             POSITION_INDEPENDENT_CODE ${TRUENO_PIC})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_options(${target} PRIVATE ${TRUENO_STRICT_MATH} -Wall -Wextra)
  # Linking with fast-math adds start-up code that turns on flush-to-zero for the whole process.
  get_target_property(type ${target} TYPE)
  if(type MATCHES "SHARED|EXECUTABLE")
    target_link_options(${target} PRIVATE -fno-fast-math -fno-unsafe-math-optimizations)
  endif()
  if(TRUENO_PIC)
    # Nobody replaces a function of ours by one of the same name: the compiler may inline and call directly.
    target_compile_options(${target} PRIVATE -fno-semantic-interposition)
  endif()
  if(NOT TRUENO_ANY_SHARED)
    target_compile_definitions(${target} PRIVATE TRUENO_HIDDEN)  # see include/trueno/export.h
  endif()
  if(TRUENO_WARNINGS_AS_ERRORS)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # GCC 12 sees overlapping copies inside std::string's operator+ (bug 105651) and uninitialised values inside
    # std::optional and the AVX-512 intrinsics (bug 105593) where there are none. clang looks at ours.
    target_compile_options(${target} PRIVATE -Wno-restrict -Wno-maybe-uninitialized)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # libstdc++'s std::stable_sort uses get_temporary_buffer, which is deprecated.
    target_compile_options(${target} PRIVATE -Wno-deprecated-declarations)
  endif()
  # One section per function and object: a program that only sums can drop the rest (--gc-sections).
  target_compile_options(${target} PRIVATE -ffunction-sections -fdata-sections)
  trueno_sanitize(${target})
endfunction()

function(trueno_sanitize target)
  if(TRUENO_SANITIZE)
    string(REPLACE ";" "," list "${TRUENO_SANITIZE}")
    set(flags -fsanitize=${list} -fno-omit-frame-pointer)
    target_compile_options(${target} PRIVATE ${flags} -fno-sanitize-recover=all)
    # Whoever links these objects needs the sanitizer's run time as well.
    target_link_options(${target} PUBLIC $<BUILD_INTERFACE:-fsanitize=${list}>)
  endif()
endfunction()

# trueno_embed(out HEADER h NAME n FILES texts...): the source file, made by the build, that holds these texts as the
# span `n` that `h` declares; its path in `out`. A changed text is embedded again.
function(trueno_embed out)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "HEADER;NAME" "FILES")
  set(embedded ${CMAKE_CURRENT_BINARY_DIR}/embedded.cpp)
  list(JOIN arg_FILES "," comma_texts)
  add_custom_command(
    OUTPUT ${embedded}
    COMMAND ${CMAKE_COMMAND} -DOUT=${embedded} "-DFILES=${comma_texts}" -DHEADER=${arg_HEADER} -DNAME=${arg_NAME}
            -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${arg_FILES} ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    COMMENT "Embedding ${arg_NAME}"
    VERBATIM)
  set(${out} ${embedded} PARENT_SCOPE)
endfunction()

# trueno_layer(name SOURCES ... LINK targets... PRIVATE_LINK targets...): an object library of a folder's
# sources. A folder that has none yet becomes an empty interface library, so that all above still configures.
function(trueno_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK;PRIVATE_LINK")
  if(NOT arg_SOURCES)
    message(STATUS "trueno: no sources yet for ${name}")
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${arg_LINK})
    return()
  endif()
  add_library(${name} OBJECT ${arg_SOURCES})
  trueno_defaults(${name})
  # What generates code gains nothing from -O3, and a program that links it all would be half as large again.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O2>)
  target_link_libraries(${name} PUBLIC ${arg_LINK} PRIVATE ${arg_PRIVATE_LINK})
endfunction()

# trueno_seldom(sources...): files of this folder for what runs once or when something went wrong: small code will do.
function(trueno_seldom)
  set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS $<$<CONFIG:Release>:-Os>)
endfunction()

# trueno_executable(name sources...): a program of our own. It is linked with all it was given, as a linker that
# drops unused sections also forgives what those refer to, and a test of a layer is there to show just that.
function(trueno_executable name)
  add_executable(${name} ${ARGN})
  trueno_defaults(${name})
  target_link_options(${name} PRIVATE -Wl,--as-needed)
endfunction()

# trueno_shipped_executable(name sources...): one for users, without the sections it does not use.
function(trueno_shipped_executable name)
  trueno_executable(${name} ${ARGN})
  target_link_options(${name} PRIVATE -Wl,--gc-sections)
endfunction()

