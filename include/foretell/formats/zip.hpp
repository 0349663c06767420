// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/formats/byte_source.hpp"
#include "foretell/formats/checksum.hpp"

// As much of ZIP archives (PKWARE's APPNOTE) as arrays need: members stored or deflated, below 4 GiB each.

namespace foretell::detail {

/// Of CRC-32 as ISO 3309 has it.
inline constexpr std::uint32_t zip_polynomial = 0xedb88320;

struct ZipEntry {
  std::string_view name;
  std::uint32_t method = 0, crc = 0;
  std::size_t packed = 0, size = 0, offset = 0;
};

/// `width` bytes at a place, the lowest first; throws FormatError beyond the end.
inline std::size_t zip_number(std::string_view all, std::size_t at, std::size_t width, const std::string& who) {
  if (at > all.size() || all.size() - at < width)
    throw FormatError(text(who, ": expected a whole ZIP archive, received one that is cut off"));
  std::size_t value = 0;
  for (std::size_t i = 0; i < width; ++i) value |= std::size_t{static_cast<unsigned char>(all[at + i])} << 8 * i;
  return value;
}

/// The members by the directory at the end of the archive.
inline std::vector<ZipEntry> zip_entries(std::string_view all, const std::string& who) {
  const std::size_t end = all.rfind("PK\x05\x06");
  if (all.substr(0, 2) != "PK" || end == std::string_view::npos)
    throw FormatError(text(who, ": expected a ZIP archive (.npz), received something else or one that is cut off"));
  const std::size_t count = zip_number(all, end + 10, 2, who);
  std::size_t at = zip_number(all, end + 16, 4, who);
  std::vector<ZipEntry> entries;
  for (std::size_t i = 0; i < count; ++i) {
    if (zip_number(all, at, 4, who) != 0x02014b50)
      throw FormatError(text(who, ": expected a ZIP archive with a directory, received a damaged one"));
    ZipEntry entry;
    const std::size_t flags = zip_number(all, at + 8, 2, who), name = zip_number(all, at + 28, 2, who);
    entry.method = static_cast<std::uint32_t>(zip_number(all, at + 10, 2, who));
    entry.crc = static_cast<std::uint32_t>(zip_number(all, at + 16, 4, who));
    entry.packed = zip_number(all, at + 20, 4, who);
    entry.size = zip_number(all, at + 24, 4, who);
    const std::size_t header = zip_number(all, at + 42, 4, who);
    (void)zip_number(all, at + 46 + name, 0, who);
    entry.name = all.substr(at + 46, name);
    at += 46 + name + zip_number(all, at + 30, 2, who) + zip_number(all, at + 32, 2, who);
    if (flags & 1 || entry.packed == 0xffffffffu || entry.size == 0xffffffffu || header == 0xffffffffu ||
        (entry.method != 0 && entry.method != 8))
      throw FormatError(text(who, ", member \"", entry.name,
                             "\": expected one that is stored or deflated, below 4 GiB and not encrypted"));
    if (zip_number(all, header, 4, who) != 0x04034b50)
      throw FormatError(text(who, ": expected a ZIP archive with members, received a damaged one"));
    entry.offset = header + 30 + zip_number(all, header + 26, 2, who) + zip_number(all, header + 28, 2, who);
    if (entry.offset > all.size() || entry.packed > all.size() - entry.offset)
      throw FormatError(
          text(who, ", member \"", entry.name, "\": expected ", entry.packed, " bytes; the archive is cut off"));
    entries.push_back(entry);
  }
  return entries;
}

/// The bytes of a member, in `room` when they have to be unpacked; checked against length and sum.
inline std::string_view zip_content(std::string_view all, const ZipEntry& entry, const std::string& who,
                                    [[maybe_unused]] std::string& room) {
  std::string_view content = all.substr(entry.offset, entry.packed);
  if (entry.method == 8) {
#if defined(FORETELL_HAVE_ZLIB)
    if (entry.size / 1040 > entry.packed)  // deflate packs to a 1032nd at most
      throw FormatError(text(who, ", member \"", entry.name, "\": expected ", entry.size, " bytes, which ",
                             entry.packed, " packed bytes cannot be"));
    room.resize(entry.size);
    Inflater inflater(true);
    inflater.feed(content.data(), content.size());
    std::size_t got = 0;
    while (got < room.size()) {
      const std::size_t n = inflater.take(room.data() + got, room.size() - got, who);
      if (n == 0) break;
      got += n;
    }
    room.resize(got);
    content = room;
#else
    throw FormatError(text(
        who, ", member \"", entry.name,
        "\": expected one that is not compressed, as foretell was installed without zlib; save it with numpy.savez"));
#endif
  }
  if (content.size() != entry.size || crc32<zip_polynomial>(content) != entry.crc)
    throw FormatError(text(who, ", member \"", entry.name, "\": expected ", entry.size,
                           " bytes with their check sum, received damaged ones; fetch the file once more"));
  return content;
}

/// An archive of stored members.
inline std::string zip_of(const std::vector<std::pair<std::string, std::string>>& files) {
  std::string out, directory;
  const auto put = [](std::string& to, std::size_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i, value >>= 8) to += static_cast<char>(value & 255);
  };
  for (const auto& file : files) {
    const std::string &name = file.first, &content = file.second;
    if (content.size() >= 0xffffffffu || out.size() >= 0xffffffffu || name.size() > 65535)
      throw FormatError(
          text("ZIP archive: expected members below 4 GiB in all, received \"", name, "\"; save arrays one by one"));
    const std::size_t offset = out.size();
    const auto common = [&](std::string& to) {
      put(to, 20, 2);  // version, flags, method, time, date
      put(to, 0, 2);
      put(to, 0, 2);
      put(to, 0, 2);
      put(to, 33, 2);
      put(to, crc32<zip_polynomial>(content), 4);
      put(to, content.size(), 4);
      put(to, content.size(), 4);
      put(to, name.size(), 2);
      put(to, 0, 2);
    };
    put(out, 0x04034b50, 4);
    common(out);
    out += name + content;
    put(directory, 0x02014b50, 4);
    put(directory, 20, 2);
    common(directory);
    put(directory, 0, 2 + 2 + 2 + 4);  // comment, disk, attributes
    put(directory, offset, 4);
    directory += name;
  }
  const std::size_t start = out.size();
  out += directory;
  put(out, 0x06054b50, 4);
  put(out, 0, 4);
  put(out, files.size(), 2);
  put(out, files.size(), 2);
  put(out, directory.size(), 4);
  put(out, start, 4);
  put(out, 0, 2);
  return out;
}

}  // namespace foretell::detail
