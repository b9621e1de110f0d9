// The rules of the house as a table, and two readers that hold a file's text against them.
//
// Arrows only point down and siblings do not see each other: a row says what a folder may include. The
// readers are pure (path and text in, complaints out), so that the test can plant violations as strings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trueno::meta {

/// One complaint per include that points up, sideways or outside: "ir/a.cpp:3: ...".
/// `path` is relative to the root of the sources, with '/' between its parts.
std::vector<std::string> include_complaints(std::string_view path, std::string_view text);

/// One complaint per line that names a path that can only exist on somebody's own machine.
std::vector<std::string> machine_path_complaints(std::string_view path, std::string_view text);

}  // namespace trueno::meta
