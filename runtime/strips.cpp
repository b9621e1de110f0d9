// See strips.h. Arguments and results are checked by the same code; what differs is that a result cannot be shared
// by the rows.
#include "runtime/strips.h"

namespace trueno::runtime {
namespace {

template <class T>
constexpr bool kIsResult = std::same_as<T, RowsOut>;

}  // namespace

/// Kind, type, rows, columns, stride.
template <class T>
Result<void> RowsCall::check_shape(const char* what, const Slot& slot, const T& x) {
  if (auto fits = check_kind(what, slot, x); !fits) return fits;
  if (x.matrix && !rows_.take(slot, x.rows)) return bad(k_, rows_.complaint(slot, x.rows));
  if (!slot.array && x.array && !rows_.take(slot, x.length)) return bad(k_, rows_.complaint(slot, x.length));
  if (slot.array && !columns_.take(slot, x.length)) return bad(k_, columns_.complaint(slot, x.length));
  if (!x.matrix || x.stride >= x.length || (x.stride == 0 && !kIsResult<T>)) return {};
  return bad(k_, "the row stride of " + std::string(what) + " '" + slot.name + "' is " + std::to_string(x.stride) +
                     ", its rows have " + std::to_string(x.length) + " elements: they would overlap" +
                     (kIsResult<T> ? "" : " (0 would mean one row for all)"));
}

template <class T>
Result<void> RowsCall::check_kind(const char* what, const Slot& slot, const T& x) const {
  const bool whole = slot.array ? x.matrix || (x.array && !kIsResult<T>) : !x.matrix && (x.array || !kIsResult<T>);
  if (whole && runtime::same_type(slot, x.type)) return {};
  const std::string name(name_of(slot.type));
  const std::string takes = slot.array ? "a matrix of " + name + (kIsResult<T> ? "" : ", or one row for all")
                                       : "one value per row, " + name + "[]" + (kIsResult<T> ? "" : ", or one for all");
  const char* kind = x.matrix ? "a matrix of " : x.array ? "an array of " : "one ";
  return bad(k_, std::string(what) + " '" + slot.name + "' takes " + takes + "; got " + kind +
                     std::string(name_of(x.type)) + (whole ? " (there is no implicit conversion)" : ""));
}

template <class T>
Result<void> RowsCall::place(const Slot& slot, const T& x, Strip& strip) const {
  strip = {};
  if (!x.array) {  // a scalar for all rows: by value
    if constexpr (!kIsResult<T>) strip.begin = reinterpret_cast<std::uintptr_t>(&x.bits);
    return {};
  }
  const std::size_t size = stored_bytes(x.type), stride = x.matrix ? x.stride : slot.array ? 0 : 1;
  strip.begin = reinterpret_cast<std::uintptr_t>(x.data);
  std::size_t before = 0;  // bytes before the last row
  bool fits = !__builtin_mul_overflow(slot.array ? x.length : 1, size, &strip.bytes);
  fits = fits && !__builtin_mul_overflow(stride, size, &strip.step);
  fits = fits && !__builtin_mul_overflow(rows() == 0 ? 0 : rows() - 1, strip.step, &before);
  fits = fits && !__builtin_add_overflow(before, strip.bytes, &strip.extent) && strip.extent <= SIZE_MAX / 2;
  if (fits && (x.data || rows() == 0 || strip.bytes == 0)) return {};
  if (fits) return bad(k_, "'" + slot.name + "' is null, but has elements");
  return bad(k_, "'" + slot.name + "' with " + std::to_string(rows()) + " rows at a stride of " +
                     std::to_string(stride) + " elements is larger than memory can be");
}

Result<void> RowsCall::check_overlap() const {
  if (rows() == 0) return {};
  for (std::size_t i = 0; i < k_.outputs; ++i) {
    for (std::size_t j = 0; j < i; ++j)
      if (!output(i).apart(output(j)))
        return bad(k_, "results '" + k_.results[j].name + "' and '" + k_.results[i].name + "' overlap");
    for (std::size_t j = 0; j < k_.inputs; ++j)
      if (inputs_[j].array && !output(i).apart(input(j)) && !output(i).same(input(j)))
        return bad(k_, "result '" + k_.results[i].name + "' overlaps argument '" + k_.parameters[j].name +
                           "' in part; it must be the same rows at the same stride, or separate");
  }
  return {};
}

Result<void> RowsCall::check() {
  if (inputs_.size() != k_.inputs) return wrong_count(k_, "arguments", k_.parameters, inputs_.size());
  if (outputs_.size() != k_.outputs) return wrong_count(k_, "results", k_.results, outputs_.size());
  for (std::size_t i = 0; i < k_.inputs; ++i)
    if (auto fits = check_shape("argument", k_.parameters[i], inputs_[i]); !fits) return fits;
  for (std::size_t i = 0; i < k_.outputs; ++i)
    if (auto fits = check_shape("result", k_.results[i], outputs_[i]); !fits) return fits;
  for (std::size_t i = 0; i < k_.inputs; ++i)
    if (auto placed = place(k_.parameters[i], inputs_[i], strips_[i]); !placed) return placed;
  for (std::size_t i = 0; i < k_.outputs; ++i)
    if (auto placed = place(k_.results[i], outputs_[i], strips_[k_.inputs + i]); !placed) return placed;
  return check_overlap();
}

bool Strip::apart(const Strip& o) const {
  if (bytes == 0 || o.bytes == 0 || end() <= o.begin || o.end() <= begin) return true;
  if (step != o.step || step == 0) return false;
  const Strip &low = begin < o.begin ? *this : o, &high = begin < o.begin ? o : *this;
  const std::size_t shift = (high.begin - low.begin) % step;
  return shift >= low.bytes && shift + high.bytes <= step;
}

}  // namespace trueno::runtime
