// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The one place of the version: CMake reads these three lines.
#define FORETELL_VERSION_MAJOR 0
#define FORETELL_VERSION_MINOR 1
#define FORETELL_VERSION_PATCH 0

#define FORETELL_TEXT_OF(x) #x
#define FORETELL_DOTTED(a, b, c) FORETELL_TEXT_OF(a) "." FORETELL_TEXT_OF(b) "." FORETELL_TEXT_OF(c)

namespace foretell {

/// "major.minor.patch"
inline constexpr char version[] =
    FORETELL_DOTTED(FORETELL_VERSION_MAJOR, FORETELL_VERSION_MINOR, FORETELL_VERSION_PATCH);

}  // namespace foretell

#undef FORETELL_DOTTED
#undef FORETELL_TEXT_OF
