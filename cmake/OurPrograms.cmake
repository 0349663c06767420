# SPDX-License-Identifier: BSD-3-Clause
# How our own programs are compiled; none of this reaches the target that users link.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_CXX_EXTENSIONS OFF)

find_program(FORETELL_CCACHE ccache)
mark_as_advanced(FORETELL_CCACHE)
if(FORETELL_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${FORETELL_CCACHE})
endif()

# foretell_our_flags: how everything of ours is compiled. foretell_our_program: that, and the library of instantiations, which is made with
# the same flags.
add_library(foretell_our_flags INTERFACE)
target_compile_options(foretell_our_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  $<$<BOOL:${FORETELL_WARNINGS_AS_ERRORS}>:-Werror>)
if(FORETELL_SANITIZE)
  set(sanitize -fsanitize=${FORETELL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  if(FORETELL_SANITIZE MATCHES "undefined" AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    list(APPEND sanitize -fno-sanitize=pointer-overflow)  # it objects to places in empty arrays that are null, which nothing reads
  endif()
  target_compile_options(foretell_our_flags INTERFACE ${sanitize})
  target_link_options(foretell_our_flags INTERFACE ${sanitize})
endif()
add_library(foretell_our_program INTERFACE)
target_link_libraries(foretell_our_program INTERFACE foretell_our_flags foretell::compiled)
target_link_libraries(foretell_compiled PRIVATE $<BUILD_INTERFACE:foretell_our_flags>)
