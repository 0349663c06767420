// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What clang instruments for addresses it does not contract to fused products and sums alike in every kernel: a test of
// equal bits is none of it then.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FORETELL_CLANG_ASAN true
#endif
#endif
#if !defined(FORETELL_CLANG_ASAN)
#define FORETELL_CLANG_ASAN false
#endif
