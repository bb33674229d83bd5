#include "target/report_files.hpp"

#include <fstream>
#include <string>

namespace wsrace {

namespace fs = std::filesystem;

void ReportFiles::poll()
{
    std::error_code none;
    const auto wanted = prefix_.filename().string() + ".";
    for (const auto& entry : fs::directory_iterator{prefix_.parent_path(), none}) {
        if (!entry.path().filename().string().starts_with(wanted)) continue;
        auto& file = files_[entry.path()];
        const auto size = entry.file_size(none);
        if (none || size <= file.read) continue;
        std::ifstream in{entry.path(), std::ios::binary};
        in.seekg(static_cast<std::streamoff>(file.read));
        std::string text(size - file.read, '\0');
        in.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(in.gcount()));
        file.read += text.size();
        file.lines.add(text, sink_);
    }
}

void ReportFiles::finish()
{
    poll();
    for (auto& [path, file] : files_) file.lines.finish(sink_);
}

} // namespace wsrace
