using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bioscope.Engine.Storage;

namespace Bioscope.Server.Configuration;

/// <summary>
/// The secrets that the operator did not set: created at the first start and stored in <c>secrets.json</c> in the data folder, readable
/// only by its owner.
/// </summary>
internal static partial class Secrets
{
    /// <summary>The file in the data folder.</summary>
    public static string FileOf(Settings settings) => Path.Combine(settings.DataFolder, "secrets.json");

    /// <summary>
    /// Fills the empty secrets of <paramref name="settings"/> from the file, and creates the file if it does not exist. If no secret is
    /// empty, no file is accessed.
    /// </summary>
    public static Settings Complete(Settings settings)
    {
        var file = FileOf(settings);
        if (!AreComplete(settings) && PrivateFile.TryNarrow(file))
        {
            Console.Error.WriteLine($"{file}: other users could read or write it. Its mode is now 600, so only its owner can.");
        }

        return Find(settings) ?? With(settings, Make(file));
    }

    /// <summary>Like <see cref="Complete"/>, but creates nothing.</summary>
    /// <returns>Null where the file would have to be created.</returns>
    public static Settings? Find(Settings settings) => AreComplete(settings) ? settings
        : Read(FileOf(settings)) is { } kept ? With(settings, kept) : null;

    private static Settings With(Settings settings, Kept kept)
    {
        return settings with
        {
            KeptSecrets =
            [
                .. settings.KeptSecrets,
                .. (string[])(settings.JwtSecret.Length == 0 ? ["Auth:JwtSecret"] : []),
                .. (string[])(settings.HmacSecret.Length == 0 ? ["Tracking:HmacSecret"] : []),
            ],
            JwtSecret = Or(settings.JwtSecret, kept.JwtSecret),
            HmacSecret = Or(settings.HmacSecret, kept.HmacSecret),
            VisitorSecret = Or(settings.VisitorSecret, kept.VisitorSecret),
        };

        static string Or(string given, string kept) => given.Length > 0 ? given : kept;
    }

    /// <summary>
    /// Whether no secret has to be created. With databases of another service only tokens are validated, so only their key is needed.
    /// </summary>
    public static bool AreComplete(Settings settings) => settings.JwtSecret.Length > 0
        && (settings.SharedOwnership || (settings.HmacSecret.Length > 0 && settings.VisitorSecret.Length > 0));

    private static Kept? Read(string file)
    {
        try
        {
            var kept = JsonSerializer.Deserialize(System.IO.File.ReadAllBytes(file), SecretsJson.Default.Kept);
            if (kept is { JwtSecret.Length: >= 32, HmacSecret.Length: >= 16, VisitorSecret.Length: >= 16 })
            {
                return kept;
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException)
        {
            // Reported below.
        }
        catch (UnauthorizedAccessException)
        {
            throw new SettingsException(
                [$"{file}: it cannot be read, because permissions are missing. Run this as the user that owns it, or give it to this " +
                    "user."]);
        }

        throw new SettingsException(
            [$"{file}: the file is damaged. Restore it from a backup: without its visitorSecret, returning visitors would count as new."]);
    }

    private static Kept Make(string file)
    {
        var made = new Kept(NewSecret(), NewSecret(), NewSecret());
        try
        {
            return TryCreate(file, stream => JsonSerializer.Serialize(stream, made, SecretsJson.Default.Kept)) ? made : Read(file)!;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException(
                [$"{file}: it cannot be created ({e.Message}). Give its folder to the user that the server runs as, or set " +
                    "Auth:JwtSecret, Tracking:HmacSecret and Tracking:VisitorSecret."]);
        }
    }

    /// <summary>
    /// Creates a file that only its owner can access, unless it exists. It is written to another file and then linked into place, so that
    /// two servers that start together use the same secrets, and a crash leaves no partial file.
    /// </summary>
    public static bool TryCreate(string file, Action<FileStream> write)
    {
        var aside = $"{file}.{Guid.NewGuid():N}";
        try
        {
            PrivateFile.CreateFolder(Path.GetDirectoryName(file)!);
            using (var stream = PrivateFile.Create(aside))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            return TryPutInPlace(aside, file);
        }
        finally
        {
            System.IO.File.Delete(aside);
        }
    }

    /// <summary>Gives the file its name unless a file with that name exists, atomically.</summary>
    private static bool TryPutInPlace(string aside, string file)
    {
        // On Unix File.Move first checks and then renames, so two servers that start together could both succeed. It is the fallback
        // for file systems without hard links.
        if (!OperatingSystem.IsWindows() && Link(aside, file) == 0)
        {
            return true;
        }

        try
        {
            System.IO.File.Move(aside, file, overwrite: false);
            return true;
        }
        catch (IOException) when (System.IO.File.Exists(file))
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string name);

    // Hexadecimal, so that it needs no escaping in JSON, shells or connection strings.
    public static string NewSecret() => RandomNumberGenerator.GetHexString(64, lowercase: true);

    internal sealed record Kept(string JwtSecret, string HmacSecret, string VisitorSecret);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(Secrets.Kept))]
internal sealed partial class SecretsJson : JsonSerializerContext;
