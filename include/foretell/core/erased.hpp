// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <cstddef>
#include <cstring>
#include <new>
#include <string_view>
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

/// How a value of one type is made, copied, destroyed, shown and checked; null where there is nothing to do.
struct ValueOps {
  const void* key = nullptr;  ///< names the type
  std::string_view name;      ///< the type's `type` or `name`, where it is a constant
  std::size_t size = 0, align = 0;
  void (*make)(void* place) = nullptr;                    ///< null: it has no default
  void (*copy)(void* place, const void* from) = nullptr;  ///< null: its bytes are copied
  void (*destroy)(void* value) = nullptr;
  void (*visit)(void* value, FieldVisitor&) = nullptr;  ///< its fields
  void (*check)(const void* value) = nullptr;           ///< throws ConfigError for options that make no sense
};

template <class V>
struct ValueFunctions {
  static void make(void* place) { ::new (place) V(); }
  static void copy(void* place, const void* from) { ::new (place) V(*static_cast<const V*>(from)); }
  static void destroy(void* value) { static_cast<V*>(value)->~V(); }
  static void visit(void* value, FieldVisitor& visitor) { visit_fields(visitor, *static_cast<V*>(value)); }
  static void check(const void* value) { static_cast<const V*>(value)->check(); }
};

/// A table that begins as that of a V; Ops derives from ValueOps.
template <class Ops, class V>
constexpr Ops begin_ops() {
  Ops ops;
  ops.key = &type_key<V>;
  if constexpr (requires {
                  { V::type } -> std::convertible_to<std::string_view>;
                })
    ops.name = V::type;
  else if constexpr (requires {
                       { V::name } -> std::convertible_to<std::string_view>;
                     })
    ops.name = V::name;
  ops.size = sizeof(V);
  ops.align = alignof(V);
  if constexpr (std::is_default_constructible_v<V>) ops.make = ValueFunctions<V>::make;
  if constexpr (!std::is_trivially_copyable_v<V>) ops.copy = ValueFunctions<V>::copy;
  if constexpr (!std::is_trivially_destructible_v<V>) ops.destroy = ValueFunctions<V>::destroy;
  if constexpr (HasFields<V>) ops.visit = ValueFunctions<V>::visit;
  if constexpr (requires(const V& value) { value.check(); }) ops.check = ValueFunctions<V>::check;
  return ops;
}

/// Owns one value of a type that its table knows, or nothing; a copy is a deep copy.
class ErasedValue {
 public:
  ErasedValue() = default;
  ErasedValue(const ErasedValue& other) {
    if (other) *this = copied(*other.ops_, other.value_);
  }
  ErasedValue(ErasedValue&& other) noexcept { swap(other); }
  ErasedValue& operator=(ErasedValue other) noexcept {
    swap(other);
    return *this;
  }
  ~ErasedValue() {
    if (!value_) return;
    if (ops_->destroy) ops_->destroy(value_);
    free(value_, *ops_);
  }
  /// The default of the table's type.
  static ErasedValue made(const ValueOps& ops) {
    Room room(ops);
    ops.make(room.place);
    return room.filled();
  }
  /// A copy of the value at `from`, which is of the table's type.
  static ErasedValue copied(const ValueOps& ops, const void* from) {
    Room room(ops);
    if (ops.copy)
      ops.copy(room.place, from);
    else
      std::memcpy(room.place, from, ops.size);
    return room.filled();
  }
  /// `value` moved or copied; the table is that of its type.
  template <class V>
  static ErasedValue of(const ValueOps& ops, V&& value) {
    Room room(ops);
    ::new (room.place) std::remove_cvref_t<V>(std::forward<V>(value));
    return room.filled();
  }

  explicit operator bool() const { return value_ != nullptr; }
  void* get() { return value_; }
  const void* get() const { return value_; }
  const ValueOps* ops() const { return ops_; }
  /// Shows the value's fields, and checks it.
  void visit(FieldVisitor& visitor) {
    if (ops_->visit) ops_->visit(value_, visitor);
  }
  void check() const {
    if (ops_->check) ops_->check(value_);
  }
  /// The value inside when it is a V, else null.
  template <class V>
  const V* as() const {
    return value_ && ops_->key == &type_key<V> ? static_cast<const V*>(value_) : nullptr;
  }

 private:
  /// Memory for a value that is being made.
  struct Room {
    explicit Room(const ValueOps& of) : ops(of), place(::operator new(of.size, std::align_val_t(of.align))) {}
    Room(const Room&) = delete;
    Room& operator=(const Room&) = delete;
    ~Room() {
      if (place) free(place, ops);
    }
    ErasedValue filled() {
      ErasedValue value;
      value.ops_ = &ops;
      value.value_ = std::exchange(place, nullptr);
      return value;
    }
    const ValueOps& ops;
    void* place;
  };
  static void free(void* place, const ValueOps& ops) { ::operator delete(place, std::align_val_t(ops.align)); }
  void swap(ErasedValue& other) noexcept {
    std::swap(ops_, other.ops_);
    std::swap(value_, other.value_);
  }

  const ValueOps* ops_ = nullptr;
  void* value_ = nullptr;
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
