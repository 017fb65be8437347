using System.Text.RegularExpressions;

namespace Bioscope.Server.Tests.Support;

/// <summary>
/// The first-level folders of a project and their dependencies, by the source files. A file in the project's root folder stands for
/// itself, under its name with <c>.cs</c>.
/// </summary>
internal sealed partial class SourceFolders
{
    private readonly string _namespace;
    private readonly List<SourceFile> _files;

    public SourceFolders(string projectFolder)
    {
        _namespace = Path.GetFileName(projectFolder);
        Folders =
        [
            .. new DirectoryInfo(projectFolder).GetDirectories()
                .Where(folder => folder.Name is not ("bin" or "obj") && folder.EnumerateFiles("*", SearchOption.AllDirectories).Any())
                .Select(folder => folder.Name)
                .Order(StringComparer.Ordinal),
        ];
        _files =
        [
            .. Directory.GetFiles(projectFolder, "*.cs")
                .Concat(
                    Folders.SelectMany(
                        folder => Directory.GetFiles(Path.Combine(projectFolder, folder), "*.cs", SearchOption.AllDirectories)))
                .Order(StringComparer.Ordinal)
                .Select(file => SourceFile.Read(projectFolder, file)),
        ];
    }

    public IReadOnlyList<string> Folders { get; }

    /// <summary>Files whose namespace does not match their folder.</summary>
    public IEnumerable<string> Misplaced =>
        from file in _files
        where file.Namespace is { } name
            && name != $"{_namespace}.{Path.GetDirectoryName(file.Path)!.Replace(Path.DirectorySeparatorChar, '.')}".TrimEnd('.')
        select $"{file.Path} has namespace {file.Namespace}";

    /// <summary>Which folder uses which, each with a file that does.</summary>
    public SortedDictionary<string, SortedDictionary<string, string>> Uses()
    {
        var uses = new SortedDictionary<string, SortedDictionary<string, string>>(StringComparer.Ordinal);
        var declared = _files.SelectMany(file => file.Types.Select(type => (Type: type, file.Namespace, file.Folder))).ToLookup(
            entry => entry.Type, StringComparer.Ordinal);
        foreach (var file in _files)
        {
            var used = file.Names.SelectMany(name => declared[name.Type]
                    .Where(entry => IsSeen(file, entry.Namespace ?? "", name.Qualifier))
                    .Select(entry => entry.Folder))
                .Concat(
                    _files.Where(other => other.Namespace != _namespace && file.Imports.Contains(other.Namespace ?? "")).Select(
                        other => other.Folder));
            foreach (var folder in used.Where(folder => folder != file.Folder))
            {
                if (!uses.TryGetValue(file.Folder, out var ofFolder))
                {
                    uses[file.Folder] = ofFolder = new(StringComparer.Ordinal);
                }

                ofFolder.TryAdd(folder, file.Path);
            }
        }

        return uses;
    }

    /// <summary>A cycle of dependencies, one line per step; empty when there is none.</summary>
    public IReadOnlyList<string> FindCycle()
    {
        var (uses, done, way) = (Uses(), new HashSet<string>(StringComparer.Ordinal), new List<string>());
        return uses.Keys.Select(Follow).FirstOrDefault(cycle => cycle is not null) ?? [];

        List<string>? Follow(string folder)
        {
            if (way.IndexOf(folder) is >= 0 and var start)
            {
                return [.. way[start..].Zip([.. way[(start + 1)..], folder], (from, to) => $"{from} uses {to}: {uses[from][to]}")];
            }

            if (!done.Add(folder) || !uses.TryGetValue(folder, out var next))
            {
                return null;
            }

            way.Add(folder);
            var cycle = next.Keys.Select(Follow).FirstOrDefault(found => found is not null);
            way.RemoveAt(way.Count - 1);
            return cycle;
        }
    }

    /// <summary>Whether a name in a file refers to the type with that name in a namespace.</summary>
    private static bool IsSeen(SourceFile file, string declaredIn, string qualifier) => qualifier.Length > 0
        ? declaredIn == qualifier || declaredIn.EndsWith($".{qualifier}", StringComparison.Ordinal)
        : file.Imports.Contains(declaredIn) || file.Namespace == declaredIn
            || file.Namespace?.StartsWith($"{declaredIn}.", StringComparison.Ordinal) == true;

    private sealed record SourceFile(
        string Path, string Folder, string? Namespace, HashSet<string> Imports, IReadOnlyList<string> Types,
        HashSet<(string Qualifier, string Type)> Names)
    {
        public static SourceFile Read(string project, string file)
        {
            var text = File.ReadAllText(file);
            var path = System.IO.Path.GetRelativePath(project, file);
            var code = Comments().Replace(
                Strings().Replace(text, "\"\""),
                match => string.Join(' ', References().Matches(match.Value).Select(reference => reference.Groups[1].Value)));
            var names = Words().Matches(Usings().Replace(code, "")).SelectMany(match => Parts(match.Value));
            return new SourceFile(
                path,
                path.Split(System.IO.Path.DirectorySeparatorChar)[0],
                NamespaceLine().Match(text) is { Success: true } found ? found.Groups[1].Value : null,
                [.. Usings().Matches(text).Select(match => match.Groups[1].Value)],
                [.. Declarations().Matches(text).Select(match => match.Groups[1].Value)],
                [.. names]);
        }

        // Of Rows.SessionRow.Table: Rows, Rows.SessionRow and Rows.SessionRow.Table.
        private static IEnumerable<(string Qualifier, string Type)> Parts(string name)
        {
            var parts = name.Split('.');
            return parts.Select((part, i) => (string.Join('.', parts[..i]), part));
        }
    }

    [GeneratedRegex("""'(?:[^'\\\n]|\\.)'|"{3}[\s\S]*?"{3}|"(?:[^"\\\n]|\\.)*"(?#)""")]
    private static partial Regex Strings();

    [GeneratedRegex("//.*")]
    private static partial Regex Comments();

    [GeneratedRegex("cref=\"?([\\w.]+)")]
    private static partial Regex References();

    [GeneratedRegex(@"^using ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Usings();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(
        @"^(?:(?:public|internal|file|static|sealed|abstract|partial|readonly|ref) )*(?:class|record struct|record|struct|enum|interface|delegate \S+) (\w+)",
        RegexOptions.Multiline)]
    private static partial Regex Declarations();

    // Not names after a dot, which are members.
    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*(?:\.[A-Z]\w*)*")]
    private static partial Regex Words();
}
