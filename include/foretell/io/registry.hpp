// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "foretell/core/factory.hpp"
#include "foretell/io/builtin_types.hpp"
#include "foretell/layers/catalog.hpp"
#include "foretell/preprocessing/catalog.hpp"

namespace foretell {

namespace detail {

/// The entry of a layer or a transformer; one for prediction is without what it needs to learn.
template <class T, class C, Purpose purpose>
constexpr TypeEntry type_entry() {
  constexpr bool transforms = requires(C & c, const Frame& x) { c.learn(x); };
  static_assert(LayerOf<C, T> || transforms, "foretell: a registry takes layers and transformers of its scalar type");
  if constexpr (transforms)
    return {&type_key<AnyTransformer>, C::type, transformer_ops<plain_of<C>, purpose>};
  else
    return {&type_key<Layer<T>>, C::type, layer_ops<C, T, purpose>};
}

template <class T, Purpose purpose>
std::span<const TypeEntry> builtin_types() {
#define FORETELL_ENTRY_OF_LAYER(name, ...) type_entry<T, name<T>, purpose>(),
#define FORETELL_ENTRY_OF_TRANSFORMER(name, ...) type_entry<T, name, purpose>(),
  static constexpr TypeEntry types[] = {FORETELL_LAYER_TYPES(FORETELL_ENTRY_OF_LAYER)
                                            FORETELL_TRANSFORMER_TYPES(FORETELL_ENTRY_OF_TRANSFORMER)};
#undef FORETELL_ENTRY_OF_LAYER
#undef FORETELL_ENTRY_OF_TRANSFORMER
  return types;
}

}  // namespace detail

/// The layers and transformers that a file may name: a value. Registry<float>::builtin() has ours, `add` more.
/// for_prediction() has ours without what they need to learn: a program that only predicts is a quarter smaller.
template <class T = float>
class Registry final : public Factory {
 public:
  Registry() = default;
  static Registry builtin() { return Registry(detail::builtin_types<T, Purpose::training>()); }
  static Registry for_prediction() { return Registry(detail::builtin_types<T, Purpose::prediction>()); }

  using Factory::add;
  /// Adds a type under its `type` name. Throws ConfigError when another type has that name.
  template <class C, class... More>
  void add() {
    Factory::add(detail::type_entry<T, C, Purpose::training>());
    if constexpr (sizeof...(More) > 0) add<More...>();
  }

 private:
  using Factory::Factory;
};

}  // namespace foretell
