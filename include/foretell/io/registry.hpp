// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/factory.hpp"
#include "foretell/io/builtin_types.hpp"
#include "foretell/layers/catalog.hpp"
#include "foretell/preprocessing/catalog.hpp"

namespace foretell {

/// The layers and transformers that a file may name: a value. Registry<float>::builtin() has ours, `add` more.
/// for_prediction() has ours without what they need to learn: a program that only predicts is a quarter smaller.
template <class T = float>
class Registry final : public Factory {
 public:
  static Registry builtin();
  static Registry for_prediction();

  /// Adds a type under its `type` name. Throws ConfigError when another type has that name.
  template <class C, class... More>
  void add() {
    add_for<Purpose::training, C>();
    if constexpr (sizeof...(More) > 0) add<More...>();
  }

 private:
  struct Maker {
    const void* key;
    void (*make)(void* into);
  };
  using Place = std::pair<const void*, std::string>;

  template <Purpose purpose>
  static Registry all();
  template <Purpose purpose, class C>
  void add_for() {
    constexpr bool transforms = requires(C & c, const Frame& x) { c.learn(x); };
    static_assert(detail::BuildsFor<C, T> || transforms,
                  "foretell: a registry takes layers and transformers of its scalar type");
    if constexpr (transforms)
      put<purpose, Transformer<T>, C>();
    else
      put<purpose, Layer<T>, C>();
  }
  template <Purpose purpose, class E, class C>
  void put() {
    enter(key_of<E>(), C::type,
          {&detail::type_key<C>, [](void* into) { *static_cast<E*>(into) = E::template made_for<purpose, C>(); }});
  }
  void enter(const void* kind, std::string_view type, const Maker& maker) {
    const auto [place, added] = makers_.emplace(Place(kind, std::string(type)), maker);
    if (!added && place->second.key != maker.key)
      throw ConfigError(text("Registry: expected a new type name, received \"", type,
                             "\" for a second type; name yours \"package.Name\""));
  }
  bool make_erased(const void* key, std::string_view type, void* into) const override {
    const auto found = makers_.find(Place(key, std::string(type)));
    if (found == makers_.end()) return false;
    found->second.make(into);
    return true;
  }
  std::vector<std::string> types_of(const void* key) const override {
    std::vector<std::string> names;
    for (const auto& [place, maker] : makers_)
      if (place.first == key) names.push_back(place.second);
    return names;
  }

  std::map<Place, Maker> makers_;
};

template <class T>
template <Purpose purpose>
Registry<T> Registry<T>::all() {
  Registry registry;
#define FORETELL_ADD(name, ...) registry.template add_for<purpose, name<T>>();
  FORETELL_LAYER_TYPES(FORETELL_ADD)
  FORETELL_TRANSFORMER_TYPES(FORETELL_ADD)
#undef FORETELL_ADD
  return registry;
}
template <class T>
Registry<T> Registry<T>::builtin() {
  return all<Purpose::training>();
}
template <class T>
Registry<T> Registry<T>::for_prediction() {
  return all<Purpose::prediction>();
}

}  // namespace foretell
