// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace foretell::detail {

/// A message in the wire format of protocol buffers.
class ProtobufMessage {
 public:
  ProtobufMessage& varint(unsigned field, std::uint64_t value) {
    key(field, 0);
    number(value);
    return *this;
  }
  ProtobufMessage& fixed(unsigned field, double value) {
    key(field, 1);
    raw(&value, sizeof value);
    return *this;
  }
  ProtobufMessage& fixed(unsigned field, float value) {
    key(field, 5);
    raw(&value, sizeof value);
    return *this;
  }
  ProtobufMessage& bytes(unsigned field, std::string_view value) {
    key(field, 2);
    number(value.size());
    out_ += value;
    return *this;
  }
  ProtobufMessage& packed(unsigned field, const std::vector<double>& values) {
    key(field, 2);
    number(values.size() * sizeof(double));
    raw(values.data(), values.size() * sizeof(double));
    return *this;
  }
  const std::string& str() const { return out_; }

 private:
  void key(unsigned field, unsigned wire) { number(field << 3 | wire); }
  void number(std::uint64_t value) {
    for (; value > 127; value >>= 7) out_ += static_cast<char>(value | 128);
    out_ += static_cast<char>(value);
  }
  void raw(const void* from, std::size_t size) { out_.append(static_cast<const char*>(from), size); }

  std::string out_;
};

}  // namespace foretell::detail
