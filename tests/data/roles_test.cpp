// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <foretell/core/random.hpp>
#include <foretell/data/roles.hpp>
#include <limits>
#include <string>
#include <vector>

using namespace foretell;

namespace {

using List = std::vector<std::string>;

Table shop() {
  const Random random(5);
  const double gap = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> row, customer, price, few, constant, hour, stamp, nothing, code;
  List email, city, comment, when, flag_copy;
  std::vector<bool> bought;
  for (std::size_t i = 0; i < 400; ++i) {
    const bool yes = random.below(i, 3) == 0;
    row.push_back(static_cast<double>(i + 1));
    customer.push_back(static_cast<double>(random.below(i + 1000, 300)));
    code.push_back(static_cast<double>(random.below(i + 1000, 5)));
    price.push_back(random.uniform(i + 2000));
    few.push_back(static_cast<double>(random.below(i + 3000, 4)));
    hour.push_back(i % 7 == 0 ? gap : static_cast<double>(i % 24));
    stamp.push_back(1.6e9 + 1000 * static_cast<double>(i) + static_cast<double>(random.below(i, 900)));
    constant.push_back(3);
    nothing.push_back(gap);
    email.push_back("someone" + std::to_string(i) + "@example.org");
    city.push_back(i % 2 ? "Oslo" : i % 3 ? "Rome" : "Bern");
    comment.push_back("it came in " + std::to_string(i) + " days and was fine");
    when.push_back("2024-0" + std::to_string(1 + i % 9) + "-" + std::to_string(10 + i % 18) + " 12:30:00");
    flag_copy.push_back(yes ? "bought" : "left");
    bought.push_back(yes);
  }
  return {{"row", row},   {"userId", customer}, {"plan_id", code},      {"price", price},       {"few", few},
          {"hour", hour}, {"stamp", stamp},     {"constant", constant}, {"nothing", nothing},   {"email", email},
          {"city", city}, {"comment", comment}, {"when", when},         {"outcome", flag_copy}, {"bought", bought}};
}

std::string reason(const Roles& roles, const std::string& name) {
  for (const auto& left : roles.left_out)
    if (left.name == name) return left.reason;
  return "kept";
}

}  // namespace

TEST_CASE("infer_roles: numbers stay numbers, texts become categories, the rest is left out with a reason") {
  const Roles roles = infer_roles(shop(), "bought");
  CHECK(roles.target == "bought");
  CHECK(roles.numbers == List{"price", "few", "hour"});
  CHECK(roles.categories == List{"plan_id", "city"});
  CHECK(reason(roles, "row").find("numbers the rows") != std::string::npos);
  CHECK(reason(roles, "userId").find("identifier by its name") != std::string::npos);
  CHECK(reason(roles, "stamp").find("rises with every row") != std::string::npos);
  CHECK(reason(roles, "constant").find("same value everywhere") != std::string::npos);
  CHECK(reason(roles, "nothing").find("no values") != std::string::npos);
  CHECK(reason(roles, "email").find("all values are different") != std::string::npos);
  CHECK(reason(roles, "comment").find("free text") != std::string::npos);
  CHECK(reason(roles, "when").find("dates") != std::string::npos);
  CHECK(reason(roles, "outcome").find("same as the target") != std::string::npos);
  CHECK(roles.left_out.size() == 9);
  CHECK(roles.to_string().find("numbers     3: price, few, hour\n") != std::string::npos);
}

TEST_CASE("infer_roles: missing counts as a value") {
  const double gap = std::numeric_limits<double>::quiet_NaN();
  const Random random(6);
  std::vector<double> target, one_or_none, nearly_full, returned, day;
  std::vector<std::int32_t> coupon, mail, status;
  List coupons, mails;
  for (std::size_t i = 0; i < 400; ++i) {
    const bool yes = random.below(i, 3) == 0, used = random.below(i + 500, 12) == 0;
    target.push_back(yes);
    one_or_none.push_back(used ? 7 : gap);
    nearly_full.push_back(i == 17 ? gap : 3);
    coupon.push_back(used ? static_cast<std::int32_t>(coupons.size()) : -1);
    if (used) coupons.push_back("code" + std::to_string(i));
    mail.push_back(i % 9 ? static_cast<std::int32_t>(mails.size()) : -1);
    if (i % 9) mails.push_back("someone" + std::to_string(i) + "@example.org");
    returned.push_back(yes ? random.uniform(i) : gap);
    status.push_back(yes ? 0 : -1);
    day.push_back(i % 10 ? 20240101 + static_cast<double>(i % 28) : gap);
  }
  const Table table{{"one_or_none", one_or_none},
                    {"nearly_full", nearly_full},
                    {"coupon", Column::from_codes(coupon, coupons)},
                    {"mail", Column::from_codes(mail, mails)},
                    {"returned_for", returned},
                    {"status", Column::from_codes(status, {"closed"})},
                    {"day", day},
                    {"target", target}};
  const Roles roles = infer_roles(table, "target");
  CHECK(roles.numbers.empty());  // of one value: what another would mean was not learned
  CHECK(roles.categories == List{"one_or_none", "nearly_full", "coupon"});
  CHECK(reason(roles, "mail") ==
        "it is an identifier: all values are different; it is missing in 45 of 400 rows, which may say something: "
        "derive a column of that to use it");
  CHECK(reason(roles, "returned_for") == "whether it is missing says the same as the target");
  CHECK(reason(roles, "status") == "it says the same as the target");
  CHECK(reason(roles, "day").find("dates") != std::string::npos);
  CHECK(reason(roles, "day").find("missing in 40 of 400 rows") != std::string::npos);
}

