# Wrappers that build, link and install this project's targets one way.
#
# Two kinds of link libraries are kept apart, because a program must hold one copy of LLVM and MLIR only:
#   LINK_LIBS        this project's own libraries (plain names)
#   MLIR_LIBS        upstream MLIR libraries (collapse to the shared libMLIR)
#   LINK_COMPONENTS  LLVM components (collapse to the shared libLLVM)

function(_nfpbpf_link name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS;MLIR_LIBS" ${ARGN})
  if(ARG_LINK_LIBS)
    target_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS})
  endif()
  if(ARG_MLIR_LIBS)
    mlir_target_link_libraries(${name} PUBLIC ${ARG_MLIR_LIBS})
  endif()
endfunction()

# add_nfpbpf_library(NFPBPFName a.cpp b.cpp
#   [DEPENDS tablegen-targets] [LINK_COMPONENTS Support] [LINK_LIBS ...] [MLIR_LIBS ...])
function(add_nfpbpf_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK_COMPONENTS;LINK_LIBS;MLIR_LIBS" ${ARGN})
  llvm_add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS}
    DEPENDS ${ARG_DEPENDS}
    LINK_COMPONENTS Support ${ARG_LINK_COMPONENTS})
  _nfpbpf_link(${name} LINK_LIBS ${ARG_LINK_LIBS} MLIR_LIBS ${ARG_MLIR_LIBS})
  target_include_directories(${name} INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>
    $<INSTALL_INTERFACE:include>)
  set_property(GLOBAL APPEND PROPERTY NFPBPF_ALL_LIBS ${name})
  install(TARGETS ${name} EXPORT NFPBPFTargets ARCHIVE DESTINATION lib COMPONENT ${name})
endfunction()

# add_nfpbpf_tool(nfp-bpf-x a.cpp [LINK_COMPONENTS ...] [LINK_LIBS ...] [MLIR_LIBS ...])
function(add_nfpbpf_tool name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK_COMPONENTS;LINK_LIBS;MLIR_LIBS" ${ARGN})
  set(LLVM_LINK_COMPONENTS Support ${ARG_LINK_COMPONENTS})
  add_llvm_executable(${name} ${ARG_UNPARSED_ARGUMENTS} DEPENDS ${ARG_DEPENDS})
  llvm_update_compile_flags(${name})
  _nfpbpf_link(${name} LINK_LIBS ${ARG_LINK_LIBS} MLIR_LIBS ${ARG_MLIR_LIBS})
  # An installed tool finds libMLIR and libLLVM where they are now.
  set_target_properties(${name} PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)
  set_property(GLOBAL APPEND PROPERTY NFPBPF_ALL_TOOLS ${name})
  install(TARGETS ${name} EXPORT NFPBPFTargets RUNTIME DESTINATION bin COMPONENT ${name})
endfunction()

# add_nfpbpf_unittest(NameTests a.cpp ... [LINK_LIBS ...] [MLIR_LIBS ...])
function(add_nfpbpf_unittest name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK_COMPONENTS;LINK_LIBS;MLIR_LIBS" ${ARGN})
  set(LLVM_LINK_COMPONENTS Support ${ARG_LINK_COMPONENTS})
  add_llvm_executable(${name} IGNORE_EXTERNALIZE_DEBUGINFO NO_INSTALL_RPATH
    ${ARG_UNPARSED_ARGUMENTS} DEPENDS ${ARG_DEPENDS})
  llvm_update_compile_flags(${name})
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/unittests)
  target_compile_definitions(${name} PRIVATE
    NFPBPF_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE GTest::gtest GTest::gmock GTest::gtest_main)
  _nfpbpf_link(${name} LINK_LIBS ${ARG_LINK_LIBS} MLIR_LIBS ${ARG_MLIR_LIBS})
  add_test(NAME ${name} COMMAND ${name})
  set_property(GLOBAL APPEND PROPERTY NFPBPF_ALL_UNITTESTS ${name})
endfunction()
