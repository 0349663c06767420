# SPDX-License-Identifier: BSD-3-Clause
# cmake -D program=COMMAND [-D prints=REGEX] -P RunExample.cmake: the program must exit with 0 and print what matches.
execute_process(COMMAND ${program} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
message("${output}")
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${program} ended with ${result}, expected 0.")
endif()
if(prints AND NOT output MATCHES "${prints}")
  message(FATAL_ERROR "The output of ${program} does not match \"${prints}\".")
endif()
