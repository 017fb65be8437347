using System.Text;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Proofs;

/// <summary>
/// The key that signs proofs, if the operator did not set it: made at the first start, in a file that only its owner can read. It is not in
/// <c>secrets.json</c>, so that no start ever rewrites that file.
/// </summary>
internal static class ProofKeyFile
{
    /// <summary>The setting that replaces the file.</summary>
    public const string Setting = "Proof:SigningKey";

    /// <summary>The file in the data folder.</summary>
    public static string FileOf(Settings settings) => Path.Combine(settings.DataFolder, "proof-key");

    /// <summary>Fills <see cref="Settings.ProofKey"/>. Where the file cannot be made, it stays empty, and nothing can be frozen.</summary>
    public static Settings Complete(Settings settings)
    {
        var file = FileOf(settings);
        if (settings.ProofKey.Length > 0 || settings.SharedOwnership)
        {
            return settings;
        }

        PrivateFile.TryNarrow(file);
        return settings with { ProofKey = Read(file) ?? Make(file), KeptSecrets = [.. settings.KeptSecrets, Setting] };
    }

    /// <summary>The key in the file; null where there is none.</summary>
    public static string? Read(string file)
    {
        try
        {
            var key = System.IO.File.ReadAllText(file).Trim();
            return IsKey(key)
                ? key
                : throw new SettingsException([$"{file}: the file is damaged. Restore it from a backup, or delete it: proofs made before are " +
                    "then verified only with a copy of the keys of that time."]);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            throw new SettingsException([$"{file}: it cannot be read, because permissions are missing."]);
        }
    }

    private static bool IsKey(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigit);

    private static string Make(string file)
    {
        var made = Secrets.NewSecret();
        try
        {
            return Secrets.TryCreate(file, stream => stream.Write(Encoding.ASCII.GetBytes(made + "\n"))) ? made : Read(file)!;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"{file}: it cannot be created ({e.Message}). Nothing can be frozen until Proof:SigningKey is set.");
            return "";
        }
    }
}
