// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

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

TEST_CASE("infer_roles: columns can be kept by name, and unknown names are errors") {
  const Roles roles = infer_roles(shop(), "bought", {.keep = {"userId", "email"}});
  CHECK(reason(roles, "email") == "kept");
  CHECK(roles.categories == List{"userId", "plan_id", "email", "city"});
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
