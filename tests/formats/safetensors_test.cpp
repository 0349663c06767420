// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/formats/safetensors.hpp>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "support/folder.hpp"

namespace ft = foretell;
using ft::support::Folder, ft::support::write_file;

namespace {

std::string framed(const std::string& header, const std::string& data = {}) {
  std::string bytes(8, '\0');
  for (int i = 0; i < 8; ++i) bytes[static_cast<std::size_t>(i)] = static_cast<char>(header.size() >> (8 * i));
  return bytes + header + data;
}

}  // namespace

TEST_CASE("Checksum: XXH64 of bytes, whole or in parts") {
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes += static_cast<char>(i * 7 + 3);
  // python-xxhash: xxh64(bytes([(7 * i + 3) % 256 for i in range(1000)])[:n]).hexdigest()
  const std::pair<std::size_t, const char*> known[] = {
      {0, "ef46db3751d8e999"},  {1, "1f25c8d0bc1f4bb6"},  {3, "31d2363f52e564c9"},   {4, "9bb64b7d66ee9fda"},
      {8, "dab99d95c6f90092"},  {31, "a2aa5f33cc4a6119"}, {32, "23c3c17ef790fd97"},  {33, "50a7cfc7ba588784"},
      {63, "5e3e54b431c7493c"}, {64, "0eb64b3ef6eeb01f"}, {100, "a61f8d4c170fe531"}, {1000, "5f235fa033f1a3fb"}};
  for (const auto& [size, sum] : known) {
    CHECK(ft::detail::Checksum().add(bytes.data(), size).text() == sum);
    for (std::size_t cut = 0; cut <= size; cut += 13)
      CHECK(ft::detail::Checksum().add(bytes.data(), cut).add(bytes.data() + cut, size - cut).text() == sum);
  }
}

TEST_CASE("SafetensorsFile: halves, bfloats and integers are read as numbers, others refused alone") {
  const Folder folder;
  const std::string path = folder / "other.safetensors";
  const auto write = [&](const std::string& dtype, std::size_t count, const std::string& data) {
    write_file(path, framed("{\"t\":{\"dtype\":\"" + dtype + "\",\"shape\":[" + std::to_string(count) +
                                "],\"data_offsets\":[0," + std::to_string(data.size()) +
                                "]},\"u\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[" +
                                std::to_string(data.size()) + "," + std::to_string(data.size() + 4) + "]}}",
                            data + std::string("\0\0\xc0\x3f", 4)));
  };
  const auto numbers = [&](auto sample, const std::string& dtype, std::size_t count, const std::string& data) {
    write(dtype, count, data);
    ft::SafetensorsFile file(path);
    std::vector<decltype(sample)> values(count), other(1);
    file.read(file.entries().at("u"), other.data());
    CHECK(other[0] == 1.5);
    file.read(file.entries().at("t"), values.data());
    return values;
  };
  using Floats = std::vector<float>;
  using Doubles = std::vector<double>;
  CHECK(numbers(0.f, "F16", 5, std::string("\0\x3e\0\xc0\xff\x7b\1\0\0\x7c", 10)) ==
        Floats{1.5, -2, 65504, 0x1p-24f, INFINITY});
  CHECK(numbers(0., "BF16", 3, std::string("\xc0\x3f\0\xc0\x80\xff", 6)) == Doubles{1.5, -2, -INFINITY});
  CHECK(std::isnan(numbers(0.f, "F16", 1, "\1\x7e")[0]));
  CHECK(numbers(0.f, "I8", 2, "\x80\x7f") == Floats{-128, 127});
  CHECK(numbers(0.f, "U8", 2, "\x80\xff") == Floats{128, 255});
  CHECK(numbers(0.f, "BOOL", 2, std::string("\0\1", 2)) == Floats{0, 1});
  CHECK(numbers(0., "I16", 1, "\xff\xff") == Doubles{-1});
  CHECK(numbers(0., "U16", 1, "\xff\xff") == Doubles{65535});
  CHECK(numbers(0., "I32", 1, "\xfe\xff\xff\xff") == Doubles{-2});
  CHECK(numbers(0., "U32", 1, "\xff\xff\xff\xff") == Doubles{4294967295.0});
  CHECK(numbers(0.f, "I64", 1, std::string("\0\0\0\1\0\0\0\0", 8)) == Floats{0x1p24f});
  CHECK(numbers(0., "U64", 1, std::string("\1\0\0\1\0\0\0\0", 8)) == Doubles{0x1p24 + 1});
  CHECK(numbers(0.f, "F64", 1, std::string("\0\0\0\0\0\0\xf8\x3f", 8)) == Floats{1.5});
  CHECK_THROWS_WITH_AS((void)numbers(0.f, "U64", 1, std::string("\1\0\0\1\0\0\0\0", 8)),
                       doctest::Contains("F32 can hold in tensor \"t\" of U64, received 16777217; read it as F64"),
                       ft::FormatError);
  for (const char* dtype : {"I64", "U64"})
    CHECK_THROWS_WITH_AS((void)numbers(0., dtype, 1, "\xff\xff\xff\xff\xff\xff\xff\x7f"),
                         doctest::Contains("beyond 2^53"), ft::FormatError);
  CHECK_THROWS_AS((void)numbers(0., "U64", 1, std::string(8, '\xff')), ft::FormatError);
  for (const auto& [dtype, count] : {std::pair("F4", 16), std::pair("F8_E8M0", 8), std::pair("C64", 1),
                                     std::pair("F8_E4M3FNUZ", 8), std::pair("Q7", 3)})
    CHECK_THROWS_WITH_AS((void)numbers(0.f, dtype, static_cast<std::size_t>(count), std::string(8, '\1')),
                         doctest::Contains("expected tensor \"t\" to be of F64, F32"), ft::FormatError);
}

