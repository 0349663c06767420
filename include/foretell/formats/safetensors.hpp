// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "foretell/core/file.hpp"
#include "foretell/formats/checksum.hpp"
#include "foretell/formats/json.hpp"
#include "foretell/formats/number_type.hpp"
#include "foretell/formats/tensor_to_write.hpp"

namespace foretell {

// The safetensors container: u64 header length, JSON header (name -> dtype, shape, data_offsets; "__metadata__":
// strings), data. Little-endian, row-major. Format and rules: github.com/huggingface/safetensors.
//
// What is written here carries checksums in its __metadata__ (XXH64, see Checksum): "foretell.checksums", JSON, of each
// tensor, and "foretell.checksum" of everything before the tensors, with zeros where its own digits stand. A file has
// both or neither.

namespace detail {

inline constexpr std::uint64_t largest_header = 100'000'000;
inline constexpr std::string_view header_checksum = "foretell.checksum", tensor_checksums = "foretell.checksums";

/// Of the header's length and the header, in which the sixteen digits at `place` count as zeros.
inline std::string checksum_of_header(std::string head, std::size_t place) {
  head.replace(place, 16, 16, '0');
  const std::uint64_t length = head.size();
  return Checksum().add(&length, sizeof length).add(head.data(), head.size()).text();
}
/// Where the digits of the header's checksum stand, when they are `digits`; npos for none.
inline std::size_t place_of_checksum(std::string_view head, std::string_view digits) {
  const std::string key = text("\"", header_checksum, "\":\"");
  const std::size_t at = head.find(text(key, digits, "\""));
  return at == std::string_view::npos ? at : at + key.size();
}

}  // namespace detail

/// Writes atomically: under `path` stands the old file or the whole new one. The data starts on a 64-byte boundary.
inline void write_safetensors(const std::string& path, std::vector<TensorToWrite> tensors,
                              std::map<std::string, std::string> metadata) {
  std::sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  Json header = Json::object(), sums = Json::object();
  for (const auto& tensor : tensors) sums.add(tensor.name, detail::Checksum().add(tensor.data, tensor.bytes).text());
  const std::string unknown(16, '0');
  metadata[std::string(detail::tensor_checksums)] = json_text(sums, text("\"", path, "\""));
  metadata[std::string(detail::header_checksum)] = unknown;
  Json& entries = header.add("__metadata__", Json::object());
  for (const auto& [name, value] : metadata) entries.add(name, value);
  std::uint64_t offset = 0;
  for (const auto& tensor : tensors) {
    const std::uint64_t end = offset + tensor.bytes;
    header.add(tensor.name, Json::object({{"dtype", tensor.dtype},
                                          {"shape", tensor.shape},
                                          {"data_offsets", std::vector<std::uint64_t>{offset, end}}}));
    offset = end;
  }
  std::string head = json_text(header, text("\"", path, "\""));
  head.append((64 - (head.size() + 8) % 64) % 64, ' ');
  if (head.size() > detail::largest_header)
    throw FormatError(text("\"", path, "\": expected a header of at most ", detail::largest_header, " bytes, received ",
                           head.size(), "; the vocabularies are too large"));
  const std::size_t place = detail::place_of_checksum(head, unknown);
  head.replace(place, 16, detail::checksum_of_header(head, place));
  const std::uint64_t length = head.size();
  OutputFile file(path);
  file.write(&length, sizeof length);
  file.write(head.data(), head.size());
  for (const auto& tensor : tensors) file.write(tensor.data, tensor.bytes);
  file.commit();
}

/// A safetensors file open for reading. The constructor checks everything the header claims before anything is
/// allocated for it, and the header's checksum where there is one; tensors are checked as they are read.
class SafetensorsFile {
 public:
  struct Entry {
    std::string name, dtype;
    std::vector<std::size_t> shape;
    std::uint64_t begin = 0, end = 0;
    std::size_t size = 1;                      ///< numbers; 0 where the type is not known
    const detail::NumberType* type = nullptr;  ///< null for one that is not known
    std::string checksum{};
    mutable bool checked = false;
  };

