// The report as a page: the files of bench/page put into one, with the report's JSON in its script.
#include <fstream>
#include <iterator>

#include "bench/report.h"

namespace trueno::bench {
namespace {

/// Puts `text` where `place` stands.
void put(std::string& page, std::string_view place, const std::string& text) {
  if (const std::size_t at = page.find(place); at != page.npos) page.replace(at, place.size(), text);
}

}  // namespace

Result<std::string> to_html(const Report& report) {
  std::string parts[3];
  const char* const names[] = {"page.html", "page.css", "page.js"};
  for (int i = 0; i < 3; ++i) {
    std::ifstream in(std::string(TRUENO_BENCH_PAGE) + "/" + names[i]);
    parts[i].assign(std::istreambuf_iterator<char>(in), {});
    if (parts[i].empty()) return Error(Status::io, std::string("cannot read ") + TRUENO_BENCH_PAGE + "/" + names[i]);
  }
  std::string json = to_json(report);
  // Inside <script>, the parser of HTML looks for its end before that of JavaScript sees a string.
  for (std::size_t at = 0; (at = json.find("</", at)) != json.npos; at += 3) json.replace(at, 2, "<\\/");
  auto& [page, style, script] = parts;
  put(script, "/*REPORT*/ null", json);
  put(page, "/*STYLE*/", style);
  put(page, "/*SCRIPT*/", script);
  return page;
}

}  // namespace trueno::bench
