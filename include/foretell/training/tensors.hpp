// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/array.hpp"

namespace foretell {

/// A named array that owns its numbers.
template <class T>
struct NamedArray {
  std::string name;
  std::vector<T> values;
  std::vector<std::size_t> sizes;
  Array<T> view() const { return Array<T>(values.data(), sizes); }
};

template <class T, ArrayLike X>
NamedArray<T> named_copy(std::string name, const X& x) {
  const Array<T> array = as_array<T>(x);
  return {std::move(name), std::vector<T>(array.begin(), array.end()), array.sizes()};
}

/// Tensors by name: the inputs, targets or answers of a model that has several.
template <class T>
class Tensors {
 public:
  using Entry = std::pair<std::string, Tensor<T>>;

  Tensors() = default;
  Tensors(std::initializer_list<Entry> entries) : entries_(entries) {}

  void set(std::string name, Tensor<T> tensor) { entries_.emplace_back(std::move(name), std::move(tensor)); }
  const std::vector<Entry>& entries() const { return entries_; }
  const Tensor<T>& operator[](std::string_view name) const {
    for (const Entry& entry : entries_)
      if (entry.first == name) return entry.second;
    std::vector<std::string> names;
    for (const Entry& entry : entries_) names.push_back(entry.first);
    throw ConfigError(text("Tensors: expected one of ", quoted_list(names), ", received \"", name, "\""));
  }

 private:
  std::vector<Entry> entries_;
};

template <class T>
std::vector<NamedArray<T>> named_copies(const Tensors<T>& tensors) {
  std::vector<NamedArray<T>> result;
  for (const auto& [name, tensor] : tensors.entries()) result.push_back(named_copy<T>(name, tensor));
  return result;
}

}  // namespace foretell
