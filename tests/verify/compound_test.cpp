// Compound ops on every target: several passes, uniform values between them, results stored in the last. The operands
// behind the first are an array each, but eps is a scalar.
#include <catch2/catch.hpp>

#include <string>

#include "ops/catalogue.h"
#include "tests/verify/subjects.h"

using namespace trueno;

TEST_CASE("compound ops, every overload") {
  const ops::TextCatalogue& all = ops::built_in();
  std::size_t checked = 0;
  for (const std::string& name : all.names()) {
    if (all.file_of(name) != "compound.tir") continue;
    for (const auto& types : all.overloads(name)) {
      std::string parameters, arguments;
      for (std::size_t i = 0; i < types.size(); ++i) {
        const std::string& parameter = all.find(name, types)->body.params[i].name;
        parameters +=
            (i == 0 ? "" : ", ") + parameter + ": " + std::string(name_of(types[i])) + (parameter == "eps" ? "" : "[]");
        arguments += (i == 0 ? "" : ", ") + parameter;
      }
      test::check_text("kernel k(" + parameters + ") -> " + std::string(name_of(types[0])) + "[] { " + name + "(" +
                       arguments + ") }");
      ++checked;
    }
  }
  CHECK(checked >= 15);
}
