// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/random.hpp"
#include "foretell/data/table.hpp"

namespace foretell::datasets {

/// Simulated visits to a shop, and what no one has of real ones: how likely each was to end in a purchase.
struct ShopVisits {
  Table table;                      ///< one row a visit; "purchased" (yes/no) is the answer
  std::vector<double> probability;  ///< of a purchase, for each row
  double best_auc = 0;  ///< what ranking by `probability` scores in expectation: no model can do better but by luck
};

/// The area under the ROC curve expected of ranking by `probability` when each row's answer is drawn with it; NaN when
/// no pair can be ranked.
inline double expected_auc(const std::vector<double>& probability) {
  std::vector<double> p = probability;
  std::sort(p.begin(), p.end());
  double below = 0, won = 0, yes = 0;  // `below`: expected answers "no" among the rows ranked lower
  for (std::size_t first = 0, last = 0; first < p.size(); first = last) {
    double tied_no = 0, tied_yes = 0;
    do tied_yes += p[last], tied_no += 1 - p[last];
    while (++last < p.size() && p[last] == p[first]);
    won += tied_yes * (below + 0.5 * tied_no);
    below += tied_no;
    yes += tied_yes;
  }
  return won / (yes * below);
}

namespace detail {

/// Draws of one row; each named quantity has a stream of its own.
struct VisitRandom {
  Random random;
  std::uint64_t row;

  double uniform(std::string_view name) const { return random.stream(name).uniform(row); }
  double normal(std::string_view name) const { return random.stream(name).normal(row); }
  bool chance(std::string_view name, double p) const { return uniform(name) < p; }

