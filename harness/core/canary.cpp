#include "core/canary.hpp"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>

namespace wsrace {

namespace {

constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford: no i, l, o, u
constexpr std::size_t tag_digits = 8;
constexpr std::size_t body_length = canary_length - tag_digits;

// Not a secret: the tag tells a canary from text that only resembles one, in every wsrace process.
constexpr std::string_view tag_key = "wsrace canary, format 1";

void put(std::string& out, std::uint64_t value, std::size_t digit_count)
{
    for (std::size_t i = digit_count; i-- > 0;) out += alphabet[(value >> (5 * i)) & 31U];
}

std::optional<std::uint64_t> take(std::string_view& text, std::size_t digit_count)
{
    std::uint64_t value = 0;
    for (const auto digit : text.substr(0, digit_count)) {
        const auto at = alphabet.find(digit);
        if (at == std::string_view::npos) return std::nullopt;
        value = value << 5U | at;
    }
    text.remove_prefix(digit_count);
    return value;
}

// HMAC-SHA256 with the key set up once per thread: looking the algorithm up costs more than the digest
// itself.
class Tagger {
public:
    Tagger()
    {
        std::array<char, 7> digest{"SHA256"};
        const std::array<OSSL_PARAM, 2> parameters{
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
            OSSL_PARAM_construct_end()};
        const auto* const key = reinterpret_cast<const unsigned char*>(tag_key.data());
        if (!context_ || EVP_MAC_init(context_.get(), key, tag_key.size(), parameters.data()) != 1)
            throw std::runtime_error{"OpenSSL has no HMAC-SHA256"};
    }

    std::uint64_t tag(std::string_view text)
    {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        std::size_t length = 0;
        EVP_MAC_init(context_.get(), nullptr, 0, nullptr); // the same key again
        EVP_MAC_update(context_.get(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
        EVP_MAC_final(context_.get(), digest.data(), &length, digest.size());
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < 5; ++i) value = value << 8U | digest[i];
        return value;
    }

private:
    using Mac = std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)>;
    using Context = std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)>;
    Mac mac_{EVP_MAC_fetch(nullptr, "HMAC", nullptr), &EVP_MAC_free};
    Context context_{EVP_MAC_CTX_new(mac_.get()), &EVP_MAC_CTX_free};
};

void put_tag(std::string& out)
{
    thread_local Tagger tagger;
    put(out, tagger.tag(out), tag_digits);
}

// The characters of base64(x + prefix + y) that depend on the prefix alone, for each alignment |x| mod 3.
constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<char, 12> encode_prefix(std::size_t alignment, std::size_t& length)
{
    std::array<char, 12> out{};
    length = 0;
    const auto bits = canary_prefix.size() * 8;
    const std::size_t first =
        alignment == 0 ? 0 : 6 - (alignment * 8) % 6; // bits of a shared first character
    for (auto bit = first; bit + 6 <= bits; bit += 6) {
        unsigned value = 0;
        for (auto i = bit; i < bit + 6; ++i)
            value = value << 1U | ((static_cast<unsigned char>(canary_prefix[i / 8]) >> (7 - i % 8)) & 1U);
        out[length++] = base64_alphabet[value];
    }
    return out;
}

struct EncodedPrefix {
    std::array<char, 12> characters{};
    std::size_t length = 0;
    std::string_view view() const { return {characters.data(), length}; }
};

constexpr auto encoded_prefixes = [] {
    std::array<EncodedPrefix, 3> out{};
    for (std::size_t alignment = 0; alignment < 3; ++alignment)
        out[alignment].characters = encode_prefix(alignment, out[alignment].length);
    return out;
}();

int base64_value(char c)
{
    if (c == '-') return 62;
    if (c == '_') return 63;
    const auto at = base64_alphabet.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

// Decodes from `at` to the end of the run of base64 characters. The first character holds the last bits of a
// byte before the prefix when the alignment is not 0; those are dropped.
std::string decode_from(std::string_view text, std::size_t at, std::size_t skipped_bits)
{
    std::string out;
    unsigned buffer = 0;
    std::size_t bits = 0;
    for (; at < text.size(); ++at) {
        const auto value = base64_value(text[at]);
        if (value < 0) break;
        buffer = (buffer << 6U | static_cast<unsigned>(value)) & 0xFFFFFU;
        bits += 6;
        if (skipped_bits != 0) {
            bits -= skipped_bits;
            skipped_bits = 0;
        }
        if (bits >= 8) {
            bits -= 8;
            out += static_cast<char>((buffer >> bits) & 0xFFU);
        }
    }
    return out;
}

struct Candidate {
    std::size_t at;
    FoundCanary found;
};

FoundCanary read_at(std::string_view text, bool encoded)
{
    const auto end = text.find_first_not_of(alphabet, canary_prefix.size());
    const auto length = std::min({canary_length, text.size(), end});
    return {std::string{text.substr(0, length)}, parse_canary(text), encoded};
}

void find_plain(std::string_view text, std::vector<Candidate>& out)
{
    for (auto at = text.find(canary_prefix); at != std::string_view::npos;
         at = text.find(canary_prefix, at + 1))
        out.push_back({at, read_at(text.substr(at), false)});
}

void find_encoded(std::string_view text, std::vector<Candidate>& out)
{
    for (std::size_t alignment = 0; alignment < 3; ++alignment) {
        const auto prefix = encoded_prefixes[alignment].view();
        for (auto at = text.find(prefix); at != std::string_view::npos; at = text.find(prefix, at + 1)) {
            // One character back when the prefix begins inside one: its last bits are the first of the
            // prefix.
            if (alignment != 0 && at == 0) continue;
            const auto decoded = decode_from(text, alignment == 0 ? at : at - 1, alignment * 2);
            if (decoded.starts_with(canary_prefix)) out.push_back({at, read_at(decoded, true)});
        }
    }
}

} // namespace

RunId random_run_id()
{
    std::uint64_t value = 0;
    if (RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value) != 1)
        throw std::runtime_error{"the operating system gave no random bytes for the run's id"};
    return {value & ((std::uint64_t{1} << 40U) - 1)};
}

