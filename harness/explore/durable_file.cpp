#include "explore/durable_file.hpp"

#include "core/canary.hpp"

#include <cerrno>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace wsrace {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file, const char* doing)
{
    throw std::system_error{errno, std::generic_category(), file.string() + ": " + doing};
}

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor()
    {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const { return number_; }

private:
    int number_;
};

// Gone again unless it was renamed.
class TemporaryFile {
public:
    explicit TemporaryFile(const fs::path& beside) : path_(beside)
    {
        path_ += "." + to_string(random_run_id()) + ".partial";
    }
    ~TemporaryFile()
    {
        if (!renamed_) ::unlink(path_.c_str());
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    const fs::path& path() const { return path_; }
    void rename_to(const fs::path& file)
    {
        if (::rename(path_.c_str(), file.c_str()) != 0) fail(file, "cannot be replaced");
        renamed_ = true;
    }

private:
    fs::path path_;
    bool renamed_ = false;
};

void write_all(int descriptor, std::string_view text, const fs::path& file)
{
    while (!text.empty()) {
        const auto written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail(file, "cannot be written");
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(descriptor) != 0) fail(file, "cannot be written to disk");
}

} // namespace

void write_durably(const fs::path& file, const std::string& text)
{
    TemporaryFile temporary(file);
    {
        const Descriptor out(::open(temporary.path().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
        if (out.number() < 0) fail(temporary.path(), "cannot be created");
        write_all(out.number(), text, temporary.path());
    }
    temporary.rename_to(file);
    // Some file systems cannot do this for folders; the file itself is safe.
    const auto folder = file.has_parent_path() ? file.parent_path() : fs::path{"."};
    const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.number() >= 0) ::fsync(opened.number());
}

} // namespace wsrace
