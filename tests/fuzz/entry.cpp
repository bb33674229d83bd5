// The way in for libFuzzer.
#include "fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    wsrace::fuzz::look_at({reinterpret_cast<const char*>(data), size});
    return 0;
}
