# What every target of the project is compiled with: warnings are errors, and the sanitizer that the preset names.
set(WSRACE_SANITIZER "none" CACHE STRING "none, address (with undefined) or thread")

add_library(wsrace_options INTERFACE)
target_compile_features(wsrace_options INTERFACE cxx_std_20)
target_compile_options(wsrace_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Werror)

# Boost as a system library: its headers' warnings are not ours to fix.
target_compile_definitions(wsrace_options INTERFACE
    BOOST_ASIO_NO_DEPRECATED
    BOOST_ASIO_DISABLE_BOOST_ARRAY
    BOOST_BEAST_USE_STD_STRING_VIEW)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 warns of uses that are not there when it inlines Boost; the clang build keeps these warnings on.
    target_compile_options(wsrace_options INTERFACE -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow
        -Wno-restrict -Wno-dangling-pointer -Wno-stringop-overread)
endif()

if(WSRACE_SANITIZER STREQUAL "address")
    target_compile_options(wsrace_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined
        -fno-omit-frame-pointer)
    target_link_options(wsrace_options INTERFACE -fsanitize=address,undefined)
elseif(WSRACE_SANITIZER STREQUAL "thread")
    target_compile_options(wsrace_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
    target_link_options(wsrace_options INTERFACE -fsanitize=thread)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        target_compile_options(wsrace_options INTERFACE -Wno-tsan) # Asio's fences
    endif()
elseif(NOT WSRACE_SANITIZER STREQUAL "none")
    message(FATAL_ERROR "WSRACE_SANITIZER is '${WSRACE_SANITIZER}'; expected none, address or thread")
endif()

option(WSRACE_FUZZ "Build libFuzzer's programs out of tests/fuzz (Clang only)" OFF)
if(WSRACE_FUZZ)
    if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        message(FATAL_ERROR "WSRACE_FUZZ needs Clang, found ${CMAKE_CXX_COMPILER_ID}; use the preset fuzz")
    endif()
    # A number that does not fit what it becomes is undefined, but not among what `undefined` looks for.
    target_compile_options(wsrace_options INTERFACE -fsanitize=fuzzer-no-link,float-cast-overflow)
    target_link_options(wsrace_options INTERFACE -fsanitize=float-cast-overflow)
endif()

find_program(WSRACE_CCACHE ccache)
if(WSRACE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # Relative paths: what one clone has compiled serves the next.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
        CCACHE_SLOPPINESS=pch_defines,time_macros ${WSRACE_CCACHE})
endif()

# GCC parses the standard library and fmt once, which halves the time of a small file. Not so Clang, whose precompiled headers ccache
# cannot share between clones: its builds find the file that forgets an include.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set(precompiled ${CMAKE_CURRENT_BINARY_DIR}/precompiled.cpp)
    file(CONFIGURE OUTPUT ${precompiled} CONTENT "")
    add_library(wsrace_precompiled OBJECT ${precompiled})
    target_link_libraries(wsrace_precompiled PRIVATE wsrace_options fmt::fmt)
    target_precompile_headers(wsrace_precompiled PRIVATE
        <algorithm> <array> <charconv> <chrono> <cmath> <cstdint> <deque> <filesystem> <fstream> <functional> <map> <memory>
        <mutex> <optional> <set> <span> <stdexcept> <string> <string_view> <thread> <unordered_map> <unordered_set> <utility>
        <variant> <vector> <fmt/format.h> <fmt/ranges.h>)
endif()

function(wsrace_precompile target)
    if(TARGET wsrace_precompiled)
        target_precompile_headers(${target} REUSE_FROM wsrace_precompiled)
    endif()
endfunction()

option(WSRACE_UNITE "Compile files that parse Asio or CLI11 several at a time (unity build): half the time of a cold build" OFF)

# Files, eight at a time, become one translation unit of TARGET, so that what they all include is parsed once for them. Names that
# are local to a file must then differ within a folder.
function(wsrace_unite target)
    if(NOT WSRACE_UNITE)
        return()
    endif()
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # What is local to a file counts as foreign when it is included.
        target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
    endif()
    set(count 0)
    foreach(file IN LISTS ARGN)
        math(EXPR group "${count} / 8")
        get_filename_component(folder ${file} DIRECTORY)
        get_filename_component(folder ${folder} NAME)
        set_source_files_properties(${file} PROPERTIES UNITY_GROUP ${folder}_${group})
        math(EXPR count "${count} + 1")
    endforeach()
endfunction()
