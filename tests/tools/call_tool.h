// Calls a tool as the shell does, and keeps what it said.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tools/options.h"

namespace trueno::tests {

struct Said {
  int code = -1;
  std::string out, err;
};

inline Said call_tool(tools::Tool tool, const std::vector<std::string>& arguments) {
  std::vector<const char*> argv{"tool"};
  for (const std::string& a : arguments) argv.push_back(a.c_str());
  char* text[2] = {nullptr, nullptr};
  std::size_t size[2] = {0, 0};
  tools::Streams streams{::open_memstream(&text[0], &size[0]), ::open_memstream(&text[1], &size[1])};
  Said said;
  said.code = tool(static_cast<int>(argv.size()), argv.data(), streams);
  std::fclose(streams.out);
  std::fclose(streams.err);
  said.out.assign(text[0], size[0]);
  said.err.assign(text[1], size[1]);
  std::free(text[0]);
  std::free(text[1]);
  return said;
}

}  // namespace trueno::tests
