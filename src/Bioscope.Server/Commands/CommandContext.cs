using Bioscope.Engine.Auditing;
using Bioscope.Engine.Storage;
using Bioscope.Engine.Storage.Migrations;
using Bioscope.Server.Configuration;
using Bioscope.Server.Operations;

namespace Bioscope.Server.Commands;

/// <summary>What commands need: the settings with their secrets, and both databases.</summary>
internal sealed class CommandContext(Settings settings) : IAsyncDisposable
{
    public Settings Settings => settings;

    public MainDatabase Main { get; } = new(settings.MainConnection);

    public AnalyticsDatabase Analytics { get; } = new(settings.AnalyticsConnection);

    public TimeProvider Clock { get; } = TimeProvider.System;

    /// <summary>Opens both databases for writing, with this version's schema.</summary>
    /// <exception cref="CommandException">They belong to another service.</exception>
    public static async Task<CommandContext> OpenOwnAsync(IReadOnlyDictionary<string, string?> given, CancellationToken cancellationToken)
    {
        var settings = LoadOwn(given);
        DataFolder.Check(settings);
        var context = new CommandContext(await KnownSecrets.CompleteAsync(settings, cancellationToken));
        await Migrator.MigrateAsync([context.Main, context.Analytics], context.Clock, cancellationToken);
        return context;
    }

    /// <summary>The settings of a command that writes to the databases.</summary>
    /// <exception cref="CommandException">They belong to another service.</exception>
    public static Settings LoadOwn(IReadOnlyDictionary<string, string?> given)
    {
        var settings = Settings.Load(given);
        if (settings.SharedOwnership)
        {
            throw new CommandException(
                "Storage:Ownership is 'shared': the databases belong to another service, so this command must not write to them. " +
                "Nothing was changed.");
        }

        return settings;
    }

    /// <summary>Ends the command while a server runs on the databases.</summary>
    /// <param name="advice">What was changed, and what to do.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <exception cref="CommandException">One does.</exception>
    public async Task RefuseBesideServerAsync(string advice, CancellationToken cancellationToken)
    {
        if (await Instances.ReadAsync(Main, Clock.GetUtcNow(), cancellationToken) is [var first, ..])
        {
            throw new CommandException(
                $"A server runs on this database: {first.Name}. {advice} If it was killed, wait {Instances.MaxSilence.TotalSeconds:0} seconds.");
        }
    }

    /// <summary>Writes that this command changed something.</summary>
    /// <param name="command">The command without its arguments, such as <c>creator add</c>.</param>
    /// <param name="kind">What was done, of <see cref="AuditKind"/>.</param>
    /// <param name="user">Whose account it is about.</param>
    /// <param name="page">Which page it is about.</param>
    /// <param name="subject">The id of what was changed.</param>
    public Task AuditAsync(string command, string kind = AuditKind.Command, Guid? user = null, Guid? page = null, string? subject = null) =>
        new AuditLog(Main, Clock).WriteAsync(
            new AuditEvent(kind, AuditEvent.CommandLine + command) { UserId = user, BioPageId = page, Subject = subject }, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await Main.DisposeAsync();
        await Analytics.DisposeAsync();
    }
}
