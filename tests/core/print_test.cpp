// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/core/shape.hpp>
#include <foretell/data/table.hpp>
#include <foretell/metrics/scores.hpp>

#include <bitset>
#include <iomanip>
#include <sstream>

namespace ft = foretell;

TEST_CASE("Tables, scores and shapes go to a stream as what to_string() says") {
  const ft::Table table{{"user", std::vector<double>{1, 2}}};
  ft::Scores scores;
  scores.set("loss", 0.5);
  std::ostringstream out;
  out << table << '|' << scores << '|' << ft::Shape{20, 16} << '|' << std::setw(6) << ft::Shape{3} << '|' << "text"
      << 7;
  CHECK(out.str() == table.to_string() + "|" + scores.to_string() + "|(20, 16)|   (3)|text7");
  CHECK(out.str().find("user") != std::string::npos);
  using namespace foretell;  // which leaves the types of others to them
  std::ostringstream bits;
  bits << std::bitset<4>(5);
  CHECK(bits.str() == "0101");
}
