// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "foretell/core/fields.hpp"

// How any layer, loss, metric, optimizer, transformer or callback becomes a value of one type: a table of plain
// functions for each type, which begins with ValueOps, and an ErasedValue that owns one value and copies it. A table is
// data: what it does not name is not compiled.

namespace foretell {

/// What an erased component is for. One for prediction cannot learn, and a program does not carry the code for it.
enum class Purpose { training, prediction };

namespace detail {

/// How a value of one type is made, copied and destroyed.
struct ValueOps {
  const void* key = nullptr;  ///< names the type
  std::size_t size = 0, align = 0;
  void (*make)(void* place) = nullptr;                    ///< null: it has no default
  void (*copy)(void* place, const void* from) = nullptr;  ///< null: its bytes are copied
  void (*destroy)(void* value) = nullptr;                 ///< null: there is nothing to do
};

template <class V>
struct ValueFunctions {
  static void make(void* place) { ::new (place) V(); }
  static void copy(void* place, const void* from) { ::new (place) V(*static_cast<const V*>(from)); }
  static void destroy(void* value) { static_cast<V*>(value)->~V(); }
};

template <class V>
constexpr ValueOps value_ops() {
  ValueOps ops;
  ops.key = &type_key<V>;
  ops.size = sizeof(V);
  ops.align = alignof(V);
  if constexpr (std::is_default_constructible_v<V>) ops.make = ValueFunctions<V>::make;
  if constexpr (!std::is_trivially_copyable_v<V>) ops.copy = ValueFunctions<V>::copy;
  if constexpr (!std::is_trivially_destructible_v<V>) ops.destroy = ValueFunctions<V>::destroy;
  return ops;
}

/// Owns one value of a type that its table knows, or nothing; a copy is a deep copy.
class ErasedValue {
 public:
  ErasedValue() = default;
  ErasedValue(const ErasedValue& other) {
    if (other.ops_) *this = copied(*other.ops_, other.value_);
  }
  ErasedValue(ErasedValue&& other) noexcept { swap(other); }
  ErasedValue& operator=(ErasedValue other) noexcept {
    swap(other);
    return *this;
  }
  ~ErasedValue() {
    if (ops_ && ops_->destroy) ops_->destroy(value_);
    if (value_) ::operator delete(value_, std::align_val_t(align_));
  }
  /// The default of the table's type.
  static ErasedValue made(const ValueOps& ops) {
    ErasedValue result;
    result.allocate(ops);
    ops.make(result.value_);
    result.ops_ = &ops;
    return result;
  }
  /// A copy of the value at `from`, which is of the table's type.
  static ErasedValue copied(const ValueOps& ops, const void* from) {
    ErasedValue result;
    result.allocate(ops);
    if (ops.copy)
      ops.copy(result.value_, from);
    else
      std::memcpy(result.value_, from, ops.size);
    result.ops_ = &ops;
    return result;
  }
  /// `value` moved or copied; the table is that of its type.
  template <class V>
  static ErasedValue of(const ValueOps& ops, V&& value) {
    ErasedValue result;
    result.allocate(ops);
    ::new (result.value_) std::remove_cvref_t<V>(std::forward<V>(value));
    result.ops_ = &ops;
    return result;
  }

  explicit operator bool() const { return ops_ != nullptr; }
  void* get() { return value_; }
  const void* get() const { return value_; }
  const ValueOps* ops() const { return ops_; }
  /// The value inside when it is a V, else null.
  template <class V>
  const V* as() const {
    return ops_ && ops_->key == &type_key<V> ? static_cast<const V*>(value_) : nullptr;
  }

 private:
  void allocate(const ValueOps& ops) {
    value_ = ::operator new(ops.size, std::align_val_t(ops.align));
    align_ = ops.align;
  }
  void swap(ErasedValue& other) noexcept {
    std::swap(ops_, other.ops_);
    std::swap(value_, other.value_);
    std::swap(align_, other.align_);
  }

  const ValueOps* ops_ = nullptr;  ///< null until there is a value
  void* value_ = nullptr;
  std::size_t align_ = 0;
};

/// An ErasedValue whose table is an Ops, which derives from ValueOps.
template <class Ops>
class Erased : public ErasedValue {
 public:
  Erased() = default;
  explicit Erased(ErasedValue value) : ErasedValue(std::move(value)) {}
  /// The functions for the value inside; it must not be empty.
  const Ops* operator->() const { return static_cast<const Ops*>(ops()); }
};

}  // namespace detail

}  // namespace foretell
