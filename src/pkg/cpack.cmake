# Read by cpack for each generator: which components are in its package.

list(GET CPACK_INSTALL_CMAKE_PROJECTS 0 build)
if(CPACK_GENERATOR STREQUAL DEB)
    set(components program manual debian)
else()
    set(components portable manual notices)
endif()
set(CPACK_INSTALL_CMAKE_PROJECTS)
foreach(component IN LISTS components)
    list(APPEND CPACK_INSTALL_CMAKE_PROJECTS ${build} offbox ${component} /)
endforeach()
