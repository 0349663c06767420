# SPDX-License-Identifier: BSD-3-Clause
# The tables of the structural tests.

# Tier of each folder of include/foretell: a header includes its own tier and lower ones, and no folder includes, through others, itself.
# A folder that is not here is an error.
set(tiers
  core 0
  kernels 1
  formats 1
  layers 2
  graph 3
  losses 3
  metrics 3
  optimizers 3
  schedules 3
  data 3
  preprocessing 3
  datasets 4
  training 4
  model_selection 4
  io 4
  serving 5
  xt 5
  models 6
  testing 7
)

# Headers outside the folders, and how high they may reach.
set(top_headers
  version.hpp -1
  fwd.hpp -1
  serving.hpp 5
  train.hpp 6
  foretell.hpp 6
)

# What serving.hpp must not reach, however many headers lie between: it loads and predicts, nothing else.
set(not_in_serving training optimizers schedules model_selection datasets xt models testing)

# Headers of others, and the folders that may include them.
set(heavy
  "iostream|sstream" "xt|testing"
  "regex|random" "none"
  "nlohmann/.*" "none"
  "xtensor(-blas)?/.*|xtl/.*|xsimd/.*" "xt"
)

# Pieces of one other header, which sets the stage for them: no headers on their own.
set(pieces
  kernels/isa/each.hpp
  xt/keep_dims.hpp
  xt/temporaries.hpp
)

set(most_lines 600)

# Preprocessed size in kB (libstdc++ 12), a measure of what an include costs its user's build.
set(budgets
  fwd.hpp 20
  serving.hpp 3870
  train.hpp 5900
  foretell.hpp 6350
)

# Bytes of code, in thousands, of the programs of programs.cmake, compiled by g++ 12 -O2 on x86-64: what a program's build
# costs in time and memory follows them closely. Lower a budget when a program has become smaller.
set(code_budgets
  hello 1260
  hello_types_of 865
  load_and_predict 860
)
