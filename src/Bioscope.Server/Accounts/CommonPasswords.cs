using System.IO.Compression;
using System.Reflection;

namespace Bioscope.Server.Accounts;

/// <summary>
/// The most common passwords, which attackers try first. Nobody can choose one of them; a user who already has one can still sign in.
/// Made by <c>tools/passwords</c>.
/// </summary>
internal static class CommonPasswords
{
    // Read by the commands that set passwords, never by the server.
    private static readonly Lazy<HashSet<string>> All = new(Read);

    /// <summary>How many there are.</summary>
    public static int Count => All.Value.Count;

    /// <summary>Whether the password is one of them, in whatever case.</summary>
    public static bool Contains(string password) => All.Value.Contains(password.ToLowerInvariant());

    private static HashSet<string> Read()
    {
        using var packed = Assembly.GetExecutingAssembly().GetManifestResourceStream("common-passwords.txt.br")!;
        using var lines = new StreamReader(new BrotliStream(packed, CompressionMode.Decompress));
        var all = new HashSet<string>(StringComparer.Ordinal);
        while (lines.ReadLine() is { } line)
        {
            all.Add(line);
        }

        return all;
    }
}
