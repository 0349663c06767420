// SPDX-License-Identifier: BSD-3-Clause
// Loads with all types and answers one row.
#include <foretell/serving.hpp>

int main(int, char** argv) {
  const auto bundle = foretell::load<float>(argv[1]);
  auto predictor = bundle.predictor();
  return predictor(predictor.row())[0] > 0.5f;
}
