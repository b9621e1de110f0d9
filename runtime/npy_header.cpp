// See npy_header.h: magic, version, the length of the rest, and a Python dict.
#include "runtime/npy_header.h"

namespace trueno::runtime {

std::string npy_header(Type type, std::string_view shape) {
  constexpr std::size_t kAlign = 64, kFixed = 10;  // magic 6, version 2, length 2
  constexpr std::string_view kDescr[kTypeCount] = {"<f4", "<f8", "<i4", "<i8", "|b1", "|b1"};
  std::string dict = "{'descr': '";
  dict.append(kDescr[static_cast<std::size_t>(type)]).append("', 'fortran_order': False, 'shape': ");
  dict.append(shape).append(", }");
  const std::size_t total = (kFixed + dict.size() + 1 + kAlign - 1) / kAlign * kAlign;
  dict.append(total - kFixed - dict.size() - 1, ' ');
  dict += '\n';
  const char size[] = {static_cast<char>(dict.size() & 0xff), static_cast<char>(dict.size() >> 8)};
  return std::string("\x93NUMPY\x01\x00", 8) + std::string(size, 2) + dict;
}

}  // namespace trueno::runtime