  explicit SafetensorsFile(const std::convertible_to<std::string> auto& path)
      : SafetensorsFile(InputFile(std::string(path))) {}
  explicit SafetensorsFile(InputFile file) : file_(std::move(file)) {
    std::uint64_t size = 0;
    if (file_.size() < sizeof size) fail(text("expected at least 8 bytes, received ", file_.size()));
    file_.read(0, &size, sizeof size);
    if (size > detail::largest_header || size > file_.size() - 8)
      fail(text("expected a header that fits the file, received one of ", size, " bytes in a file of ", file_.size()));
    std::string head(static_cast<std::size_t>(size), '\0');
    file_.read(8, head.data(), head.size());
    if (head.empty() || head[0] != '{') fail("expected a header that starts with '{'");
    start_ = 8 + size;
    const Json header = parse_json(head, text("\"", path(), "\", header"));
    for (std::size_t i = 0; i < header.size(); ++i)
      header.names()[i] == "__metadata__" ? read_metadata(header[i]) : read_entry(header.names()[i], header[i]);
    check_layout();
    read_checksums(head);
  }

  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  const std::map<std::string, Entry>& entries() const { return entries_; }
  const std::string& path() const { return file_.path(); }

  /// The numbers of one tensor as T (float, double, std::int64_t or std::uint32_t), straight to where they belong.
  /// Floating-point numbers of other sizes (F16, BF16, F32, F64) are converted, integers where T can hold each exactly.
  /// Throws FormatError for numbers of other types and for those that have not the tensor's checksum.
  template <class T>
  void read(const Entry& entry, T* to) {
    if (entry.dtype == safetensors_dtype<T>())
      return each_part(entry, reinterpret_cast<unsigned char*>(to), [](const unsigned char*, std::size_t) {});
    if (!entry.type || !entry.type->read)
      throw FormatError(text("\"", path(), "\": expected tensor \"", entry.name,
                             "\" to be of F64, F32, F16, BF16 or integers, received ", entry.dtype,
                             "; convert it with the program that wrote it"));
    const std::size_t width = entry.type->bits / 8;
    each_part(entry, nullptr, [&](const unsigned char* bytes, std::size_t size) {
      for (std::size_t i = 0; i < size; i += width) {
        const double value = entry.type->read(bytes + i);
        *to = static_cast<T>(value);
        if (entry.type->whole && static_cast<double>(*to) != value)
          throw FormatError(
              text("\"", path(), "\": expected whole numbers that ", safetensors_dtype<T>(), " can hold in tensor \"",
                   entry.name, "\" of ", entry.dtype, ", received ",
                   std::isnan(value) ? "one beyond 2^53; no number here holds it" : text(value, "; read it as F64")));
        ++to;
      }
    });
  }
  /// Checks the tensors that have not been read.
  void check_rest() {
    for (const auto& [name, entry] : entries_)
      if (!entry.checked && !entry.checksum.empty())
        each_part(entry, nullptr, [](const unsigned char*, std::size_t) {});
  }

  [[noreturn]] void fail(const std::string& problem) const {
    throw FormatError(text("\"", file_.path(), "\" is not a sound model file: ", problem));
  }

