// May an array end at a page that cannot be touched? On a processor vmaskmov leaves masked lanes alone, and our
// loops over the last few elements rely on it. qemu 7.2 reads them (it does not write them), so that there such
// an array faults through no fault of the generated code.
#pragma once

namespace trueno::test {

/// True on every real machine, without a trial. Under an emulator it is tried.
bool masked_lanes_are_left_alone();

}  // namespace trueno::test
