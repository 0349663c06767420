// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>

#include "foretell/kernels/dispatch.hpp"

/// What the kernels of every instruction set share.

#define FORETELL_INLINE inline __attribute__((always_inline))
/// One copy in the program, so that a result has the same bits whichever translation unit asks for it.
#define FORETELL_KERNEL __attribute__((noinline))
#define FORETELL_RARE inline __attribute__((noinline, cold))

/// Calls the variant of a kernel that `active_isa` names. The _512 forms know one in 512 bits, for float, taken unless
/// half of its vectors would be empty: the result has `columns` columns. It is there for products and for functions
/// that need more than 16 registers; the other loops wait for memory, and AVX-512 machines run their AVX2 variant. The
/// _FLOAT forms send double to the base variant: fewer instances of what waits for the C library.
#if defined(__x86_64__)
#define FORETELL_DISPATCH(...)                                 \
  if (active_isa() >= Isa::avx2) return isa_avx2::__VA_ARGS__; \
  return isa_base::__VA_ARGS__
#define FORETELL_DISPATCH_FLOAT(T, ...)                          \
  if constexpr (sizeof(T) == 4) {                                \
    if (active_isa() >= Isa::avx2) return isa_avx2::__VA_ARGS__; \
  }                                                              \
  return isa_base::__VA_ARGS__
#define FORETELL_IF_512(T, columns, ...)                                              \
  if constexpr (sizeof(T) == 4) {                                                     \
    if ((columns) > 8 && active_isa() == Isa::avx512) return isa_avx512::__VA_ARGS__; \
  }
#else
#define FORETELL_DISPATCH(...) return isa_base::__VA_ARGS__
#define FORETELL_DISPATCH_FLOAT(T, ...) return isa_base::__VA_ARGS__
#define FORETELL_IF_512(T, columns, ...) static_cast<void>(columns);
#endif
#define FORETELL_DISPATCH_512(T, columns, ...) \
  FORETELL_IF_512(T, columns, __VA_ARGS__)     \
  FORETELL_DISPATCH(__VA_ARGS__)
#define FORETELL_DISPATCH_FLOAT_512(T, columns, ...) \
  FORETELL_IF_512(T, columns, __VA_ARGS__)           \
  FORETELL_DISPATCH_FLOAT(T, __VA_ARGS__)

#define FORETELL_KERNEL_512
#define FORETELL_KERNEL_FILE "foretell/kernels/isa/simd.inl"
#include "foretell/kernels/isa/each.hpp"
