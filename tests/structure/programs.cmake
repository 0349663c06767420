# SPDX-License-Identifier: BSD-3-Clause
# cmake -D root=DIR -D out=DIR -P programs.cmake: writes the programs whose cost to compile is watched, by tests/structure/code.cmake and
# scripts/budgets: examples/02_hello.cpp; the same with train.hpp, which loads the types that it has itself; and one that loads and predicts.
cmake_minimum_required(VERSION 3.22)

file(READ "${root}/examples/02_hello.cpp" hello)
set(names_types "${hello}")
foreach(change "foretell/foretell.hpp|foretell/train.hpp" "(\"moons.safetensors\")|(\"moons.safetensors\", ft::types_of(scaler, model))")
  string(REPLACE "|" ";" change "${change}")
  list(GET change 0 from)
  list(GET change 1 to)
  string(FIND "${names_types}" "${from}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "examples/02_hello.cpp has no ${from} any more")
  endif()
  string(REPLACE "${from}" "${to}" names_types "${names_types}")
endforeach()
file(WRITE "${out}/hello.cpp" "${hello}")
file(WRITE "${out}/hello_types_of.cpp" "${names_types}")
file(WRITE "${out}/load_and_predict.cpp" "#include <foretell/serving.hpp>

int main(int, char** argv) {
  const auto bundle = foretell::load<float>(argv[1]);
  auto predictor = bundle.predictor();
  return predictor(predictor.row())[0] > 0.5f;
}
")
