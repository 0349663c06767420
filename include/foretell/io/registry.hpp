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
template <class T = float>
class Registry final : public Factory {
 public:
  static Registry builtin();

  /// Adds a type under its `type` name. Throws ConfigError when another type has that name.
  template <class C, class... More>
  void add() {
    constexpr bool transforms = requires(C & c, const Frame& x) { c.learn(x); };
    static_assert(detail::BuildsFor<C, T> || transforms,
                  "foretell: a registry takes layers and transformers of its scalar type");
    if constexpr (transforms)
      put<Transformer<T>, C>();
    else
      put<Layer<T>, C>();
    if constexpr (sizeof...(More) > 0) add<More...>();
  }

 private:
  struct Maker {
    const void* key;
    void (*make)(void* into);
  };
  using Place = std::pair<const void*, std::string>;

  template <class E, class C>
  void put() {
    const Maker maker{&detail::type_key<C>, [](void* into) { *static_cast<E*>(into) = E(C()); }};
    const auto [place, added] = makers_.emplace(Place(key_of<E>(), std::string(C::type)), maker);
    if (!added && place->second.key != maker.key)
      throw ConfigError(text("Registry: expected a new type name, received \"", C::type,
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
Registry<T> Registry<T>::builtin() {
  Registry registry;
#define FORETELL_ADD(name, ...) registry.add<name<T>>();
  FORETELL_LAYER_TYPES(FORETELL_ADD)
  FORETELL_TRANSFORMER_TYPES(FORETELL_ADD)
#undef FORETELL_ADD
  return registry;
}

}  // namespace foretell
