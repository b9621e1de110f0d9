// What holds where generated code is entered, and what it may touch: the call it was made for, in symbols.
#pragma once

#include <string>
#include <vector>

#include "inspect/state.h"
#include "ir/kernel.h"
#include "jit/compile.h"

namespace trueno::inspect {

/// What the kernel says of its code's memory.
struct Subject {
  Subject(const jit::Code& code, const ir::Kernel& kernel);
  struct Array {
    std::string name;
    std::uint32_t bytes = 0;  ///< of an element
    bool output = false;
  };
  const jit::Code& code;
  std::vector<Array> arrays;
  std::vector<bool> fixed_slots;  ///< the caller's: scalar arguments and the number of elements
};

struct Entry {
  enum Kind : std::uint8_t { whole, stretch, finish };
  Kind kind = whole;
  std::uint32_t offset = 0;
  std::string name;
  std::int64_t state_bytes = 0;  ///< of an entry of the merge stack
};
std::vector<Entry> entries_of(const jit::Code& code);

/// The symbols of one entry.
struct Ground : World {
  Ground(const Subject& subject, const Entry& entry);
  State at_entry() const;
  /// Is that base the stack's, or a frame's on it?
  bool on_stack(const Linear& base) const;

  const Subject& subject;
  const Entry& entry;
  Linear begin, end;  ///< elements
  Symbol table, slots, merge_stack, stack, code;
  std::vector<Symbol> arrays;
  std::vector<Symbol> before;  ///< what each general register holds at first

 private:
  Symbol address(std::string name, std::int64_t alignment);
  Symbol integer(std::string name);
};

}  // namespace trueno::inspect
