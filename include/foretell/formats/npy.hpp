// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/core/error.hpp"
#include "foretell/core/file.hpp"
#include "foretell/formats/byte_source.hpp"
#include "foretell/formats/number_type.hpp"
#include "foretell/formats/zip.hpp"

// Arrays in NumPy's files: .npy holds one, .npz, a ZIP archive of .npy files, several by name. Format: NumPy
// Enhancement Proposal 1 and numpy.lib.format. Python objects, texts, dates and records are refused.

namespace foretell {
namespace detail {

/// What the header of a .npy file says.
struct NpyHeader {
  char kind = 'f';  ///< b, i, u, f
  std::size_t bytes = 8;
  bool swapped = false, fortran = false;
  std::vector<std::size_t> sizes;
  std::size_t count = 1;
  std::string_view body;
};

/// Reads the header, a Python dictionary of three keys; checks that the body is as long as it says.
class NpyHeaderReader {
 public:
  NpyHeaderReader(std::string_view bytes, const std::string& who) : who_(who), all_(bytes) {}

  NpyHeader read() {
    if (all_.substr(0, 6) != std::string_view("\x93NUMPY", 6) || all_.size() < 10)
      fail("a file of NumPy's .npy format");
    const auto byte = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(all_[i])}; };
    const std::size_t version = byte(6);
    if (version < 1 || version > 3) fail("format version 1, 2 or 3");
    const std::size_t start = version == 1 ? 10 : 12;
    if (all_.size() < start) fail("a whole header");
    const std::size_t length =
        version == 1 ? byte(8) + (byte(9) << 8) : byte(8) + (byte(9) << 8) + (byte(10) << 16) + (byte(11) << 24);
    if (length > 65536 || length > all_.size() - start) fail("a header of at most 65536 bytes, whole");
    text_ = all_.substr(start, length);
    dictionary();
    header_.body = all_.substr(start + length);
    for (const std::size_t size : header_.sizes) {
      if (size != 0 && header_.count > (std::size_t{1} << 48) / size) fail("at most 2^48 numbers");
      header_.count *= size;
    }
    if (header_.count * header_.bytes > header_.body.size())
      throw FormatError(text(who_, ": expected ", header_.count, " numbers of ", header_.bytes, " bytes, received ",
                             header_.body.size(), " bytes; the file is cut off"));
    return header_;
  }

