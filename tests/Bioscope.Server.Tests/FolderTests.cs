using System.Text.RegularExpressions;
using Bioscope.Core.Tests;

namespace Bioscope.Server.Tests;

/// <summary>The structure of the code, as described in CONTRIBUTING.md.</summary>
public sealed partial class FolderTests
{
    public static TheoryData<string> Projects { get; } = ["Bioscope.Core", "Bioscope.Engine", "Bioscope.Server"];

    [Theory, MemberData(nameof(Projects))]
    public void Folders_have_no_circular_dependencies(string project) => AssertNone(FoldersOf(project).FindCycle());

    /// <summary>Otherwise a file's usings would not tell which folders it uses. The small folders of Core share one namespace.</summary>
    [Theory, InlineData("Bioscope.Engine"), InlineData("Bioscope.Server")]
    public void Namespaces_match_folders(string project) => AssertNone(FoldersOf(project).Misplaced);

    [Theory, MemberData(nameof(Projects))]
    public void CONTRIBUTING_lists_every_folder(string project)
    {
        var folders = FoldersOf(project).Folders;
        var map = File.ReadLines(Path.Combine(RepositoryFiles.Root!, "CONTRIBUTING.md"))
            .SkipWhile(line => !line.StartsWith($"    src/{project}/", StringComparison.Ordinal))
            .Skip(1)
            .TakeWhile(line => line.StartsWith("      ", StringComparison.Ordinal))
            .SelectMany(line => FoldersOfLine().Match(line).Groups[1].Captures.Select(folder => folder.Value));
        Assert.Equal(folders, map.Order(StringComparer.Ordinal));
    }

    // The library's own message would truncate the lines.
    private static void AssertNone(IEnumerable<string> problems)
    {
        if (string.Join(Environment.NewLine, problems) is { Length: > 0 } text)
        {
            Assert.Fail(text);
        }
    }

    private static SourceFolders FoldersOf(string project)
    {
        var folder = RepositoryFiles.Root is { } root ? Path.Combine(root, "src", project) : null;
        Assert.SkipUnless(Directory.Exists(folder), "The sources are not where the tests run.");
        return new SourceFolders(folder);
    }

    [GeneratedRegex(@"^ {6}(?:(\w+)/ ?)+")]
    private static partial Regex FoldersOfLine();
}
