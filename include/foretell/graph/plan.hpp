// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "foretell/core/arena.hpp"
#include "foretell/graph/program.hpp"

namespace foretell {

/// Offsets into one flat array for everything a program needs for up to `rows` rows, in elements. Two tensors share
/// memory when their lives do not overlap: an inference frees after the last reader, a training step keeps what its
/// backward pass reads.
struct Plan {
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

  std::size_t rows = 0, size = 0;
  std::vector<std::size_t> value, gradient;  ///< of each node
  std::vector<std::vector<std::size_t>> stash, scratch;
  std::size_t contribution =
      nowhere;  ///< further gradients of a node with several readers, before they are added: one place
  std::size_t contribution_size = 0;  ///< of this size for each input of a layer

  Plan(const Program& program, std::size_t rows_) : rows(rows_) {
    const std::size_t n = program.steps.size(), last = 2 * n;
    const auto aligned = [&](std::size_t elements) { return aligned_size(elements, program.scalar_bytes); };
    const auto backward = [&](std::size_t i) { return last - 1 - i; };
    const bool training = program.mode != PassMode::inference;
    std::vector<std::size_t> root(n), end(n), birth(n, last);
    for (std::size_t i = 0; i < n; ++i) {
      root[i] = program.steps[i].view ? root[program.steps[i].inputs[0]] : i;
      end[i] = training ? backward(i) : i;
    }
    for (std::size_t i = 0; i < n; ++i) {
      end[root[i]] = std::max(end[root[i]], end[i]);
      for (const std::size_t input : program.steps[i].inputs) {
        end[root[input]] = std::max(end[root[input]], i);
        if (program.steps[i].runs_backward) birth[input] = std::min(birth[input], backward(i));
      }
    }
    for (const std::size_t output : program.outputs) {
      end[root[output]] = last;
      birth[output] = n;
    }
    value.assign(n, nowhere);
    gradient.assign(n, nowhere);
    stash.resize(n);
    scratch.resize(n);
    std::size_t largest = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const auto& step = program.steps[i];
      if (!step.layer) continue;
      if (root[i] == i) value[i] = place(aligned(program.shapes[i].size() * rows), i, end[i]);
      for (const Extent& extent : step.stash)
        stash[i].push_back(place(aligned(extent.size(rows)), i, training ? backward(i) : i));
      for (const Extent& extent : step.scratch)
        scratch[i].push_back(place(aligned(extent.size(rows)), i, training ? backward(i) : i));
      largest = std::max(largest, aligned(program.shapes[i].size() * rows));
    }
    for (std::size_t i = 0; i < n; ++i)
      if (root[i] != i) value[i] = value[root[i]];
    if (!training) return;
    std::size_t places = 0;
    for (const auto& step : program.steps) {
      for (std::size_t k = 0; k < step.wants_gradient.size(); ++k)
        if (step.wants_gradient[k] && !step.first_gradient[k]) places = std::max(places, step.inputs.size());
    }
    contribution_size = largest;
    contribution = place(places * largest, 0, last);
    for (std::size_t i = n; i-- > 0;)
      if (program.steps[i].gradient_view)
        birth[program.steps[i].inputs[0]] = std::min(birth[program.steps[i].inputs[0]], birth[i]);
    for (std::size_t i = 0; i < n; ++i) {  // a view hands its reader's gradient on: the earlier node's life covers both
      const bool kept =
          std::find(program.gradients_at.begin(), program.gradients_at.end(), i) != program.gradients_at.end();
      if (!program.steps[i].runs_backward && !kept) continue;
      if (program.steps[i].gradient_view)
        gradient[i] = gradient[program.steps[i].inputs[0]];
      else  // what is kept has room of its own: the rest may come and go
        gradient[i] = place(aligned(program.shapes[i].size() * rows), kept ? 0 : birth[i], kept ? last : backward(i));
    }
  }

 private:
  struct Block {
    std::size_t offset, size, from, to;
  };

  /// The first gap that is free from time `from` to time `to`.
  std::size_t place(std::size_t length, std::size_t from, std::size_t to) {
    std::size_t offset = 0;
    for (const Block& block : blocks_) {
      if (block.to < from || block.from > to) continue;
      if (block.offset >= offset + length) break;
      offset = std::max(offset, block.offset + block.size);
    }
    insert({offset, length, from, to});
    size = std::max(size, offset + length);
    return offset;
  }
  void insert(Block block) {
    blocks_.insert(std::upper_bound(blocks_.begin(), blocks_.end(), block,
                                    [](const Block& a, const Block& b) { return a.offset < b.offset; }),
                   block);
  }

  std::vector<Block> blocks_;
};

}  // namespace foretell
