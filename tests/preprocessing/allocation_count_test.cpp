// SPDX-License-Identifier: BSD-3-Clause
// The counter stands alone: where the compiler sees both operators of a pair at one place, it warns of their
// difference.
#include <doctest/doctest.h>

#include <foretell/testing/allocations.hpp>

void allocate_twice();

long allocations_so_far() { return foretell::testing::allocation_count; }

TEST_CASE("allocations: the counter of this program counts") {
  CHECK(foretell::testing::allocations_of(allocate_twice) == 2);
  CHECK(foretell::testing::allocations_of([] {}) == 0);
}
