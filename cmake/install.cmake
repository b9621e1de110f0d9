# Installing: the libraries, the public headers, the tools, and how others find them: find_package(trueno) and
# pkg-config. All of it may be moved afterwards, as nothing names the prefix.
include(CMakePackageConfigHelpers)
set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/trueno)

# One export set per library, as only the static one needs asmjit to be there: trueno-static.cmake, -shared.cmake.
set(linkages "")
foreach(target IN ITEMS trueno trueno_shared)
  if(TARGET ${target})
    get_target_property(linkage ${target} EXPORT_NAME)
    list(APPEND linkages ${linkage})
    install(TARGETS ${target} EXPORT trueno-${linkage})
    install(EXPORT trueno-${linkage} NAMESPACE trueno:: DESTINATION ${config_dir})
  endif()
endforeach()
# trueno::inspect looks behind the API, so that it goes with the static library only; and it needs a decoder.
set(inspect "")
if(TARGET trueno_inspect AND "static" IN_LIST linkages)
  set(inspect inspect)
  install(TARGETS trueno_inspect EXPORT trueno-inspect)
  install(EXPORT trueno-inspect NAMESPACE trueno:: DESTINATION ${config_dir})
endif()

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/CHANGELOG.md
              ${PROJECT_SOURCE_DIR}/configs/default.toml DESTINATION ${CMAKE_INSTALL_DOCDIR})
get_property(tools GLOBAL PROPERTY TRUENO_TOOLS)
if(tools)
  install(TARGETS ${tools})
endif()
get_property(described GLOBAL PROPERTY TRUENO_DESCRIBED)
foreach(tool IN LISTS described)
  set(dir ${PROJECT_BINARY_DIR}/tools/described)
  install(FILES ${dir}/${tool}.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${dir}/bash/${tool} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES ${dir}/zsh/_${tool} DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
  install(FILES ${dir}/fish/${tool}.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endforeach()

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/trueno-config.cmake.in
                              ${PROJECT_BINARY_DIR}/trueno-config.cmake INSTALL_DESTINATION ${config_dir})
# Semantic versioning: before 1.0 every minor version may break.
set(compatible SameMajorVersion)
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(compatible SameMinorVersion)
endif()
write_basic_package_version_file(${PROJECT_BINARY_DIR}/trueno-config-version.cmake COMPATIBILITY ${compatible})
install(FILES ${PROJECT_BINARY_DIR}/trueno-config.cmake ${PROJECT_BINARY_DIR}/trueno-config-version.cmake
        DESTINATION ${config_dir})

# pkg-config. A linker takes the shared library where both are; whoever wants the other names it (docs/using.md).
# asmjit has no .pc of its own: where it is goes in by hand, unless the linker looks there anyway.
get_target_property(asmjit_library asmjit::asmjit LOCATION)
get_filename_component(asmjit_dir ${asmjit_library} DIRECTORY)
set(pc_private "-lasmjit -lpthread -lrt -lstdc++ -lm")
get_filename_component(real ${asmjit_dir} REALPATH)
if(NOT real IN_LIST CMAKE_CXX_IMPLICIT_LINK_DIRECTORIES AND NOT asmjit_dir IN_LIST CMAKE_CXX_IMPLICIT_LINK_DIRECTORIES)
  string(PREPEND pc_private "-L${asmjit_dir} ")
endif()
set(pc_libs "-ltrueno")
if(NOT "shared" IN_LIST linkages)
  string(APPEND pc_libs " ${pc_private}")
  set(pc_private "")
endif()
file(RELATIVE_PATH pc_prefix /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" pc_prefix ${pc_prefix})
set(pc_libdir "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
set(pc_includedir "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
foreach(dir IN ITEMS LIBDIR INCLUDEDIR)
  if(IS_ABSOLUTE "${CMAKE_INSTALL_${dir}}")  # then it cannot be moved; so be it
    string(TOLOWER ${dir} name)
    set(pc_${name} ${CMAKE_INSTALL_${dir}})
  endif()
endforeach()
configure_file(${CMAKE_CURRENT_LIST_DIR}/trueno.pc.in ${PROJECT_BINARY_DIR}/trueno.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/trueno.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