  /// The place at which the running sum of the shares passes a uniform draw.
  template <std::size_t N>
  std::size_t pick(std::string_view name, const std::array<double, N>& shares) const {
    double left = uniform(name) * std::accumulate(shares.begin(), shares.end(), 0.0);
    std::size_t i = 0;
    while (i + 1 < N && left >= shares[i]) left -= shares[i++];
    return i;
  }
};

}  // namespace detail

/// Simulates `visits` visits. About 15 % buy; the odds hang on the columns in ways a linear model cannot follow (a best
/// length of stay, the hour in turn with the device, discounts that help only some baskets and some sources). Durations
/// and baskets have heavy tails, countries and sources have rare values, and values are missing for reasons: no days
/// since the last visit for who is new, no age without an account, no campaign without an advertisement, no durations
/// where short mobile visits escape measurement. "customer_id" tells nothing. The same seed gives the same visits.
inline ShopVisits shop_visits(std::size_t visits = 12000, std::uint64_t seed = 0) {
  constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::array<double, 12> month_share{7, 6, 8, 7, 9, 7, 6, 6, 8, 9, 14, 13};
  constexpr std::array<const char*, 9> sources{"search",    "direct",   "ads",     "social", "email",
                                               "affiliate", "referral", "podcast", "tv"};
  constexpr std::array<double, 9> source_share{34, 23, 15, 11, 8, 5, 3, 0.6, 0.4};
  constexpr std::array<const char*, 4> devices{"mobile", "desktop", "tablet", "console"};
  constexpr std::array<double, 4> device_share{56, 36, 7.5, 0.5};
  constexpr std::array<const char*, 18> countries{"DE", "FR", "GB", "IT", "ES", "NL", "PL", "AT", "CH",
                                                  "BE", "SE", "DK", "CZ", "PT", "IE", "NO", "IS", "MT"};
  constexpr std::array<double, 18> country_share{26,  18,  14, 10,  8,   6,   5,    3.5, 3,
                                                 2.5, 1.5, 1,  0.6, 0.4, 0.2, 0.15, 0.1, 0.05};
  constexpr std::array<const char*, 5> campaigns{"spring", "brand", "outlet", "newsletter", "win_back"};
  constexpr std::array<double, 5> campaign_share{30, 28, 22, 15, 5};
  constexpr std::array<double, 5> discounts{0, 5, 10, 20, 30};
  constexpr std::array<double, 5> discount_share{58, 14, 14, 9, 5};
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();

  const auto texts = [](const auto& names) { return std::vector<std::string>(names.begin(), names.end()); };
  const auto column = [&] { return std::vector<double>(visits, nan); };
  std::vector<std::int32_t> month(visits), source(visits), device(visits), country(visits), campaign(visits, -1);
  std::vector<std::int8_t> weekend(visits), returning(visits), purchased(visits);
  std::vector<double> hour = column(), age = column(), days = column(), product_pages = column(), info_pages = column(),
                      minutes = column(), product_minutes = column(), searches = column(), cart = column(),
                      discount = column();
  std::vector<std::string> customer(visits);
  ShopVisits result;
  result.probability.resize(visits);

  const Random random = Random(seed).stream("shop_visits");
  for (std::size_t i = 0; i < visits; ++i) {
    const detail::VisitRandom draw{random, i};
    const std::string digits = std::to_string(1000000 + random.stream("customer").below(i, 1 + visits * 2 / 3));
    customer[i] = "C" + digits.substr(1);
    const std::size_t m = draw.pick("month", month_share), s = draw.pick("source", source_share),
                      d = draw.pick("device", device_share), c = draw.pick("country", country_share);
    month[i] = static_cast<std::int32_t>(m);
    source[i] = static_cast<std::int32_t>(s);
    device[i] = static_cast<std::int32_t>(d);
    country[i] = static_cast<std::int32_t>(c);
    const bool mobile = d == 0, desktop = d == 1, paid = s == 2 || s == 3 || s == 5;
    const bool known = draw.chance("returning", s == 1 || s == 4 ? 0.72 : 0.36);
    const bool off_work = draw.chance("weekend", 0.28);
    returning[i] = known;
    weekend[i] = off_work;
    const double peak = desktop ? 14.0 : 20.0;
    hour[i] = std::fmod(std::floor(peak + 4.2 * draw.normal("hour")) + 48, 24);
    const double years = std::clamp(std::round(38 + 12 * draw.normal("age")), 16.0, 88.0);
    if (draw.chance("account", known ? 0.85 : 0.3)) age[i] = years;
    if (known) days[i] = std::floor(std::exp(2.2 + 1.1 * draw.normal("days")));

    const double interest = draw.normal("interest");
    product_pages[i] = std::floor(std::exp(1.5 + 0.8 * interest + 0.5 * draw.normal("product_pages")));
    info_pages[i] = std::floor(std::exp((known ? -0.2 : 0.5) + 0.8 * draw.normal("info_pages")));
    searches[i] = std::floor(std::exp(0.4 * interest + 0.6 * draw.normal("searches")));
    const double each = std::exp(-0.2 + 0.6 * draw.normal("pace"));  // minutes a page
    const double on_products = each * (product_pages[i] + 0.3);
    const double stay = on_products + 0.6 * info_pages[i] + std::exp(-0.5 + draw.normal("stay"));
    const bool measured = !draw.chance("measured", mobile && stay < 4 ? 0.22 : 0.01);
    if (measured) {
      minutes[i] = std::round(100 * stay) / 100;
      product_minutes[i] = std::round(100 * on_products) / 100;
    }
    const bool has_cart = draw.chance("has_cart", 1 / (1 + std::exp(0.4 - 0.8 * interest)));
    const double basket = has_cart ? std::round(100 * std::exp(3.9 + 0.8 * draw.normal("cart"))) / 100 : 0.0;
    cart[i] = basket;
    const double off = discounts[draw.pick("discount", discount_share)];
    discount[i] = off;
    if (s == 2 || s == 4) campaign[i] = static_cast<std::int32_t>(draw.pick("campaign", campaign_share));

    double odds = -4.7;
    odds += has_cart ? 2.6 - 0.75 * std::abs(std::log(basket / 55)) : 0.0;           // neither tiny nor huge baskets
    odds += has_cart && basket > 70 ? 0.11 * off : paid ? -0.03 * off : 0.01 * off;  // discounts move large baskets
    odds += 0.9 - 0.8 * std::pow(std::log(stay / 9), 2);                             // there is a best length of stay
    odds += (each > 0.5 && each < 1.3) == (product_pages[i] > 4) ? 0.9 : -0.9;       // read closely, or compare many
    const double turn = std::cos((hour[i] - peak) * 0.2617993877991494);             // 2 pi / 24
    odds += (off_work && desktop ? -0.9 : 0.9) * turn;
    odds += known ? (s == 1 || s == 4 ? 1.1 : paid ? -0.9 : 0.2) : (s == 0 || paid ? 0.5 : -0.7);
    if (known) odds += 0.9 * std::exp(-std::pow(std::log((days[i] + 1) / 8), 2));  // about a week after the last visit
    odds += (years - 38) / 12 * (mobile ? -0.45 : 0.45);
    odds += m >= 10 ? 0.35 + 0.02 * off : m == 1 || m == 7 ? -0.4 : 0.0;
    odds += c == 8 || c == 15 || c == 16 ? -0.9 : c < 3 ? 0.15 : 0.0;  // dear shipping
    if (campaign[i] == 2) odds += off > 0 ? 0.9 : -0.9;
    result.probability[i] = 1 / (1 + std::exp(-1.25 * odds));
    purchased[i] = draw.uniform("purchase") < result.probability[i];
  }
  result.best_auc = expected_auc(result.probability);
  result.table = Table{{"customer_id", customer},
                       {"month", Column::from_codes(std::move(month), texts(months))},
                       {"weekend", Column::from_booleans(std::move(weekend))},
                       {"hour", hour},
                       {"traffic_source", Column::from_codes(std::move(source), texts(sources))},
                       {"campaign", Column::from_codes(std::move(campaign), texts(campaigns))},
                       {"device", Column::from_codes(std::move(device), texts(devices))},
                       {"country", Column::from_codes(std::move(country), texts(countries))},
                       {"age", age},
                       {"returning_visitor", Column::from_booleans(std::move(returning))},
                       {"days_since_last_visit", days},
                       {"product_pages", product_pages},
                       {"info_pages", info_pages},
                       {"searches", searches},
                       {"minutes", minutes},
                       {"product_minutes", product_minutes},
                       {"cart_value", cart},
                       {"discount_percent", discount},
                       {"purchased", Column::from_booleans(std::move(purchased), "no", "yes")}};
  return result;
}

}  // namespace foretell::datasets
