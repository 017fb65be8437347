using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;
using Bioscope.Server.Proofs;

namespace Bioscope.Server.Backups;

/// <summary>
/// One backup of an installation on SQLite: a folder with both databases, each as of one instant, the secrets and keys that the server made,
/// and <c>backup.json</c> with the checksum of each file. A folder has its final name only when it is complete and was checked.
/// </summary>
/// <param name="Folder">The folder.</param>
/// <param name="CreatedAt">When it began.</param>
internal sealed record Backup(string Folder, DateTimeOffset CreatedAt)
{
    public const string Main = "main.db", Analytics = "analytics.db", Manifest = "backup.json";

    private const string Prefix = "bioscope-", Unfinished = ".part", TimeFormat = "yyyyMMdd'T'HHmmss'Z'";

    /// <summary>The files of secrets and keys that the server made; those that the operator sets are in none.</summary>
    public static IReadOnlyList<string> SecretFilesOf(Settings settings) =>
        [Secrets.FileOf(settings), ProofKeyFile.FileOf(settings)];

    /// <summary>The complete backups in a folder, the newest first.</summary>
    public static IReadOnlyList<Backup> In(string folder) => !Directory.Exists(folder) ? [] :
        [.. Directory.EnumerateDirectories(folder, Prefix + "*").Select(Read).OfType<Backup>().OrderByDescending(backup => backup.CreatedAt)];

    /// <summary>The backup in a folder, or the newest in a folder of backups.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static Backup Find(string folder) =>
        File.Exists(Path.Combine(folder, Manifest))
            ? new Backup(folder, ReadManifest(folder).CreatedAt)
            : In(folder) is [var newest, ..] ? newest
            : throw new InvalidDataException($"'{folder}' has no backup: no {Manifest} in it, and no folder {Prefix}… with one.");

    /// <summary>Makes a backup in a folder of backups.</summary>
    /// <param name="folder">The folder of backups, which is created if it does not exist.</param>
    /// <param name="settings">Say where the secrets are.</param>
    /// <param name="main">The main database, a file.</param>
    /// <param name="analytics">The analytics database, a file.</param>
    /// <param name="now">Its time.</param>
    /// <param name="progress">Called with what is copied next.</param>
    /// <param name="cancellationToken">Ends it; what there is so far is removed.</param>
    /// <exception cref="InvalidDataException">A database is damaged.</exception>
    public static async Task<Backup> TakeAsync(
        string folder, Settings settings, MainDatabase main, AnalyticsDatabase analytics, DateTimeOffset now, Action<string> progress,
        CancellationToken cancellationToken)
    {
        PrivateFile.CreateFolder(folder);
        var name = Path.Combine(folder, Prefix + now.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
        var part = name + Unfinished;
        PrivateFile.CreateFolder(part);
        try
        {
            // Visits first, so that no visit is of a page that is not in the backup.
            if (!analytics.IsSameAs(main))
            {
                progress(Analytics);
                await analytics.CopyToAsync(Path.Combine(part, Analytics), cancellationToken);
            }

            progress(Main);
            await main.CopyToAsync(Path.Combine(part, Main), cancellationToken);
            foreach (var file in SecretFilesOf(settings).Where(File.Exists))
            {
                await using var copy = PrivateFile.Create(Path.Combine(part, Path.GetFileName(file)));
                await using var original = File.OpenRead(file);
                await original.CopyToAsync(copy, cancellationToken);
            }

            var files = await Task.WhenAll(Directory.GetFiles(part).Order(StringComparer.Ordinal).Select(file => DescribeAsync(file, cancellationToken)));
            await using (var manifest = PrivateFile.Create(Path.Combine(part, Manifest)))
            {
                await JsonSerializer.SerializeAsync(manifest, new BackupManifest(now, files), BackupJson.Default.BackupManifest, cancellationToken);
            }

            Directory.Move(part, name);
            return new Backup(name, now);
        }
        catch
        {
            Directory.Delete(part, recursive: true);
            throw;
        }
    }

    /// <summary>Removes all but the newest backups of a folder, and what an interrupted one left.</summary>
    /// <returns>How many were removed.</returns>
    public static int Prune(string folder, int keep, DateTimeOffset now)
    {
        // Another process may be at one that is younger.
        foreach (var part in Directory.EnumerateDirectories(folder, Prefix + "*" + Unfinished)
            .Where(part => Directory.GetLastWriteTimeUtc(part) < now.UtcDateTime.AddDays(-1)))
        {
            Directory.Delete(part, recursive: true);
        }

        var old = In(folder).Skip(keep).ToList();
        foreach (var backup in old)
        {
            Directory.Delete(backup.Folder, recursive: true);
        }

        return old.Count;
    }

    /// <summary>Compares every file with its checksum.</summary>
    /// <returns>The names of the files.</returns>
    /// <exception cref="InvalidDataException">A file is missing or was changed.</exception>
    public async Task<IReadOnlyList<string>> VerifyAsync(CancellationToken cancellationToken)
    {
        var files = ReadManifest(Folder).Files;
        foreach (var file in files)
        {
            var path = Path.Combine(Folder, Path.GetFileName(file.Name));
            if (!File.Exists(path) || await DescribeAsync(path, cancellationToken) != file)
            {
                throw new InvalidDataException($"'{path}' is missing, or is not as it was when the backup was made.");
            }
        }

        return [.. files.Select(file => file.Name)];
    }

    private static Backup? Read(string folder) => DateTimeOffset.TryParseExact(
        Path.GetFileName(folder)[Prefix.Length..], TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
        && File.Exists(Path.Combine(folder, Manifest)) ? new Backup(folder, at) : null;

    private static BackupManifest ReadManifest(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, Manifest)), BackupJson.Default.BackupManifest)
                is { Files.Count: > 0 } manifest && manifest.Files.All(file => file is { Name.Length: > 0 })
                ? manifest
                : throw new JsonException();
        }
        catch (JsonException)
        {
            throw new InvalidDataException($"'{Path.Combine(folder, Manifest)}' is damaged.");
        }
    }

    private static async Task<BackedUpFile> DescribeAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        return new BackedUpFile(
            Path.GetFileName(path), file.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken)));
    }
}

/// <summary>What <c>backup.json</c> says.</summary>
/// <param name="CreatedAt">When the backup began.</param>
/// <param name="Files">Its files.</param>
internal sealed record BackupManifest(DateTimeOffset CreatedAt, IReadOnlyList<BackedUpFile> Files);

/// <summary>A file of a backup.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">The SHA-256 of its content, in hexadecimal.</param>
internal sealed record BackedUpFile(string Name, long Bytes, string Sha256);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(BackupManifest))]
internal sealed partial class BackupJson : JsonSerializerContext;
