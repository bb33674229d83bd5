#include "scenario/dependency_reader.hpp"

#include "scenario/connection_span_reader.hpp"
#include "scenario/dependency_words.hpp"
#include "scenario/distribution_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace wsrace {
namespace {

using Kind = DependencyFault::Kind;

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789_-";
constexpr std::array kinds{Kind::delay, Kind::hang, Kind::refuse, Kind::cut};

std::vector<std::string_view> names_of(const std::vector<Dependency>& dependencies)
{
    std::vector<std::string_view> names;
    for (const Dependency& dependency : dependencies) names.push_back(dependency.name);
    return names;
}

std::string unknown_dependency(std::string_view found, const std::vector<Dependency>& dependencies)
{
    if (dependencies.empty())
        return fmt::format("there is no dependency \"{}\": target.server.dependencies declares none", found);
    return unknown_name("dependency", found, names_of(dependencies));
}

void check_upstream(const JsonNode& node, const std::string& upstream)
{
    const auto colon = upstream.rfind(':');
    const std::string_view digits =
        colon == std::string::npos ? std::string_view{} : std::string_view{upstream}.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    const bool right = error == std::errc{} && end == digits.data() + digits.size() && port > 0 && colon > 0;
    if (!right || upstream.find('/') != std::string::npos)
        node.expected("HOST:PORT, as in \"127.0.0.1:5432\"");
}

Dependency read_dependency(const JsonNode& node, const std::vector<Dependency>& before)
{
    Dependency dependency;
    JsonObject object(node, "a dependency");
    const auto name = object.require("name", "what the placeholder {dependency.NAME} calls it");
    const auto upstream = object.find("upstream");
    if (name && object.read_word("name", dependency.name)) {
        if (dependency.name.find_first_not_of(letters) != std::string::npos)
            name->expected("a name of lower-case letters, digits, _ and -");
        for (const Dependency& other : before)
            if (other.name == dependency.name)
                name->mistake(fmt::format("two dependencies are called \"{}\"", dependency.name));
    }
    if (upstream && object.read_word("upstream", dependency.upstream))
        check_upstream(*upstream, dependency.upstream);
    object.reject_unknown();
    return dependency;
}

struct Reference {
    JsonNode where;
    std::string_view kind; // what stands before the dot
    std::string_view name;
};

// Every `{word.NAME}` of one string.
void find_references(const JsonNode& node, std::vector<Reference>& references)
{
    if (!node.is_string()) return; // another mistake's business
    const std::string_view text = node.string();
    for (auto open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
        const auto dot = text.find_first_not_of(letters, open + 1);
        if (dot == std::string_view::npos || text[dot] != '.' || dot == open + 1) continue;
        const auto end = text.find_first_not_of(letters, dot + 1);
        if (end == std::string_view::npos || text[end] != '}' || end == dot + 1) continue;
        references.push_back({.where = node,
                              .kind = text.substr(open + 1, dot - open - 1),
                              .name = text.substr(dot + 1, end - dot - 1)});
    }
}

void find_in_command(const std::optional<JsonNode>& command, std::vector<Reference>& references)
{
    if (!command || !command->is_list()) return;
    for (const JsonNode& word : command->items("words")) find_references(word, references);
}

std::vector<Reference> references_of(JsonObject& server)
{
    std::vector<Reference> references;
    find_in_command(server.find("command"), references);
    const auto ingress = server.find("ingress"); // which may start another revision
    if (ingress && ingress->is_object() && ingress->has("revisions")) {
        const auto other = JsonObject(*ingress, "an ingress").find("revisions");
        if (other->is_object()) find_in_command(JsonObject(*other, "a revision").find("command"), references);
    }
    const auto environment = server.find("environment");
    if (environment && environment->is_object())
        for (const auto& [variable, value] : JsonObject(*environment, "variables").members())
            find_references(value, references);
    return references;
}

void check_reference(const Reference& reference, const std::vector<Dependency>& dependencies)
{
    const std::vector<std::string_view> known{"dependency", "upstream"};
    if (std::find(known.begin(), known.end(), reference.kind) == known.end()) {
        if (!nearest(reference.kind, known).empty()) // a slip; anything else is ordinary text
            reference.where.mistake(unknown_name("placeholder", reference.kind, known));
        return;
    }
    const auto named = std::find_if(dependencies.begin(), dependencies.end(),
                                    [&](const auto& one) { return one.name == reference.name; });
    if (named == dependencies.end())
        reference.where.mistake(unknown_dependency(reference.name, dependencies));
    else if (reference.kind == "upstream" && !named->upstream.empty())
        reference.where.mistake(fmt::format(
            "{{upstream.{}}} is for a dependency that the server starts itself; \"{}\" has the upstream {}",
            named->name, named->name, named->upstream));
}

// A proxy that nobody is told of would never be used.
void check_use(const JsonNode& node, const Dependency& dependency, const std::vector<Reference>& references)
{
    const auto is_told = [&](std::string_view kind) {
        return std::any_of(references.begin(), references.end(), [&](const Reference& reference) {
            return reference.kind == kind && reference.name == dependency.name;
        });
    };
    if (!is_told("dependency"))
        node.mistake(fmt::format("no {{dependency.{}}} in the command or the environment: the server has to "
                                 "be told where to find it",
                                 dependency.name));
    if (dependency.upstream.empty() && !is_told("upstream"))
        node.mistake(fmt::format("no {{upstream.{}}} in the command or the environment: the server has to be "
                                 "told on which port to start it; or name its \"upstream\", HOST:PORT",
                                 dependency.name));
}

// "start" is the only span that has a name.
void read_span(JsonObject& object, DependencyFault& fault)
{
    constexpr std::array spans{Choice<bool>{"start", true}};
    const auto during = object.find("during");
    const auto from = object.find("from");
    const auto until = object.find("until");
    object.read_choice("during", fault.during_start, spans, "span of time");
    if (const auto time = from ? from->duration() : std::nullopt) fault.from = *time;
    object.read_duration("until", fault.until);
    if (during && (from || until))
        during->mistake("\"during\" excludes \"from\" and \"until\"; keep one or the other");
    if (until && fault.until <= fault.from)
        until->mistake(fmt::format("the fault would end at {}, before it begins at {}",
                                   format_duration(fault.until), format_duration(fault.from)));
}

void read_connections(const JsonNode& node, DependencyFault& fault)
{
    const auto span = read_connection_span(node);
    if (!span) return;
    fault.first_connection = span->first;
    fault.last_connection = span->last;
}

// Exactly one of "delay", "hang", "refuse" and "cut".
void read_kind(JsonObject& object, DependencyFault& fault)
{
    std::vector<std::string_view> found, all;
    for (const Kind kind : kinds) {
        all.push_back(name(kind));
        const auto value = object.find(name(kind));
        if (!value) continue;
        found.push_back(name(kind));
        fault.kind = kind;
        if (kind != Kind::delay && !value->is_true()) value->expected("true; leave it out otherwise");
        if (const auto delay = kind == Kind::delay ? read_distribution(*value) : std::nullopt)
            fault.delay = *delay;
    }
    if (found.empty())
        object.node().mistake(
            fmt::format("it does not say what happens to the dependency: {}", alternatives(all)));
    if (found.size() > 1)
        object.node().mistake(fmt::format("\"{}\" and \"{}\" exclude each other; keep one, and write another "
                                          "fault for the other",
                                          found[0], found[1]));
}

// A cut happens once, to connections that have been opened before.
void check_cut(JsonObject& object, const DependencyFault& fault)
{
    for (const char* field : {"during", "until"})
        if (const auto span = object.find(field))
            span->mistake(fmt::format("a cut happens once, at \"from\"; \"{}\" has no meaning", field));
    if (fault.from == Duration{} && !object.find("during"))
        object.node().mistake("a cut needs \"from\", the time since the server was spawned: at its spawn no "
                              "connection is open yet");
}

DependencyFault read_fault(const JsonNode& node, const TargetSpec& target)
{
    DependencyFault fault;
    JsonObject object(node, "a fault");
    const auto dependencies = target.server ? target.server->dependencies : std::vector<Dependency>{};
    if (!target.url.empty())
        node.mistake("the target is a URL; only a server that the harness starts has dependencies");
    else if (object.read_word("dependency", fault.dependency)) {
        const auto names = names_of(dependencies);
        if (std::find(names.begin(), names.end(), fault.dependency) == names.end())
            object.find("dependency")->mistake(unknown_dependency(fault.dependency, dependencies));
    }
    object.find("dependency");
    read_kind(object, fault);
    read_span(object, fault);
    if (const auto connections = object.find("connections")) read_connections(*connections, fault);
    if (fault.kind == Kind::cut) check_cut(object, fault);
    object.reject_unknown();
    return fault;
}

} // namespace

std::vector<Dependency> read_dependencies(JsonObject& server)
{
    std::vector<Dependency> dependencies;
    std::vector<JsonNode> nodes;
    if (const auto list = server.find("dependencies")) nodes = list->items("dependencies");
    for (const JsonNode& node : nodes) dependencies.push_back(read_dependency(node, dependencies));
    const auto references = references_of(server);
    for (const Reference& reference : references) check_reference(reference, dependencies);
    for (std::size_t i = 0; i < nodes.size(); ++i)
        if (!dependencies[i].name.empty()) check_use(nodes[i], dependencies[i], references);
    return dependencies;
}

bool is_dependency_fault(const JsonNode& fault) { return fault.is_object() && fault.has("dependency"); }

std::vector<DependencyFault> read_dependency_faults(JsonObject& root, const TargetSpec& target)
{
    std::vector<DependencyFault> faults;
    const auto list = root.find("faults");
    if (!list || !list->is_list()) return faults;
    for (const JsonNode& node : list->items("faults"))
        if (is_dependency_fault(node)) faults.push_back(read_fault(node, target));
    return faults;
}

} // namespace wsrace
