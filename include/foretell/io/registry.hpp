// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "foretell/core/factory.hpp"
#include "foretell/io/builtin_types.hpp"
#include "foretell/layers/catalog.hpp"
#include "foretell/preprocessing/catalog.hpp"

namespace foretell {

namespace detail {

/// A layer or a transformer whose table is not made before it is asked for.
struct LazyType {
  const void* erasure;
  const ValueOps& (*ops)();
};

/// One for prediction is without what it needs to learn.
template <class T, class C, Purpose purpose>
constexpr LazyType lazy_type() {
  constexpr bool transforms = requires(C & c, const Frame& x) { c.learn(x); };
  static_assert(LayerOf<C, T> || transforms, "foretell: a registry takes layers and transformers of its scalar type");
  if constexpr (transforms)
    return {&type_key<AnyTransformer>, transformer_ops<plain_of<C>, purpose>};
  else
    return {&type_key<Layer<T>>, layer_ops<C, T, purpose>};
}

/// Sets of types, each without what the one before has.
enum class TypeSet { tabular, texts, sequences, builtin };

#define FORETELL_LAYER_ENTRY(name, ...) lazy_type<T, name<T>, purpose>(),
#define FORETELL_TRANSFORMER_ENTRY(name, ...) lazy_type<T, name, purpose>(),
template <class T, Purpose purpose, TypeSet set>
std::span<const LazyType> types_of_set() {
  if constexpr (set == TypeSet::tabular) {
    static constexpr LazyType types[] = {FORETELL_TABULAR_LAYERS(FORETELL_LAYER_ENTRY)
                                             FORETELL_TABULAR_TRANSFORMERS(FORETELL_TRANSFORMER_ENTRY)};
    return types;
  } else if constexpr (set == TypeSet::texts) {
    static constexpr LazyType types[] = {FORETELL_TEXT_LAYERS(FORETELL_LAYER_ENTRY)
                                             FORETELL_TEXT_TRANSFORMERS(FORETELL_TRANSFORMER_ENTRY)};
    return types;
  } else if constexpr (set == TypeSet::sequences) {
    static constexpr LazyType types[] = {FORETELL_SEQUENCE_LAYERS(FORETELL_LAYER_ENTRY)};
    return types;
  } else {
    static constexpr LazyType types[] = {FORETELL_OTHER_LAYERS(FORETELL_LAYER_ENTRY)
                                             FORETELL_OTHER_TRANSFORMERS(FORETELL_TRANSFORMER_ENTRY)};
    return types;
  }
}
#undef FORETELL_LAYER_ENTRY
#undef FORETELL_TRANSFORMER_ENTRY

/// Where a type that a registry lacks is to be had.
inline std::string advice_on_type(std::string_view type) {
#define FORETELL_LAYER_NAME(name, ...) #name,
#define FORETELL_TRANSFORMER_NAME(name, ...) name::type,
  static constexpr std::string_view tabular[] = {FORETELL_TABULAR_LAYERS(FORETELL_LAYER_NAME)
                                                     FORETELL_TABULAR_TRANSFORMERS(FORETELL_TRANSFORMER_NAME)},
                                    texts[] = {FORETELL_TEXT_LAYERS(FORETELL_LAYER_NAME)
                                                   FORETELL_TEXT_TRANSFORMERS(FORETELL_TRANSFORMER_NAME)},
                                    sequences[] = {FORETELL_SEQUENCE_LAYERS(FORETELL_LAYER_NAME)},
                                    others[] = {FORETELL_OTHER_LAYERS(FORETELL_LAYER_NAME)
                                                    FORETELL_OTHER_TRANSFORMERS(FORETELL_TRANSFORMER_NAME)};
#undef FORETELL_LAYER_NAME
#undef FORETELL_TRANSFORMER_NAME
  const std::pair<std::string_view, std::span<const std::string_view>> sets[] = {
      {"tabular", tabular}, {"texts", texts}, {"sequences", sequences}, {"builtin", others}};
  for (const auto& [set, names] : sets)
    for (const std::string_view name : names)
      if (name == type)
        return text("give load Registry<T>::", set, "(), which has it, or add it to yours, registry.add<", name,
                    "<T>>()");
  return "add it to a registry, registry.add<...>(), and give that to load";
}

}  // namespace detail

/// The layers and transformers that a file may name: a value. A program compiles the types of the registries that it
/// names and no others; load without a registry takes all.
///
/// Sets of ours, each with all of the one before: tabular(), texts(), sequences(), and all. As they stand they cannot
/// learn, which load does not need; with <Purpose::training> what is loaded can be trained and fitted again, as
/// Model::load does. types_of gives the types of what a program has made; `add` takes more.
template <class T = float>
class Registry final : public Factory {
 public:
  Registry() : Factory(detail::advice_on_type) {}

  template <Purpose purpose = Purpose::prediction>
  static Registry tabular() {
    return Registry().template with<purpose, detail::TypeSet::tabular>();
  }
  template <Purpose purpose = Purpose::prediction>
  static Registry texts() {
    return tabular<purpose>().template with<purpose, detail::TypeSet::texts>();
  }
  template <Purpose purpose = Purpose::prediction>
  static Registry sequences() {
    return texts<purpose>().template with<purpose, detail::TypeSet::sequences>();
  }
  /// All of ours, to learn with.
  static Registry builtin();
  /// All of ours without what they need to learn: a program that only predicts is a quarter smaller.
  static Registry for_prediction();

  using Factory::add;
  /// Adds a type under its `type` name. Throws ConfigError when another type has that name.
  template <class C, class... More>
  void add() {
    put(detail::lazy_type<T, C, Purpose::training>());
    if constexpr (sizeof...(More) > 0) add<More...>();
  }

 private:
  template <Purpose purpose, detail::TypeSet set>
  Registry with() && {
    for (const detail::LazyType& type : detail::types_of_set<T, purpose, set>()) put(type);
    return std::move(*this);
  }
  void put(const detail::LazyType& type) { Factory::add(TypeEntry{type.erasure, &type.ops()}); }
};

// Not inline, so that a program that links foretell::compiled does not compile them.

template <class T>
Registry<T> Registry<T>::builtin() {
  return sequences<Purpose::training>().template with<Purpose::training, detail::TypeSet::builtin>();
}
template <class T>
Registry<T> Registry<T>::for_prediction() {
  return sequences<Purpose::prediction>().template with<Purpose::prediction, detail::TypeSet::builtin>();
}

}  // namespace foretell
