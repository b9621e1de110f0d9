// Straight-line code over elements as a list of compiled loops: the body of a pass, the step of a reducer.
//
// A Block is made once and shared; a Frame is one thread's memory to run it in. Values that a block computes live in
// buffers that are used again once nobody needs them, so that few of them are in the cache; what it only reads (leaves)
// lies wherever the caller says.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "aot/loops.h"
#include "ir/kernel.h"

namespace trueno::aot {

constexpr std::size_t bytes_in_row(Type t) { return static_cast<std::size_t>(bits_of(t)) / 8; }

class Block {
 public:
  /// Computes `nodes`, operands first; `results` among them or among the leaves stay readable to the end.
  /// Returns why there is none, or nothing.
  std::string build(const ir::Kernel& kernel, std::span<const ir::NodeId> nodes, std::span<const ir::NodeId> results,
                    const Level& level);
  bool computes_nothing() const { return steps_.empty(); }
  bool computes(ir::NodeId node) const { return row_of_[node] >= leaves_.size() + tables_.size(); }
  /// Of its buffers and the arrays it reads, about.
  std::size_t bytes_per_element() const { return (buffers_ + arrays_) * widest_; }
  /// What the caller binds.
  const std::vector<ir::NodeId>& leaves() const { return leaves_; }
  /// Of its only step: the primitive, if there is just one.
  const ir::Node* only_node() const { return steps_.size() == 1 ? only_ : nullptr; }

 private:
  friend class Frame;
  struct Step {
    Loop loop;
    std::uint32_t in[3], out;  // rows
  };
  struct Table {
    std::vector<std::uint8_t> entries;
    TableView view;
  };
  std::vector<Step> steps_;
  std::vector<ir::NodeId> leaves_;     // row i is that of leaves_[i]; then the tables; then the buffers
  std::vector<std::uint32_t> row_of_;  // per node
  std::vector<std::unique_ptr<Table>> tables_;
  std::uint32_t buffers_ = 0, arrays_ = 0;
  std::size_t widest_ = 0;  ///< bytes of an element
  const ir::Node* only_ = nullptr;
};

/// Memory for a row, a cache line at a time.
struct alignas(64) Line {
  std::uint8_t bytes[64];
};
using Row = std::vector<Line>;
/// Enough for `n` values of any type, and a line more: rows one after the other do not share their places in the cache.
constexpr std::size_t lines_for(std::size_t n) { return (n * 8 + sizeof(Line) - 1) / sizeof(Line) + 1; }

/// Threads: one thread's.
class Frame {
 public:
  /// For runs over at most `most` elements.
  Frame(const Block& block, std::size_t most);
  /// Where a leaf is read, or where a result is written that should not go to a buffer: nowhere near a leaf then.
  void bind(ir::NodeId node, const void* row) { rows_[block_->row_of_[node]] = {row, kChunk}; }
  /// A leaf of one value: kChunk of it.
  void bind_same(ir::NodeId leaf, const void* chunk) { rows_[block_->row_of_[leaf]] = {chunk, 0}; }
  const void* row(ir::NodeId node) const { return rows_[block_->row_of_[node]].row; }
  void run(std::size_t n) const;

 private:
  const Block* block_;
  std::vector<Operand> rows_;
  std::unique_ptr<Line[]> memory_;
};

}  // namespace trueno::aot
