// The object file that GDB is given; see gdb.h. An executable by its type, as addresses in it are final: .text lies
// where the code is and has no contents, for GDB reads those from memory.
#include <elf.h>

#include <cstring>
#include <vector>

#include "runtime/profile/gdb.h"
#include "runtime/profile/symbols.h"
#include "runtime/profile/unwind.h"

namespace trueno::runtime {
namespace {

enum Section : std::uint16_t { kNone, kText, kEhFrame, kSymbols, kNames, kSectionNames, kSections };

template <class T>
std::string_view bytes_of(const std::vector<T>& items) {
  return {reinterpret_cast<const char*>(items.data()), items.size() * sizeof(T)};
}

/// Texts one after the other, each with its place.
class Strings {
 public:
  std::uint32_t add(std::string_view text) {
    const auto at = static_cast<std::uint32_t>(all_.size());
    all_.append(text).append(1, '\0');
    return at;
  }
  const std::string& all() const { return all_; }

 private:
  std::string all_{'\0'};
};

/// Entries reach to the next one, and their loops lie within.
std::vector<Elf64_Sym> symbol_table(std::string_view kernel, const jit::Code& code, std::uint64_t address,
                                    Strings& names) {
  std::vector<Elf64_Sym> table(1);
  std::size_t entry = 0;
  for (const Symbol& s : symbols_of(kernel, code)) {
    Elf64_Sym symbol{};
    symbol.st_name = names.add(s.name);
    symbol.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
    symbol.st_shndx = kText;
    symbol.st_value = address + s.offset;
    symbol.st_size = s.size;
    table.push_back(symbol);
    if (s.entry)
      entry = table.size() - 1;
    else if (entry != 0)
      table[entry].st_size += s.size;
  }
  return table;
}

class ObjectFile {
 public:
  ObjectFile() : bytes_(sizeof(Elf64_Ehdr), '\0'), sections_(kSections) {}

  Elf64_Shdr& section(Section which, const char* name, std::uint32_t type, std::uint64_t flags) {
    Elf64_Shdr& s = sections_[which];
    s.sh_name = section_names_.add(name);
    s.sh_type = type;
    s.sh_flags = flags;
    s.sh_addralign = 8;
    s.sh_offset = bytes_.size();
    return s;
  }
  void fill(Elf64_Shdr& s, std::string_view contents) {
    s.sh_size = contents.size();
    bytes_.append(contents);
    bytes_.resize((bytes_.size() + 7) / 8 * 8);
  }
  std::string finish() {
    Elf64_Shdr& s = section(kSectionNames, ".shstrtab", SHT_STRTAB, 0);
    fill(s, section_names_.all());
    Elf64_Ehdr head{};
    std::memcpy(head.e_ident, ELFMAG, SELFMAG);
    head.e_ident[EI_CLASS] = ELFCLASS64;
    head.e_ident[EI_DATA] = ELFDATA2LSB;
    head.e_ident[EI_VERSION] = EV_CURRENT;
    head.e_type = ET_EXEC;
    head.e_machine = EM_X86_64;
    head.e_version = EV_CURRENT;
    head.e_shoff = bytes_.size();
    head.e_ehsize = sizeof(Elf64_Ehdr);
    head.e_shentsize = sizeof(Elf64_Shdr);
    head.e_shnum = kSections;
    head.e_shstrndx = kSectionNames;
    std::memcpy(bytes_.data(), &head, sizeof head);
    return std::move(bytes_.append(bytes_of(sections_)));
  }

 private:
  std::string bytes_;
  std::vector<Elf64_Shdr> sections_;
  Strings section_names_;
};

}  // namespace

std::string object_file(std::string_view kernel, const jit::Code& code, std::uint64_t address) {
  ObjectFile file;
  Elf64_Shdr& text = file.section(kText, ".text", SHT_NOBITS, SHF_ALLOC | SHF_EXECINSTR);
  text.sh_addr = address;
  text.sh_size = code.pool_offset;
  text.sh_addralign = 64;
  file.fill(file.section(kEhFrame, ".eh_frame", SHT_PROGBITS, SHF_ALLOC), eh_frame(code, address));
  Strings names;
  const std::vector<Elf64_Sym> symbols = symbol_table(kernel, code, address, names);
  Elf64_Shdr& table = file.section(kSymbols, ".symtab", SHT_SYMTAB, 0);
  table.sh_link = kNames;
  table.sh_info = 1;  // the first that is not local
  table.sh_entsize = sizeof(Elf64_Sym);
  file.fill(table, bytes_of(symbols));
  file.fill(file.section(kNames, ".strtab", SHT_STRTAB, 0), names.all());
  return file.finish();
}

}  // namespace trueno::runtime
