// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/formats/event_file.hpp>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "support/folder.hpp"

using foretell::EventFile;
using foretell::support::Folder, foretell::support::read_file;

namespace {

/// The numbers of the packed field `field` of a message that is at the end of `bytes`.
std::vector<double> packed(const std::string& bytes, unsigned field, std::size_t& at) {
  REQUIRE(static_cast<unsigned char>(bytes[at]) == (field << 3 | 2));
  std::size_t size = 0;
  unsigned shift = 0;
  for (++at;; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes[at++]);
    size |= std::size_t(byte & 127) << shift;
    if (byte < 128) break;
  }
  std::vector<double> values(size / 8);
  std::memcpy(values.data(), bytes.data() + at, size);
  at += size;
  return values;
}

}  // namespace

TEST_CASE("EventFile: every finite number falls into a bucket of a histogram, the largest and the smallest, too") {
  const Folder folder;
  constexpr double most = std::numeric_limits<double>::max(), infinity = std::numeric_limits<double>::infinity();
  const std::vector<double> values{most, -most, most / 2, 0,        -0.0,      1e-320,      1,
                                   1,    1e20,  -1e300,   infinity, -infinity, std::nan("")};
  EventFile file(folder / "events", 1);
  file.histogram(1, 0, "w", std::span<const double>(values));
  file.flush();
  const std::string bytes = read_file(folder / "events");
  std::size_t at = bytes.rfind(std::string("\x29"));  // the sum of squares, field 5, 8 bytes before the limits
  for (; at != std::string::npos; at = bytes.rfind('\x29', at - 1)) {
    REQUIRE(at > 0);
    if (at + 9 < bytes.size() && static_cast<unsigned char>(bytes[at + 9]) == (6u << 3 | 2)) break;
  }
  REQUIRE(at != std::string::npos);
  at += 9;
  const std::vector<double> limits = packed(bytes, 6, at), counts = packed(bytes, 7, at);
  REQUIRE(limits.size() == counts.size());
  CHECK(limits.back() == most);
  double sum = 0;
  for (const double count : counts) sum += count;
  CHECK(sum == 10);
  CHECK(counts.back() == 3);  // most, most / 2 and 1e20
  for (std::size_t i = 1; i < limits.size(); ++i) CHECK(limits[i] > limits[i - 1]);
}

TEST_CASE("EventFile: a file that is there is left alone") {
  const Folder folder;
  { EventFile(folder / "events", 1).scalar(1, 0, "first", 1); }
  { EventFile(folder / "events", 1).scalar(1, 0, "second", 2); }
  const EventFile third(folder / "events", 1);
  CHECK(read_file(folder / "events").find("first") != std::string::npos);
  CHECK(read_file(folder / "events.1").find("second") != std::string::npos);
  CHECK(std::filesystem::exists(folder / "events.2"));
  CHECK_THROWS_AS(EventFile(folder / "none/events", 1), foretell::FormatError);
}
