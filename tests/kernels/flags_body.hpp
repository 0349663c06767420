// SPDX-License-Identifier: BSD-3-Clause
// Included by translation units that are compiled with different flags: the same calls, under the name FLAGS_NAME.
#include <cstddef>

#include <foretell/kernels/gemm.hpp>
#include <foretell/kernels/math.hpp>
#include <foretell/kernels/reduce.hpp>
#include <foretell/kernels/update.hpp>

namespace kernel_tests {

/// x [n], w [n, 8], out [4 n + 8].
void FLAGS_NAME(std::size_t n, const float* x, const float* w, float* out) {
  namespace kernels = foretell::kernels;
  kernels::exp(n, x, out);
  kernels::log(n, x, out + n);
  kernels::tanh(n, x, out + 2 * n);
  kernels::activate(foretell::gelu, n, x, out + 3 * n);
  kernels::gemm_nn(1, 8, n, x, n, w, 8, out + 4 * n, 8, false, {.activation = foretell::relu});
}

}  // namespace kernel_tests
