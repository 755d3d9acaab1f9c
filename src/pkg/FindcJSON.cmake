# cJSON as the target cJSON::cJSON. Used by the build and installed beside
# offboxConfig.cmake: not every distribution ships cJSON's own CMake
# package, and its target has changed names.

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
    pkg_check_modules(PC_CJSON QUIET libcjson)
endif()

find_path(cJSON_INCLUDE_DIR cjson/cJSON.h HINTS ${PC_CJSON_INCLUDEDIR})
find_library(cJSON_LIBRARY cjson HINTS ${PC_CJSON_LIBDIR})
mark_as_advanced(cJSON_INCLUDE_DIR cJSON_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(cJSON
    REQUIRED_VARS cJSON_LIBRARY cJSON_INCLUDE_DIR
    VERSION_VAR PC_CJSON_VERSION)

if(cJSON_FOUND AND NOT TARGET cJSON::cJSON)
    add_library(cJSON::cJSON UNKNOWN IMPORTED)
    set_target_properties(cJSON::cJSON PROPERTIES
        IMPORTED_LOCATION "${cJSON_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${cJSON_INCLUDE_DIR}")
endif()
