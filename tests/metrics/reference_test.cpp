// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/metrics/report.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace foretell;
using Numbers = std::vector<double>;

namespace {

/// The cells of a file whose cells hold no commas, without quotes and without the header; empty, with a message,
/// without data.
std::vector<std::vector<std::string>> read(const std::string& file) {
  const char* folder = std::getenv("FORETELL_DATA");
  if (!folder) {
    MESSAGE("skipped: FORETELL_DATA, the folder of the data sets, is not set");
    return {};
  }
  std::ifstream stream(std::string(folder) + "/metric-reference/" + file);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(stream, line);) {
    rows.emplace_back();
    std::erase(line, '"');
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
  }
  REQUIRE(!rows.empty());
  rows.erase(rows.begin());
  return rows;
}

}  // namespace

TEST_CASE("Metrics: two_class_example, 500 rows, as scikit-learn 1.9.1 has it") {
  const auto rows = read("two_class_example.csv");
  if (rows.empty()) return;
  Numbers truth, p, predicted;
  for (const auto& row : rows) {
    truth.push_back(row[0] == "Class1" ? 1 : 0);
    p.push_back(std::stod(row[1]));
    predicted.push_back(row[3] == "Class1" ? 1 : 0);
  }
  REQUIRE(truth.size() == 500);
  const ClassificationReport r = classification_report(truth, p, {.target_names = {"Class2", "Class1"}});
  CHECK(r.auc == doctest::Approx(0.9393138573899673).epsilon(1e-12));
  CHECK(r.average_precision == doctest::Approx(0.9465570239988341).epsilon(1e-12));
  CHECK(r.log_loss == doctest::Approx(0.3283096498853139).epsilon(1e-12));
  CHECK(r.brier == doctest::Approx(0.10561859198953903).epsilon(1e-12));
  CHECK(r.accuracy == doctest::Approx(0.838).epsilon(1e-12));
  CHECK(r.f1 == doctest::Approx(0.8485981308411215).epsilon(1e-12));
  CHECK(r.precision == doctest::Approx(0.8194945848375451).epsilon(1e-12));
  CHECK(r.recall == doctest::Approx(0.8798449612403101).epsilon(1e-12));
  CHECK(Numbers(r.confusion.begin(), r.confusion.end()) == Numbers{192, 50, 31, 227});
  CHECK(matthews_corrcoef(truth, predicted) == doctest::Approx(0.6768475603492129).epsilon(1e-12));
  CHECK(cohen_kappa_score(truth, predicted) == doctest::Approx(0.674876372744204).epsilon(1e-12));
  CHECK(balanced_accuracy_score(truth, predicted) == doctest::Approx(0.8366166954961881).epsilon(1e-12));
  CHECK(roc_curve(truth, p).thresholds.size() == 100);
}

TEST_CASE("Metrics: hpc_cv, 3467 rows of four classes, as scikit-learn 1.9.1 has it") {
  const auto rows = read("hpc_cv.csv");
  if (rows.empty()) return;
  const std::vector<std::string> names{"VF", "F", "M", "L"};
  const auto id = [&](const std::string& name) {
    return static_cast<double>(std::find(names.begin(), names.end(), name) - names.begin());
  };
  Numbers truth, predicted, values;
  for (const auto& row : rows) {
    truth.push_back(id(row[0]));
    predicted.push_back(id(row[1]));
    for (std::size_t c = 0; c < 4; ++c) values.push_back(std::stod(row[2 + c]));
  }
  REQUIRE(truth.size() == 3467);
  const Array<double> p(values, {3467, 4});
  const ClassificationReport r = classification_report(truth, p, {.target_names = names});
  CHECK(r.auc == doctest::Approx(0.8692636277122696).epsilon(1e-12));
  CHECK(roc_auc_score(truth, p, {.average = AverageMode::weighted}) ==
        doctest::Approx(0.8683178673528015).epsilon(1e-12));
  CHECK(r.average_precision == doctest::Approx(0.6235660786074309).epsilon(1e-12));
  CHECK(r.log_loss == doctest::Approx(0.8021367509155384).epsilon(1e-12));
  CHECK(r.brier == doctest::Approx(0.42167892806596574).epsilon(1e-12));
  CHECK(r.accuracy == doctest::Approx(0.7086818575137006).epsilon(1e-12));
  CHECK(r.f1 == doctest::Approx(0.5704512090730991).epsilon(1e-12));
  CHECK(matthews_corrcoef(truth, predicted) == doctest::Approx(0.5153081350747803).epsilon(1e-12));
  CHECK(cohen_kappa_score(truth, predicted, {.weights = KappaWeights::squared}) ==
        doctest::Approx(0.6918924408873233).epsilon(1e-12));
}
