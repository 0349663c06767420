// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/core/arena.hpp>
#include <foretell/core/fields.hpp>
#include <foretell/core/shape.hpp>

#include <algorithm>
#include <cstdint>
#include <string>

namespace ft = foretell;

TEST_CASE("Shape: sizes, last axis and text") {
  const ft::Shape shape{4, 3};
  CHECK(shape.size() == 12);
  CHECK(shape.back() == 3);
  CHECK(to_string(shape) == "(4, 3)");
  CHECK(to_string(shape, "*, ") == "(*, 4, 3)");
  CHECK(to_string(ft::Shape{}, "*") == "(*)");
  CHECK(shape.with_back(5) == ft::Shape{4, 5});
  CHECK(ft::Shape{}.size() == 1);
  CHECK_THROWS_AS((ft::Shape{1, 2, 3, 4, 5, 6, 7}), ft::ShapeError);
}

TEST_CASE("Arena: a value of aligned zeros") {
  ft::Arena<float> a(5);
  CHECK(reinterpret_cast<std::uintptr_t>(a.data()) % 64 == 0);
  CHECK(a[4] == 0.f);
  a[0] = 1;
  ft::Arena<float> b = a;
  b[0] = 2;
  CHECK(a[0] == 1.f);
  b = std::move(a);
  CHECK(b[0] == 1.f);
  b.resize(9);
  CHECK(b.size() == 9);
  CHECK((b[0] == 1.f && b[8] == 0.f));
  CHECK(ft::Arena<double>().size() == 0);
}

TEST_CASE("Arena: a large one begins a large page") {
  ft::Arena<float> a(std::size_t(3) << 20);
  CHECK(reinterpret_cast<std::uintptr_t>(a.data()) % (std::size_t(2) << 20) == 0);
  CHECK(std::all_of(a.begin(), a.end(), [](float x) { return x == 0.f; }));
  a[7] = 1;
  ft::Arena<float> b = a;
  b.resize(8);  // to a small one, which lies elsewhere
  CHECK((b[7] == 1.f && a[7] == 1.f));
  b.resize(a.size());
  CHECK((b[7] == 1.f && b[b.size() - 1] == 0.f));
  a = std::move(b);
  CHECK(a.size() == std::size_t(3) << 20);
}

TEST_CASE("text: numbers in the shortest form that reads back, booleans and strings") {
  CHECK(ft::text("a ", 1, ' ', 0.1, " ", true, " ", std::size_t(7)) == "a 1 0.1 true 7");
  CHECK(ft::quoted_list(std::vector<std::string>{"x", "y"}) == "\"x\", \"y\"");
  CHECK(ft::quoted_list(std::vector<std::string>{}) == "(none)");
}

namespace {
template <class T>
struct Part {
  T start = 1;
  std::string word = "a";
  void fields(auto&& f) {
    f("start", start);
    f("word", word);
  }
};
}  // namespace

TEST_CASE("with_fields_of: configuration in another scalar type") {
  const Part<float> from{0.25f, "b"};
  const auto to = ft::with_fields_of<Part<double>>(from);
  CHECK(to.start == 0.25);
  CHECK(to.word == "b");
}

TEST_CASE("Shape: axes of no axes are 1, and a row that no memory holds is refused") {
  CHECK(ft::Shape{}.back() == 1);
  CHECK(ft::Shape{}.front() == 1);
  CHECK(rows_text(ft::Shape{30}) == "(*, 30)");
  CHECK(rows_text(ft::Shape{}) == "(*)");
  CHECK_THROWS_AS((ft::Shape{std::size_t(1) << 32, std::size_t(1) << 32}), ft::ShapeError);
}
