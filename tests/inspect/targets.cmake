# tests/inspect takes the generator of random kernels from the fuzzer.
target_sources(trueno_tests_inspect PRIVATE fuzz/kernel_fuzz_generate.cpp)
