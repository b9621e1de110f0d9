// How much arithmetic a task is, for the roofline: counted in our own optimized IR.
#pragma once

#include <string_view>

namespace trueno::bench {

/// Arithmetic operations per element: additions, multiplications, divisions, roots, minima and maxima, roundings and
/// scalings of numbers count one, fma two; what is done once per call, moves of bits, compares and selections count
/// nothing. Another definition of the same function may take more or fewer. 0 if the text does not compile.
double flops_per_element(std::string_view text);

}  // namespace trueno::bench
