// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <foretell/io/json.hpp>
#include <foretell/preprocessing/label_encoder.hpp>
#include <foretell/xt/tensor.hpp>
#include <string>
#include <vector>

using namespace foretell;
using Texts = std::vector<std::string>;

TEST_CASE("LabelEncoder: texts are numbered in sorted order and come back") {
  LabelEncoder<float> encoder;
  const Tensor<float> ids = encoder.fit_transform(Texts{"spam", "ham", "eggs", "ham"});
  CHECK(encoder.classes() == Texts{"eggs", "ham", "spam"});
  CHECK(ids.shape().size() == 1);
  CHECK(std::vector<float>(ids.begin(), ids.end()) == std::vector<float>{2, 1, 0, 1});
  CHECK(encoder.inverse_transform(ids) == Texts{"spam", "ham", "eggs", "ham"});
}

TEST_CASE("LabelEncoder: numbers sort by value, booleans as false and true") {
  LabelEncoder<double> encoder;
  encoder.fit(std::vector<int>{10, 9, -1, 9});
  CHECK(encoder.classes() == Texts{"-1", "9", "10"});
  CHECK(encoder.transform(Column{10.0, -1.0})(0) == 2);
  CHECK(encoder.transform(Texts{"9"})(0) == 1);
  encoder.fit(Column::from_booleans({1, 0, 1}, "zero", "one"));
  CHECK(encoder.classes() == Texts{"zero", "one"});
  CHECK(encoder.transform(Column::from_booleans({1}, "zero", "one"))(0) == 1);
}

TEST_CASE("LabelEncoder: missing and unknown labels are errors, as is use before fit") {
  LabelEncoder<float> encoder;
  CHECK_THROWS_WITH_AS(encoder.transform(Texts{"a"}), "LabelEncoder: it needs to be fitted; call fit first.",
                       StateError);
  CHECK_THROWS_WITH_AS(encoder.fit(Column{1.0, std::nan("")}),
                       "LabelEncoder: the label in row 1 is missing; drop the rows without a label.", DataError);
  CHECK_THROWS_AS(encoder.fit(Texts{}), DataError);
  encoder.fit(Texts{"a", "b"});
  CHECK_THROWS_WITH_AS(encoder.transform(Texts{"a", "c"}),
                       "LabelEncoder: label \"c\" in row 1 was not seen in fit; the classes are \"a\", \"b\".",
                       DataError);
  for (const double bad : {-1.0, 2.0, 0.5, std::nan("")})
    CHECK_THROWS_AS(encoder.inverse_transform(std::vector<double>{bad}), DataError);
}

TEST_CASE("LabelEncoder: the classes are its fields") {
  LabelEncoder<float> encoder, restored;
  encoder.fit(Texts{"b", "a"});
  read_json(write_json(encoder), "$", restored);
  CHECK(restored.classes() == Texts{"a", "b"});
  CHECK(restored.transform(Texts{"b"})(0) == 1);
}
