using System.Text.RegularExpressions;
using Bioscope.Core.Tests;

namespace Bioscope.Server.Tests;

/// <summary>
/// Every SQL statement begins with <c>-- name</c>, which appears in metrics, the log of slow statements and the databases' own logs.
/// </summary>
public sealed partial class StatementNameTests
{
    /// <summary>Fragments of statements, by their file.</summary>
    private static readonly Dictionary<string, string> Parts = new(StringComparer.Ordinal)
    {
        ["PostgresWrites.cs"] = "the rows of an INSERT",
        ["RawValue.cs"] = "the rows of one value, for the FROM of another statement",
        ["RollupPlan.cs"] = "one value's part of a UNION ALL",
    };

    /// <summary>Names shared by several statements, and how many.</summary>
    private static readonly Dictionary<string, (int Statements, string Why)> Shared = new(StringComparer.Ordinal)
    {
        ["columns of table"] = (2, "one for each engine"),
        ["indexes of table"] = (2, "one for each engine"),
        ["held fence"] = (2, "one for each engine"),
        ["erase deleted rows"] = (2, "one for each engine"),
        ["ready"] = (2, "one for each database, which metrics tell apart"),
    };

    [Fact]
    public void Every_statement_begins_with_a_name() =>
        Assert.Empty(
            Literals().Where(literal => literal.Name is null && literal.IsStatement && !Parts.ContainsKey(literal.File)).Select(
                literal => $"{literal.File}: {literal.Text}"));

    [Fact]
    public void Statement_names_are_unique() =>
        Assert.Empty(
            from literal in Literals()
            where literal.Name is not null
            group literal by literal.Name into statements
            where statements.Count() != (Shared.TryGetValue(statements.Key, out var known) ? known.Statements : 1)
            select $"{statements.Count()} statements have the name '{statements.Key}': {string.Join(", ", statements.Select(literal => literal.File))}");

    [Fact]
    public void Listed_exceptions_still_exist()
    {
        var literals = Literals();
        Assert.Empty(
            Parts.Keys.Except(literals.Where(literal => literal.Name is null && literal.IsStatement).Select(literal => literal.File)));
        Assert.Empty(Shared.Keys.Except(literals.Select(literal => literal.Name)));
    }

    /// <summary>The string literals of the sources.</summary>
    internal static List<Literal> Literals()
    {
        var folder = RepositoryFiles.Root is { } root ? Path.Combine(root, "src") : null;
        Assert.SkipUnless(Directory.Exists(folder), "The sources are not where the tests run.");
        return
        [
            .. from file in Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
               where !Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj")
               from match in Strings().Matches(File.ReadAllText(file))
               where match.Groups["text"].Success
               select Literal.Of(Path.GetFileName(file), match.Groups["text"].Value.TrimStart()),
        ];
    }

    internal sealed record Literal(string File, string? Name, string Text, bool IsStatement)
    {
        public static Literal Of(string file, string text) =>
            new(
                file,
                FirstLine().Match(text) is { Success: true } match ? match.Groups["name"].Value : null,
                text,
                Beginning().IsMatch(text));
    }

    // Comments and characters come first, because a quote in them would begin a string.
    [GeneratedRegex("""//.*|'(?:[^'\\\n]|\\.)'|(?<quotes>"{3,})(?<text>[\s\S]*?)\k<quotes>|"(?<text>(?:[^"\\\n]|\\.)*)"(?#)""")]
    private static partial Regex Strings();

    // The line end is written as \n in a plain string.
    [GeneratedRegex(@"^-- (?<name>[^\r\n\\]+?) *(?:\r?\n|\\n)")]
    private static partial Regex FirstLine();

    [GeneratedRegex(@"^(?:SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|ALTER|DROP|SET|PRAGMA|VACUUM)\s")]
    private static partial Regex Beginning();
}
