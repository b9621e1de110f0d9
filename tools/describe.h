// What a tool says of itself by --help, in other forms: a manual page, and completion for shells. Every tool has them
// (options.h handles --man and --completion), so that nothing is described twice; the build runs the tools and installs
// what they print.
#pragma once

#include <string>
#include <string_view>

#include "trueno/types.h"

namespace CLI {
class App;
}

namespace trueno::tools {

/// In the language of man pages (man(7)). The first sentence of the description is the name's line, lines that begin
/// with "Example: " are examples, and the footer from "Exit codes: " on is the exit status.
std::string man_page(const CLI::App& app);

/// A script that makes a shell complete the tool's options: bash, zsh, fish. Errors: invalid_argument for another.
Result<std::string> completion(const CLI::App& app, std::string_view shell);

}  // namespace trueno::tools
