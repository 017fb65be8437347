using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Bioscope.Engine.Storage.Migrations;

/// <summary>
/// One of the numbered .sql files beside this class. Where the engines need different statements, each has its own file:
/// <c>0004_name.sqlite.sql</c>.
/// </summary>
internal sealed partial record MigrationFile(int Number, string Name, string Sql)
{
    /// <summary>
    /// The SHA-256 of the text, 64 hexadecimal characters. Line ends are normalised to LF, because a checkout may have others.
    /// </summary>
    public string Checksum => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));

    /// <summary>The embedded files of one database for its engine, by number.</summary>
    public static List<MigrationFile> Of(Database database)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var files = new List<MigrationFile>();
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            if (ResourceName().Match(resource) is not { Success: true } match || match.Groups["database"].Value != database.Name
                || (match.Groups["engine"] is { Success: true, Value: var engine } && !engine.Equals(database.Dialect.Name, StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }

            using var text = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            files.Add(
                new(int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture), match.Groups["name"].Value, text.ReadToEnd()));
        }

        files.Sort((a, b) => a.Number.CompareTo(b.Number));
        return files;
    }

    [GeneratedRegex(@"^Migrations/(?<database>\w+)/(?<name>(?<number>\d{4})_\w+)(\.(?<engine>\w+))?\.sql$")]
    private static partial Regex ResourceName();
}
