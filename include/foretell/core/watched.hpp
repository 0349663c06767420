// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <utility>

// For what is made for a value that lives elsewhere: whether it is still there, and as it was.

namespace foretell {

/// Base of a value that others follow: who holds its place() finds it after a move, and null when it has ended. A copy
/// is another value; what is assigned stays in its place.
class Followed {
 public:
  Followed() = default;
  Followed(const Followed&) {}
  Followed(Followed&& other) noexcept : place_(std::move(other.place_)) {
    if (place_) *place_ = this;
  }
  Followed& operator=(const Followed&) { return *this; }
  ~Followed() {
    if (place_) *place_ = nullptr;
  }

 protected:
  const std::shared_ptr<Followed*>& place() {
    if (!place_) place_ = std::make_shared<Followed*>(this);
    return place_;
  }

 private:
  std::shared_ptr<Followed*> place_;
};

/// Whether a value is as it was: copies of a stamp are equal until one is renewed.
class Stamp {
 public:
  void renew() { id_ = std::make_shared<const char>(); }
  friend bool operator==(const Stamp&, const Stamp&) = default;

 private:
  std::shared_ptr<const char> id_;
};

}  // namespace foretell
