// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <utility>

#include "foretell/core/fields.hpp"

// How any layer, loss, metric, optimizer, transformer or callback becomes a value of one type: an interface that
// derives from Erasable, a model of it for each type that derives from Held, and an Erased that owns one and copies it.

namespace foretell {

/// What an erased component is for. One for prediction cannot learn, and a program does not carry the code for it.
enum class Purpose { training, prediction };

namespace detail {

template <class Interface>
struct Erasable {
  virtual ~Erasable() = default;
  virtual std::unique_ptr<Interface> clone() const = 0;
  virtual const void* key() const = 0;  ///< names the type of the value inside
  virtual const void* get() const = 0;  ///< the value inside
};

/// Keeps a V behind the interface; Model is the class that derives from this.
template <class Interface, class Model, class V>
struct Held : Interface {
  Held() = default;
  explicit Held(V v) : value(std::move(v)) {}
  std::unique_ptr<Interface> clone() const final { return std::make_unique<Model>(value); }
  const void* key() const final { return &type_key<V>; }
  const void* get() const final { return &value; }

  V value;
};

/// Owns a model, or nothing; a copy is a deep copy.
template <class Interface>
class Erased {
 public:
  Erased() = default;
  template <class Model>
  Erased(std::unique_ptr<Model> model) : model_(std::move(model)) {}  // NOLINT(google-explicit-constructor)
  Erased(const Erased& other) : model_(other.model_ ? other.model_->clone() : nullptr) {}
  Erased(Erased&&) noexcept = default;
  Erased& operator=(Erased other) noexcept {
    model_ = std::move(other.model_);
    return *this;
  }
  ~Erased() = default;

  explicit operator bool() const { return model_ != nullptr; }
  Interface* operator->() const { return model_.get(); }
  Interface& operator*() const { return *model_; }

  /// The value inside when it is a V, else null.
  template <class V>
  const V* as() const {
    return model_ && model_->key() == &type_key<V> ? static_cast<const V*>(model_->get()) : nullptr;
  }

 private:
  std::unique_ptr<Interface> model_;
};

}  // namespace detail

}  // namespace foretell
