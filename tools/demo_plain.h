// What a user would write by hand: the loops the demo compares with.
#pragma once

#include <cstddef>
#include <cstdint>

namespace trueno::tools::plain {

float sum(const float* x, std::size_t n);
float mean(const float* x, std::size_t n);
std::int64_t sum(const std::int32_t* x, std::size_t n);
double mean(const std::int32_t* x, std::size_t n);
float mean_sigmoid(const float* x, std::size_t n, float a, float b);

}  // namespace trueno::tools::plain
