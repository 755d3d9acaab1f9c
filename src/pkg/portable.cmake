# Beside the libraries that the portable tarball carries, their notices, which
# their licences ask for.

set(root "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}")
find_program(DPKG_QUERY dpkg-query)
file(GLOB libraries "${root}/lib/*.so*")
foreach(library IN LISTS libraries)
    if(IS_SYMLINK ${library})
        continue()
    endif()
    cmake_path(GET library FILENAME name)
    set(package "")
    if(DPKG_QUERY)
        execute_process(COMMAND ${DPKG_QUERY} --search "*/${name}"
            OUTPUT_VARIABLE found ERROR_QUIET)
        string(REGEX MATCH "^[^:,]+" package "${found}")
    endif()
    if(package AND EXISTS /usr/share/doc/${package}/copyright)
        file(MAKE_DIRECTORY ${root}/share/doc/offbox/licenses)
        file(COPY_FILE /usr/share/doc/${package}/copyright
            ${root}/share/doc/offbox/licenses/${package})
    else()
        message(WARNING "the notice of ${name} is not in the tarball: "
                        "add it before you hand the tarball on")
    endif()
endforeach()
