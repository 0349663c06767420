// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "foretell/core/file.hpp"
#include "foretell/io/json.hpp"
#include "foretell/io/tensor_to_write.hpp"

namespace foretell {

// The safetensors container: u64 header length, JSON header (name -> dtype, shape, data_offsets; "__metadata__":
// strings), data. Little-endian, row-major. Format and rules: github.com/huggingface/safetensors.

template <class T>
constexpr std::string_view safetensors_dtype() {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>);
  return std::is_same_v<T, float> ? "F32" : "F64";
}

namespace detail {
inline constexpr std::uint64_t largest_header = 100'000'000;
}

/// Writes atomically: under `path` stands the old file or the whole new one. The data starts on a 64-byte boundary.
template <class T>
void write_safetensors(const std::string& path, std::vector<TensorToWrite<T>> tensors,
                       const std::map<std::string, std::string>& metadata) {
  std::sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  Json header = Json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t offset = 0;
  for (const auto& tensor : tensors) {
    const std::uint64_t end = offset + tensor.size() * sizeof(T);
    header[tensor.name] = {{"dtype", safetensors_dtype<T>()}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string head = header.dump(-1, ' ', false, Json::error_handler_t::replace);
  head.append((64 - (head.size() + 8) % 64) % 64, ' ');
  if (head.size() > detail::largest_header)
    throw FormatError(text("\"", path, "\": expected a header of at most ", detail::largest_header, " bytes, received ",
                           head.size(), "; the vocabularies are too large"));
  unsigned char length[8];
  for (int i = 0; i < 8; ++i) length[i] = static_cast<unsigned char>(head.size() >> (8 * i));
  OutputFile file(path);
  file.write(length, sizeof length);
  file.write(head.data(), head.size());
  for (const auto& tensor : tensors) file.write(tensor.data, tensor.size() * sizeof(T));
  file.commit();
}

/// A safetensors file open for reading. The constructor checks everything the header claims before anything is
/// allocated for it.
class SafetensorsFile {
 public:
  struct Entry {
    std::string dtype;
    std::vector<std::size_t> shape;
    std::uint64_t begin = 0, end = 0;
    std::size_t size = 1;
  };

  explicit SafetensorsFile(const std::convertible_to<std::string> auto& path) : file_(path) {
    unsigned char length[8];
    if (file_.size() < sizeof length) fail(text("expected at least 8 bytes, received ", file_.size()));
    file_.read(0, length, sizeof length);
    std::uint64_t size = 0;
    for (int i = 0; i < 8; ++i) size |= std::uint64_t(length[i]) << (8 * i);
    if (size > detail::largest_header || size > file_.size() - 8)
      fail(text("expected a header that fits the file, received one of ", size, " bytes in a file of ", file_.size()));
    std::string head(static_cast<std::size_t>(size), '\0');
    file_.read(8, head.data(), head.size());
    if (head.empty() || head[0] != '{') fail("expected a header that starts with '{'");
    start_ = 8 + size;
    const Json header = parse_json(head, text("\"", path, "\", header"));
    for (auto item = header.begin(); item != header.end(); ++item)
      item.key() == "__metadata__" ? read_metadata(item.value()) : read_entry(item.key(), item.value());
    check_layout();
  }

  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  const std::map<std::string, Entry>& entries() const { return entries_; }
  const std::string& path() const { return file_.path(); }

  /// The numbers of one tensor as T, straight to where they belong; F32 and F64 are converted into each other.
  template <class T>
  void read(const Entry& entry, T* to) {
    if (entry.dtype == safetensors_dtype<T>()) return file_.read(start_ + entry.begin, to, entry.size * sizeof(T));
    using Other = std::conditional_t<std::is_same_v<T, float>, double, float>;
    if (entry.dtype != safetensors_dtype<Other>()) fail(text("expected tensors of F32 or F64, received ", entry.dtype));
    std::vector<Other> part(std::min<std::size_t>(entry.size, 65536));
    for (std::size_t done = 0; done < entry.size; done += part.size()) {
      const std::size_t count = std::min(part.size(), entry.size - done);
      file_.read(start_ + entry.begin + done * sizeof(Other), part.data(), count * sizeof(Other));
      std::transform(part.data(), part.data() + count, to + done, [](Other v) { return static_cast<T>(v); });
    }
  }

  [[noreturn]] void fail(const std::string& problem) const {
    throw FormatError(text("\"", file_.path(), "\" is not a sound model file: ", problem));
  }

 private:
  template <class J>
  void read_metadata(const J& json) {
    if (!json.is_object()) fail("expected __metadata__ to be an object of strings");
    for (auto item = json.begin(); item != json.end(); ++item) {
      if (!item.value().is_string())
        fail(text("expected __metadata__ to hold strings, received another kind for \"", item.key(), "\""));
      metadata_[item.key()] = item.value().template get<std::string>();
    }
  }
  template <class J>
  void read_entry(const std::string& name, const J& json) {
    static constexpr std::pair<std::string_view, std::uint64_t> widths[] = {
        {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E5M2", 1}, {"F8_E4M3", 1}, {"I16", 2}, {"U16", 2}, {"F16", 2},
        {"BF16", 2}, {"I32", 4}, {"U32", 4}, {"F32", 4},     {"F64", 8},     {"I64", 8}, {"U64", 8}};
    const auto bad = [&] { fail(text("expected tensor \"", name, "\" to have dtype, shape and data_offsets")); };
    if (!json.is_object() || !json.contains("dtype") || !json.contains("shape") || !json.contains("data_offsets"))
      bad();
    const J &dtype = json["dtype"], &shape = json["shape"], &offsets = json["data_offsets"];
    if (!dtype.is_string() || !shape.is_array() || !offsets.is_array() || offsets.size() != 2 ||
        !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned())
      bad();
    Entry entry;
    entry.dtype = dtype.template get<std::string>();
    const auto* width =
        std::find_if(std::begin(widths), std::end(widths), [&](const auto& w) { return w.first == entry.dtype; });
    if (width == std::end(widths))
      fail(text("expected a known dtype, received \"", entry.dtype, "\" for \"", name, "\""));
    entry.begin = offsets[0].template get<std::uint64_t>();
    entry.end = offsets[1].template get<std::uint64_t>();
    std::uint64_t size = 1;
    for (const J& axis : shape) {
      if (!axis.is_number_unsigned()) bad();
      const auto n = axis.template get<std::uint64_t>();
      if (n != 0 && size > std::numeric_limits<std::uint64_t>::max() / 16 / n)
        fail(text("expected a shape that fits into memory for \"", name, "\""));
      size *= n;
      entry.shape.push_back(static_cast<std::size_t>(n));
    }
    if (entry.end < entry.begin || entry.end - entry.begin != size * width->second)
      fail(text("expected ", size, " values of ", width->second, " bytes for \"", name, "\", received the bytes ",
                entry.begin, " to ", entry.end));
    entry.size = static_cast<std::size_t>(size);
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

  InputFile file_;
  std::uint64_t start_ = 0;
  std::map<std::string, std::string> metadata_;
  std::map<std::string, Entry> entries_;
};

}  // namespace foretell
