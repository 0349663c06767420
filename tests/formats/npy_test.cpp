// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <foretell/core/random.hpp>
#include <foretell/formats/npy.hpp>
#include <foretell/xt/tensor.hpp>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

using namespace foretell;
namespace fs = std::filesystem;

// The files of tests/goldens/npy were written by numpy (npy.py there).

namespace {

const fs::path folder = fs::path(FORETELL_GOLDENS) / "npy";

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void check_ramp(const Tensor<double>& x) {  // 0, 1, 2 ... in the shape (2, 3, 4)
  REQUIRE(x.shape().size() == 3);
  REQUIRE(x.size() == 24);
  for (std::size_t i = 0; i < 24; ++i) CHECK(x.data()[i] == static_cast<double>(i));
}

}  // namespace

TEST_CASE("load_npy: every kind of number, both byte orders, both orders of axes") {
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    CAPTURE(name);
    if (name.starts_with("ramp_") && ++files) check_ramp(load_npy<double>(entry.path()));
  }
  CHECK(files == 15);
  const auto flags = load_npy<double>(folder / "flags.npy");
  CHECK(flags.shape().size() == 1);
  CHECK(flags.data()[0] == 1);
  CHECK(flags.data()[1] == 0);
  CHECK(load_npy<float>(folder / "scalar.npy").size() == 1);
  CHECK(load_npy<double>(folder / "scalar.npy").data()[0] == 2.5);
  CHECK(load_npy<float>(folder / "empty.npy").size() == 0);
  const auto odd = load_npy<double>(folder / "odd_half.npy");
  CHECK(std::isinf(odd.data()[0]));
  CHECK(std::isnan(odd.data()[1]));
  CHECK(odd.data()[2] == std::ldexp(1.0, -24));
  CHECK(odd.data()[3] == -65504);
}

TEST_CASE("load_npy: what is no array of numbers is refused in a sentence") {
  for (const char* name : {"objects.npy", "texts.npy", "dates.npy", "complex.npy"}) {
    CAPTURE(name);
    CHECK_THROWS_WITH_AS(load_npy<float>(folder / name), doctest::Contains("convert it with astype"), FormatError);
  }
  CHECK_THROWS_WITH_AS(load_npy<float>(folder / "records.npy"), doctest::Contains("received one of records"),
                       FormatError);
  CHECK_THROWS_AS(load_npy<float>("/nonexistent.npy"), FormatError);
  const std::string whole = bytes_of(folder / "ramp_f8.npy");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_THROWS_AS(detail::array_of_npy<float>(std::string_view(whole).substr(0, size), "test"), FormatError);
  }
}

TEST_CASE("load_npy: a number that the array's type would make another is an error") {
  const auto npy = [](const std::string& descr, const auto& values) {
    std::string header = text("{'descr': '", descr, "', 'fortran_order': False, 'shape': (", values.size(), ",), }\n");
    std::string out("\x93NUMPY\x01\x00", 8);
    out += static_cast<char>(header.size());
    out += '\0';
    out += header;
    out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof values[0]);
    return out;
  };
  const std::vector<std::int64_t> ids{16777216, -16777216, 16777218, std::int64_t{1} << 62}, odd{16777217},
      large{9007199254740993}, smallest{std::numeric_limits<std::int64_t>::min(), 0};
  CHECK(detail::array_of_npy<float>(npy("<i8", ids), "f").data()[2] == 16777218);
  CHECK(detail::array_of_npy<float>(npy("<i8", smallest), "f").data()[0] == -std::ldexp(1.0f, 63));
  CHECK(detail::array_of_npy<double>(npy("<i8", odd), "f").data()[0] == 16777217);
  CHECK_THROWS_WITH_AS(detail::array_of_npy<float>(npy("<i8", odd), "f"),
                       "f: expected numbers that a float keeps, received 16777217; load it as double", FormatError);
  CHECK_THROWS_WITH_AS(detail::array_of_npy<double>(npy("<i8", large), "f"),
                       "f: expected numbers that a double keeps, received 9007199254740993; save it as text",
                       FormatError);
  const std::vector<std::uint32_t> unsigned_odd{4294967295u};
  CHECK_THROWS_AS(detail::array_of_npy<float>(npy("<u4", unsigned_odd), "f"), FormatError);
  CHECK(detail::array_of_npy<double>(npy("<u4", unsigned_odd), "f").data()[0] == 4294967295.0);
  const std::vector<double> finite{1e300}, infinite{HUGE_VAL, 0.1};
  CHECK_THROWS_WITH_AS(detail::array_of_npy<float>(npy("<f8", finite), "f"), doctest::Contains("received 1e+300"),
                       FormatError);
  CHECK(std::isinf(detail::array_of_npy<float>(npy("<f8", infinite), "f").data()[0]));
}

TEST_CASE("load_npz: stored and deflated members") {
  const auto stored = load_npz<double>(folder / "stored.npz");
  REQUIRE(stored.size() == 2);
  check_ramp(stored.at("ramp"));
  CHECK(stored.at("weights").data()[1] == 0.5);
#if defined(FORETELL_HAVE_ZLIB)
  const auto packed = load_npz<double>(folder / "packed.npz");
  REQUIRE(packed.size() == 2);
  check_ramp(packed.at("ramp"));
  CHECK(packed.at("zeros").size() == 100000);
#endif
  CHECK_THROWS_WITH_AS(load_npz<float>(folder / "flags.npy"), doctest::Contains("expected a ZIP archive"), FormatError);
}

TEST_CASE("load_npz: a damaged archive is an error, never a crash") {
  const std::string whole = bytes_of(folder / "stored.npz");
  const auto try_all = [](std::string_view bytes) {
    try {
      for (const auto& entry : detail::zip_entries(bytes, "test")) {
        std::string room;
        (void)detail::array_of_npy<float>(detail::zip_content(bytes, entry, "test", room), "test");
      }
      return true;
    } catch (const Error&) {
      return false;
    }
  };
  CHECK(try_all(whole));
  for (std::size_t size = 0; size + 22 < whole.size(); size += 3)
    CHECK(!try_all(std::string_view(whole).substr(0, size)));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(~damaged[at]);
    (void)try_all(damaged);
  }
}

TEST_CASE("save_npy, save_npz: the bytes numpy writes, and what was written is read") {
  const fs::path path = fs::temp_directory_path() / "foretell_npy_test.npy";
  auto ramp = zeros<double>({2, 3, 4});
  for (std::size_t i = 0; i < 24; ++i) ramp.data()[i] = static_cast<double>(i);
  save_npy<double>(path, ramp);
  CHECK(bytes_of(path) == bytes_of(folder / "ramp_f8.npy"));
  save_npy<float>(path, ramp);
  CHECK(bytes_of(path) == bytes_of(folder / "ramp_f4.npy"));
  save_npy<float>(path, std::vector<double>{1, 2, 3});
  CHECK(load_npy<float>(path).shape().size() == 1);
  const auto odd = random_normal<double>({7, 1, 3}, 4);
  save_npz<double>(path, {{"a", odd}, {"größe", ramp}});
  const auto read = load_npz<double>(path);
  CHECK(std::equal(odd.data(), odd.data() + odd.size(), read.at("a").data()));
  check_ramp(read.at("größe"));
  fs::remove(path);
  CHECK_THROWS_AS(save_npy<float>("/nonexistent/x.npy", ramp), FormatError);
}
