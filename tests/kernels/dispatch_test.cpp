// SPDX-License-Identifier: BSD-3-Clause
#include <cstdlib>
#include <string>

#include "levels.hpp"

using namespace kernel_tests;

TEST_CASE("dispatch: the best level is one the machine has") {
  CHECK(kernels::has_isa(kernels::best_isa()));
  CHECK(kernels::has_isa(Isa::portable));
}

TEST_CASE("dispatch: FORETELL_ISA chooses the level") {
  const char* wanted = std::getenv("FORETELL_ISA");
  const Isa isa = kernels::active_isa();
  if (!wanted) {
    CHECK(isa == kernels::best_isa());
  } else {
    for (Isa option : {Isa::portable, Isa::sse2, Isa::avx2, Isa::avx512})
      if (kernels::name(option) == wanted) CHECK(isa == (kernels::has_isa(option) ? option : kernels::best_isa()));
  }
}

TEST_CASE("dispatch: a forced level is active, one that is lacking changes nothing") {
  const Isa before = kernels::active_isa();
  for (Isa isa : {Isa::portable, Isa::sse2, Isa::avx2, Isa::avx512}) {
    const Isa now = kernels::active_isa();
    const bool done = kernels::force_isa(isa);
    CHECK(done == kernels::has_isa(isa));
    CHECK(kernels::active_isa() == (done ? isa : now));
  }
  kernels::force_isa(before);
}
