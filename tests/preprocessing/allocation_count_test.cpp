// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/testing/allocations.hpp>
#include <vector>

TEST_CASE("allocations: the counter of this program counts") {
  CHECK(foretell::testing::allocations_of([] { std::vector<int> some(3); }) == 1);
  CHECK(foretell::testing::allocations_of([] {}) == 0);
}

long allocations_so_far() { return foretell::testing::allocation_count; }