 private:
  [[noreturn]] void fail(std::string_view expected) const {
    throw FormatError(text(who_, ": expected ", expected, ", received another"));
  }
  void skip() {
    while (!text_.empty() && (text_.front() == ' ' || text_.front() == '\n')) text_.remove_prefix(1);
  }
  bool letter(char c) {
    skip();
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  std::string_view quoted() {
    skip();
    const char mark = text_.empty() ? '\0' : text_.front();
    const std::size_t end = mark == '\'' || mark == '"' ? text_.find(mark, 1) : std::string_view::npos;
    if (end == std::string_view::npos) fail("a header with texts in quotes");
    const std::string_view inside = text_.substr(1, end - 1);
    text_.remove_prefix(end + 1);
    return inside;
  }
  void dictionary() {
    bool descr = false, order = false, shape = false;
    if (!letter('{')) fail("a header that is a dictionary");
    while (!letter('}')) {
      const std::string_view key = quoted();
      if (!letter(':')) fail("a header that is a dictionary");
      if (key == "descr" && !std::exchange(descr, true))
        type();
      else if (key == "fortran_order" && !std::exchange(order, true))
        truth();
      else if (key == "shape" && !std::exchange(shape, true))
        sizes();
      else
        fail("the keys descr, fortran_order and shape");
      if (!letter(',')) {
        if (!letter('}')) fail("a header that is a dictionary");
        break;
      }
    }
    if (!descr || !order || !shape) fail("the keys descr, fortran_order and shape");
  }
  void type() {
    skip();
    if (!text_.empty() && text_.front() == '[')
      throw FormatError(
          text(who_, ": expected an array of numbers, received one of records; save its fields one by one"));
    const std::string_view descr = quoted();
    const char order = descr.empty() ? '\0' : descr[0];
    const std::string_view rest = descr.substr(std::min<std::size_t>(1, descr.size()));
    const std::string_view known[] = {"b1", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"};
    if (std::string_view("<>|=").find(order) == std::string_view::npos || order == '\0' ||
        std::find(std::begin(known), std::end(known), rest) == std::end(known))
      throw FormatError(text(who_, ": expected an array of numbers or booleans, received dtype \"", descr,
                             "\"; convert it with astype before saving"));
    header_.kind = rest[0];
    header_.bytes = static_cast<std::size_t>(rest[1] - '0');
    header_.swapped = order == '>' && header_.bytes > 1;
  }
  void truth() {
    skip();
    for (const std::string_view word : {std::string_view("True"), std::string_view("False")})
      if (text_.substr(0, word.size()) == word) {
        header_.fortran = word == "True";
        text_.remove_prefix(word.size());
        return;
      }
    fail("fortran_order of True or False");
  }
  void sizes() {
    if (!letter('(')) fail("a shape in parentheses");
    while (!letter(')')) {
      skip();
      std::size_t size = 0;
      const auto read = std::from_chars(text_.data(), text_.data() + text_.size(), size);
      if (read.ec != std::errc() || header_.sizes.size() == 32) fail("a shape of at most 32 whole numbers");
      text_.remove_prefix(static_cast<std::size_t>(read.ptr - text_.data()));
      header_.sizes.push_back(size);
      if (!letter(',')) {
        if (!letter(')')) fail("a shape in parentheses");
        break;
      }
    }
  }

  const std::string& who_;
  std::string_view all_, text_;
  NpyHeader header_;
};

/// Calls f(i, value) for each number, i being its place in row-major order.
template <class F>
void each_number(const NpyHeader& header, const F& f) {
  const auto pass = [&](auto sample, const auto& value_of) {
    // Row-major places of the numbers of a Fortran array, which come with the first axis fastest.
    std::vector<std::size_t> index(header.sizes.size()), strides(header.sizes.size(), 1);
    for (std::size_t a = header.sizes.size(); a-- > 1;) strides[a - 1] = strides[a] * header.sizes[a];
    std::size_t place = 0;
    for (std::size_t i = 0; i < header.count; ++i) {
      std::array<char, sizeof sample> bytes;
      std::memcpy(bytes.data(), header.body.data() + i * sizeof sample, sizeof sample);
      if (header.swapped) std::reverse(bytes.begin(), bytes.end());
      std::memcpy(&sample, bytes.data(), sizeof sample);
      if (!header.fortran) {
        f(i, value_of(sample));
        continue;
      }
      f(place, value_of(sample));
      for (std::size_t a = 0; a < index.size(); ++a) {
        place += strides[a];
        if (++index[a] < header.sizes[a]) break;
        place -= strides[a] * header.sizes[a];
        index[a] = 0;
      }
    }
  };
  const auto same = [](auto value) { return value; };
  const auto sized = [&](auto one, auto two, auto four, auto eight) {
    if (header.bytes == 1)
      pass(one, same);
    else if (header.bytes == 2)
      pass(two, same);
    else if (header.bytes == 4)
      pass(four, same);
    else
      pass(eight, same);
  };
  if (header.kind == 'b')
    pass(std::uint8_t{}, [](std::uint8_t value) { return value != 0; });
  else if (header.kind == 'i')
    sized(std::int8_t{}, std::int16_t{}, std::int32_t{}, std::int64_t{});
  else if (header.kind == 'u')
    sized(std::uint8_t{}, std::uint16_t{}, std::uint32_t{}, std::uint64_t{});
  else if (header.bytes == 2)
    pass(std::uint16_t{}, half_value);
  else if (header.bytes == 4)
    pass(float{}, same);
  else
    pass(double{}, same);
}

template <class T>
[[noreturn]] void not_kept(const std::string& who, const std::string& number) {
  throw FormatError(text(who, ": expected numbers that a ", sizeof(T) == 4 ? "float" : "double", " keeps, received ",
                         number, sizeof(T) == 4 ? "; load it as double" : "; save it as text"));
}

/// Throws FormatError where T would merge whole numbers or make a finite number infinite.
template <class T>
Tensor<T> array_of_npy(std::string_view bytes, const std::string& who) {
  const NpyHeader header = NpyHeaderReader(bytes, who).read();
  auto tensor = tensor_of<T>::make(header.sizes);
  each_number(header, [&, to = tensor.data()](std::size_t i, auto value) {
    using Value = decltype(value);
    to[i] = static_cast<T>(value);
    if constexpr (!std::is_floating_point_v<T>) return;
    if constexpr (std::is_integral_v<Value> && sizeof(Value) >= sizeof(T)) {
      constexpr auto exact = std::uint64_t{1} << std::numeric_limits<T>::digits;
      const auto size = value < 0 ? -static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
      if (size > exact && size >> std::countr_zero(size) > exact) not_kept<T>(who, text(value));
    } else if constexpr (std::is_floating_point_v<Value> && sizeof(Value) > sizeof(T)) {
      if (std::isinf(to[i]) && !std::isinf(value)) not_kept<T>(who, text(value));
    }
  });
  return tensor;
}

template <class T>
std::string npy_of(const Array<T>& array) {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>);
  std::string dictionary = text("{'descr': '<f", sizeof(T), "', 'fortran_order': False, 'shape': (");
  for (std::size_t a = 0; a < array.rank(); ++a)
    dictionary += text(array.sizes()[a], a + 1 < array.rank() ? ", " : array.rank() == 1 ? "," : "");
  dictionary += "), }";
  dictionary.append(63 - (10 + dictionary.size()) % 64, ' ');
  dictionary += '\n';
  std::string out("\x93NUMPY\x01\x00", 8);
  out += static_cast<char>(dictionary.size() & 255);
  out += static_cast<char>(dictionary.size() >> 8);
  out += dictionary;
  out.append(reinterpret_cast<const char*>(array.data()), array.size() * sizeof(T));
  return out;
}

}  // namespace detail

