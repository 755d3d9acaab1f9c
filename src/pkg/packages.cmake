# A Debian package and a portable tarball, of the program without the library:
#
#   cd BUILD && cpack -G DEB && cpack -G TGZ
#
# docs/install.md says what is in them.

# ------------------------------------------------------ the portable program

# The same objects, linked to find their libraries beside themselves. The older
# of the two run paths: it goes before LD_LIBRARY_PATH, and holds for what the
# libraries need in turn.
add_executable(offbox_portable $<TARGET_OBJECTS:offbox>)
target_link_libraries(offbox_portable PRIVATE offbox_lib)
target_link_options(offbox_portable PRIVATE LINKER:--disable-new-dtags)
set_target_properties(offbox_portable PROPERTIES
    OUTPUT_NAME offbox
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/portable
    INSTALL_RPATH "$ORIGIN/../lib")
install(TARGETS offbox_portable RUNTIME_DEPENDENCY_SET offbox_portable_libraries
    RUNTIME DESTINATION bin COMPONENT portable EXCLUDE_FROM_ALL)
# All but glibc, which belongs to the machine: its parts must fit each other.
install(RUNTIME_DEPENDENCY_SET offbox_portable_libraries
    PRE_EXCLUDE_REGEXES
        "^(ld-linux.*|libc|libm|libmvec|libpthread|libdl|librt)[.]so"
    LIBRARY DESTINATION lib COMPONENT portable EXCLUDE_FROM_ALL)
install(SCRIPT src/pkg/portable.cmake COMPONENT portable EXCLUDE_FROM_ALL)

# ------------------------------------------------------------- for Debian

set(debian_contact "The offbox project <offbox@example.org>")
set(debian_release 1)
configure_file(src/pkg/debian.cmake.in debian.cmake @ONLY)
install(SCRIPT ${PROJECT_BINARY_DIR}/debian.cmake
    COMPONENT debian EXCLUDE_FROM_ALL)

# ------------------------------------------------------------------- cpack

set(CPACK_PACKAGE_NAME offbox)
set(CPACK_PACKAGE_VENDOR "The offbox project")
set(CPACK_PACKAGE_CONTACT "${debian_contact}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY
    "find EC2 instance credentials that are used off the box")
set(CPACK_PACKAGE_DESCRIPTION
"offbox reads CloudTrail log files and reports each EC2 instance whose
credentials were used from more than one address, with the first event
of the least active address, since that is likely the thief. It
implements FalconForce's rule 0xFF-0240.

A downloaded trail, a synced folder or a pipe are read at the speed of
the disk, without an AWS account at hand. Alerts come as text, JSON, CSV,
OCSF, ECS, ASFF or for Timesketch, each once if a history is kept.")
set(CPACK_GENERATOR "DEB;TGZ")
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PACKAGE_FILE_NAME
    "offbox-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR}")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${debian_release})
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/src/pkg/cpack.cmake)
include(CPack)
