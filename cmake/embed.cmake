# Turns text files into a C++ source that holds them, so that the library reads nothing from disk.
# Run at build time: cmake -DOUT=embedded.cpp -DFILES=a.tir,b.tir -DHEADER=ops/embedded.h -DNAME=ops::kEmbedded
#                          -P embed.cmake
#
# NAME is declared in HEADER, as a span of ops::EmbeddedText within trueno.
#
# Each text becomes adjacent raw string literals of under 12 KB, split at line ends: compilers promise no
# more than 64 KB for one literal and some stop at 16 KB.
set(limit 12000)
string(REPLACE "," ";" FILES "${FILES}")

set(rows "")
foreach(path IN LISTS FILES)
  get_filename_component(name "${path}" NAME)
  file(READ "${path}" text)
  if(text MATCHES "\\)tir\"")
    message(FATAL_ERROR "${path}: contains )tir\", which ends the literal it is embedded in")
  endif()
  string(APPEND rows "    {\"${name}\",\n     R\"tir()tir\"")
  string(LENGTH "${text}" left)
  while(left GREATER 0)
    set(cut ${left})
    if(left GREATER limit)
      string(SUBSTRING "${text}" 0 ${limit} head)
      string(FIND "${head}" "\n" cut REVERSE)
      if(cut EQUAL -1)
        message(FATAL_ERROR "${path}: a line of more than ${limit} bytes")
      endif()
      math(EXPR cut "${cut} + 1")
    endif()
    string(SUBSTRING "${text}" 0 ${cut} head)
    string(SUBSTRING "${text}" ${cut} -1 text)
    string(APPEND rows "\n     R\"tir(${head})tir\"")
    string(LENGTH "${text}" left)
  endwhile()
  string(APPEND rows "},\n")
endforeach()

string(REGEX MATCH "^[a-z]+" owner "${NAME}")
string(REGEX REPLACE "^.*::" "" name "${NAME}")
file(WRITE "${OUT}" "// Written by cmake/embed.cmake from text files; edit those.
#include \"${HEADER}\"

namespace trueno::${owner} {
namespace {
constexpr ops::EmbeddedText kTexts[] = {
${rows}};
}  // namespace

extern const std::span<const ops::EmbeddedText> ${name};
constinit const std::span<const ops::EmbeddedText> ${name}{kTexts};
}  // namespace trueno::${owner}
")
