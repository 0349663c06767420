# SPDX-License-Identifier: BSD-3-Clause
# cmake -D compiler=... -D flags=FILE -D scratch=DIR -P sizes.cmake: the headers named in the budgets of rules.cmake, preprocessed, keep
# their size.
cmake_minimum_required(VERSION 3.22)
include("${CMAKE_CURRENT_LIST_DIR}/rules.cmake")

set(over "")
file(MAKE_DIRECTORY "${scratch}")
while(budgets)
  list(POP_FRONT budgets header budget)
  file(WRITE "${scratch}/size.cpp" "#include \"foretell/${header}\"\n")
  execute_process(COMMAND ${compiler} "@${flags}" -E -P "${scratch}/size.cpp" -o "${scratch}/size.ii" RESULT_VARIABLE result
    ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(SEND_ERROR "${header} does not preprocess:\n${output}")
    continue()
  endif()
  file(SIZE "${scratch}/size.ii" size)
  math(EXPR size "(${size} + 999) / 1000")
  message("${header}: ${size} kB of ${budget}")
  if(size GREATER budget)
    string(APPEND over "  ${header} is ${size} kB, its budget ${budget}\n")
  endif()
endwhile()
if(NOT over STREQUAL "")
  message(FATAL_ERROR "Headers over the budget of tests/structure/rules.cmake:\n${over}")
endif()
