// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

/// Which of the compiled variants of the kernels runs: for AVX-512, for AVX2, or the base, of 128 bits (`portable` and
/// `sse2` are two names of it; on 64-bit ARM, where NEON is always there, the only one and with fused multiply-add).
/// Every variant is in the binary; the choice is made once, at the first call, from the processor and the environment
/// variable FORETELL_ISA (portable, sse2, avx2, avx512; what the machine lacks is ignored). It is one byte, read and
/// written atomically: with the memory that each thread keeps for packed matrices (pack_memory.hpp) the only static
/// mutable state of the library. All threads come to the same choice.
namespace foretell::kernels {

enum class Isa : std::uint8_t { portable, sse2, avx2, avx512 };

constexpr std::string_view name(Isa isa) {
  constexpr std::string_view names[] = {"portable", "sse2", "avx2", "avx512"};
  return names[static_cast<std::uint8_t>(isa)];
}

/// Whether this machine can run the variant.
inline bool has_isa(Isa isa) noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
  __builtin_cpu_init();
  switch (isa) {
    case Isa::avx512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
             __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case Isa::avx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case Isa::sse2:
    case Isa::portable:
      return true;
  }
#endif
  return isa == Isa::portable;
}

/// The fastest variant of this machine.
inline Isa best_isa() noexcept {
  return has_isa(Isa::avx512) ? Isa::avx512
         : has_isa(Isa::avx2) ? Isa::avx2
         : has_isa(Isa::sse2) ? Isa::sse2
                              : Isa::portable;
}

namespace detail {

/// 0 until the choice is made, then 1 + Isa.
inline std::uint8_t& chosen_isa() noexcept {
  static constinit std::uint8_t chosen = 0;
  return chosen;
}

[[gnu::noinline, gnu::cold]] inline Isa choose_isa() noexcept {
  Isa isa = best_isa();
  if (const char* wanted = std::getenv("FORETELL_ISA"))
    for (Isa option : {Isa::portable, Isa::sse2, Isa::avx2, Isa::avx512})
      if (name(option) == wanted && has_isa(option)) isa = option;
  __atomic_store_n(&chosen_isa(), static_cast<std::uint8_t>(1 + static_cast<std::uint8_t>(isa)), __ATOMIC_RELAXED);
  return isa;
}

}  // namespace detail

/// The variant that runs.
inline Isa active_isa() noexcept {
  const std::uint8_t chosen = __atomic_load_n(&detail::chosen_isa(), __ATOMIC_RELAXED);
  return chosen ? static_cast<Isa>(chosen - 1) : detail::choose_isa();
}

/// Makes a variant run, for tests and comparisons. False, and nothing changed, where the machine lacks it. Not while
/// kernels run.
inline bool force_isa(Isa isa) noexcept {
  if (!has_isa(isa)) return false;
  __atomic_store_n(&detail::chosen_isa(), static_cast<std::uint8_t>(1 + static_cast<std::uint8_t>(isa)),
                   __ATOMIC_RELAXED);
  return true;
}

}  // namespace foretell::kernels
