# SPDX-License-Identifier: BSD-3-Clause
# A toolchain file: Debian's and Ubuntu's cross compiler for 64-bit ARM, and qemu, which runs what it makes.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L /usr/aarch64-linux-gnu)

# xtensor is headers alone, but Debian keeps its config file with the libraries of the machine that compiles.
file(GLOB folders /usr/lib/*-linux-gnu/cmake)
list(APPEND CMAKE_PREFIX_PATH ${folders})
