# SPDX-License-Identifier: BSD-3-Clause
# Installs the headers, the CMake package and the pkg-config file. All of it is the same for every architecture and holds no path of this
# machine, so an installed tree may be moved.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

target_include_directories(foretell INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
install(DIRECTORY include/foretell DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/foretell)
install(TARGETS foretell EXPORT foretell)
install(EXPORT foretell NAMESPACE foretell:: FILE foretellTargets.cmake DESTINATION ${package_dir})
configure_file(cmake/foretellConfig.cmake.in foretellConfig.cmake @ONLY)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/foretellConfigVersion.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/foretellConfig.cmake ${PROJECT_BINARY_DIR}/foretellConfigVersion.cmake
  cmake/foretellDependencies.cmake cmake/foretellCompiled.cmake cmake/check_cblas.cpp DESTINATION ${package_dir})

set(pc_dir ${CMAKE_INSTALL_DATADIR}/pkgconfig)
if(IS_ABSOLUTE "${CMAKE_INSTALL_DATADIR}" OR IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
  set(prefix_of_pc "${CMAKE_INSTALL_PREFIX}")
  set(includedir_of_pc "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
else()
  file(RELATIVE_PATH up "/prefix/${pc_dir}" "/prefix")
  string(REGEX REPLACE "/$" "" up "${up}")
  set(prefix_of_pc "\${pcfiledir}/${up}")
  set(includedir_of_pc "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
endif()
set(requires_of_pc "xtensor >= 0.24, xtl")
set(definitions_of_pc "")
if(FORETELL_CBLAS_ORIGIN STREQUAL "openblas")  # another BLAS has no name that pkg-config knows everywhere
  string(APPEND requires_of_pc ", openblas")
  string(APPEND definitions_of_pc " -DFORETELL_HAVE_CBLAS=1")
  if(TARGET xtensor-blas)
    string(APPEND definitions_of_pc " -DFORETELL_HAVE_XTENSOR_BLAS=1")
  endif()
endif()
if(FORETELL_HAS_ZLIB)
  string(APPEND requires_of_pc ", zlib")
  string(APPEND definitions_of_pc " -DFORETELL_HAVE_ZLIB=1")
endif()
configure_file(cmake/foretell.pc.in foretell.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/foretell.pc DESTINATION ${pc_dir})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
