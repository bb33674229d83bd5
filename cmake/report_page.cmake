# report.html's own files and Chart.js become bytes of the program: the objects of wsrace_report_page.
find_file(WSRACE_CHART_JS chart.min.js
    PATHS /usr/share/javascript/chart.js /usr/share/nodejs/chart.js/dist
    DOC "Chart.js 3.9, the build that needs no modules (UMD)")
if(NOT WSRACE_CHART_JS)
    message(FATAL_ERROR "Chart.js was not found (chart.min.js, expected in /usr/share/javascript/chart.js). "
        "scripts/setup.sh installs Debian's libjs-chart.js; -DWSRACE_CHART_JS=FILE names another place.")
endif()

set(WSRACE_HTML_FOLDER ${PROJECT_SOURCE_DIR}/reports/html)
set(WSRACE_REPORT_PAGE ${CMAKE_CURRENT_BINARY_DIR}/generated/report_page.s)
configure_file(${WSRACE_HTML_FOLDER}/assets.s.in ${WSRACE_REPORT_PAGE} @ONLY)
file(GLOB WSRACE_HTML_FILES CONFIGURE_DEPENDS ${WSRACE_HTML_FOLDER}/*.html ${WSRACE_HTML_FOLDER}/*.css
    ${WSRACE_HTML_FOLDER}/*.js)
set_source_files_properties(${WSRACE_REPORT_PAGE} PROPERTIES OBJECT_DEPENDS "${WSRACE_HTML_FILES};${WSRACE_CHART_JS}")
# Without the options of the other targets: an assembler that is given warnings and sanitizers says that it has no use for them.
add_library(wsrace_report_page OBJECT ${WSRACE_REPORT_PAGE})
if(CMAKE_C_COMPILER_ID STREQUAL "Clang")
    target_compile_options(wsrace_report_page PRIVATE -Wno-unused-command-line-argument) # CMake's for dependency files
endif()
