// Reads what a process writes, line by line.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <functional>
#include <string>
#include <string_view>

namespace wsrace {

// Splits text into lines; one that is too long comes in pieces.
class LineSplitter {
public:
    using Sink = std::function<void(std::string_view)>;

    void add(std::string_view text, const Sink& sink);
    void finish(const Sink& sink); // an unfinished last line

private:
    std::string rest_;
};

// One pipe, on the io_context's thread. Must live until the io_context has run out of work.
class OutputReader {
public:
    // Takes the descriptor over.
    OutputReader(boost::asio::io_context& io, int descriptor, LineSplitter::Sink sink);

    // What is in the pipe now, and no more: somebody else may hold it open for ever.
    void drain();

private:
    void read_next();
    bool read_once();

    boost::asio::posix::stream_descriptor pipe_;
    LineSplitter lines_;
    LineSplitter::Sink sink_;
    std::array<char, 16384> chunk_;
};

} // namespace wsrace
