// See elf.h. Nothing of a file is believed: each table is looked for within the image.
#include "tools/elf.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <string_view>

namespace trueno::tools {
namespace {

class Reader {
 public:
  Reader(std::string_view image, ElfFacts& facts) : image_(image), facts_(facts) {}

  /// False: it is no such file, or damaged.
  bool read() {
    Elf64_Ehdr head;
    if (!get(0, head) || std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != ELFCLASS64)
      return false;
    if (!table(head.e_shoff, head.e_shnum, sections_) || head.e_shstrndx >= sections_.size()) return false;
    std::vector<Elf64_Phdr> segments;
    if (!table(head.e_phoff, head.e_phnum, segments)) return false;
    for (const Elf64_Phdr& s : segments)
      if (s.p_type == PT_LOAD) facts_.loaded_bytes = std::max(facts_.loaded_bytes, s.p_offset + s.p_filesz);
    names_ = sections_[head.e_shstrndx];
    return std::all_of(sections_.begin(), sections_.end(), [this](const Elf64_Shdr& s) { return section(s); });
  }

 private:
  template <class T>
  bool get(std::uint64_t at, T& to) const {
    if (at > image_.size() || sizeof(T) > image_.size() - at) return false;
    std::memcpy(&to, image_.data() + at, sizeof(T));
    return true;
  }
  template <class T>
  bool table(std::uint64_t at, std::uint64_t count, std::vector<T>& to) const {
    if (at > image_.size() || count > (image_.size() - at) / sizeof(T)) return false;
    to.resize(count);
    if (count != 0) std::memcpy(to.data(), image_.data() + at, count * sizeof(T));
    return true;
  }
  /// Up to its NUL, of a table of strings.
  std::string string(const Elf64_Shdr& strings, std::uint64_t offset) const {
    const std::uint64_t at = strings.sh_offset + offset;
    if (offset >= strings.sh_size || at >= image_.size()) return {};
    const std::string_view rest = image_.substr(at);
    return std::string(rest.substr(0, rest.find('\0')));
  }

  bool section(const Elf64_Shdr& s) {
    const std::string name = string(names_, s.sh_name);
    if (name == ".text") facts_.text_bytes = s.sh_size;
    if (name == ".comment") facts_.compiler = string(s, 0);
    if (s.sh_type != SHT_SYMTAB && s.sh_type != SHT_DYNAMIC) return true;
    if (s.sh_link >= sections_.size()) return false;
    const Elf64_Shdr& strings = sections_[s.sh_link];
    return s.sh_type == SHT_SYMTAB ? symbols(s, strings) : dependencies(s, strings);
  }

  bool symbols(const Elf64_Shdr& s, const Elf64_Shdr& strings) {
    std::vector<Elf64_Sym> all;
    if (!table(s.sh_offset, s.sh_size / sizeof(Elf64_Sym), all)) return false;
    std::set<std::uint64_t> seen;  // a function may have several names
    for (const Elf64_Sym& symbol : all)
      if (ELF64_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_size != 0 && seen.insert(symbol.st_value).second)
        facts_.functions[string(strings, symbol.st_name)] += symbol.st_size;
    return true;
  }

  bool dependencies(const Elf64_Shdr& s, const Elf64_Shdr& strings) {
    std::vector<Elf64_Dyn> all;
    if (!table(s.sh_offset, s.sh_size / sizeof(Elf64_Dyn), all)) return false;
    for (const Elf64_Dyn& d : all)
      if (d.d_tag == DT_NEEDED) facts_.needs.push_back(string(strings, d.d_un.d_val));
    std::sort(facts_.needs.begin(), facts_.needs.end());
    return true;
  }

  std::string_view image_;
  ElfFacts& facts_;
  std::vector<Elf64_Shdr> sections_;
  Elf64_Shdr names_{};
};

}  // namespace

Result<ElfFacts> read_elf(const std::string& image, const std::string& path) {
  ElfFacts facts;
  if (!Reader(image, facts).read())
    return Error(Status::invalid_argument, path + ": no ELF file of 64 bits, or one that is cut off");
  return facts;
}

}  // namespace trueno::tools
