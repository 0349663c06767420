# SPDX-License-Identifier: BSD-3-Clause
# foretell::compiled: the same headers, and a static library of what they would instantiate in every translation unit. It is built with
# the compiler and flags of the project that links it, and only when something does, or comes installed
# (FORETELL_INSTALL_COMPILED). It has float whole, of double the reading and writing
# of files; the rest of double is compiled where it is used.
# Used by our own build and, installed, by find_package(foretell).
function(foretell_add_compiled)
  if(TARGET foretell_compiled)
    return()
  endif()
  set(sources "")
  foreach(scalar IN ITEMS float)
    set(source "${CMAKE_CURRENT_BINARY_DIR}/foretell_compiled/serving_${scalar}.cpp")
    file(CONFIGURE OUTPUT "${source}" CONTENT "#include <foretell/io/bundle_file_definitions.hpp>
#include <foretell/io/model_file_definitions.hpp>
#include <foretell/serving/instances.hpp>
FORETELL_SERVING_INSTANCES(, ${scalar})
")
    list(APPEND sources "${source}")
    set(source "${CMAKE_CURRENT_BINARY_DIR}/foretell_compiled/training_${scalar}.cpp")
    file(CONFIGURE OUTPUT "${source}" CONTENT "#include <foretell/training/checkpoint_definitions.hpp>
#include <foretell/models/instances.hpp>
FORETELL_TRAINING_INSTANCES(, ${scalar})
")
    list(APPEND sources "${source}")
  endforeach()
  set(source "${CMAKE_CURRENT_BINARY_DIR}/foretell_compiled/files_double.cpp")
  file(CONFIGURE OUTPUT "${source}" CONTENT "#include <foretell/io/bundle_file_definitions.hpp>
#include <foretell/training/checkpoint_definitions.hpp>
#include <foretell/io/model_file_definitions.hpp>
#include <foretell/models/instances.hpp>
FORETELL_FILE_INSTANCES(double)
FORETELL_CHECKPOINT_INSTANCES(double)
")
  list(APPEND sources "${source}")
  add_library(foretell_compiled STATIC EXCLUDE_FROM_ALL ${sources})
  add_library(foretell::compiled ALIAS foretell_compiled)
  target_link_libraries(foretell_compiled PUBLIC foretell::foretell)
  target_compile_definitions(foretell_compiled PUBLIC FORETELL_COMPILED)
  set_target_properties(foretell_compiled PROPERTIES POSITION_INDEPENDENT_CODE ON EXPORT_NAME compiled)
endfunction()
