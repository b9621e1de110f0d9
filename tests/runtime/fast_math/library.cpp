// A library as others build them: linked with fast-math, so that the compiler's start-up code (crtfastmath.o) turns
// on flush-to-zero and denormals-are-zero in the thread that loads it. What it computes does not matter.
extern "C" float trueno_test_half(float x) { return x * 0.5f; }
