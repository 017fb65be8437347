using System.Net;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;
using Bioscope.Server.Web;

namespace Bioscope.Server.Operations;

/// <summary>What is wrong with this installation and how to fix it, as <c>bioscope doctor</c> and the operator's page say it.</summary>
internal static class SetupProblems
{
    /// <summary>All that can be seen while the server runs.</summary>
    public static IReadOnlyList<string> Of(Settings settings, params Database[] databases) =>
    [
        .. new[] { OfDataFolder(settings), OfSecrets(settings), OfProxies(settings) }.OfType<string>(),
        .. databases.SelectMany(OfFiles),
    ];

    public static string? OfDataFolder(Settings settings) => DataFolder.Problem(settings) is { } problem ? $"data folder: {problem}"
        : DataFolder.IsInProgram(settings)
            ? $"data folder: {Path.GetFullPath(settings.DataFolder)} is within the program's folder, and would be lost with it in an upgrade. To fix: " +
                "stop the server, move it out, and set Data:Folder to its new place"
        : null;

    public static string? OfSecrets(Settings settings) =>
        !OperatingSystem.IsWindows() && File.Exists(Secrets.FileOf(settings))
        && (File.GetUnixFileMode(Secrets.FileOf(settings)) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != 0
            ? $"secrets: other users can read {Secrets.FileOf(settings)}. To fix: chmod 600 {Secrets.FileOf(settings)}"
            : null;

    /// <summary>By what a server has noted, because only requests show whether there is a proxy.</summary>
    public static string? OfProxies(Settings settings)
    {
        var file = UntrustedProxies.FileOf(settings);
        return settings.MayHaveUnknownProxy && File.Exists(file) && File.ReadAllText(file).Trim().Split(' ', 3) is [var text, var header, var at]
            && IPAddress.TryParse(text, out var address) && !settings.TrustedProxies.Any(network => network.Contains(address))
            ? $"proxies: {address} sent the header {header} at {at}, but is not in Proxies:Trusted, so all people behind it count as one: they " +
                $"share the limits of one address and their countries are unknown. To fix: set {UntrustedProxies.SettingFor(settings, text)}, " +
                $"or Proxies:Trusted=none if it is no proxy; then delete {file}"
            : null;
    }

    public static IEnumerable<string> OfFiles(Database database)
    {
        foreach (var file in database.FilesOpenToOthers)
        {
            yield return $"{database.Name}: other users can read or write {file}. To fix: chmod 600 {file}";
        }

        if (!database.HasRoom)
        {
            yield return $"{database.Name}: the disk is full, so nothing more can be stored. To fix: free some space";
        }
    }
}