/// The array of a .npy file, of booleans, whole numbers or floats, converted to T. Throws FormatError for anything
/// else, for a file that cannot be read or is cut off, and for a number that T would not keep: a whole number that
/// would become another (beyond 2^24 in a float, 2^53 in a double) and a finite one that would become infinite.
template <class T = float>
Tensor<T> load_npy(const std::string& path) {
  return detail::array_of_npy<T>(detail::read_file(path), text("\"", path, "\""));
}

/// The arrays of a .npz file by name, as numpy.savez and, where zlib was found, savez_compressed write it. Throws as
/// load_npy does.
template <class T = float>
std::map<std::string, Tensor<T>> load_npz(const std::string& path) {
  const detail::FileBytes bytes = detail::read_file(path);
  std::map<std::string, Tensor<T>> arrays;
  const std::string who = text("\"", path, "\"");
  for (const detail::ZipEntry& entry : detail::zip_entries(bytes, who)) {
    std::string name(entry.name), room;
    if (name.size() > 4 && name.ends_with(".npy")) name.resize(name.size() - 4);
    arrays.insert_or_assign(name, detail::array_of_npy<T>(detail::zip_content(bytes, entry, who, room),
                                                          text(who, ", array \"", name, "\"")));
  }
  return arrays;
}

/// Writes an array for numpy.load, as the float or double numbers that T says. Throws FormatError when the file cannot
/// be written; what stood there before is lost only when the new file is whole.
template <class T = float, ArrayLike X>
void save_npy(const std::string& path, const X& x) {
  const std::string bytes = detail::npy_of(as_array<T>(x));
  OutputFile file(path);
  file.write(bytes.data(), bytes.size());
  file.commit();
}

/// Writes arrays by name for numpy.load. Throws as save_npy does.
template <class T = float>
void save_npz(const std::string& path, const std::map<std::string, Tensor<T>>& arrays) {
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& [name, array] : arrays) files.emplace_back(name + ".npy", detail::npy_of(as_array<T>(array)));
  const std::string bytes = detail::zip_of(files);
  OutputFile file(path);
  file.write(bytes.data(), bytes.size());
  file.commit();
}

}  // namespace foretell
