// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/file.hpp"
#include "foretell/formats/checksum.hpp"
#include "foretell/formats/protobuf.hpp"

namespace foretell {

namespace detail {

/// CRC-32C (Castagnoli), turned and offset as TFRecord frames have it.
inline std::uint32_t masked_crc32c(std::string_view bytes) {
  const std::uint32_t crc = crc32<0x82f63b78>(bytes);
  return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

}  // namespace detail

/// An event file as TensorBoard reads it: TFRecord frames around Event messages (tensorflow/core/util/event.proto).
/// Throws FormatError when it cannot be written.
class EventFile {
 public:
  /// A new file; `seconds`: since 1970, of the first record. What stands under that name is not touched: the file then
  /// is `path`.1, or the first number that is free, whoever else looks for one at the same time.
  EventFile(const std::string& path, double seconds)
      : file_(detail::open_new(path_, [&](std::size_t n) { return n == 0 ? path : text(path, ".", n); })) {
    if (!file_) fail();
    detail::ProtobufMessage event;
    record(event.fixed(1, seconds).bytes(3, "brain.Event:2").str());
  }

  void scalar(double seconds, std::int64_t step, std::string_view tag, double value) {
    detail::ProtobufMessage entry;
    write(seconds, step, entry.bytes(1, tag).fixed(2, static_cast<float>(value)).str());
  }
  /// How often the finite ones of `values` fall between limits that grow by a tenth, as those of
  /// tf.compat.v1.summary.histogram, which refuses the others; the last bucket has its limit, the largest double, too.
  template <class T>
  void histogram(double seconds, std::int64_t step, std::string_view tag, std::span<const T> values) {
    const std::vector<double> limits = bucket_limits();
    std::vector<double> counts(limits.size());
    double least = std::numeric_limits<double>::max(), greatest = -least, sum = 0, squares = 0, number = 0;
    for (const T v : values) {
      const auto value = static_cast<double>(v);
      if (!std::isfinite(value)) continue;
      counts[static_cast<std::size_t>(std::upper_bound(limits.begin(), limits.end() - 1, value) - limits.begin())] += 1;
      least = std::min(least, value);
      greatest = std::max(greatest, value);
      sum += value;
      squares += value * value;
      number += 1;
    }
    std::vector<double> used_limits, used_counts;  // runs of empty buckets become one
    for (std::size_t i = 0; i < limits.size(); ++i) {
      if (counts[i] == 0 && i + 1 < limits.size() && counts[i + 1] == 0) continue;
      used_limits.push_back(limits[i]);
      used_counts.push_back(counts[i]);
    }
    if (number == 0) least = greatest = 0;
    detail::ProtobufMessage histogram, entry;
    histogram.fixed(1, least).fixed(2, greatest).fixed(3, number).fixed(4, sum).fixed(5, squares);
    histogram.packed(6, used_limits).packed(7, used_counts);
    write(seconds, step, entry.bytes(1, tag).bytes(5, histogram.str()).str());
  }
  void flush() {
    if (std::fflush(file_.get()) != 0) fail();
  }

 private:
  static std::vector<double> bucket_limits() {
    std::vector<double> positive;
    for (double v = 1e-12; v < 1e20; v *= 1.1) positive.push_back(v);
    positive.push_back(std::numeric_limits<double>::max());
    std::vector<double> limits;
    for (std::size_t i = positive.size(); i-- > 0;) limits.push_back(-positive[i]);
    limits.push_back(0);
    limits.insert(limits.end(), positive.begin(), positive.end());
    return limits;
  }
  void write(double seconds, std::int64_t step, std::string_view entry) {
    detail::ProtobufMessage summary, event;
    event.fixed(1, seconds).varint(2, static_cast<std::uint64_t>(step)).bytes(5, summary.bytes(1, entry).str());
    record(event.str());
  }
  void record(const std::string& data) {
    const std::uint64_t size = data.size();
    std::string frame(reinterpret_cast<const char*>(&size), sizeof size);
    const auto check = [&](std::string_view of) {
      const std::uint32_t crc = detail::masked_crc32c(of);
      frame.append(reinterpret_cast<const char*>(&crc), sizeof crc);
    };
    check(std::string(frame));
    frame += data;
    check(data);
    if (std::fwrite(frame.data(), 1, frame.size(), file_.get()) != frame.size()) fail();
  }
  [[noreturn]] void fail() const {
    throw FormatError(text("\"", path_, "\": expected an event file that can be written, received \"",
                           std::strerror(errno), "\"; is the folder there and writable?"));
  }

  std::string path_;
  detail::File file_;
};

}  // namespace foretell
