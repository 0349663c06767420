// SPDX-License-Identifier: BSD-3-Clause
// Includes FORETELL_KERNEL_FILE once for every instruction set (AVX-512 when FORETELL_KERNEL_512 is defined), each time
// in a namespace of its own and with the compiler's options pinned: vector width and tuning, -O2, no fast-math, fused
// multiply-add where the hardware has it and nowhere else. So the code is the same whatever flags the including
// translation unit has. No include guard: each kernel header includes this once. FORETELL_SIMD_BYTES is the width of a
// vector; FORETELL_SIMD_FMA tells of fused multiply-add, FORETELL_SIMD_RARE of a variant that hardly any machine runs.

#if defined(__clang__)
#pragma float_control(push)
#pragma float_control(precise, on)
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC optimize("O2", "no-fast-math", "no-math-errno", "no-trapping-math", "align-loops=32")
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"
#endif

#define FORETELL_SIMD_RARE 0
#if defined(__x86_64__) || defined(__aarch64__)
#define FORETELL_SIMD_FMA 1
#if defined(__clang__)
#pragma clang fp contract(fast)
#else
#pragma GCC optimize("fp-contract=fast")
#endif
#endif

#if defined(__x86_64__)

#if defined(FORETELL_KERNEL_512)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma"))), \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma,tune=haswell")
#endif
#define FORETELL_SIMD_BYTES 64
namespace foretell::kernels::isa_avx512 {
#include FORETELL_KERNEL_FILE
}
#undef FORETELL_SIMD_BYTES
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif  // FORETELL_KERNEL_512

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma,tune=haswell")
#endif
#define FORETELL_SIMD_BYTES 32
namespace foretell::kernels::isa_avx2 {
#include FORETELL_KERNEL_FILE
}
#undef FORETELL_SIMD_BYTES
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#undef FORETELL_SIMD_FMA
#undef FORETELL_SIMD_RARE
#define FORETELL_SIMD_RARE 1
#endif  // __x86_64__

#if !defined(FORETELL_SIMD_FMA)
#if defined(__clang__)
#pragma clang fp contract(off)
#else
#pragma GCC optimize("fp-contract=off")
#endif
#endif

#define FORETELL_SIMD_BYTES 16
namespace foretell::kernels::isa_base {
#include FORETELL_KERNEL_FILE
}
#undef FORETELL_SIMD_BYTES
#undef FORETELL_SIMD_FMA
#undef FORETELL_SIMD_RARE

#if defined(__clang__)
#pragma float_control(pop)
#elif defined(__GNUC__)
#pragma GCC diagnostic pop
#pragma GCC pop_options
#endif
#undef FORETELL_KERNEL_FILE
#undef FORETELL_KERNEL_512
