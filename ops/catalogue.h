// Where definitions of ops are found: an index over .tir text whose blocks are parsed when first used, so that
// a program that only sums never parses exp; and a user's own definitions laid over it.
//
// The index is a scan of line starts: `op NAME(` and `reduce NAME(` open a block, `table NAME:` a table that any block
// of the catalogue may use. A header line alone tells the overloads.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ir/kernel.h"
#include "ir/parse.h"
#include "ops/embedded.h"

namespace trueno::ops {

/// Ops of this prefix are steps that other ops share: found like any other, but not listed, swept or documented.
inline constexpr std::string_view kPartPrefix = "part.";

/// A catalogue over .tir text.
/// Threads: safe; once a block has been parsed, finding it takes no lock.
class TextCatalogue : public ir::Catalogue {
 public:
  /// `files` must outlive the catalogue.
  explicit TextCatalogue(std::span<const EmbeddedText> files);
  ~TextCatalogue() override;

  const ir::Definition* find(std::string_view name, const std::vector<Type>& types) const override;
  std::vector<std::vector<Type>> overloads(std::string_view name) const override;
  /// In the order of files and text, each name once; parts left out.
  std::vector<std::string> names() const override;

  /// The text of every block of that name, as it stands in the file; empty if there is none.
  std::string source(std::string_view name) const;
  /// The file a name is first defined in; empty if there is none.
  std::string_view file_of(std::string_view name) const;
  /// Parses every block. Errors: invalid_text, with every mistake of every block; a block defined twice.
  Result<void> check() const;

 private:
  struct Block;
  struct Table;
  Result<ir::Module> parse(const Block& block) const;
  const std::vector<ir::Definition>* definitions(const Block& block) const;

  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<Table> tables_;
};

/// The ops that come with the library.
const TextCatalogue& built_in();

/// Definitions of a user over those of another catalogue. A user's overload hides the other's of the same types.
/// Threads: safe. `base` must outlive it.
class UserCatalogue : public ir::Catalogue {
 public:
  UserCatalogue(const ir::Catalogue& base, std::vector<ir::Definition> definitions)
      : base_(&base), definitions_(std::move(definitions)) {}

  const ir::Definition* find(std::string_view name, const std::vector<Type>& types) const override;
  std::vector<std::vector<Type>> overloads(std::string_view name) const override;
  std::vector<std::string> names() const override;

 private:
  const ir::Catalogue* base_;
  std::vector<ir::Definition> definitions_;
};

}  // namespace trueno::ops