TEST_CASE("infer_roles: numbers that are all different do not say the same as a target of such numbers") {
  const Random random(7);
  std::vector<double> target, feature, half, cents;
  for (std::size_t i = 0; i < 100; ++i) {
    target.push_back(random.uniform(i));
    feature.push_back(random.uniform(1000 + i));
    half.push_back(std::floor(target.back() * 10));
    cents.push_back(100 * std::floor(target.back() * 10) + 3.5);
  }
  const Table table{{"feature", feature}, {"copy", target}, {"target", target}, {"half", half}, {"cents", cents}};
  const Roles roles = infer_roles(table, "target");
  CHECK(roles.numbers == List{"feature", "half", "cents"});
  CHECK(reason(roles, "copy") == "it is a copy of the target");
  CHECK(reason(infer_roles(table, "half"), "cents") == "it says the same as the target");
}

TEST_CASE("infer_roles: on random columns of few values, each reason holds row by row") {
  std::size_t constants = 0, leaks = 0, kept = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const Random random(seed);
    const std::size_t rows = 20 + random.below(0, 5), values = 1 + random.below(1, 2), gaps = random.below(2, 3);
    std::vector<double> column(rows), target(rows);
    for (std::size_t i = 0; i < rows; ++i) {
      target[i] = static_cast<double>(random.below(100 + i, 2));
      const double same = random.below(3, 3) == 0 ? target[i] : static_cast<double>(random.below(200 + i, values));
      column[i] = gaps > 0 && (gaps == 1 ? same == 0 : random.below(300 + i, 8) == 0)
                      ? std::numeric_limits<double>::quiet_NaN()
                      : same + 0.5;
    }
    if (std::count(target.begin(), target.end(), 0.0) % static_cast<std::ptrdiff_t>(rows) == 0) continue;
    const auto cell = [&](std::size_t i) { return std::isnan(column[i]) ? -1 : column[i]; };
    bool constant = true, told_by_value = true, told_by_gap = true;
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < rows; ++j) {
        constant = constant && cell(i) == cell(j);
        told_by_value = told_by_value && (cell(i) == cell(j)) == (target[i] == target[j]);
        told_by_gap = told_by_gap && (std::isnan(column[i]) == std::isnan(column[j])) == (target[i] == target[j]);
      }
    const Roles roles = infer_roles(Table{{"x", column}, {"y", target}}, "y");
    CAPTURE(seed);
    CHECK((reason(roles, "x") == "kept") == !(constant || told_by_value || told_by_gap));
    constants += constant, leaks += told_by_value || told_by_gap, kept += reason(roles, "x") == "kept";
  }
  CHECK(constants > 10);
  CHECK(leaks > 10);
  CHECK(kept > 100);
}

TEST_CASE("infer_roles: columns can be kept by name, and unknown names are errors") {
  const Roles roles = infer_roles(shop(), "bought", {.keep = {"userId", "email"}});
  CHECK(reason(roles, "email") == "kept");
  CHECK(roles.categories == List{"userId", "plan_id", "email", "city"});
  const Table table{{"three", std::vector<double>(30, 3.0)},
                    {"none", std::vector<double>(30, std::nan(""))},
                    {"y", std::vector<double>(30, 1.0)}};
  const Roles kept = infer_roles(table, "y", {.keep = {"three", "none"}});
  CHECK(kept.numbers.empty());
  CHECK(kept.categories == List{"three", "none"});
  CHECK_THROWS_AS(infer_roles(shop(), "bough"), DataError);
  CHECK_THROWS_AS(infer_roles(shop(), "bought", {.keep = {"nobody"}}), DataError);
}

TEST_CASE("infer_roles: a few rows prove nothing") {
  const Roles roles = infer_roles(shop().head(10), "bought");
  CHECK(reason(roles, "email") == "kept");
  CHECK(reason(roles, "row") == "kept");
}

TEST_CASE("name_words: cuts at marks and humps") {
  CHECK(detail::name_words("customerID") == List{"customer", "id"});
  CHECK(detail::name_words("HTTPCode_v2") == List{"http", "code", "v2"});
  CHECK(detail::name_words("  ").empty());
  for (const char* name : {"id", "ID", "user_id", "userId", "CustomerID", "hhid", "sessionid", "uuid"})
    CHECK_MESSAGE(detail::named_like_id(name), name);
  for (const char* name : {"paid", "bid", "humidity", "valid", "grid", "idea", "width", ""})
    CHECK_MESSAGE(!detail::named_like_id(name), name);
}

TEST_CASE("is_date: the common orders, with and without a time") {
  for (const char* s : {"2024-05-31", "2024/5/1", "31.12.2024", "5/31/24", "1/1/2011", "2024-05-31T12:30:00Z",
                        "2011-01-01 00:00:00", "4/7/2011 9:15 PM"})
    CHECK_MESSAGE(detail::is_date(s), s);
  for (const char* s : {"2024", "12:30", "1-2", "2024-13-45", "192.168.1.1", "1-2-3", "2024-05/31", "555-12-1234",
                        "2024-05-31 noon", ""})
    CHECK_MESSAGE(!detail::is_date(s), s);
}
