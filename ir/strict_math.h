// Refuses to be compiled with flags that change what a float operation means.
//
// The bits of a kernel are promised (docs/ir.md), and the interpreter that defines them is plain C++: under
// -ffast-math the compiler may reassociate, drop NaNs and signed zeros, or fuse a multiply and an add. Our
// CMake targets take such flags back (cmake/targets.cmake); who compiles these files some other way should
// hear of it here and not from a sum that is off by one bit. Contraction shows no macro: a consumer test with
// hostile flags covers it.
#pragma once

#if defined(__FAST_MATH__)
#error "trueno must not be compiled with -ffast-math or -Ofast: append -fno-fast-math -ffp-contract=off"
#endif
#if defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__ > 0
#error "trueno must not be compiled with -ffinite-math-only: append -fno-finite-math-only"
#endif
#if defined(__RECIPROCAL_MATH__) || defined(__ASSOCIATIVE_MATH__) || defined(__NO_SIGNED_ZEROS__)
#error "trueno needs IEEE 754 arithmetic: append -fno-unsafe-math-optimizations -fsigned-zeros"
#endif
#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0
#error "trueno needs float arithmetic in float (on x86: -mfpmath=sse)"
#endif
