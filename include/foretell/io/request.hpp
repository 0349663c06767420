// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/rows.hpp"
#include "foretell/preprocessing/schema.hpp"

namespace foretell {

/// An input of the network that a request gives as it is.
struct RequestArray {
  std::string name;
  InputKind kind = InputKind::numbers;
  Shape shape{};
};

/// What a request to a model has: columns, which preprocessing reads, and arrays.
struct RequestFields {
  Schema columns;
  std::vector<RequestArray> arrays{};
  std::uint64_t fingerprint = 0;  ///< shared by models whose requests have the same fields

  RequestFields() = default;
  explicit RequestFields(Schema schema, std::vector<RequestArray> inputs = {})
      : columns(std::move(schema)), arrays(std::move(inputs)), fingerprint(columns.fingerprint()) {
    for (const RequestArray& array : arrays) {
      fingerprint = std::rotl(fingerprint, 29) ^ detail::hash_text(array.name) ^ static_cast<std::uint64_t>(array.kind);
      for (const std::size_t axis : array.shape) fingerprint = std::rotl(fingerprint, 7) ^ axis;
    }
  }

  /// Of columns and arrays.
  std::vector<std::string> names() const {
    std::vector<std::string> all = columns.names();
    for (const RequestArray& array : arrays) all.push_back(array.name);
    return all;
  }
};

}  // namespace foretell
