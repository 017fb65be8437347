using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;
using Bioscope.Server.Proofs;
using Microsoft.Data.Sqlite;

namespace Bioscope.Server.Operations;

/// <summary>
/// Keeps a start and a command from going on with other secrets than those with which the database was used: what they would write could
/// not be put right by bringing the old ones back. The database knows creators, and a short hash of each secret of the last server.
/// </summary>
internal static class KnownSecrets
{
    /// <summary>How the operator says that the old ones are lost.</summary>
    public const string Command = "bioscope secrets new";

    private const string CreatorSql = """
        -- any creator
        SELECT 1 FROM "CreatorProfile" LIMIT 1
        """;

    /// <summary>Fills the secrets as <see cref="Secrets.Complete"/> does.</summary>
    /// <exception cref="SettingsException">The database was used with others.</exception>
    public static async Task<Settings> CompleteAsync(Settings settings, CancellationToken cancellationToken) =>
        await ProblemAsync(settings, cancellationToken) is { } problem
            ? throw new SettingsException([problem])
            : Secrets.Complete(settings);

    /// <summary>Fills the key of proofs as <see cref="ProofKeyFile.Complete"/> does.</summary>
    /// <exception cref="SettingsException">The database was used with another.</exception>
    public static async Task<Settings> CompleteKeyAsync(Settings settings, CancellationToken cancellationToken)
    {
        if (settings.ProofKey.Length > 0 || settings.SharedOwnership || (await LastAsync(settings, cancellationToken)).Last is not { } last
            || last.Secrets.Contains(Instances.Without(ProofKeyFile.Setting), StringComparison.Ordinal))
        {
            return ProofKeyFile.Complete(settings);
        }

        var file = ProofKeyFile.FileOf(settings);
        var key = ProofKeyFile.Read(file) ?? "";
        var found = settings with { ProofKey = key, KeptSecrets = [.. settings.KeptSecrets, ProofKeyFile.Setting] };
        if (Instances.Lost(last.Secrets, Instances.SecretsOf(found)).Contains(ProofKeyFile.Setting))
        {
            throw new SettingsException([
                $"{file}: {(key.Length == 0 ? "it is not there" : "it is another one")}, but frozen views were signed with the key of " +
                $"{last.Name}. Restore it from a backup, or set {ProofKeyFile.Setting}. If it is lost: '{Command}' goes on with another one; " +
                "proofs made before are then verified only with a copy of the keys of their time."]);
        }

        return ProofKeyFile.Complete(settings);
    }

    /// <summary>Why these secrets are not those of the database; null when they are, or nothing is known.</summary>
    public static async Task<string?> ProblemAsync(Settings settings, CancellationToken cancellationToken)
    {
        if (settings.SharedOwnership)
        {
            return null;
        }

        // The database first: of servers that start together, the first one makes the file before it writes anything there.
        var (hasCreators, last) = await LastAsync(settings, cancellationToken);
        var file = Secrets.FileOf(settings);
        if (Secrets.Find(settings) is not { } found)
        {
            return !hasCreators && last is null ? null
                : $"{file}: it is not there, but the database was used with the secrets in it. Restore it and proof-key from a backup, copy " +
                "both from a server that runs on this database, or set Auth:JwtSecret, Tracking:HmacSecret and Tracking:VisitorSecret. If " +
                $"they are lost: '{Command}' makes others. Then all sign-ins, second factors and links to shared views end, and every " +
                "visitor counts as new.";
        }

        var lost = last is null ? []
            : Instances.Lost(last.Secrets, Instances.SecretsOf(found)).Where(name => name != ProofKeyFile.Setting).ToList();
        return lost.Count == 0 ? null
            : TimeProvider.System.GetUtcNow() - last!.SeenAt < Instances.MaxSilence ? Instances.Refusal(last, lost, settings)
            : $"{string.Join(" and ", lost)}: not what {last.Name} used, the last server on this database. If {file} is that of another " +
            "installation, restore the right one from a backup, or set what was set before. If the old secrets are lost: " +
            $"'{Command}' goes on with these. Then all sign-ins, second factors and links to shared views end, or every visitor counts as new.";
    }

    private static async Task<(bool HasCreators, Instance? Last)> LastAsync(Settings settings, CancellationToken cancellationToken)
    {
        if (StorageEngine.FileOf(settings.MainConnection) is { } file && !File.Exists(file))
        {
            return (false, null);
        }

        try
        {
            await using var main = new MainDatabase(settings.MainConnection, readOnly: true);
            return await LastAsync(main, cancellationToken);
        }
        catch (SqliteException)
        {
            // Damaged, or its disk is full: what goes on says so, or serves without writing.
            return (false, null);
        }
    }

    private static async Task<(bool HasCreators, Instance? Last)> LastAsync(MainDatabase main, CancellationToken cancellationToken)
    {
        var (hasCreators, hasInstances) = (false, false);
        await using (var connection = await main.OpenAsync(cancellationToken))
        {
            hasCreators = (await main.Dialect.ColumnsAsync(connection, "CreatorProfile", cancellationToken)).Count > 0;
            hasInstances = (await main.Dialect.ColumnsAsync(connection, "Instance", cancellationToken)).Count > 0;
        }

        return (
            hasCreators && await main.QueryAsync(CreatorSql, _ => true, cancellationToken) is [_],
            hasInstances ? await Instances.LastAsync(main, cancellationToken) : null);
    }
}
