// Two walks over the options that CLI11 has; see describe.h.
#include "tools/describe.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>

#include "tools/options.h"
#include "trueno/version.h"

namespace trueno::tools {
namespace {

struct Described {
  std::vector<std::string> names;  ///< "--in", "-h"; of a positional its name
  std::string value;               ///< what stands for its value; empty: it takes none
  std::string text;
  bool positional = false, repeated = false;
};

/// The value's name is what the text begins with, if that is one word before a colon; else what CLI11 calls its type.
Described described(const CLI::Option& option) {
  Described d;
  d.text = option.get_description();
  d.positional = option.get_positional();
  d.repeated = option.get_items_expected_max() > 1;
  for (const std::string& name : option.get_snames()) d.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) d.names.push_back("--" + name);
  if (d.positional) d.names = {option.get_name(true)};
  if (d.positional || option.get_items_expected_max() == 0) return d;
  d.value = option.get_type_name();
  d.value.resize(std::min(d.value.find(':'), d.value.size()));  // "INT:INT in [1 - 9]"
  const std::size_t colon = d.text.find(": ");
  if (colon != std::string::npos && d.text.find(' ') > colon && std::isupper(static_cast<unsigned char>(d.text[0]))) {
    d.value = d.text.substr(0, colon);
    d.text.erase(0, colon + 2);
  }
  return d;
}

std::vector<Described> described(const CLI::App& app) {
  std::vector<Described> all;
  for (const CLI::Option* option : app.get_options())
    if (!option->get_group().empty()) all.push_back(described(*option));  // no group: hidden
  return all;
}

/// Text as it is, for a formatter that reads dots, quotes, hyphens and backslashes as its own.
std::string as_man(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\\': out += "\\e"; break;
      case '-': out += "\\-"; break;
      case '\'': out += "\\(aq"; break;
      case '`': out += "\\(ga"; break;
      case '^': out += "\\(ha"; break;
      case '~': out += "\\(ti"; break;
      default: out += c;
    }
  }
  return out.starts_with('.') ? "\\&" + out : out;
}

std::string bold(std::string_view text) { return "\\fB" + as_man(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + as_man(text) + "\\fR"; }

/// The lines of a description or a footer, by what they are for.
struct Sections {
  std::string name;
  std::vector<std::string> description, examples;
  std::string exit_status;
};

Sections sections_of(const CLI::App& app) {
  constexpr std::string_view kExample = "Example: ", kExit = "Exit codes: ";
  Sections s;
  std::string about = app.get_description();
  const std::size_t sentence = std::min(about.find(". "), about.find(".\n"));
  s.name = about.substr(0, std::min(sentence, about.size() - about.ends_with('.')));
  if (!s.name.empty()) s.name[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(s.name[0])));
  std::string_view rest(about);
  if (sentence != std::string::npos && about[sentence + 1] == '\n') rest.remove_prefix(sentence + 2);
  for (const std::string& line : split(rest, '\n')) {
    if (line.starts_with(kExample))
      s.examples.push_back(line.substr(kExample.size()));
    else if (!line.empty())
      s.description.push_back(line);
  }
  for (const std::string& line : split(app.get_footer(), '\n')) {
    if (line.starts_with(kExit))
      s.exit_status = line.substr(kExit.size());
    else if (!s.exit_status.empty())
      s.exit_status += " " + line;
    else if (!line.empty())
      s.description.push_back(line);
  }
  return s;
}

std::string synopsis(const std::vector<Described>& options) {
  std::string out = "[" + italic("OPTIONS") + "]";
  for (const Described& d : options)
    if (d.positional) out += " [" + italic(d.names[0]) + "]";
  return out;
}

std::string man_options(const std::vector<Described>& options) {
  std::string out;
  for (const Described& d : options) {
    std::string head;
    for (const std::string& name : d.names)
      head += (head.empty() ? "" : ", ") + (d.positional ? italic(name) : bold(name));
    if (!d.value.empty()) head += " " + italic(d.value);
    out += fmt::format(".TP\n{}\n{}{}\n", head, as_man(d.text), d.repeated ? " (may be given many times)" : "");
  }
  return out;
}

