// SPDX-License-Identifier: BSD-3-Clause
// Numbers where they become texts, and texts where they are numbers.
#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <foretell/core/random.hpp>
#include <foretell/data/csv.hpp>
#include <foretell/data/group_by.hpp>
#include <foretell/data/join.hpp>
#include <foretell/data/json_lines.hpp>
#include <foretell/preprocessing/label_encoder.hpp>
#include <foretell/preprocessing/one_hot_encoder.hpp>
#include <foretell/xt/tensor.hpp>
#include <string>
#include <vector>

using namespace foretell;

TEST_CASE("Numbers as texts: an id that a log has as number and as text is one category") {
  const Table ids = read_json_lines_text("{\"id\":100000}\n{\"id\":\"100000\"}\n{\"id\":2500000}\n{\"id\":\"A1\"}\n");
  CHECK(ids.column("id").dictionary() == std::vector<std::string>{"100000", "2500000", "A1"});
  const Table log = read_json_lines_text("{\"user\":200000,\"v\":1}\n{\"user\":9007199254740995,\"v\":2}\n");
  const Table names = read_csv_text("user,name\n200000,Ann\n9007199254740995,Bob\n");
  const Table both = join(log, names, {"user"});
  REQUIRE(both.rows() == 2);
  CHECK(both.column("name").text(1) == "Bob");
}

TEST_CASE("Numbers as texts: classes and categories are named as they were written") {
  LabelEncoder<double> labels;
  CHECK(labels.fit(Column{100001.0, 100000.0}).classes() == std::vector<std::string>{"100000", "100001"});
  CHECK(labels.transform(Column{100001.0, 100000.0})(0) == 1);
  CHECK(labels.transform(Column{"100000", "100001"})(0) == 0);
  OneHotEncoder<double> encoder;
  encoder.fit(Table{{"price", {0.0001, 300000.0}}});
  CHECK(encoder.get_feature_names_out() == std::vector<std::string>{"price_0.0001", "price_300000"});
}

TEST_CASE("Numbers as texts: a file of known categories that look like numbers has no unknown ones") {
  const Table train = read_csv_text("code,size\n100000,1.0\n200000,2.50\nA12,XL\n");
  OneHotEncoder<double> encoder;
  encoder.fit(train);
  const auto x = encoder.transform(read_csv_text("code,size\n200000,2.50\n100000,1.0\n"));
  double known = 0;
  for (const double v : x) known += v;
  CHECK(known == 4);
  CHECK(encoder.hits()[0].unknown + encoder.hits()[1].unknown + encoder.hits()[0].unreadable == 0);
  (void)encoder.transform(read_csv_text("code,size\n300000,3.0\n"));
  CHECK(encoder.hits()[0].unknown == 1);
  CHECK(encoder.hits()[0].unreadable == 0);
}

TEST_CASE("Numbers as texts: a column of numbers is the same column of numbers when it was written and read") {
  const Random random = Random(7).stream("numbers");
  std::vector<double> any{1e17,  -9007199254740994, 9007199254740992, 1e5, 123456789012345680000.0, 0.0001, 1e-7, 1e300,
                          -1e22, 4503599627370496.5};
  for (std::uint64_t i = 0; i < 3000; ++i) {
    const double value = std::bit_cast<double>(random.bits(2 * i));
    if (std::isfinite(value)) any.push_back(value);
    any.push_back(std::ldexp(static_cast<double>(random.bits(2 * i + 1) >> 11), static_cast<int>(i % 40) - 20));
  }
  const Table table{{"x", Column(any)}};
  CHECK(read_csv_text(to_csv(table)) == table);
  CHECK(read_json_lines_text(to_json_lines(table)) == table);
}

TEST_CASE("GroupBy: many users of whole numbers are as many groups") {
  std::vector<double> user(30000);
  for (std::size_t i = 0; i < user.size(); ++i) user[i] = static_cast<double>(i % 10007) * 65536;
  const Table counts = GroupBy(Table{{"user", Column(user)}}, "user").aggregate({{"n", agg::size()}});
  REQUIRE(counts.rows() == 10007);
  CHECK(counts.column("n").number(0) == 3);
  CHECK(counts.column("user").number(10006) == 10006.0 * 65536);
}
