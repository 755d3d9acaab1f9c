# libmaxminddb as the target MaxMindDB::MaxMindDB. Used by the build and
# installed beside offboxConfig.cmake: libmaxminddb's Debian package has no
# CMake package.

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
    pkg_check_modules(PC_MAXMINDDB QUIET libmaxminddb)
endif()

find_path(MAXMINDDB_INCLUDE_DIR maxminddb.h HINTS ${PC_MAXMINDDB_INCLUDEDIR})
find_library(MAXMINDDB_LIBRARY maxminddb HINTS ${PC_MAXMINDDB_LIBDIR})
mark_as_advanced(MAXMINDDB_INCLUDE_DIR MAXMINDDB_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(MaxMindDB
    REQUIRED_VARS MAXMINDDB_LIBRARY MAXMINDDB_INCLUDE_DIR
    VERSION_VAR PC_MAXMINDDB_VERSION)

if(MaxMindDB_FOUND AND NOT TARGET MaxMindDB::MaxMindDB)
    add_library(MaxMindDB::MaxMindDB UNKNOWN IMPORTED)
    set_target_properties(MaxMindDB::MaxMindDB PROPERTIES
        IMPORTED_LOCATION "${MAXMINDDB_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${MAXMINDDB_INCLUDE_DIR}")
endif()
