// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/core/input_array.hpp"
#include "foretell/core/sparse_matrix.hpp"

namespace foretell {

/// What one input or target of a model is given.
template <class T>
struct NamedInput {
  std::string name;
  InputArray<T> array;
};

/// Tensors by name: the inputs, targets or answers of a model that has several. Inputs may be whole numbers, which
/// layers of ids read as they are, and SparseMatrices too.
template <class T>
class Tensors {
 public:
  using Id = std::conditional_t<std::is_void_v<T>, T, std::int64_t>;  ///< by way of T: tensors are made later on
  using Value = std::variant<Tensor<T>, Tensor<Id>, SparseMatrix<T>>;
  struct Entry {
    std::string name;
    Value value;

    template <InputLike X>
    Entry(std::string of, const X& x) : name(std::move(of)), value(value_of(x)) {}
    Entry(std::string of, Value x) : name(std::move(of)), value(std::move(x)) {}
  };

  Tensors() = default;
  Tensors(std::initializer_list<Entry> entries) : entries_(entries) {}

  void set(std::string name, Tensor<T> tensor) { entries_.emplace_back(std::move(name), Value(std::move(tensor))); }
  template <InputLike X>
  void set(std::string name, const X& x) {
    entries_.emplace_back(std::move(name), x);
  }
  const std::vector<Entry>& entries() const { return entries_; }
  /// Throws ConfigError for a name that is not there, and for what is no tensor of T.
  const Tensor<T>& operator[](std::string_view name) const {
    std::vector<std::string> names;
    for (const Entry& entry : entries_) {
      if (entry.name == name) {
        if (const auto* tensor = std::get_if<Tensor<T>>(&entry.value)) return *tensor;
        throw ConfigError(text("Tensors: expected \"", name, "\" to hold numbers, it holds ",
                               entry.value.index() == 1 ? "ids" : "a SparseMatrix", "; look into entries()"));
      }
      names.push_back(entry.name);
    }
    throw ConfigError(text("Tensors: expected one of ", quoted_list(names), ", received \"", name, "\""));
  }

 private:
  template <class X>
  static Value value_of(const X& x) {
    if constexpr (std::same_as<X, Tensor<T>> || detail::is_sparse_matrix<X>) {
      return x;
    } else {
      using N = std::conditional_t<detail::holds_whole_numbers<X>, std::int64_t, T>;
      const Array<N> array = as_array<N>(x);
      return make_tensor<N>(array.sizes(), array.data());
    }
  }

  std::vector<Entry> entries_;
};

/// Borrowed.
template <class T>
std::vector<NamedInput<T>> named_inputs(const Tensors<T>& tensors) {
  std::vector<NamedInput<T>> result;
  for (const auto& entry : tensors.entries())
    result.push_back({entry.name, std::visit([](const auto& x) { return InputArray<T>::of(x); }, entry.value)});
  return result;
}
/// The only input or target of a model, borrowed.
template <class T, InputLike X>
std::vector<NamedInput<T>> named_inputs(const X& x) {
  return {{"", InputArray<T>::of(x)}};
}

/// The arrays in the order of `wanted`; an unnamed one stands for the only one. Throws ShapeError for another number of
/// them, ConfigError for other names; `what` are "inputs" or "targets".
template <class T>
std::vector<InputArray<T>> in_order(const std::vector<NamedInput<T>>& arrays, const std::vector<std::string>& wanted,
                                    std::string_view who, std::string_view what) {
  if (arrays.size() != wanted.size())
    throw ShapeError(
        text(who, ": expected ", wanted.size(), " ", what, " ", quoted_list(wanted), ", received ", arrays.size()));
  if (arrays.size() == 1 && arrays[0].name.empty()) return {arrays[0].array};
  std::vector<InputArray<T>> result;
  std::vector<std::string> given;
  for (const auto& array : arrays) given.push_back(array.name);
  for (const auto& name : wanted) {
    const auto found = std::find(given.begin(), given.end(), name);
    if (found == given.end())
      throw ConfigError(text(who, ": expected ", what, " ", quoted_list(wanted), ", received ", quoted_list(given)));
    result.push_back(arrays[static_cast<std::size_t>(found - given.begin())].array);
  }
  return result;
}

}  // namespace foretell
