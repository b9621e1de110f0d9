// The measuring engine: who is called, how often and in which order. Nothing here depends on how long anything takes.
#include "bench/measure.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

using namespace trueno::bench;

namespace {

/// What was called: a letter per batch, as a call after one of somebody else begins one.
std::string calls;
int since_between = 0, most_since_between = 0;

template <char who>
void note(const Work&) {
  if (calls.empty() || calls.back() != who) calls += who;
}
void count(const Work&) { most_since_between = std::max(most_since_between, ++since_between); }
void between(void*) { since_between = 0; }

Budget exactly(int rounds) {
  Budget budget;
  budget.total_ns = 0;
  budget.least_rounds = budget.most_rounds = rounds;
  return budget;
}

}  // namespace

TEST_CASE("every contender has one time a round, and the order changes") {
  calls.clear();
  const std::vector<Contender> all = {{note<'a'>, {}, nullptr}, {note<'b'>, {}, nullptr}, {note<'c'>, {}, nullptr}};
  const Rounds rounds = measure(all, exactly(40));
  REQUIRE(rounds.size() == 3);
  for (const auto& times : rounds) {
    CHECK(times.size() == 40);
    for (const double ns : times) CHECK(ns > 0);
  }
  std::set<std::string> neighbours;
  for (std::size_t i = 0; i + 1 < calls.size(); ++i) neighbours.insert(calls.substr(i, 2));
  CHECK(neighbours == std::set<std::string>{"ab", "ac", "ba", "bc", "ca", "cb"});
}

TEST_CASE("what keeps things is cleaned up before they are more than it can keep") {
  since_between = most_since_between = 0;
  measure({{count, {}, between}}, exactly(10));
  CHECK(most_since_between > 1);
  CHECK(most_since_between <= kKept);
}