/// The options' names, each followed by what is put between; with values only, or all.
std::string names_of(const std::vector<Described>& options, char between, bool with_values) {
  std::string out;
  for (const Described& d : options)
    for (const std::string& name : d.names)
      if (!d.positional && !(with_values && d.value.empty()))
        out += (out.empty() ? "" : std::string(1, between)) + name;
  return out;
}

std::string bash_completion(const std::string& tool, const std::vector<Described>& options) {
  std::string function = "_" + tool;
  std::replace(function.begin(), function.end(), '-', '_');
  return fmt::format(
      "{0}() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} before=\n"
      "  COMPREPLY=()\n"
      "  for before in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n"
      "    [[ $before != -- ]] || return 0\n"
      "  done\n"
      "  case $before in\n"
      "    {1}) return 0 ;;  # a value follows: files\n"
      "  esac\n"
      "  [[ $word != -* ]] || mapfile -t COMPREPLY < <(compgen -W '{2}' -- \"$word\")\n"
      "}}\n"
      "complete -o default -F {0} {3}\n",
      function, names_of(options, '|', true), names_of(options, ' ', false), tool);
}

/// Between single quotes, for zsh and fish; `special` gets a backslash.
std::string quoted(std::string_view text, std::string_view special, std::string_view quote) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += quote;
    else if (special.find(c) != special.npos)
      out.append(1, '\\').append(1, c);
    else
      out += c;
  }
  return out;
}

std::string zsh_completion(const std::string& tool, const std::vector<Described>& options) {
  std::string out = "#compdef " + tool + "\n_arguments \\\n";
  for (const Described& d : options)
    for (const std::string& name : d.names)
      if (!d.positional)
        out += fmt::format("  '{}{}[{}]{}' \\\n", d.repeated ? "*" : "", name, quoted(d.text, "\\[]:", "'\\''"),
                           d.value.empty() ? "" : ":" + quoted(d.value, "\\:", "'\\''") + ":_files");
  return out + "  '*:file:_files'\n";
}

std::string fish_completion(const std::string& tool, const std::vector<Described>& options) {
  std::string out;
  for (const Described& d : options)
    for (const std::string& name : d.names)
      if (!d.positional)
        out += fmt::format("complete -c {} {} {}{} -d '{}'\n", tool, name.starts_with("--") ? "-l" : "-s",
                           name.substr(name.find_first_not_of('-')), d.value.empty() ? "" : " -r",
                           quoted(d.text, "\\", "\\'"));
  return out;
}

}  // namespace

std::string man_page(const CLI::App& app) {
  const Sections s = sections_of(app);
  const std::vector<Described> options = described(app);
  std::string upper = app.get_name();
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::string out =
      fmt::format(".TH {} 1 \"\" \"trueno {}\" \"User Commands\"\n", as_man(upper), TRUENO_VERSION_STRING);
  out += fmt::format(".SH NAME\n{} \\- {}\n", as_man(app.get_name()), as_man(s.name));
  out += fmt::format(".SH SYNOPSIS\n{} {}\n", bold(app.get_name()), synopsis(options));
  for (std::size_t i = 0; i < s.description.size(); ++i)
    out += (i == 0 ? ".SH DESCRIPTION\n" : ".br\n") + as_man(s.description[i]) + "\n";
  out += ".SH OPTIONS\n" + man_options(options);
  for (std::size_t i = 0; i < s.examples.size(); ++i)
    out += (i == 0 ? ".SH EXAMPLES\n" : ".PP\n") + bold(s.examples[i]) + "\n";
  if (!s.exit_status.empty()) out += ".SH \"EXIT STATUS\"\n" + as_man(s.exit_status) + "\n";
  return out;
}

Result<std::string> completion(const CLI::App& app, std::string_view shell) {
  const std::vector<Described> options = described(app);
  const std::string& tool = app.get_name();
  if (shell == "bash") return bash_completion(tool, options);
  if (shell == "zsh") return zsh_completion(tool, options);
  if (shell == "fish") return fish_completion(tool, options);
  return Error(Status::invalid_argument, fmt::format("--completion: '{}' is not one of bash, zsh, fish", shell));
}

}  // namespace trueno::tools
