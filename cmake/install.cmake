# Installing: one archive, the public headers, a package config for find_package(trueno), and the tools.
include(CMakePackageConfigHelpers)
set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/trueno)

install(TARGETS trueno EXPORT trueno-targets)
install(EXPORT trueno-targets NAMESPACE trueno:: DESTINATION ${config_dir})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/trueno DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING
        PATTERN "*.h")
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/trueno-config.cmake.in
                              ${PROJECT_BINARY_DIR}/trueno-config.cmake INSTALL_DESTINATION ${config_dir})
# Before 1.0 every minor version may break: same minor version only.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/trueno-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/trueno-config.cmake ${PROJECT_BINARY_DIR}/trueno-config-version.cmake
        DESTINATION ${config_dir})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/configs/default.toml DESTINATION ${CMAKE_INSTALL_DOCDIR})

get_property(tools GLOBAL PROPERTY TRUENO_TOOLS)
if(tools)
  install(TARGETS ${tools})
endif()
