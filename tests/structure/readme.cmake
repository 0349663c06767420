# SPDX-License-Identifier: BSD-3-Clause
# The code in the README is the code between the [readme] lines of examples/02_hello.cpp, moved two columns to the left.
#   cmake -D root=<checkout> -P readme.cmake
cmake_minimum_required(VERSION 3.22)

file(READ "${root}/examples/02_hello.cpp" example)
file(READ "${root}/README.md" readme)
string(REGEX REPLACE ".*  // \\[readme\\]\n(.*)  // \\[readme\\].*" "\\1" snippet "${example}")
string(REPLACE "\n  " "\n" snippet "\n${snippet}")
string(FIND "${readme}" "${snippet}" at)
if(at EQUAL -1)
  message(FATAL_ERROR "README.md: expected the lines of examples/02_hello.cpp between its [readme] marks; copy them:\n${snippet}")
endif()

string(REGEX MATCHALL "\\([a-zA-Z0-9_/]+\\.(md|cpp)\\)" links "${readme}")
foreach(link IN LISTS links)
  string(REGEX REPLACE "[()]" "" link "${link}")
  if(NOT EXISTS "${root}/${link}")
    message(FATAL_ERROR "README.md: it links to ${link}, which is not there")
  endif()
endforeach()