TEST_CASE("SafetensorsFile: hostile headers are refused before anything is allocated") {
  const Folder folder;
  const std::string path = folder / "bad.safetensors";
  const auto refused = [&](const std::string& bytes, const char* why) {
    CAPTURE(why);
    write_file(path, bytes);
    CHECK_THROWS_AS(ft::SafetensorsFile{path}, ft::FormatError);
  };
  refused("", "empty");
  refused(std::string(8, '\xff'), "a header length near 2^64");
  refused(framed("[]"), "not an object");
  refused(framed(" {}"), "a header that does not start with a brace");
  refused(framed("{\"a\":1"), "not JSON");
  refused(framed("{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,16],\"data_offsets\":[0,4]}}", "abcd"),
          "a shape whose product overflows");
  refused(framed("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", "abcd"),
          "more numbers than bytes");
  refused(framed("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "abcdefgh"), "a hole");
  refused(framed("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":["
                 "1],\"data_offsets\":[0,4]}}",
                 "abcd"),
          "an overlap");
  refused(framed("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":["
                 "1],\"data_offsets\":[0,4]}}",
                 "abcd"),
          "a key twice");
  refused(framed("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "abcde"),
          "bytes behind the tensors");
  refused(framed("{\"a\":{\"dtype\":\"Q7\",\"shape\":[1],\"data_offsets\":[4,0]}}", "abcd"), "an end before the start");
  refused(framed("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", "abcd"), "a negative size");
  std::string deep = "{\"a\":";
  for (int i = 0; i < 5000; ++i) deep += "[";
  refused(framed(deep), "deep nesting");
  write_file(path, framed("{}  "));
  CHECK_NOTHROW(ft::SafetensorsFile{path});
  CHECK_THROWS_AS(ft::SafetensorsFile{folder / "nothing here"}, ft::FormatError);
  CHECK_THROWS_AS(ft::SafetensorsFile{folder.path.string()}, ft::FormatError);
}
