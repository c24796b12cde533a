# Compiler cache, linker and warnings. ccache and mold are used when the machine has them.
find_program(CCACHE ccache)
if(CCACHE)
  # Precompiled headers are cached too once ccache may trust their dates and macros.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_link_options(-fuse-ld=mold)
endif()

option(CONCERTINA_WERROR "Treat warnings as errors" ON)
set(CONCERTINA_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, e.g. address,undefined")
option(CONCERTINA_COVERAGE "Instrument for gcov" OFF)
option(CONCERTINA_TIDY "Run clang-tidy on every file" OFF)

# Every target of ours links this; targets of others never see our flags.
add_library(concertina_flags INTERFACE)
# OpenMP is for core/tensor, but a precompiled header of GCC serves only files that have it on, or off, as it was then.
target_compile_options(concertina_flags INTERFACE -fopenmp -Wall -Wextra -Wno-missing-field-initializers
                       $<$<BOOL:${CONCERTINA_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 sees overlaps and sizes that are not there in std::string's operator+ (GCC bug 105651), and does not know
  # a system's header when it comes out of a precompiled one.
  target_compile_options(concertina_flags INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread
                         -Wno-array-bounds)
  # No garbage is collected below 1 GB: nine tenths of the time where much is inlined.
  target_compile_options(concertina_flags INTERFACE --param=ggc-min-heapsize=1000000)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(concertina_flags INTERFACE -Wthread-safety -Wno-c99-designator)
endif()
target_compile_definitions(concertina_flags INTERFACE CONCERTINA_VERSION="${PROJECT_VERSION}")
target_include_directories(concertina_flags INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
if(CONCERTINA_SANITIZE)
  # Everything, third-party headers included, must agree on the instrumentation.
  add_compile_options(-fsanitize=${CONCERTINA_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CONCERTINA_SANITIZE})
endif()
if(CONCERTINA_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
if(CONCERTINA_TIDY)
  set(CMAKE_CXX_CLANG_TIDY clang-tidy)
endif()
