// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/factory.hpp"
#include "foretell/io/builtin_types.hpp"
#include "foretell/layers/activation.hpp"
#include "foretell/layers/batch_normalization.hpp"
#include "foretell/layers/dense.hpp"
#include "foretell/layers/dropout.hpp"
#include "foretell/layers/layer_normalization.hpp"
#include "foretell/layers/merge.hpp"
#include "foretell/layers/reshape.hpp"
#include "foretell/preprocessing/binarizer.hpp"
#include "foretell/preprocessing/calendar_encoder.hpp"
#include "foretell/preprocessing/column_transformer.hpp"
#include "foretell/preprocessing/count_encoder.hpp"
#include "foretell/preprocessing/function_transformer.hpp"
#include "foretell/preprocessing/hashing_encoder.hpp"
#include "foretell/preprocessing/kbins_discretizer.hpp"
#include "foretell/preprocessing/knn_imputer.hpp"
#include "foretell/preprocessing/max_abs_scaler.hpp"
#include "foretell/preprocessing/min_max_scaler.hpp"
#include "foretell/preprocessing/normalizer.hpp"
#include "foretell/preprocessing/one_hot_encoder.hpp"
#include "foretell/preprocessing/ordinal_encoder.hpp"
#include "foretell/preprocessing/passthrough.hpp"
#include "foretell/preprocessing/pca.hpp"
#include "foretell/preprocessing/pipeline.hpp"
#include "foretell/preprocessing/polynomial_features.hpp"
#include "foretell/preprocessing/power_transformer.hpp"
#include "foretell/preprocessing/quantile_transformer.hpp"
#include "foretell/preprocessing/rare_category_grouper.hpp"
#include "foretell/preprocessing/robust_scaler.hpp"
#include "foretell/preprocessing/select_k_best.hpp"
#include "foretell/preprocessing/simple_imputer.hpp"
#include "foretell/preprocessing/standard_scaler.hpp"
#include "foretell/preprocessing/target_encoder.hpp"
#include "foretell/preprocessing/variance_threshold.hpp"
#include "foretell/preprocessing/winsorizer.hpp"

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
