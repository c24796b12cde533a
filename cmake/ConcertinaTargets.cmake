# How this tree declares libraries, programs and tests.
#
# concertina_components(NAME SOURCES…) makes concertina::NAME, the library of one folder. Files that
# register components must reach the program although nothing calls them: a plain static library
# drops them silently, so the objects travel with an interface library. The objects of a folder are
# linked once however many ways lead to it.
# What a folder links stands in its CMakeLists.txt, and is recorded for the link-graph test.
function(concertina_components name)
  set(sources ${ARGN})
  if(NOT sources)
    add_library(concertina_${name} INTERFACE)
    add_library(concertina::${name} ALIAS concertina_${name})
    return()
  endif()
  add_library(concertina_${name}_objects OBJECT ${sources})
  target_link_libraries(concertina_${name}_objects PUBLIC concertina_flags)
  concertina_compiles_together(concertina_${name}_objects)
  add_library(concertina_${name} INTERFACE)
  target_sources(concertina_${name} INTERFACE $<TARGET_OBJECTS:concertina_${name}_objects>)
  add_library(concertina::${name} ALIAS concertina_${name})
endfunction()

# concertina_links(NAME LIBRARIES…): what the folder NAME uses.
function(concertina_links name)
  target_link_libraries(concertina_${name} INTERFACE concertina_flags ${ARGN})
  if(TARGET concertina_${name}_objects)
    # Compile against the dependencies' headers without carrying their objects into this library.
    foreach(dependency ${ARGN})
      if(dependency MATCHES "^concertina::")
        string(REPLACE "concertina::" "" folder ${dependency})
        target_link_libraries(concertina_${name}_objects PUBLIC concertina_${folder}_headers)
      else()
        target_link_libraries(concertina_${name}_objects PUBLIC ${dependency})
      endif()
    endforeach()
  endif()
  # The headers-only face of this folder: include paths and flags of everything it uses.
  add_library(concertina_${name}_headers INTERFACE)
  target_link_libraries(concertina_${name}_headers INTERFACE concertina_flags)
  foreach(dependency ${ARGN})
    if(dependency MATCHES "^concertina::")
      string(REPLACE "concertina::" "" folder ${dependency})
      target_link_libraries(concertina_${name}_headers INTERFACE concertina_${folder}_headers)
    else()
      target_link_libraries(concertina_${name}_headers INTERFACE ${dependency})
    endif()
  endforeach()
  set_property(GLOBAL APPEND PROPERTY CONCERTINA_FOLDERS ${name})
  set_property(GLOBAL PROPERTY CONCERTINA_LINKS_${name} "${ARGN}")
endfunction()

# concertina_precompile(TARGET HEADERS…): headers that most files of the target read, compiled once.
# concertina_precompile(TARGET REUSE_FROM OTHER): those of another target, whose flags must be the same.
function(concertina_precompile target)
  if(ARGV1 STREQUAL "REUSE_FROM")
    target_precompile_headers(${target} ${ARGN})
  else()
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE")
    target_compile_options(${target} PRIVATE -fPIC)  # as the headers of libraries are; programs have -fPIE otherwise
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -fpch-preprocess)  # ccache cannot look into the result otherwise
  endif()
endfunction()

# concertina_shared_headers(NAME LIBRARIES… HEADERS headers…): a target that is nothing but headers, compiled
# with the flags that these libraries ask for; others reuse them.
function(concertina_shared_headers name)
  cmake_parse_arguments(arg "" "" "HEADERS" ${ARGN})
  file(WRITE ${CMAKE_BINARY_DIR}/precompiled/${name}.cc "")
  add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/precompiled/${name}.cc)
  target_link_libraries(${name} PRIVATE concertina_flags ${arg_UNPARSED_ARGUMENTS})
  concertina_precompile(${name} ${arg_HEADERS})
endfunction()

