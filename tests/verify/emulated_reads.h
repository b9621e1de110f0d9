// May an array end at a page that cannot be touched? On a processor an instruction reads its operand and nothing beyond
// it, and generated code relies on that near the end of an array. qemu 7.2 reads too much in two places, so that there
// such an array faults through no fault of the generated code:
//
// - vmaskmov reads the lanes that are masked out (it does not write them);
// - (v)cvtdq2pd reads a whole vector of integers from memory, though it converts half of one.
#pragma once

namespace trueno::test {

/// True on every real machine, without a trial. Under an emulator it is tried.
bool masked_lanes_are_left_alone();
bool half_vectors_are_read_alone();

}  // namespace trueno::test
