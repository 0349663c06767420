// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>
#include <foretell/formats/json.hpp>

#include <cmath>
#include <string>
#include <vector>

#include "support/folder.hpp"

namespace ft = foretell;

namespace {

const std::string folder = std::string(FORETELL_GOLDENS) + "/format_1/";

/// The probes of each file are answered at load, to 1e-4; this is to the last digits that were written.
void check_answers(const char* name, const ft::Tensor<float>& y) {
  static const ft::Json answers = ft::parse_json(ft::support::read_file(folder + "answers.json"), "answers.json");
  CAPTURE(name);
  const ft::Json& expected = answers[name];
  REQUIRE(expected.size() == y.size());
  for (std::size_t i = 0; i < y.size(); ++i)
    CHECK(static_cast<double>(y.data()[i]) == doctest::Approx(expected[i].number()).epsilon(1e-5));
}

}  // namespace

TEST_CASE("Files of format 1: they load and answer as when they were written") {
  const ft::Table table = ft::read_csv_text(
      "age,device,pages\n20,mobile,1\n31,desktop,\n,mobile,7\n44,tablet,3\n52,desktop,9\n18,mobile,2\n");
  const ft::Bundle<float> tabular = ft::load<float>(folder + "tabular.safetensors");
  const std::vector<float> p = tabular.predict(table);
  check_answers("tabular", ft::to_tensor<float>(p));
  ft::Predictor<float> predictor = tabular.predictor();
  ft::Row row = predictor.row();
  for (std::size_t i = 0; i < table.rows(); ++i) {
    row.assign(table, i);
    CHECK(predictor(row)[0] == p[i]);
  }

  const ft::Tensor<float> ids{{1, 2, 3, 0}, {4, 4, 0, 0}, {5, 1, 2, 6}};
  const auto sequence = ft::Sequential<float>::load(folder + "sequence.safetensors");
  check_answers("sequence", sequence.predict(ids));
  const std::vector<std::int64_t> whole(ids.begin(), ids.end());
  check_answers("sequence", sequence.predict(ft::make_tensor<std::int64_t>({3, 4}, whole.data())));

  const ft::Bundle<float> texts = ft::load<float>(folder + "texts.safetensors");
  const auto words = texts.part<ft::TfidfVectorizer<float>>("words");
  const std::vector<std::string> said{"good soup", "bad soup", "good good table", "a bad bad bad chair"};
  check_answers("texts", ft::to_tensor<float>(texts.predict(words.transform(said))));

  const auto heads = ft::Model<float>::load(folder + "heads.safetensors");
  CHECK(heads.network().probe_rows() == 2);
  const ft::Tensor<float> numbers{{1, 2, 3}, {0, -1, 0.5}, {2, 2, 2}, {-1, 0, 1}};
  const std::vector<float> user{0, 5, 3, 3};
  const ft::Tensors<float> y = heads.predict({{"user", user}, {"numbers", numbers}});
  check_answers("heads/buys", y["buys"]);
  check_answers("heads/spend", y["spend"]);
}