# concertina_compiles_quickly(TARGET): code that runs seldom and is compiled often. -O1 takes a third of the
# time that -O3 takes where JSON is read and written.
function(concertina_compiles_quickly target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

# concertina_compiles_plainly(TARGET): tests of the desktop, which wait more than they work, and the precompiled headers
# that they read. Not those of core/: the linker may take a template's function from a test, and they took twice as long.
function(concertina_compiles_plainly target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O0>)
endfunction()

# concertina_compiles_together(TARGET): its files compiled several at a time, which reads each header once for all
# of them. Names of one file's own must then differ from those of its neighbours. Not those that Highway compiles
# once for each processor, by including them again. With CLASSES, a class of one file may hold what is that file's own.
function(concertina_compiles_together target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${CONCERTINA_UNITY} UNITY_BUILD_BATCH_SIZE 16)
  if("CLASSES" IN_LIST ARGN AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
  get_target_property(sources ${target} SOURCES)
  foreach(source ${sources})
    if(EXISTS ${source} AND source MATCHES "\\.cc$")
      file(STRINGS ${source} again REGEX "foreach_target")
      if(again)
        set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
      endif()
    endif()
  endforeach()
endfunction()

# concertina_meta_object(FILE OUTPUT): what Qt's moc makes of one file. CMake's own ways give moc all folders of
# headers, and it reads what a file includes with all that those include: a second for each file, and no
# other output, since none of our macros hides a class from it.
function(concertina_meta_object file output)
  add_custom_command(OUTPUT ${output} DEPENDS ${file} VERBATIM
                     COMMAND $<TARGET_FILE:Qt6::moc> --no-notes -o ${output} ${file})
endfunction()

# concertina_meta_objects(TARGET): of all headers of the target, compiled as one file.
function(concertina_meta_objects target)
  set(folder ${CMAKE_BINARY_DIR}/moc/${target})
  get_target_property(sources ${target} SOURCES)
  set(outputs "")
  set(text "")
  foreach(header ${sources})
    if(header MATCHES "/([^/]+)\\.h$")
      set(output ${folder}/moc_${CMAKE_MATCH_1}.cc)
      concertina_meta_object(${header} ${output})
      list(APPEND outputs ${output})
      string(APPEND text "#include \"${output}\"\n")
    endif()
  endforeach()
  file(CONFIGURE OUTPUT ${folder}/meta_objects.cc CONTENT "${text}")
  set_source_files_properties(${folder}/meta_objects.cc PROPERTIES OBJECT_DEPENDS "${outputs}"
                              SKIP_UNITY_BUILD_INCLUSION ON)
  target_sources(${target} PRIVATE ${folder}/meta_objects.cc)
endfunction()

# concertina_link_test(NAME): an empty main linked with the folder and only what it declares, so
# that a dependency that was not declared fails the build.
function(concertina_link_test name)
  if(CONCERTINA_TESTS AND TARGET concertina_${name}_objects)
    add_executable(link_${name} ${CMAKE_SOURCE_DIR}/cmake/link_test.cc)
    target_link_libraries(link_${name} PRIVATE concertina::${name})
    set_target_properties(link_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/link)
  endif()
endfunction()

# concertina_tests(NAME LIBRARIES… FILES files…): the program test_NAME of the tests of one folder, and a ctest entry
# NAME.STEM for each x_test.cc among the files. LABEL, TIMEOUT (seconds of each) and HEADERS (the target whose
# precompiled headers it reads) are keywords, GUI is for tests with widgets, OWN_MAIN for one file that has its own and is
# called NAME.
function(concertina_tests name)
  cmake_parse_arguments(arg "GUI;OWN_MAIN" "LABEL;TIMEOUT;HEADERS" "FILES" ${ARGN})
  set(target test_${name})
  set(main ${CMAKE_SOURCE_DIR}/tests/test_main.cc)
  if(arg_GUI)
    set(main ${CMAKE_SOURCE_DIR}/tests/ui/test_main.cc)
  endif()
  set(sources ${arg_FILES})
  if(NOT arg_OWN_MAIN)
    list(APPEND sources ${main} ${CMAKE_SOURCE_DIR}/tests/test_program.cc ${CMAKE_SOURCE_DIR}/tests/allocations.cc)
  endif()
  add_executable(${target} ${sources})
  target_link_libraries(${target} PRIVATE concertina_flags Qt6::Test ${arg_UNPARSED_ARGUMENTS})
  target_include_directories(${target} PRIVATE ${CMAKE_BINARY_DIR}/moc/${target})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  if(arg_GUI)
    concertina_compiles_plainly(${target})
  else()
    concertina_compiles_quickly(${target})
  endif()
  concertina_compiles_together(${target} CLASSES)
  if(arg_HEADERS)
    concertina_precompile(${target} REUSE_FROM ${arg_HEADERS})
  endif()
  target_compile_definitions(${target} PRIVATE CONCERTINA_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                             CONCERTINA_BIN_DIR="${CMAKE_BINARY_DIR}/bin")
  if(NOT arg_LABEL)
    set(arg_LABEL quick)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 180)
  endif()
  foreach(file ${arg_FILES})
    get_filename_component(stem ${file} NAME_WE)
    if(NOT stem MATCHES "_test$")
      continue()
    endif()
    set(moc ${CMAKE_BINARY_DIR}/moc/${target}/${stem}.moc)
    target_sources(${target} PRIVATE ${moc})
    concertina_meta_object(${file} ${moc})
    if(arg_OWN_MAIN)
      set(test ${name})
      add_test(NAME ${test} COMMAND ${target})
    else()
      set(test ${name}.${stem})
      add_test(NAME ${test} COMMAND ${target} ${stem})
    endif()
    set_tests_properties(${test} PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT}
                         # One deadline: Qt's own, of five minutes for a function, is shorter than some slow tests.
                         ENVIRONMENT "QT_QPA_PLATFORM=offscreen;QTEST_FUNCTION_TIMEOUT=${arg_TIMEOUT}000")
  endforeach()
endfunction()

# concertina_folder_tests(…): the same for all files of this folder, NAME being the folder. ALONE are those that have
# programs of their own, since they register components or need libraries that the others must not meet; the caller
# declares them.
function(concertina_folder_tests)
  cmake_parse_arguments(arg "" "" "ALONE" ${ARGN})
  file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR}/tests ${CMAKE_CURRENT_SOURCE_DIR})
  string(REPLACE "/" "." name "${folder}")
  file(GLOB files CONFIGURE_DEPENDS *.cc)
  foreach(alone ${arg_ALONE})
    list(FILTER files EXCLUDE REGEX "/${alone}\\.cc$")
  endforeach()
  concertina_tests(${name} ${arg_UNPARSED_ARGUMENTS} FILES ${files})
endfunction()
