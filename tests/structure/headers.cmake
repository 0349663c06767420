# SPDX-License-Identifier: BSD-3-Clause
# cmake -D include=DIR -D folder=NAME -D compiler=... -D flags=FILE -D scratch=DIR -P headers.cmake: every header of the folder
# compiles as the first and only include, twice over, without a warning. The folder "." means the headers outside the folders; with
# them goes a program that includes the parts of foretell.hpp from the last to the first: the order of includes means nothing.
cmake_minimum_required(VERSION 3.22)
include("${CMAKE_CURRENT_LIST_DIR}/rules.cmake")

if(folder STREQUAL ".")
  file(GLOB headers RELATIVE "${include}/foretell" "${include}/foretell/*.hpp")
else()
  file(GLOB_RECURSE headers RELATIVE "${include}/foretell" "${include}/foretell/${folder}/*.hpp")
endif()
list(REMOVE_ITEM headers ${pieces})

set(broken "")
file(MAKE_DIRECTORY "${scratch}")
function(compile name what text)
  set(source "${scratch}/${name}.cpp")
  file(WRITE "${source}" "${text}")
  execute_process(COMMAND ${compiler} "@${flags}" -fsyntax-only -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror "${source}"
    RESULT_VARIABLE result ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    set(broken "${broken}${what}:\n${output}\n" PARENT_SCOPE)
  endif()
endfunction()

foreach(header IN LISTS headers)
  string(MAKE_C_IDENTIFIER "${header}" name)
  compile(${name} "${header} does not compile on its own" "#include \"foretell/${header}\"\n#include \"foretell/${header}\"\n")
endforeach()
if(folder STREQUAL ".")
  file(STRINGS "${include}/foretell/foretell.hpp" parts REGEX "^#include")
  list(REVERSE parts)
  list(JOIN parts "\n" parts)
  compile(reversed "The parts of foretell.hpp do not compile in the reverse order" "${parts}\n")
endif()
if(NOT broken STREQUAL "")
  message("${broken}")
  message(FATAL_ERROR "Headers that do not compile on their own, named above")
endif()
list(LENGTH headers count)
message("${count} headers compile on their own")