 private:
  void read_metadata(const Json& json) {
    if (!json.is_object()) fail("expected __metadata__ to be an object of strings");
    for (std::size_t i = 0; i < json.size(); ++i) {
      if (!json[i].is_string())
        fail(text("expected __metadata__ to hold strings, received another kind for \"", json.names()[i], "\""));
      metadata_[json.names()[i]] = json[i].string();
    }
  }
  void read_entry(const std::string& name, const Json& json) {
    const auto bad = [&] { fail(text("expected tensor \"", name, "\" to have dtype, shape and data_offsets")); };
    const auto size_of = [&](const Json& number) {
      if (!number.is_integer() || number.integer() < 0) bad();
      return static_cast<std::uint64_t>(number.integer());
    };
    const Json *dtype = json.find("dtype"), *shape = json.find("shape"), *offsets = json.find("data_offsets");
    if (!dtype || !shape || !offsets || !dtype->is_string() || !shape->is_array() || !offsets->is_array() ||
        offsets->size() != 2)
      bad();
    Entry entry;
    entry.name = name;
    entry.dtype = dtype->string();
    entry.type = detail::number_type(entry.dtype);
    entry.begin = size_of((*offsets)[0]);
    entry.end = size_of((*offsets)[1]);
    std::uint64_t size = 1;
    for (const Json& axis : shape->values()) {
      const std::uint64_t n = size_of(axis);
      if (n != 0 && size > std::numeric_limits<std::uint64_t>::max() / 64 / n)
        fail(text("expected a shape that fits into memory for \"", name, "\""));
      size *= n;
      entry.shape.push_back(static_cast<std::size_t>(n));
    }
    if (entry.end < entry.begin) bad();
    const std::uint64_t bytes = entry.end - entry.begin;
    if (entry.type && (bytes > file_.size() || 8 * bytes != size * entry.type->bits))
      fail(text("expected ", size, " values of ", entry.type->bits, " bits for \"", name, "\", received the bytes ",
                entry.begin, " to ", entry.end));
    entry.size = entry.type ? static_cast<std::size_t>(size) : 0;
    entries_[name] = std::move(entry);
  }
  void check_layout() const {
    std::vector<const Entry*> order;
    for (const auto& [name, entry] : entries_) order.push_back(&entry);
    std::sort(order.begin(), order.end(), [](const Entry* a, const Entry* b) {
      return a->begin != b->begin ? a->begin < b->begin : a->end < b->end;
    });
    std::uint64_t at = 0;
    for (const Entry* entry : order) {
      if (entry->begin != at)
        fail(text("expected tensors one after the other, received a gap or an overlap at byte ", at));
      at = entry->end;
    }
    if (at != file_.size() - start_)
      fail(text("expected ", at, " bytes of tensors, received ", file_.size() - start_,
                "; it is truncated or has something appended"));
  }

  void read_checksums(const std::string& head) {
    const auto own = metadata_.find(std::string(detail::header_checksum)),
               sums = metadata_.find(std::string(detail::tensor_checksums));
    if (own == metadata_.end() && sums == metadata_.end()) return;
    const std::size_t place = own == metadata_.end() || own->second.size() != 16
                                  ? std::string::npos
                                  : detail::place_of_checksum(head, own->second);
    if (sums == metadata_.end() || place == std::string::npos || detail::checksum_of_header(head, place) != own->second)
      fail(
          text("its header has not the checksum it was written with: it is damaged, or was changed by a program that "
               "should have left \"",
               detail::header_checksum, "\" and \"", detail::tensor_checksums, "\" out"));
    const Json json = parse_json(sums->second, text("\"", path(), "\", ", detail::tensor_checksums));
    for (std::size_t i = 0; json.is_object() && i < json.size(); ++i) {
      const auto found = entries_.find(json.names()[i]);
      if (found != entries_.end() && json[i].is_string()) found->second.checksum = json[i].string();
    }
    for (const auto& [name, entry] : entries_)
      if (entry.checksum.empty()) fail(text("expected a checksum of tensor \"", name, "\""));
  }
  /// f(bytes, size) for the tensor's bytes, part after part, as they come to stand in `to` or, for null, elsewhere;
  /// then checks them.
  template <class F>
  void each_part(const Entry& entry, unsigned char* to, const F& f) {
    constexpr std::uint64_t most = std::uint64_t(1) << 18;
    std::vector<unsigned char> room(to ? 0 : static_cast<std::size_t>(std::min(most, entry.end - entry.begin)));
    detail::Checksum sum;
    for (std::uint64_t at = entry.begin; at < entry.end; at += most) {
      const auto size = static_cast<std::size_t>(std::min(most, entry.end - at));
      unsigned char* const part = to ? to + (at - entry.begin) : room.data();
      file_.read(start_ + at, part, size);
      if (!entry.checksum.empty()) sum.add(part, size);
      f(part, size);
    }
    if (!entry.checksum.empty() && sum.text() != entry.checksum)
      fail(text("tensor \"", entry.name,
                "\" has not the checksum it was written with: it is damaged, or was changed by a program that should "
                "have left the checksums out of __metadata__"));
    entry.checked = true;
  }

  InputFile file_;
  std::uint64_t start_ = 0;
  std::map<std::string, std::string> metadata_;
  std::map<std::string, Entry> entries_;
};

}  // namespace foretell