std::string to_string(RunId id)
{
    std::string out;
    put(out, id.value, 8);
    return out;
}

std::string make_canary(const Canary& canary)
{
    std::string out;
    out.reserve(canary_length);
    out = canary_prefix;
    put(out, canary.run.value, 8);
    put(out, canary.request.user.value, 6);
    put(out, canary.request.slot.value, 3);
    put(out, canary.request.request, 4);
    put_tag(out);
    return out;
}

std::optional<Canary> parse_canary(std::string_view text)
{
    if (text.size() < canary_length || !text.starts_with(canary_prefix)) return std::nullopt;
    auto rest = text.substr(canary_prefix.size(), body_length - canary_prefix.size());
    const auto run = take(rest, 8), user = take(rest, 6), slot = take(rest, 3), request = take(rest, 4);
    if (!run || !user || !slot || !request) return std::nullopt;
    const Canary canary{RunId{*run},
                        {UserId{static_cast<std::uint32_t>(*user)}, SlotId{static_cast<std::uint16_t>(*slot)},
                         static_cast<std::uint16_t>(*request)}};
    if (make_canary(canary) != text.substr(0, canary_length)) return std::nullopt;
    return canary;
}

std::vector<FoundCanary> find_canaries(std::string_view text)
{
    std::vector<Candidate> candidates;
    find_plain(text, candidates);
    find_encoded(text, candidates);
    std::sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    std::vector<FoundCanary> out;
    out.reserve(candidates.size());
    for (auto& candidate : candidates) out.push_back(std::move(candidate.found));
    return out;
}

bool may_hold_canary(std::string_view text)
{
    if (text.find(canary_prefix) != std::string_view::npos) return true;
    return std::any_of(encoded_prefixes.begin(), encoded_prefixes.end(), [text](const auto& prefix) {
        return text.find(prefix.view()) != std::string_view::npos;
    });
}

} // namespace wsrace
